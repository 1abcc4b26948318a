"""A night on the enquiry telephone, and the register it is answered from, through the API by those concerned."""

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from backend.cases.models import AccessEntry
from backend.kit.audit import AuditEntry
from backend.pathways.models import PathwayEvent, PathwayFact, PathwayRun, Source
from graphql_api.ids import decode_as, encode
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, death, operation, rows
from support.case_desk import problems
from support.partnership import CHILD, Partnership
from support.scene import Phones
from support.work import Work
from tenants.partnerships import repository as partnerships

NIGHT = datetime(2026, 12, 5, 23, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
PLAN, ENDING = "child-protection-plan", "discontinue-child-protection-plan"
HOME = "3 Made-up Lane, Nowhere-on-the-Wold"
LISTED = "01632 960103"  # the force's control room, in the directory of the reference partnership
CALLER = {
    "enquirerName": "Dr Bryony Inventor", "enquirerAgency": "Reedwater Hospital", "enquirerPost": "Registrar",
    "callBackNumber": "07700 900321", "concern": "Bruises that nobody explains.",
}  # fmt: skip
CHECKED = {"method": "CALLED_BACK", "number": LISTED, "note": "Put through to the ward by the control room."}


@dataclass
class Office:
    """The people of children's social care on a Saturday night, and the children they know."""

    partnership: Partnership
    door: Door
    clock: Clock
    taker: Api
    manager: Api
    worker: Api
    areas: dict[str, str]
    phones: Phones
    children: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)

    async def do(self, by: Api, mutation: str, **given: Any) -> JSON:  # JSON values
        answer = await by.mutate(mutation, **given)
        assert answer["__typename"].endswith("Payload"), answer
        return answer

    async def known(self, name: str, area: str, /, *siblings: JSON, **child: Any) -> str:
        """A child on a case of their own, with any siblings; returns the case's id."""
        case = (await self.do(self.manager, "OpenCase", pathway=PLAN, areaId=self.areas[area]))["case"]["id"]
        for one in ({"name": name, **child}, *siblings):
            added = await self.do(self.manager, "AddSubject", caseId=case, child=one)
            self.children[one.get("name") or "unborn"] = added["subject"]["child"]["id"]
        self.cases[name or "unborn"] = case
        return str(case)

    async def with_plan(self, name: str, area: str, decided: date, /, *siblings: JSON, **child: Any) -> str:
        """A case on which a plan runs since a day; returns the run's id."""
        case = await self.known(name, area, *siblings, **child)
        for api, role in ((self.worker, "key-worker"), (self.manager, "conference-chair")):
            await self.do(
                self.manager, "AssignPractitioner", caseId=case, personId=await self.person_of(api), role=role
            )
        run = await self.do(self.manager, "StartPathway", caseId=case, pathway=PLAN, criteria=["conference-decided"])
        at = datetime(decided.year, decided.month, decided.day, 15, tzinfo=UTC).isoformat()
        event = {"runId": run["run"]["id"], "code": "plan-decided", "occurredAt": at}
        await self.do(self.manager, "RecordPathwayEvent", **event)
        return str(run["run"]["id"])

    async def look_for_ending(self, plan: str) -> UUID:
        """The run that looks for the ground to end a plan, as it is opened: its edition waits for a local choice."""
        async with self.partnership.session() as session:
            run = await session.get(PathwayRun, (self.partnership.id, decode_as("PathwayRun", plan)))
            assert run is not None
            made = session.append(
                PathwayRun, case_id=run.case_id, edition_id=run.edition_id, pathway=ENDING, kind="decision-record",
                opened_at=await session.now(),
            )  # fmt: skip
            await session.commit()
            return made

    async def record_event(self, run_id: UUID, code: str, at: datetime, **more: Any) -> UUID:
        """An event as a run records it."""
        async with self.partnership.session() as session:
            made = session.append(PathwayEvent, run_id=run_id, code=code, occurred_at=at, source=Source.DECISION,
                                  recorded_at=await session.now(), **more)  # fmt: skip
            await session.commit()
            return made

    async def record_category(self, run_id: str, *categories: str) -> None:
        """The categories as the form of a conference records them."""
        key = decode_as("PathwayRun", run_id)
        assert key is not None
        async with self.partnership.session() as session:
            session.append(PathwayFact, run_id=key, code="category", value=list(categories),
                           recorded_at=await session.now())  # fmt: skip
            await session.commit()

    async def person_of(self, api: Api) -> str:
        return str((await api.run("{ me { person { id } } }"))["me"]["person"]["id"])

    async def register(self, by: Api, on: date | None = None, **narrowed: Any) -> JSON:  # JSON values
        shown: JSON = await by.run(
            operation("PlanRegister"), first=50, on=on.isoformat() if on else None, filter=narrowed or None
        )
        return dict(shown["planRegister"])

    async def names(self, on: date | None = None, **narrowed: Any) -> set[str]:  # JSON values
        """Who is on the register, as the manager sees it."""
        shown = await self.register(self.manager, on, **narrowed)
        found = {edge["node"]["name"] or "unborn" for edge in shown["edges"]}
        assert shown["total"] == len(shown["edges"])
        return found

    async def enquire(self, **about: Any) -> str:
        told = await self.do(self.taker, "RecordChildEnquiry", **CALLER, about=about)
        return str(told["enquiry"]["id"])

    async def checked(self, **about: Any) -> tuple[str, JSON]:
        """An enquiry whose enquirer was checked, and what a search then finds."""
        enquiry = await self.enquire(**about)
        await self.do(self.taker, "CheckEnquirer", enquiryId=enquiry, **CHECKED)
        found = await self.do(self.taker, "SearchForEnquiry", enquiryId=enquiry)
        return enquiry, found["findings"]

    async def answer(self, enquiry: str, result: str, *disclosed: str, **more: Any) -> JSON:
        given = {"enquiryId": enquiry, "result": result, "disclosed": disclosed, "advice": "Keep the child.", **more}
        return await self.taker.mutate("AnswerChildEnquiry", **given)

    async def duties(self, by: Api, **narrowed: Any) -> list[JSON]:
        shown = await by.run(operation("EnquiryDuties"), first=50, **narrowed)
        return [edge["node"] for edge in shown["enquiryDuties"]["edges"]]


