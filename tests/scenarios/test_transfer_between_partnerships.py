"""A child moves from one partnership to another: the notice, the answer, the papers, and the clocks on both sides."""

import base64
import hashlib
import json
from uuid import UUID

import httpx
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey
from sqlalchemy import text

from backend.cases.children.models import Child
from backend.cases.models import CaseFile
from backend.kit.ids import uuid7
from backend.kit.session import open_session
from backend.sharing import crossing
from backend.sharing.models import PartnershipTransfer, TransferAct, TransferMessage, TransferPaper
from graphql_api.ids import encode, key_of
from infra.dev.clock import Clock
from notifications.alerts.models import Alert
from support.api import Door, operation, rows
from support.partnership import Partnership
from support.transfers import CHILD, PLAN, WORDS, Move, audited, fetched_from, told
from support.work import Work

REPORT, EXPERT = b"%PDF-1.7 report of an invented conference", b"%PDF-1.7 report of an invented expert"
COURT = {"court": "Invented Family Court", "permittedOn": "2026-12-14", "terms": "To the receiving authority."}
TABLES = ("partnership_transfer", "transfer_paper", "transfer_act", "transfer_message", "transfer_export")


@pytest.fixture
async def move(
    door: Door, clock: Clock, work: Work, carrier: httpx.Client, cambs: Partnership, herts: Partnership
) -> Move:
    """Thursday 10 December 2026, two weeks before the family moves from Cambridgeshire to Hertfordshire."""
    return await Move.begun(door, clock, work, carrier, cambs, herts, "2026-12-10T10:00")


