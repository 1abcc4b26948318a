"""A child moves while enquiries are made, and another while a court decides: two authorities, each with its own clocks.

Both partnerships run the same protocol, which Hertfordshire is supposed to have agreed to.
"""

import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from backend.cases.children.models import Child
from backend.sharing.models import TransferPaper
from infra.dev.clock import Clock
from notifications.alerts.models import Alert
from support.api import JSON, open_door, rows
from support.partnership import Partnership
from support.transfers import CHILD, WORDS, Move, audited, national, told
from support.work import Work

ENQUIRY = {
    "enquiry": "An injury that nobody explains; the child was seen.", "last-strategy-discussion": "2026-12-08",
    "immediate-risk": "None is known.", "worker": "Perrin Woodruff, social worker, 01632 960111",
    "new-address": "9 Invented Court, New-on-the-Wold", "adults-of-risk": "An invented uncle.",
}  # fmt: skip
PROCEEDINGS = {
    "proceedings": "Care proceedings, Invented Family Court, 3 November.", "report-due": "2027-01-15",
    "directed-authority": "The old authority, to report under section 37 by 15 January.",
    "worker": "Perrin Woodruff, social worker, 01632 960111",
}  # fmt: skip
PLACEMENT = {
    "legal-status": "Interim care order", "placement": "9 Invented Court, New-on-the-Wold",
    "placement-start": "2026-12-14", "placing-authority": "Cambridgeshire", "plan-status": "None",
    "parents": "Wren Movingchild, 3 Invented Lane", "out-of-hours-telephone": "01632 960333",
    "worker": "Perrin Woodruff, social worker, 01632 960111",
}  # fmt: skip
COURT = {"court": "Invented Family Court", "permittedOn": "2026-12-11", "terms": "To the receiving authority."}
CONSENT = {"agreedBy": "Wren Movingchild", "agreedTo": "The report to the new authority", "agreedOn": "2026-12-10"}


@pytest.fixture
async def move(
    environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client, cambs: Partnership, herts: Partnership
) -> AsyncIterator[Move]:
    async with open_door(environment) as door:
        begun = await Move.begun(door, clock, work, carrier, cambs, herts, "2026-12-10T10:00")
        for pathway in ("transfer-section-47", "transfer-court-proceedings", "initial-child-protection-conference"):
            await national(herts, pathway, of="cambs-peterborough")
        yield begun


async def raised(partnership: Partnership, alert: str) -> int:
    return len([one for one in await rows(partnership, Alert) if one.type == alert])


async def standing(move: Move, transfer: str) -> list[tuple[str, str]]:
    """How it stands at the sender and at the receiver."""
    shown = [await move.screen(api, transfer) for api in (move.sender, move.receiver)]
    return [(one["state"], one["responsible"]) for one in shown]


async def test_who_began_the_enquiries_finishes_them_and_where_the_child_lives_the_conference_is_convened(
    move: Move,
) -> None:
    """Cambridgeshire and Peterborough manual L4356-4362; Working Together 2005 ¶4.67."""
    report = await move.document("Enquiries so far", b"%PDF-1.7 enquiries, invented")
    offer = await move.offered(kind="SECTION_47", told=told(ENQUIRY), moveOn=None, moveKnownAt="2026-12-10T09:00:00Z",
                               papers=[{"documentId": report, "kind": "ENQUIRY_REPORT"}])  # fmt: skip
    here = await move.screen(move.sender, offer)
    assert (here["noticeDays"], here["receivedAt"]) == (None, None), "the day of the move is not known yet"
    assert (await move.events(move.sender, here["runId"])) == {"move-in-enquiry-known": "2026-12-10T09:00:00Z"}
    await move.at("2026-12-10T11:00")
    there = await move.screen(move.receiver, offer)
    assert "receiving-authority-told-of-enquiry" in await move.events(move.sender, here["runId"])
    assert await move.events(move.receiver, there["runId"]) == {
        "receiving-authority-told-of-enquiry": "2026-12-10T11:00:00Z"
    }, "when the move became known is the sender's event and starts nothing here"
    assert [(one["title"], one["shut"]) for one in there["papers"]] == [("Enquiries so far", [])], "no consent is asked"
    assert (await raised(move.away, "transfer-received"), await raised(move.home, "transfer-changed")) == (1, 0)

    # A week of silence, and a question: nothing passes by either.
    await move.at("2026-12-17T09:00")
    assert await standing(move, offer) == [("OFFERED", "SENDER")] * 2
    assert (await raised(move.away, "transfer-received"), await raised(move.home, "transfer-changed")) == (1, 0)
    assert await rows(move.away, Child) == []
    await move.receiver.mutate("WriteAboutTransfer", transferId=offer, text="Who sees the child meanwhile?")
    await move.accept(offer)
    await move.at("2026-12-17T10:00")
    assert await standing(move, offer) == [("ACCEPTED", "SENDER")] * 2, "who began the enquiries finishes them"
    assert await raised(move.home, "transfer-changed") == 2, "of the question and of the answer"
    assert [one.name for one in await rows(move.away, Child)] == [CHILD["name"]]
    not_theirs = await move.receiver.mutate("SettleTransfer", transferId=offer)
    assert "by nothing that your side tells" in not_theirs["message"]
    too_soon = await move.sender.mutate("SettleTransfer", transferId=offer)
    assert "is not recorded there" in too_soon["message"]

    # The last strategy discussion was on Tuesday the 15th; the enquiries are finished on Friday.
    await move.at("2026-12-18T15:00")
    await move.join(move.sender, move.home, move.case, "social-care-manager", "social-worker")
    await move.join(move.receiver, move.away, there["caseId"], "social-care-manager")
    await concluded(move, here, offer)
    await convened(move, there)
    await move.at("2027-01-11T09:00")
    theirs = await move.clocks(move.receiver, there["caseId"])
    assert theirs["initial-conference-held"][0] in {"BREACHED", "MISSED"}
    ours = await move.clocks(move.sender, move.case)
    assert "initial-conference-held" not in ours
    assert {state for state, _, _ in ours.values()} <= {"MET", "RUNNING"}, "the conference is late there, and not here"
    assert await raised(move.home, "clock-breach") == await raised(move.home, "clock-miss") == 0
    assert all(word not in one["body"] for one in move.phones.messages() for word in (*WORDS, "uncle", "Wren"))
    sent, taken = await audited(move.home, offer), await audited(move.away, offer)
    assert {name for found in sent.values() for name in found} == {str(move.away.id)}
    assert {"transfer.settled", "transfer.accepted", "transfer.wrote"} <= sent.keys() & taken.keys()