@pytest.fixture
async def office(door: Door, cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client) -> Office:
    await clock.freeze(NIGHT)
    for subject, role in (("nettie.sedgewick", "designated_manager"), ("juniper.blythe", "practitioner")):
        await door.change_roles(cambs, subject, role)
    async with cambs.session() as session:
        areas = {area.code: encode("Area", area.id) for area in await partnerships.areas(session)}
    made = Office(cambs, door, clock, door.person("tansy.millrace"), door.person("nettie.sedgewick"),
                  door.person("juniper.blythe"), areas, Phones(carrier))  # fmt: skip
    await work.run_due()
    made.phones.new()
    return made


async def test_who_had_a_plan_on_a_day_is_read_from_what_ran(office: Office) -> None:
    """Siblings, an unborn child, one who turns 18, an ending that is only looked for, and a child of another area."""
    long_ago, march = date(2024, 10, 1), date(2026, 3, 14)
    teenager = {"name": "Sedge Testchild", "dateOfBirth": "2008-12-01"}
    teasel = await office.with_plan("Teasel Testchild", "cambridgeshire", long_ago, teenager, dateOfBirth="2015-05-05",
                           otherNames=["Burdock Testchild"])  # fmt: skip
    await office.with_plan("", "peterborough", date(2026, 11, 20), expectedOn="2027-02-15", name=None)
    yarrow = await office.with_plan("Yarrow Testchild", "peterborough", date(2026, 3, 1), dateOfBirth="2020-02-02")
    assert await office.names() == {"Teasel Testchild", "unborn", "Yarrow Testchild"}, "at 18 a plan ends by itself"
    assert await office.names(date(2026, 11, 30)) == {
        "Teasel Testchild", "unborn", "Yarrow Testchild", "Sedge Testchild",
    }  # fmt: skip
    assert await office.names(march) == {"Teasel Testchild", "Yarrow Testchild", "Sedge Testchild"}
    assert await office.names(date(2026, 2, 28)) == {"Teasel Testchild", "Sedge Testchild"}
    assert await office.names(date(2026, 3, 1)) == await office.names(march), "the day of the conference counts"

    assert await office.names(areaId=office.areas["peterborough"]) == {"unborn", "Yarrow Testchild"}
    assert await office.names(overTwoYears=True) == {"Teasel Testchild"}
    await office.record_category(teasel, "neglect", "emotional abuse")
    assert await office.names(category="emotional abuse") == {"Teasel Testchild"}
    assert await office.names(category="abuse") == set(), "a category is matched whole"
    assert await office.names(unborn=True) == {"unborn"}
    assert await office.names(youngest=6, oldest=6) == {"Yarrow Testchild"}
    assert await office.names(youngest=12) == set()
    assert await office.names(march, youngest=11, oldest=17) == {"Sedge Testchild"}
    assert await office.names(keyWorkerId=await office.person_of(office.worker)) == await office.names()
    assert await office.names(march, keyWorkerId=await office.person_of(office.worker)) == set(), "nobody was then"
    assert await office.names(keyWorkerId=await office.person_of(office.taker)) == set()
    refused = await office.manager.codes(operation("PlanRegister"), first=5, on="2027-01-01")
    assert refused == ["INVALID"]

    # Looking for the ground to end a plan ends nothing; the event of its ending does, on its own day.
    sought = await office.look_for_ending(yarrow)
    assert "Yarrow Testchild" in await office.names()
    mistaken = await office.record_event(sought, "plan-ended", NIGHT - timedelta(days=30))
    assert "Yarrow Testchild" not in await office.names(date(2026, 11, 30))
    await office.record_event(sought, "plan-ended", NIGHT, corrects_id=mistaken, reason="A misread day.")
    assert "Yarrow Testchild" not in await office.names(), "the day on which it ended does not count"
    assert "Yarrow Testchild" in await office.names(date(2026, 12, 4)), "a correction stands for what it corrects"

    # One of two siblings had a plan for less long than the other, which is no matter of the run.
    entry = next(
        edge["node"] for edge in (await office.register(office.manager, march))["edges"]
        if edge["node"]["name"] == "Sedge Testchild"
    )  # fmt: skip
    corrected = {"entryId": entry["id"], "reason": "Left care of the mother.", "untilOn": "2026-06-01"}
    assert problems(await office.manager.mutate("CorrectPlanEntry", **{**corrected, "untilOn": "2027-12-01"})) == {
        "untilOn"
    }
    await office.do(office.manager, "CorrectPlanEntry", **corrected)
    assert "Sedge Testchild" not in await office.names(date(2026, 11, 30))
    assert "Sedge Testchild" not in await office.names(date(2026, 6, 1))
    assert "Sedge Testchild" in await office.names(date(2026, 5, 31))
    assert "Teasel Testchild" in await office.names(date(2026, 11, 30))
    await office.do(office.manager, "CorrectPlanEntry", entryId=entry["id"], reason="Never had one.", withoutPlan=True)
    assert "Sedge Testchild" not in await office.names(march), "the last correction holds, whole"
    refused_here = await office.taker.mutate("CorrectPlanEntry", **corrected)
    assert refused_here["__typename"] == "ForbiddenProblem"

    # A child of another area who stays here for a time is on our list, under the other authority.
    visitor = await office.known("Bracken Testchild", "cambridgeshire", dateOfBirth="2019-09-09")
    stay = await office.do(
        office.manager, "RecordPlanStay", caseId=visitor, childId=office.children["Bracken Testchild"],
        areaId=office.areas["cambridgeshire"], holder="ANOTHER", authority="Faraway County", temporary=True,
        fromOn="2026-11-01", toldBy="Faraway's plan keeper", planFromOn="2026-06-01", categories=["neglect"],
        keyWorker="Pip Elsewhere",
    )  # fmt: skip
    assert await office.names(heldElsewhere=True) == {"Bracken Testchild"}
    assert await office.names(category="neglect") == {"Teasel Testchild", "Bracken Testchild"}
    assert await office.names(date(2026, 10, 31), heldElsewhere=True) == set()
    away = {"caseId": office.cases["Teasel Testchild"], "childId": office.children["Teasel Testchild"],
            "areaId": office.areas["cambridgeshire"], "holder": "OURS", "authority": "Faraway County",
            "temporary": True, "fromOn": "2026-12-01", "toldBy": "The grandmother"}  # fmt: skip
    await office.do(office.manager, "RecordPlanStay", **away)
    assert (await office.manager.mutate("RecordPlanStay", **away))["__typename"] == "ConflictProblem"
    shown = {edge["node"]["name"]: edge["node"] for edge in (await office.register(office.manager))["edges"]}
    assert shown["Teasel Testchild"]["away"][0]["authority"] == "Faraway County"
    assert shown["Teasel Testchild"]["authority"] == "Cambridgeshire", "who is away stays on the plan of home"
    assert shown["Bracken Testchild"]["authority"] == "Faraway County"
    assert shown["Bracken Testchild"]["keyWorkers"] == ["Pip Elsewhere"]
    await office.do(office.manager, "EndPlanStay", stayId=stay["stay"]["id"], untilOn="2026-12-04")
    assert await office.names(heldElsewhere=True) == set()

    # A restricted case is there for its list alone; each look is logged, the file's as well.
    await office.do(office.manager, "RestrictCase", caseId=office.cases["Teasel Testchild"], reason="Staff's child.",
                    personIds=[await office.person_of(office.manager)])  # fmt: skip
    seen = await office.register(office.taker)
    assert {edge["node"]["name"] for edge in seen["edges"]} == {None}
    assert seen["total"] == 1
    before = len(await rows(office.partnership, AccessEntry))
    file = (await office.taker.run(operation("PlanRegisterFile")))["planRegisterFile"]
    assert [row["Name"] for row in csv.DictReader(io.StringIO(file["content"]))] == ["unborn child"]
    looks = (await rows(office.partnership, AccessEntry))[before:]
    assert {(look.subject_kind, look.action) for look in looks} == {("case", "export"), ("child", "export")}
    assert await office.worker.codes(operation("PlanRegister"), first=5) == ["FORBIDDEN"]
    assert office.phones.new() == {}, "nothing about a register is sent to anybody"