async def test_a_child_on_a_plan_moves_with_fourteen_days_notice(move: Move) -> None:
    """Working Together 2005 ¶4.114, 4.125; Cambridgeshire and Peterborough manual L4314-4350."""
    plan = await move.document("Report of the conference", REPORT)
    expert = await move.document("Expert on attachment", EXPERT)
    papers = [{"documentId": plan, "kind": "CONFERENCE_REPORT"}, {"documentId": expert, "kind": "EXPERT_REPORT"}]
    offer = await move.offer(papers=papers)
    assert (offer["transfer"]["noticeDays"], offer["transfer"]["responsible"]) == (14, "SENDER")
    held = {paper["title"]: paper["shut"] for paper in offer["transfer"]["papers"]}
    assert held == {"Report of the conference": [], "Expert on attachment": ["COURT_PERMISSION"]}
    transfer = offer["transfer"]["id"]
    assert await move.listed(move.receiver) == [], "nothing is there before it has crossed"
    assert await move.screen(move.receiver, transfer) is None

    await move.at("2026-12-10T10:30")
    (waiting,) = await move.listed(move.receiver, side="INCOMING", state="OFFERED", kind="CHILD_PROTECTION_PLAN")
    assert waiting["id"] == transfer
    there = await move.screen(move.receiver, transfer)
    assert there["packet"]["children"][0]["name"] == CHILD["name"]
    assert {one["code"]: one["text"] for one in there["packet"]["items"]} == PLAN
    assert [(one["title"], one["documentId"]) for one in there["papers"]] == [("Report of the conference", None)]
    fetched = await move.receiver.mutate("RequestTransferPaper", paperId=there["papers"][0]["id"])
    assert await fetched_from(fetched["url"]) == REPORT
    assert await rows(move.away, Child) == [], "no child is recorded before acceptance"
    here = await move.screen(move.sender, transfer)
    assert here["digest"] == there["digest"]
    assert here["receivedAt"] == there["receivedAt"] == "2026-12-10T10:30:00Z"
    assert all(word not in message["body"] for message in move.phones.messages() for word in WORDS)

    theirs = await move.clocks(move.receiver, there["caseId"])
    assert theirs["receiving-conference-in-time"] == ("RUNNING", "2027-01-05", "receiving_manager"), (
        "fifteen working days from receipt, over Christmas and New Year"
    )
    ours = await move.clocks(move.sender, here["caseId"])
    assert ours["transfer-papers-sent"][0] == "MET"
    assert ours["record-keeper-told-on-day-of-move"][1:] == ("2026-12-24", "key_worker")
    assert ours["receiving-conference-in-time"][:2] == ("RUNNING", "2027-01-05")
    events = await move.events(move.sender, here["runId"])
    assert events["transfer-notification-received"] == "2026-12-10T10:30:00Z"
    assert events["child-moves"] == "2026-12-24"
    assert await move.sender.run("query ($id: ID!) { pathwayRun(id: $id) { stage } }", id=there["runId"]) == {
        "pathwayRun": None
    }, "the other side's run is its own"

    await move.at("2027-01-20T09:00")
    for api in (move.sender, move.receiver):
        silent = await move.screen(api, transfer)
        assert (silent["state"], silent["responsible"]) == ("OFFERED", "SENDER"), "silence changes nothing"
    overdue = (await move.clocks(move.receiver, there["caseId"]))["receiving-conference-in-time"][0]
    assert overdue in {"MISSED", "BREACHED"}

    accepted = await move.accept(transfer)
    assert accepted["transfer"]["state"] == "ACCEPTED", accepted
    await move.at("2027-01-20T09:30")
    answered = await move.screen(move.sender, transfer)
    assert answered["accountable"] == (await move.screen(move.receiver, transfer))["accountable"]
    assert answered["responsible"] == "SENDER", "the old authority keeps the plan until the conference"
    assert [child.name for child in await rows(move.away, Child)] == [CHILD["name"]]
    assert (await move.accept(transfer))["__typename"] == "ConflictProblem"

    gate = next(one for one in answered["papers"] if one["shut"])
    opened = await move.sender.mutate("OpenTransferGate", paperId=gate["id"], court=COURT)
    assert opened["__typename"] == "TransferPayload", opened
    await move.at("2027-01-20T10:00")
    documents = {one["title"]: one for one in (await move.screen(move.receiver, transfer))["papers"]}
    assert documents["Expert on attachment"]["documentId"] is not None, "it came onto the case as it was accepted"
    assert documents["Expert on attachment"]["opened"][0]["by"] == COURT["court"]
    link = await move.receiver.mutate(
        "RequestDocumentDownload", documentId=documents["Expert on attachment"]["documentId"]
    )
    assert await fetched_from(link["url"]) == EXPERT

    too_soon = await move.receiver.mutate("SettleTransfer", transferId=transfer)
    assert "is not recorded there" in too_soon["message"]
    recorded = await move.receiver.mutate(
        "RecordPathwayEvent", runId=there["runId"], code="receiving-conference-held",
        occurredAt="2027-01-20T09:00:00Z",
    )  # fmt: skip
    assert recorded["__typename"] == "PathwayEventPayload", recorded
    assert (await move.screen(move.sender, transfer))["settledAt"] is None, "it crosses by nobody's telling only"
    settled = await move.receiver.mutate("SettleTransfer", transferId=transfer)
    assert settled["transfer"]["responsible"] == "RECEIVER", settled
    await move.at("2027-01-20T10:30")
    ended = await move.screen(move.sender, transfer)
    assert (ended["responsible"], ended["settledAt"]) == ("RECEIVER", "2027-01-20T09:00:00Z")
    assert (await move.events(move.sender, here["runId"]))["receiving-conference-held"] == "2027-01-20T09:00:00Z"
    assert (await move.clocks(move.sender, here["caseId"]))["receiving-conference-in-time"][0].startswith("MET")

    sent, taken = await audited(move.home, transfer), await audited(move.away, transfer)
    assert {name for found in sent.values() for name in found} == {str(move.away.id)}
    assert {name for found in taken.values() for name in found} == {str(move.home.id)}
    assert {"transfer.offered", "transfer.received", "transfer.accepted", "transfer.gate_opened"} <= sent.keys()
    assert {"transfer.received", "transfer.accepted", "transfer.paper_received", "transfer.settled"} <= taken.keys()


