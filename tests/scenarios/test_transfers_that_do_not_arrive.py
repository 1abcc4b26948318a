"""Transfers that do not reach the other side, and what is left of those that came to nothing there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select, text
from sqlmodel import col

from backend.cases.models import CaseChange, CaseFile
from backend.clocks.models import Clock as ClockRow
from backend.kit.session import open_session
from backend.pathways.models import PathwayRun
from backend.sharing.models import PartnershipTransfer, TransferMessage, TransferPaper
from backend.sharing.trying import WAITS
from infra.dev.clock import Clock
from notifications.alerts.models import Alert, AlertState, ConfigurationAlarm
from notifications.alerts.service import raise_alert
from support.api import JSON, Api, open_door, operation, rows
from support.environment import owner_engine
from support.partnership import Partnership
from support.scene import Scene
from support.transfers import WORDS, Move, audited, london
from support.work import Work
from tenants.contacts.models import ContactMethod

CASES = "query ($state: CaseState) { cases(first: 50, state: $state) { edges { node { id state } } } }"
DAY = timedelta(days=1)


@pytest.fixture
async def move(
    environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client, cambs: Partnership, herts: Partnership
) -> AsyncIterator[Move]:
    async with open_door(environment) as door:
        begun = await Move.begun(door, clock, work, carrier, cambs, herts, "2026-12-10T10:00")
        for partnership in (cambs, herts):
            scene = Scene(partnership, environment, clock, work, begun.phones)
            await scene.lay_out_shifts(london("2026-12-10T10:00"))
        yield begun


async def change(partnership: Partnership, statement: str, **values: Any) -> None:
    """Break or mend something as the owner of the database could."""
    async with open_session(partnership.id, on=owner_engine()) as session:
        await session.execute(text(statement), values)
        await session.commit()


async def undelivered(move: Move) -> list[Alert]:
    return [one for one in await rows(move.home, Alert) if one.type == "transfer-undelivered"]


async def test_what_cannot_be_brought_is_given_up_told_and_sent_anew_or_by_another_way(move: Move) -> None:
    transfer = await move.offered()
    seal = "UPDATE transfer_message SET content = jsonb_set(content, '{digest}', to_jsonb(CAST(:digest AS text)))"
    (offer,) = await rows(move.home, TransferMessage)
    await change(move.home, seal, digest="of something else")
    await move.work.run_due()
    move.phones.new()
    here = await move.screen(move.sender, transfer)
    assert here["undeliveredAt"] is None, "one failure is no alarm"
    assert await undelivered(move) == []
    await move.given_up()
    here = await move.screen(move.sender, transfer)
    assert (here["state"], here["responsible"], here["receivedAt"]) == ("OFFERED", "SENDER", None)
    assert here["undeliveredAt"] == "2026-12-10T11:17:35Z", "after an hour and a quarter"
    (stuck,) = await rows(move.home, TransferMessage)
    assert (stuck.tries, stuck.arrived_at) == (len(WAITS) + 1, None)
    (alert,) = await undelivered(move)
    sent = move.phones.new()
    assert sent.keys() == {"urgent-call", "statutory-notice"}, "the sender is called, and a manager is told"
    ours = await ways(move.home, (await move.home.member("duty_manager")).person_id)
    assert sorted(sent["urgent-call"]) == sorted(one for one in ours if not one.startswith("push"))
    manager = await ways(move.home, await move.home.on_call("duty_manager"))
    assert set(manager) & set(sent["statutory-notice"])
    await move.clock.advance(timedelta(minutes=15))
    await move.work.run_due()
    assert move.phones.new().keys() == {"urgent-call"}, "who does not answer is not the last who hears of it"
    assert not {one.role for one in await rows(move.home, ConfigurationAlarm)} & {"sender", "duty_manager"}
    assert [one for one in await rows(move.away, Alert) if "transfer" in one.type] == []
    await move.clock.advance(DAY)
    await move.work.run_due()
    assert (await rows(move.home, TransferMessage))[0].tries == len(WAITS) + 1, "it is not tried for ever"
    assert [one.id for one in await undelivered(move)] == [alert.id], "nor told again and again"
    listed = (await move.listed(move.sender, state="OFFERED"))[0]
    assert listed["undeliveredAt"] is not None

    # Somebody mends it, and the sender sends it anew: it arrives once, and counts from then.
    await change(move.home, seal, digest=offer.content["digest"])
    anew = await move.sender.mutate("ResendTransfer", transferId=transfer)
    assert anew["transfer"]["undeliveredAt"] is None, anew
    assert (await move.sender.mutate("ResendTransfer", transferId=transfer))["__typename"] == "ConflictProblem"
    await move.work.run_due(rounds=20)
    there = await move.screen(move.receiver, transfer)
    assert there["receivedAt"].startswith("2026-12-11T11:32")
    assert len(await rows(move.away, PartnershipTransfer)) == 1
    acts = await audited(move.home, transfer)
    assert {"transfer.undelivered", "transfer.sent_anew"} <= acts.keys()

    await another_way(move, transfer)
    assert all(word not in one["body"] for one in move.phones.messages() for word in WORDS)


async def ways(partnership: Partnership, person_id: UUID) -> list[str]:
    """Channel and address of all by which somebody is reached."""
    async with partnership.session() as session:
        found = await session.scalars(select(ContactMethod).where(col(ContactMethod.person_id) == person_id))
        return [f"{one.channel} {one.address}" for one in found]


async def another_way(move: Move, transfer: str) -> None:
    """The receiver's store is away: the paper is given up, the offer taken back and made to somebody outside."""
    document = await move.document("Report of the conference", b"%PDF-1.7 an invented report")
    bucket = await bucket_of(move.away)
    await change(move.away, "UPDATE routing.partnership SET bucket = 'a-bucket-that-is-not-there' WHERE id = :id",
                 id=move.away.id)  # fmt: skip
    added = await move.sender.mutate("AddTransferPaper", transferId=transfer,
                                     paper={"documentId": document, "kind": "CONFERENCE_REPORT"})  # fmt: skip
    assert added["__typename"] == "TransferPayload", added
    await move.given_up()
    (paper,) = (await move.screen(move.sender, transfer))["papers"]
    assert (paper["crossedAt"], paper["undeliveredAt"] is not None) == (None, True)
    assert len(await undelivered(move)) == 2
    await move.sender.mutate("WithdrawTransfer", transferId=transfer, reason="It goes by another way.")
    await move.work.run_due(rounds=20)
    assert (await move.screen(move.receiver, transfer))["state"] == "WITHDRAWN", "a word goes where a paper does not"
    assert (await move.screen(move.sender, transfer))["undeliveredAt"] is None, "nothing is wanted any more"
    outside = {
        "organisation": "Hertfordshire, by post", "person": "Wren Alderbrook", "post": "Receiving manager",
        "key": ECKey.generate_key("P-256").as_pem(private=False).decode(), "verifiedByCalling": "01632 960222",
    }  # fmt: skip
    other = await move.offered(partner=None, receivingArea=None, outside=outside, replacesId=transfer,
                               papers=[{"documentId": document, "kind": "CONFERENCE_REPORT"}])  # fmt: skip
    sealed = (await move.sender.mutate("SealTransfer", transferId=other))["sealed"]
    assert len(sealed["papers"]) == 1
    await change(move.away, "UPDATE routing.partnership SET bucket = :bucket WHERE id = :id", bucket=bucket,
                 id=move.away.id)  # fmt: skip
    assert await rows(move.away, TransferPaper) == []