async def test_nothing_is_told_to_an_enquirer_before_they_are_checked(office: Office, caplog: Any) -> None:
    await office.with_plan("Teasel Testchild", "cambridgeshire", date(2026, 3, 1), dateOfBirth="2018-04-05",
                           otherNames=["Burdock Fieldmouse"],
                           addresses=[{"address": HOME, "fromOn": "2024-01-01"}])  # fmt: skip
    audited = len(await rows(office.partnership, AuditEntry))
    enquiry = await office.enquire(name="Tesel Testchilde", dateOfBirth="2018-05-04", address="99 Elsewhere Street")
    for mutation, more in (
        ("SearchForEnquiry", {}),
        ("AnswerChildEnquiry", {"result": "NOT_KNOWN", "disclosed": ["WHETHER_KNOWN"], "advice": "None."}),
        ("AnswerChildEnquiry", {"result": "ON_A_PLAN", "disclosed": ["WHETHER_ON_A_PLAN"], "advice": "None.",
                                "childId": office.children["Teasel Testchild"]}),
    ):  # fmt: skip
        refused = await office.taker.mutate(mutation, enquiryId=enquiry, **more)
        assert refused["__typename"] == "EnquirerNotCheckedProblem", mutation
        assert "Teasel" not in str(refused)
    # The number that the enquirer gave is no check, nor is one that is not in the directory.
    own = await office.taker.mutate(
        "CheckEnquirer", enquiryId=enquiry, **{**CHECKED, "number": CALLER["callBackNumber"]}
    )
    assert problems(own) == {"number"}
    await office.do(office.taker, "CheckEnquirer", enquiryId=enquiry, method="FAILED", note="The line went dead.")
    refused = await office.taker.mutate("SearchForEnquiry", enquiryId=enquiry)
    assert refused["__typename"] == "EnquirerNotCheckedProblem"
    checked = await office.do(
        office.taker, "CheckEnquirer", enquiryId=enquiry, **{**CHECKED, "number": "+44 1632 960103"}
    )
    assert checked["enquiry"]["checks"][-1]["listedAs"] == "Force control room, Control room"

    found = (await office.do(office.taker, "SearchForEnquiry", enquiryId=enquiry))["findings"]
    (match,) = found["matches"]
    assert (match["name"], match["why"]) == ("Teasel Testchild", ["NAME_ALIKE", "DATE_OF_BIRTH_NEAR"])
    assert match["plan"]["keyWorkers"], "the enquirer is told who to speak to"
    assert not found["held"]
    alias = (await office.do(office.taker, "SearchForEnquiry", enquiryId=enquiry, about={"name": "Burdock"}))[
        "findings"
    ]
    assert [one["name"] for one in alias["matches"]] == ["Teasel Testchild"]
    nobody = await office.taker.mutate("SearchForEnquiry", enquiryId=enquiry, about={"dateOfBirth": "2018-04-05"})
    assert problems(nobody) == {"about.name"}

    child = office.children["Teasel Testchild"]
    assert problems(await office.answer(enquiry, "NOT_KNOWN", "WHETHER_KNOWN")) == {"somebodyElse"}
    assert problems(await office.answer(enquiry, "KNOWN", "WHETHER_KNOWN", childId=child)) == {"result"}
    assert problems(await office.answer(enquiry, "ON_A_PLAN", childId=child)) == {"disclosed"}
    told = await office.answer(enquiry, "ON_A_PLAN", "WHETHER_ON_A_PLAN", "KEY_WORKER", childId=child)
    assert told["enquiry"]["answer"]["disclosed"] == ["WHETHER_ON_A_PLAN", "KEY_WORKER"]
    assert (await office.answer(enquiry, "ON_A_PLAN", "KEY_WORKER", childId=child))["__typename"] == "ConflictProblem"
    (duty,) = await office.duties(office.worker)
    assert (duty["kind"], duty["role"], duty["state"]) == ("TELL_KEY_WORKER", "key-worker", "OPEN")
    done = await office.do(
        office.worker, "DecideEnquiryDuty", dutyId=duty["id"], outcome="SEEN", reasons="Rang the ward."
    )
    assert done["duty"]["decidedBy"]["id"] == await office.person_of(office.worker)

    # Another child at the address, whom nobody asked about.
    neighbour, found = await office.checked(name="Somebody Unheardof", address=HOME.upper().replace(",", ""))
    assert found["matches"] == []
    assert [one["name"] for one in found["atAddress"]] == ["Teasel Testchild"]
    await office.answer(neighbour, "NOT_KNOWN", "WHETHER_KNOWN", "CHILD_AT_SAME_ADDRESS")
    assert len(await office.duties(office.worker, state="OPEN")) == 1, "that child's key worker hears of it"

    log = await office.manager.run(operation("ChildEnquiries"), first=10)
    assert len(log["childEnquiries"]["edges"]) == 2
    assert await office.taker.codes(operation("ChildEnquiries"), first=10) == ["FORBIDDEN"]
    made = (await rows(office.partnership, AuditEntry))[audited:]
    assert {one.action for one in made} >= {"enquiry.recorded", "enquiry.enquirer_checked", "enquiry.answered"}
    written = str([one.detail for one in made]) + caplog.text
    assert not [word for word in ("Tesel", "Teasel", "Unheardof", "2018-05-04", "Made-up") if word in written]
    assert office.phones.new() == {}