async def test_a_move_at_no_notice_crosses_once_although_the_worker_dies_between_the_two_commits(
    move: Move, door: Door
) -> None:
    """The child has moved already; the papers are due on the day that is known (L4337)."""
    answer = await move.offer(moveOn="2026-12-09", moveKnownAt="2026-12-10T09:00:00Z")
    transfer, key = answer["transfer"]["id"], key_of("Transfer", answer["transfer"]["id"])
    assert answer["transfer"]["noticeDays"] == -1
    ours = await move.clocks(move.sender, move.case)
    assert ours["transfer-papers-sent"] == ("RUNNING", "2026-12-10", "key_worker"), "the day it became known"
    async with move.home.session() as session:
        letters = await crossing.letters(session, key)
    for _ in range(2):  # the worker dies after the receiver's commit, and another brings the letter again
        for letter in letters:
            async with move.away.session() as session:
                await crossing.take_in(session, letter)
                await session.commit()
    assert [one.arrived_at for one in await rows(move.home, TransferMessage)] == [None]
    await move.at("2026-12-10T10:30")
    assert all(one.arrived_at for one in await rows(move.home, TransferMessage))
    (row,) = await rows(move.away, PartnershipTransfer)
    assert row.id == key
    assert len([one for one in await rows(move.away, CaseFile) if one.pathway == "transfer-child-protection-plan"]) == 1
    assert [one.act for one in await rows(move.away, TransferAct)] == ["received"]
    assert len([one for one in await rows(move.away, Alert) if one.type == "transfer-received"]) == 1
    theirs = await move.clocks(move.receiver, encode("Case", row.case_id))
    assert theirs["receiving-conference-in-time"][1] == "2027-01-05", "it counts from the receipt, not from the move"
    early = crossing.Letter(key, move.home.id, "x", move.away.id, 7, letters[0].told, {}, letters[0].at)
    async with move.away.session() as session:
        with pytest.raises(crossing.NotYetError):
            await crossing.take_in(session, early)
    stranger = crossing.Letter(key, uuid7(), "x", move.away.id, 2, letters[0].told, {}, letters[0].at)
    async with move.away.session() as session:
        await crossing.take_in(session, stranger)
        assert (await session.get_one(PartnershipTransfer, (move.away.id, key))).heard == 1

    # A third partnership has nothing of it, and neither side reads the other's rows.
    for tenant, owned in ((uuid7(), 0), (move.home.id, 1), (move.away.id, 1)):
        async with open_session(tenant) as session:
            for table in TABLES:
                found = (await session.execute(text(f"SELECT tenant_id FROM {table}"))).scalars()  # noqa: S608
                assert {UUID(str(one)) for one in found} <= ({tenant} if owned else set()), table

    # Word of a withdrawal and of an acceptance cross on the way: both sides come to stand alike.
    assert (await move.sender.mutate("WithdrawTransfer", transferId=transfer, reason="By mistake."))["transfer"]
    assert (await move.accept(transfer))["transfer"]["state"] == "ACCEPTED"
    await move.at("2026-12-10T11:00")
    assert {(await move.screen(api, transfer))["state"] for api in (move.sender, move.receiver)} == {"ACCEPTED"}
    practitioner = await door.member(move.away, "clinician")
    assert (await practitioner.mutate("WriteAboutTransfer", transferId=transfer, text="x"))["__typename"] in {
        "ForbiddenProblem", "NotFoundProblem",
    }  # fmt: skip