async def bucket_of(partnership: Partnership) -> str:
    async with partnership.session() as session:
        found = await session.scalar(
            text("SELECT bucket FROM routing.partnership WHERE id = :id"), {"id": partnership.id}
        )
        return str(found)


async def there(move: Move, state: str | None = None) -> dict[str, str]:
    """The receiver's list of cases: ids and states."""
    edges: list[JSON] = (await move.receiver.run(CASES, state=state))["cases"]["edges"]
    return {edge["node"]["id"]: edge["node"]["state"] for edge in edges}


async def test_what_comes_to_nothing_leaves_no_case_to_work_on_and_no_clock_to_pass(move: Move) -> None:
    before = await there(move)
    first = await move.offered()
    await move.at("2026-12-10T10:30")
    shown = await move.screen(move.receiver, first)
    assert (await there(move)).keys() - before.keys() == {shown["caseId"]}
    async with move.away.session() as session:  # somebody is being called about the case
        case = (await rows(move.away, PartnershipTransfer))[0].case_id
        await raise_alert(session, "clock-breach", subject_kind="case", subject_id=case,
                          stand_ins={"owner": "duty_manager"})  # fmt: skip
        await session.commit()
    await move.work.run_due()
    assert "clock-breach" in move.phones.new()
    refused = await move.receiver.mutate("RefuseTransfer", transferId=first, reason="The flat lies elsewhere.")
    assert refused["transfer"]["state"] == "REFUSED", refused
    assert await there(move) == before, "nothing of it is on anybody's list"
    assert await there(move, "VOID") == {shown["caseId"]: "VOID"}, "and it is kept for the record"
    await ended(move, by_somebody=True)
    await move.work.run_due()
    assert "alert-stood-down" in move.phones.new()
    again = await move.accept(first)
    assert (again["__typename"], "offered anew" in again["message"]) == ("ConflictProblem", True)
    assert (await move.screen(move.sender, first))["state"] == "REFUSED"
    late = await move.receiver.mutate("AddSubject", caseId=shown["caseId"], child={"name": "X Y"})
    assert late["message"].startswith("This case is void."), late
    reopened = await move.receiver.mutate("ReopenCase", caseId=shown["caseId"], reason="By mistake.")
    assert reopened["message"] == "This case is void."

    # Taken back by the sender, while a worker at the receiver waits for an edition to begin the run with.
    second = await move.offered(replacesId=first)
    await move.at("2026-12-11T10:00")
    await move.sender.mutate("WithdrawTransfer", transferId=second, reason="The tenancy fell through.")
    await move.at("2026-12-11T11:00")
    assert await there(move) == before
    await ended(move, by_somebody=False)

    # Where somebody has begun to work, the case is theirs to close; nothing is owed by the transfer all the same.
    third = await move.offered(replacesId=second)
    await move.at("2026-12-11T12:00")
    worked = await move.screen(move.receiver, third)
    noted = await move.receiver.mutate("AddSubject", caseId=worked["caseId"], child={"name": "Bramble Movingchild"})
    assert noted["__typename"].endswith("Payload"), noted
    await move.receiver.mutate("RefuseTransfer", transferId=third, reason="We know the child by another way.")
    assert (await there(move)).items() - before.items() == {(worked["caseId"], "OPEN")}
    closed = await move.receiver.mutate("CloseCase", caseId=worked["caseId"], reason="Known elsewhere.")
    assert closed["__typename"] == "CasePayload", closed
    passed = [one.type for one in await rows(move.away, Alert)]
    await move.at("2027-02-01T09:00")
    since = [one.type for one in await rows(move.away, Alert)][len(passed) :]
    assert not {one for one in since if one.startswith("clock")}, "none passes afterwards"
    assert (await move.clocks(move.sender, move.case))["receiving-conference-in-time"][0] in {"MISSED", "BREACHED"}, (
        "the sender's own ran on"
    )
    acts = await audited(move.away, second)
    assert {"transfer.received", "transfer.withdrawn"} <= acts.keys()