async def test_a_second_enquiry_about_an_unknown_child_makes_a_manager_decide(office: Office) -> None:
    first, found = await office.checked(name="Clover Nobody", dateOfBirth="2021-07-01")
    assert (found["matches"], found["earlier"]) == ([], [])
    await office.answer(first, "NOT_KNOWN", "WHETHER_KNOWN")
    assert await office.duties(office.manager) == []
    await office.clock.freeze(NIGHT + timedelta(days=3))
    other, found = await office.checked(name="Somebody Different", dateOfBirth="2011-07-01")
    assert found["earlier"] == [], "another child"
    await office.answer(other, "NOT_KNOWN", "WHETHER_KNOWN")
    second, found = await office.checked(name="Clovver Nobody", dateOfBirth="2021-01-07")
    assert [one["enquirerAgency"] for one in found["earlier"]] == ["Reedwater Hospital"]
    assert problems(await office.answer(second, "NOT_KNOWN", "WHETHER_KNOWN")) == {"disclosed"}
    await office.answer(second, "NOT_KNOWN", "WHETHER_KNOWN", "EARLIER_ENQUIRY")
    (duty,) = await office.duties(office.manager, state="OPEN")
    assert (duty["kind"], duty["role"], duty["owner"]) == ("CONSIDER_NEED", "designated-manager", None)
    assert await office.duties(office.taker) == [], "it is the manager's"
    decision = {"dutyId": duty["id"], "outcome": "REFERRAL_MADE", "reasons": "Two wards have asked in a week."}
    refused = await office.taker.mutate("DecideEnquiryDuty", **decision)
    assert refused["__typename"] == "ForbiddenProblem"
    assert problems(await office.manager.mutate("DecideEnquiryDuty", **{**decision, "reasons": " "})) == {"reasons"}
    await office.do(office.manager, "DecideEnquiryDuty", **decision)
    assert await office.duties(office.manager, state="OPEN") == []
    assert (await office.manager.mutate("DecideEnquiryDuty", **decision))["__typename"] == "ConflictProblem"
    assert office.phones.new() == {}