async def test_what_is_refused_withdrawn_and_offered_again_leaves_the_child_where_they_were(move: Move) -> None:
    bad = await move.offer(partner=move.home.slug, told=told({"plan": "x", "no-such": "x"}), moveOn=None)
    fields = {one["field"] for one in bad["fields"]}
    assert fields >= {"partner", "items.no-such", "items.permanence", "moveOn"}
    need = {"needs": "Help at home.", "worker": "Perrin Woodruff, 01632 960111"}
    no_consent = await move.offer(kind="CHILD_IN_NEED", told=told(need))
    assert [one["field"] for one in no_consent["fields"]] == ["agreement"]
    assert await rows(move.home, PartnershipTransfer) == []

    first = await move.offered()
    assert "offered there already" in (await move.offer())["message"]
    await move.at("2026-12-10T10:30")
    asked = await move.receiver.mutate("WriteAboutTransfer", transferId=first, text="Which flat is it?")
    assert asked["transfer"]["responsible"] == "SENDER"
    refused = await move.receiver.mutate("RefuseTransfer", transferId=first, reason="The flat lies in Invented Shire.")
    assert refused["transfer"]["state"] == "REFUSED"
    await move.at("2026-12-10T11:00")
    here, there = await move.screen(move.sender, first), await move.screen(move.receiver, first)
    assert (here["state"], here["responsible"]) == ("REFUSED", "SENDER")
    assert [one["words"] for one in here["story"] if not one["ours"]][-2:] == [
        "Which flat is it?", "The flat lies in Invented Shire.",
    ]  # fmt: skip
    assert there["packet"] is None
    assert here["packet"] is not None
    clock = (await move.clocks(move.receiver, there["caseId"])).get("receiving-conference-in-time")
    assert clock is None or clock[0] not in {"RUNNING", "MISSED", "BREACHED"}, "nothing is owed on what was refused"
    assert (await move.clocks(move.sender, move.case))["receiving-conference-in-time"][0] == "RUNNING"
    assert await rows(move.away, Child) == []

    again = await move.offered(replacesId=first)
    await move.at("2026-12-11T10:00")
    second = await move.screen(move.receiver, again)
    assert second["replacesId"] == first
    assert second["receivedAt"] == "2026-12-11T10:00:00Z"
    not_theirs = await move.receiver.mutate("WithdrawTransfer", transferId=again, reason="x")
    assert not_theirs["__typename"] == "ConflictProblem"
    await move.sender.mutate("WithdrawTransfer", transferId=again, reason="The tenancy fell through.")
    await move.at("2026-12-11T11:00")
    assert (await move.screen(move.receiver, again))["state"] == "WITHDRAWN"
    assert (await move.accept(again))["__typename"] == "ConflictProblem"

    # Consent is of one paper, and the agreement of the whole opens none of them.
    report = await move.document("Assessment", REPORT)
    agreement = {"agreedBy": "Both parents", "agreedTo": "All of it", "agreedOn": "2026-12-09"}
    given = {"kind": "CHILD_IN_NEED", "told": told(need), "agreement": agreement}
    in_need = await move.offered(**given, papers=[{"documentId": report, "kind": "ASSESSMENT"}])
    await move.at("2026-12-11T12:00")
    assert await rows(move.away, TransferPaper) == []
    (paper,) = (await move.screen(move.sender, in_need))["papers"]
    no_gate = await move.sender.mutate("OpenTransferGate", paperId=paper["id"], court=COURT)
    assert no_gate["fields"][0]["field"] == "court"
    await move.sender.mutate("OpenTransferGate", paperId=paper["id"], consent=agreement)
    await move.at("2026-12-11T13:00")
    (come,) = await rows(move.away, TransferPaper)
    assert come.sha256 == hashlib.sha256(REPORT).hexdigest()
    await move.accept(in_need)
    await move.at("2026-12-11T14:00")
    assert (await move.screen(move.sender, in_need))["responsible"] == "RECEIVER"


async def test_the_death_of_a_visiting_child_is_told_to_the_panel_of_the_home(move: Move) -> None:
    """Working Together 2005 ¶5.49; Cambridgeshire and Peterborough manual L470-480."""
    death = {
        "died-at": "2026-12-10T03:00:00Z", "area-of-death": "Cambridgeshire", "usual-home": "Hertfordshire",
        "notified-by": "The review manager",
    }  # fmt: skip
    told_here = {"kind": "DEATH_NOTICE", "told": told(death), "moveOn": None, "inDoubt": True}
    first = await move.offered(**told_here)
    second = await move.offered(**told_here)
    await move.at("2026-12-10T10:30")
    doubt = [one.type for one in await rows(move.home, Alert)]
    assert doubt.count("cdop-notification") == 2, "in doubt the sender's own panel is told as well"
    assert [one.type for one in await rows(move.away, Alert)].count("cdop-notification") == 2
    panel = await move.door.member(move.away, "cdop_manager")
    found = {one: await move.screen(panel, one) for one in (first, second)}
    assert sorted(one["possibleDuplicates"] for one in found.values()) == [0, 1], "two notices, neither refused"
    noticed = (await panel.run(operation("DeathNotices"), first=10))["deathNotices"]["edges"]
    entered = {(one["node"]["theirReference"], one["node"]["source"], one["node"]["diedOn"]) for one in noticed}
    wanted = {(str(key_of("Transfer", one)), "OTHER_PANEL", "2026-12-10") for one in (first, second)}
    assert entered == wanted, "each waits in the register of deaths to be matched"
    refused = await panel.mutate("RefuseTransfer", transferId=first, reason="Not ours.")
    assert refused["__typename"] == "ConflictProblem"
    person = encode("Person", (await move.away.member("cdop_manager")).person_id)
    taken = await panel.mutate("AcceptTransfer", transferId=first, accountableId=person, note="We review.")
    assert taken["transfer"]["responsible"] == "RECEIVER"
    await move.at("2026-12-10T11:00")
    assert (await move.screen(move.sender, first))["answerReason"] == "We review."