async def ended(move: Move, *, by_somebody: bool) -> None:
    """The receiver's newest void case has a closed run, no open clock, nobody called, and says who ended it."""
    change = next(one for one in reversed(await rows(move.away, CaseChange)) if one.kind == "voided")
    assert (change.made_by is not None) is by_somebody
    case = next(one for one in await rows(move.away, CaseFile) if one.id == change.case_id)
    assert case.state == "void"
    assert [one.state for one in await rows(move.away, PathwayRun) if one.case_id == case.id] == ["closed"]
    clocks = [one.state for one in await rows(move.away, ClockRow) if one.case_id == case.id]
    assert clocks
    assert set(clocks) == {"cancelled"}
    calls = [one for one in await rows(move.away, Alert) if one.subject_id == case.id and one.type == "clock-breach"]
    assert {one.state for one in calls} <= {AlertState.CLOSED}


async def test_days_are_the_partnerships_and_nobody_real_is_told_to_a_sandbox(move: Move) -> None:
    """Half past midnight of a summer's day is the day before in UTC."""
    await move.clock.freeze(london("2027-06-10T00:30"))
    offer = await move.offer(moveOn="2027-06-24")
    assert offer["transfer"]["noticeDays"] == 14
    await change(move.away, "UPDATE routing.partnership SET sandbox = true WHERE id = :id", id=move.away.id)
    assert move.away.slug not in str(await move.sender.run(operation("TransferPartners")))
    refused = await move.offer(kind="SECTION_47", moveOn=None)
    assert "partner" in [one["field"] for one in refused["fields"]]


async def test_no_case_is_closed_on_a_child_whose_transfer_waits_for_its_answer(move: Move) -> None:
    offer = await move.offered()
    await move.at("2026-12-10T10:30")
    there = (await move.screen(move.receiver, offer))["caseId"]
    assert await held_open(move.sender, move.case) == {(offer, "child_protection_plan", "withdraw the offer")}
    assert await held_open(move.receiver, there) == {(offer, "child_protection_plan", "refuse it")}
    await move.sender.mutate("WithdrawTransfer", transferId=offer, reason="The tenancy fell through.")
    assert await held_open(move.sender, move.case) == set()

    anew = await move.offered(replacesId=offer)
    assert {one[0] for one in await held_open(move.sender, move.case)} == {anew}
    await move.at("2026-12-10T11:00")
    await move.accept(anew)
    await move.at("2026-12-10T11:30")
    assert await held_open(move.sender, move.case) == set(), "it is answered, and what is left is the case's own"


async def held_open(api: Api, case: str) -> set[tuple[str, str, str]]:
    """The transfers that a case cannot be closed for: id, kind, and what the message ends on."""
    answer = await api.mutate("CloseCase", caseId=case, reason="They have moved.")
    waiting = [one for one in answer.get("remaining", []) if one["kind"] == "TRANSFER"]
    return {(one["id"], one["code"], one["text"].rstrip(".").rsplit(", or ", 1)[1].strip()) for one in waiting}