async def test_a_record_kept_to_few_is_neither_shown_nor_denied(office: Office) -> None:
    await office.with_plan("Teasel Testchild", "cambridgeshire", date(2026, 3, 1), dateOfBirth="2018-04-05")
    await office.do(office.manager, "RestrictCase", caseId=office.cases["Teasel Testchild"], reason="Staff's child.",
                    personIds=[await office.person_of(office.manager)])  # fmt: skip
    enquiry, found = await office.checked(name="Teasel Testchild", dateOfBirth="2018-04-05")
    assert (found["matches"], found["held"]) == ([], True)
    assert (await office.answer(enquiry, "NOT_KNOWN", "WHETHER_KNOWN"))["__typename"] == "ConflictProblem"
    child = office.children["Teasel Testchild"]
    guessed = await office.answer(enquiry, "ON_A_PLAN", "WHETHER_ON_A_PLAN", childId=child)
    assert guessed["__typename"] == "NotFoundProblem"
    told = await office.answer(enquiry, "PASSED_ON")
    assert told["enquiry"]["answer"]["result"] == "PASSED_ON"
    (duty,) = await office.duties(office.manager)
    assert (duty["kind"], duty["owner"]["id"]) == ("LOOK_AT_HELD_RECORD", await office.person_of(office.manager))
    assert await office.duties(office.taker) == []

    # From whom a case is kept by name, nothing at all may be learnt: they hear of no record, the owner hears of them.
    open_case = await office.with_plan(
        "Comfrey Testchild", "cambridgeshire", date(2026, 3, 1), dateOfBirth="2017-01-01"
    )
    assert open_case
    await office.do(office.manager, "BarFromCase", caseId=office.cases["Comfrey Testchild"], reason="It is about them.",
                    personId=await office.person_of(office.taker))  # fmt: skip
    enquiry, found = await office.checked(name="Comfrey Testchild", dateOfBirth="2017-01-01")
    assert (found["matches"], found["held"]) == ([], False)
    await office.answer(enquiry, "NOT_KNOWN", "WHETHER_KNOWN")
    kinds = {duty["kind"] for duty in await office.duties(office.manager, state="OPEN")}
    assert kinds == {"LOOK_AT_HELD_RECORD"}
    assert len(await office.duties(office.manager)) == 2