async def test_somebody_outside_the_platform_gets_a_sealed_file_once_and_answers_by_a_letter(move: Move) -> None:
    key = ECKey.generate_key("P-256")
    outside = {
        "organisation": "Invented Shire", "person": "Wren Alderbrook", "post": "Receiving manager",
        "key": key.as_pem(private=False).decode(), "verifiedByCalling": "01632 960222",
    }  # fmt: skip
    report = await move.document("Report of the conference", REPORT)
    expert = await move.document("Expert on attachment", EXPERT)
    papers = [{"documentId": report, "kind": "CONFERENCE_REPORT"}, {"documentId": expert, "kind": "EXPERT_REPORT"}]
    away = {"partner": None, "receivingArea": None, "outside": outside, "papers": papers}
    bad = await move.offer(**{**away, "outside": {**outside, "key": key.as_pem(private=True).decode()}})
    assert [one["field"] for one in bad["fields"]] == ["outside.key"], "a private key is never taken"
    transfer = await move.offered(**away)
    letter = {"transferId": transfer, "accepted": True, "person": "Wren Alderbrook", "post": "Receiving manager",
              "answeredAt": "2026-12-11T09:00:00Z", "evidence": "Her letter of 11 December."}  # fmt: skip
    await move.at("2026-12-11T10:00")
    too_soon = await move.sender.mutate("RecordOutsideAnswer", **letter)
    assert too_soon["message"].startswith("Nothing was sent yet")
    sealed = (await move.sender.mutate("SealTransfer", transferId=transfer))["sealed"]
    assert sealed["thumbprint"] == key.thumbprint()
    link = await move.sender.mutate("FetchSealedTransfer", sealedId=sealed["id"])
    file = await fetched_from(link["url"])
    assert hashlib.sha256(file).hexdigest() == sealed["sha256"]
    assert not any(word.encode() in file for word in WORDS)
    opened = json.loads(
        jwe.decrypt_compact(file, key, algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"]).plaintext or b""
    )
    assert opened["packet"]["children"][0]["name"] == CHILD["name"]
    enclosed = {one["title"]: base64.b64decode(one["content"]) for one in opened["papers"]}
    assert enclosed == {"Report of the conference": REPORT}, "what the court holds back is not in the file"
    again = await move.sender.mutate("FetchSealedTransfer", sealedId=sealed["id"])
    assert again["__typename"] == "ConflictProblem"
    assert (await move.screen(move.sender, transfer))["responsible"] == "SENDER"
    no_reason = await move.sender.mutate("RecordOutsideAnswer", **{**letter, "accepted": False})
    assert [one["field"] for one in no_reason["fields"]] == ["reason"]
    answered = (await move.sender.mutate("RecordOutsideAnswer", **letter))["transfer"]
    assert (answered["state"], answered["responsible"]) == ("ACCEPTED", "SENDER")
    assert answered["accountable"] == "Wren Alderbrook, Receiving manager"
    clock = (await move.clocks(move.sender, move.case))["receiving-conference-in-time"]
    assert clock[:2] == ("RUNNING", "2027-01-06"), "it counts from what is known of the receipt"
    await move.at("2026-12-18T10:00")
    held = {"transferId": transfer, "happenedAt": "2026-12-17T10:00:00Z", "evidence": "Their record of the conference."}
    settled = await move.sender.mutate("RecordOutsideSettled", **held)
    assert settled["transfer"]["responsible"] == "RECEIVER"
    assert (await move.clocks(move.sender, move.case))["receiving-conference-in-time"][0] == "MET"
    assert await rows(move.home, TransferMessage) == [], "nothing is carried to nobody"
    acts = await audited(move.home, transfer)
    assert {
        "transfer.sealed",
        "transfer.fetched",
        "transfer.outside_accepted",
        "transfer.outside_settled",
    } <= acts.keys()
    assert {name for found in acts.values() for name in found} == {"outside"}