async def concluded(move: Move, here: JSON, offer: str) -> None:
    """The sender finishes the enquiries, says so at once, and telephones on the same day."""
    await move.step(move.sender, "MovePathway", here["runId"], stage="finishing")
    await move.step(move.sender, "DecidePathway", here["runId"], decision="finished", options=["finished"],
                    reasons="All were seen.")  # fmt: skip
    same_day = ("RUNNING", "2026-12-18", "social_worker")
    assert (await move.clocks(move.sender, move.case))["outcome-told-same-day"] == same_day
    assert (await move.screen(move.receiver, offer))["settledAt"] is None, "it crosses by nobody's telling only"
    settled = await move.sender.mutate("SettleTransfer", transferId=offer)
    assert settled["transfer"]["responsible"] == "RECEIVER", settled
    await move.at("2026-12-18T15:10")
    assert await standing(move, offer) == [("ACCEPTED", "RECEIVER")] * 2
    assert (await move.clocks(move.sender, move.case))["outcome-told-same-day"] == same_day, "a word is owed besides"
    await move.step(move.sender, "RecordPathwayEvent", here["runId"], code="outcome-told-by-word",
                    occurredAt="2026-12-18T15:05:00Z")  # fmt: skip
    assert (await move.clocks(move.sender, move.case))["outcome-told-same-day"][0] == "MET"


async def convened(move: Move, there: JSON) -> None:
    """The receiver convenes, by its own clock from the last strategy discussion, over Christmas."""
    before = await move.clocks(move.receiver, there["caseId"])
    assert {state for state, _, _ in before.values()} <= {"MET"}, "what the sender owes is owed by nobody here"
    started = await move.receiver.mutate("StartPathway", caseId=there["caseId"], criteria=["continuing-risk"],
                                         pathway="initial-child-protection-conference")  # fmt: skip
    assert started["__typename"] == "PathwayRunPayload", started
    await move.step(move.receiver, "RecordPathwayEvent", started["run"]["id"], code="strategy-discussion-held",
                    occurredAt="2026-12-15T10:00:00Z")  # fmt: skip
    theirs = await move.clocks(move.receiver, there["caseId"])
    assert theirs["initial-conference-held"] == ("RUNNING", "2027-01-08", "social_care_manager")