async def test_each_death_is_matched_with_what_another_side_has_told(office: Office) -> None:
    reporter, panel = office.door.person("isolde.marram"), office.door.person("sorrel.pennywhistle")
    report = death(NIGHT, homeArea=None, homeAreaOutside="Faraway County")
    first = await office.do(reporter, "ReportChildDeath", **report)
    again = await office.do(reporter, "ReportChildDeath", **report)
    ids = [made["childDeath"]["id"] for made in (first, again)]
    office.phones.new()

    async def register(**narrowed: Any) -> JSON:
        shown: JSON = await panel.run(operation("DeathRegister"), first=10, filter=narrowed or None)
        return dict(shown["deathRegister"])

    shown = await register()
    assert shown["total"] == 2, "a second report is never refused"
    entry = next(edge["node"] for edge in shown["edges"] if edge["node"]["id"] == ids[0])
    assert (entry["panelsToTell"], entry["ofResident"], entry["status"]) == (["Faraway County"], False, "NOTIFIED")
    assert (entry["areaOfDeath"], entry["homeAreaOutside"]) == ("Cambridgeshire", "Faraway County")

    step = {"deathId": ids[0]}
    linked = await office.do(panel, "RecordDeathStep", **step, kind="SAME_DEATH_AS", otherId=ids[1])
    assert linked["entry"]["sameAs"] == [ids[1]]
    other = next(edge["node"] for edge in (await register())["edges"] if edge["node"]["id"] == ids[1])
    assert other["sameAs"] == [ids[0]], "read from either side"
    assert problems(await panel.mutate("RecordDeathStep", **step, kind="PANEL_TOLD")) == {"body"}
    early = await panel.mutate("RecordDeathStep", **step, kind="REVIEWED", doneAt="2020-01-01T00:00:00Z")
    assert problems(early) == {"doneAt"}
    for kind, body in (("PANEL_TOLD", "Faraway County"), ("FORM_A_RECEIVED", None), ("FORM_B_REQUESTED", "School"),
                       ("FORM_B_REQUESTED", "Ambulance service"), ("FORM_B_RECEIVED", "School")):  # fmt: skip
        done = await office.do(panel, "RecordDeathStep", **step, kind=kind, body=body)
    entry = done["entry"]
    assert (entry["panelsToTell"], entry["status"]) == ([], "GATHERING")
    assert [(one["agency"], one["receivedAt"] is not None) for one in entry["formsB"]] == [
        ("School", True), ("Ambulance service", False),
    ]  # fmt: skip

    await office.clock.freeze(NIGHT + timedelta(days=9))
    assert {edge["node"]["daysUnmatched"] for edge in (await register(unmatched=True))["edges"]} == {9}
    notice = {"source": "REGISTRAR", "toldBy": "Registrar of births and deaths", "childName": CHILD,
              "dateOfBirth": "2024-02-29", "receivedAt": (NIGHT + timedelta(days=2)).isoformat()}  # fmt: skip
    assert problems(await panel.mutate("RecordDeathNotice", **{**notice, "receivedAt": "2027-01-01T00:00:00Z"})) == {
        "receivedAt"
    }
    told = (await office.do(panel, "RecordDeathNotice", **notice))["notice"]
    assert (told["daysUnmatched"], set(told["mayBeOf"])) == (7, set(ids))
    waiting = (await panel.run(operation("DeathNotices"), first=5, unmatched=True))["deathNotices"]["edges"]
    assert [edge["node"]["id"] for edge in waiting] == [told["id"]]
    match = {"noticeId": told["id"], "outcome": "MATCHED", "reason": "Same name and day."}
    assert problems(await panel.mutate("MatchDeathNotice", **match)) == {"deathId"}
    settled = (await office.do(panel, "MatchDeathNotice", **match, deathId=ids[0]))["notice"]
    assert (settled["deathId"], settled["daysUnmatched"]) == (ids[0], None)
    assert [edge["node"]["id"] for edge in (await register(unmatched=True))["edges"]] == [ids[1]]
    assert (await panel.run(operation("DeathNotices"), first=5, unmatched=True))["deathNotices"]["edges"] == []
    undone = {**match, "outcome": "UNMATCHED", "reason": "Another child."}
    await office.do(panel, "MatchDeathNotice", **undone)
    assert (await register(unmatched=True))["total"] == 2, "the last word holds"

    await office.do(panel, "RecordDeathStep", **step, kind="REVIEWED_ELSEWHERE", note="By Faraway County.")
    assert [edge["node"]["id"] for edge in (await register(status="REVIEWED_ELSEWHERE"))["edges"]] == [ids[0]]
    assert [edge["node"]["id"] for edge in (await register(status="NOTIFIED"))["edges"]] == [ids[1]]
    assert (await register(homeArea="cambridgeshire"))["total"] == 0
    assert (await register(areaOfDeath="cambridgeshire", diedUntil="2026-12-05"))["total"] == 2
    file = (await panel.run(operation("DeathRegisterFile")))["deathRegisterFile"]
    found = list(csv.DictReader(io.StringIO(file["content"])))
    assert {(row["Died"], row["Usual home in"]) for row in found} == {("2026-12-05", "Faraway County")}
    assert await reporter.codes(operation("DeathRegister"), first=5) == ["FORBIDDEN"]
    looks = await rows(office.partnership, AccessEntry)
    assert {look.action for look in looks if look.subject_kind == "child_death"} >= {"register", "export"}
    assert office.phones.new() == {}, "nothing is sent to anybody by the register itself"