async def test_a_court_has_its_report_from_whom_it_directed_and_each_paper_has_gates_of_its_own(move: Move) -> None:
    """Cambridgeshire and Peterborough manual L4378-4414; Working Together 2005 ¶4.122, 4.125."""
    kinds = {"Interim order": "LEGAL_ORDER", "Assessment": "ASSESSMENT", "Section 37 report": "SECTION_37_REPORT"}
    content = {title: f"%PDF-1.7 {title}, invented".encode() for title in kinds}
    papers: list[JSON] = [
        {"documentId": await move.document(title, content[title]), "kind": kind} for title, kind in kinds.items()
    ]
    papers[2]["gates"] = ["CONSENT"]
    offer = await move.offered(kind="COURT_PROCEEDINGS", told=told(PROCEEDINGS), moveOn="2026-12-14", papers=papers)
    await move.at("2026-12-10T11:00")
    here, there = await move.screen(move.sender, offer), await move.screen(move.receiver, offer)
    assert {one["title"]: one["shut"] for one in here["papers"]} == {
        "Interim order": [], "Assessment": ["COURT_PERMISSION"], "Section 37 report": ["CONSENT", "COURT_PERMISSION"],
    }  # fmt: skip
    assert [one["title"] for one in there["papers"]] == ["Interim order"], "orders are always told"
    gates = {one["title"]: one["id"] for one in here["papers"]}
    opened = await move.sender.mutate("OpenTransferGate", paperId=gates["Section 37 report"], consent=CONSENT)
    assert opened["__typename"] == "TransferPayload", opened
    await move.at("2026-12-11T10:00")
    assert len(await rows(move.away, TransferPaper)) == 1, "consent opens no gate of the court, nor of another paper"
    opened = await move.sender.mutate("OpenTransferGate", paperId=gates["Section 37 report"], court=COURT)
    assert opened["__typename"] == "TransferPayload", opened
    await move.at("2026-12-11T11:00")
    come = {one.title: one.sha256 for one in await rows(move.away, TransferPaper)}
    wanted = {title: hashlib.sha256(content[title]).hexdigest() for title in ("Interim order", "Section 37 report")}
    assert come == wanted, "leave for one report is no leave for the assessment"
    assert {"court-permission-given", "court-reports-shared"} <= (await move.events(move.sender, here["runId"])).keys()
    assert (
        not {"court-permission-given", "court-reports-shared"}
        & (await move.events(move.receiver, there["runId"])).keys()
    )

    # Each side has the court's day in its own run, as it was told there.
    for api, run, day in ((move.sender, here["runId"], "2027-01-15"), (move.receiver, there["runId"], "2027-01-08")):
        await move.step(api, "RecordPathwayEvent", run, code="report-due", occurredOn=day)
    report = "court-report-in-time"
    ours, theirs = await clocks_of(move, here, there)
    assert ours[report][:2] == ("RUNNING", "2027-01-15")
    assert theirs[report][:2] == ("RUNNING", "2027-01-08")
    await move.accept(offer)
    await move.at("2026-12-14T10:00")
    assert await standing(move, offer) == [("ACCEPTED", "SENDER")] * 2, "the court directs, and not the address"
    await placed(move, there)

    await move.step(move.sender, "RecordPathwayEvent", here["runId"], code="report-filed",
                    occurredAt="2026-12-14T09:30:00Z")  # fmt: skip
    assert (await clocks_of(move, here, there))[1][report][0] == "RUNNING", "nothing of it crosses by itself"
    assert (await move.sender.mutate("SettleTransfer", transferId=offer))["transfer"]["responsible"] == "RECEIVER"
    await move.at("2026-12-14T11:00")
    assert await standing(move, offer) == [("ACCEPTED", "RECEIVER")] * 2
    assert [side[report][0] for side in await clocks_of(move, here, there)] == ["MET", "MET"]
    await move.at("2027-01-18T09:00")
    for partnership in (move.home, move.away):
        assert await raised(partnership, "clock-breach") == 0
    assert len(await rows(move.away, TransferPaper)) == 2, "a gate that nobody opens stays shut"


async def clocks_of(move: Move, here: JSON, there: JSON) -> list[dict[str, tuple[str, str | None, str]]]:
    return [await move.clocks(move.sender, here["caseId"]), await move.clocks(move.receiver, there["caseId"])]


async def placed(move: Move, there: JSON) -> None:
    """The looked-after child's placement is told as well: accepted or not, who has placed the child answers."""
    expert = await move.document("Expert on attachment", b"%PDF-1.7 expert, invented")
    offer = await move.offered(kind="LOOKED_AFTER", told=told(PLACEMENT), moveOn="2026-12-14",
                               papers=[{"documentId": expert, "kind": "EXPERT_REPORT"}])  # fmt: skip
    await move.at("2026-12-14T10:20")
    shown = await move.screen(move.receiver, offer)
    assert shown["caseId"] != there["caseId"]
    assert (shown["runId"], shown["papers"]) == (None, [])
    hidden = {one["code"]: one["withheld"] for one in shown["packet"]["items"]}
    assert not hidden["placement"], "a duty manager sees where the child is"
    practitioner = await move.door.member(move.away, "clinician")
    assert (await practitioner.send("query ($id: ID!) { transfer(id: $id) { id } }", {"id": offer}))["data"] in (
        None, {"transfer": None},
    )  # fmt: skip
    await move.accept(offer)
    await move.at("2026-12-14T10:40")
    assert await standing(move, offer) == [("ACCEPTED", "SENDER")] * 2, "whoever places a child stays responsible"
    refused = [await api.mutate("SettleTransfer", transferId=offer) for api in (move.sender, move.receiver)]
    assert {one["__typename"] for one in refused} == {"ConflictProblem"}
