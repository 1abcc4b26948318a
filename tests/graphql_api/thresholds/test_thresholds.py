"""Levels of need through the API: recorded, suggested, decided, disputed, tried, counted."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.cases.models import CaseEvent
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.alerts.models import ConfigurationAlarm
from support.api import JSON, Api, Door, fresh_key, operation, rows
from support.partnership import Partnership
from support.scene import coming, forget_daily_work

FILE = "tenants/archetypes/cambs-peterborough/thresholds.yaml"


@pytest.fixture
async def worker(door: Door, cambs: Partnership, clock: Clock) -> Api:
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    return door.person("tansy.millrace")


@pytest.fixture
async def manager(door: Door, worker: Api) -> Api:
    return door.person("corin.waterbeck")


@pytest.fixture
async def case(worker: Api, cambs: Partnership) -> dict[str, str]:
    """A case of Peterborough's with a child of six and an adult, opened by a social worker."""
    areas = (await worker.run("{ partnership { areas { id code } } }"))["partnership"]["areas"]
    area = next(one["id"] for one in areas if one["code"] == "peterborough")
    opened = await worker.mutate("OpenCase", pathway="referral-to-childrens-social-care", areaId=area)
    case_id = opened["case"]["id"]
    child = {"name": "Fernleaf Testchild", "dateOfBirth": "2020-05-04"}
    added = await worker.mutate("AddSubject", caseId=case_id, child=child)
    party = await worker.mutate("AddParty", caseId=case_id, party={"roles": ["PARENT"], "name": "Ash Testparent"})
    assert party["__typename"] == "PartyPayload", party
    return {"case": case_id, "child": added["subject"]["child"]["id"], "adult": party["party"]["id"]}


async def shown(api: Api, case: dict[str, str]) -> Any:
    return (await api.run(operation("CaseThreshold"), caseId=case["case"]))["caseThreshold"]


async def record(api: Api, case: dict[str, str], indicator: str, **more: Any) -> JSON:
    given = {"childId": case["child"]} | more
    return await api.mutate("RecordIndicator", caseId=case["case"], indicator=indicator,
                            **{name: value for name, value in given.items() if value})  # fmt: skip


async def test_what_is_recorded_suggests_a_level_with_its_reasons_and_a_person_decides(
    worker: Api, case: dict[str, str], cambs: Partnership
) -> None:
    assert (await shown(worker, case))["suggestion"] == {"level": None, "met": [], "undecided": []}
    made = await record(worker, case, "unmet-need", note="He is often hungry.")
    (met,) = (await shown(worker, case))["suggestion"]["met"]
    assert (met["criterion"], met["suggests"], met["because"]) == (
        "one-unmet-need", "emerging", [made["indicator"]["id"]],
    )  # fmt: skip
    # A person may decide otherwise than the criteria say, with reasons.
    decided = (await worker.mutate("DecideThreshold", caseId=case["case"], level="complex", reasons="Much more."))[
        "decision"
    ]
    assert (decided["suggested"], decided["direction"], decided["level"]) == ("emerging", "FIRST", "complex")
    assert decided["grounds"][0]["criterion"] == "one-unmet-need"
    kinds = [event.kind for event in await rows(cambs, CaseEvent)]
    assert kinds[-2:] == ["threshold.indicator_recorded", "threshold.decided"]
    details = [str(event.detail) for event in await rows(cambs, CaseEvent)]
    assert not any("hungry" in one or "Much more" in one for one in details)


async def test_a_step_up_says_what_help_was_given_unless_there_is_an_immediate_risk(
    worker: Api, case: dict[str, str]
) -> None:
    first = await worker.mutate("DecideThreshold", caseId=case["case"], level="emerging", reasons="Some.")
    up = {"caseId": case["case"], "level": "specialist", "reasons": "Worse.", "previousId": first["decision"]["id"]}
    refused = await worker.mutate("DecideThreshold", **up)
    assert [one["field"] for one in refused["fields"]] == ["earlierHelp"]
    await record(worker, case, "immediate-risk")
    decided = (await worker.mutate("DecideThreshold", **up))["decision"]
    assert (decided["direction"], decided["suggested"]) == ("UP", "specialist")
    down = await worker.mutate("DecideThreshold", caseId=case["case"], level="complex", reasons="It works.",
                               previousId=decided["id"])  # fmt: skip
    assert down["decision"]["direction"] == "DOWN"
    assert [one["level"] for one in (await shown(worker, case))["decisions"]] == ["emerging", "specialist", "complex"]


async def test_whoever_did_not_see_the_last_decision_decides_nothing(worker: Api, case: dict[str, str]) -> None:
    given = {"caseId": case["case"], "level": "emerging", "reasons": "Some."}
    await worker.mutate("DecideThreshold", **given)
    refused = await worker.mutate("DecideThreshold", **given)
    assert refused["__typename"] == "ConflictProblem"
    assert len((await shown(worker, case))["decisions"]) == 1


async def test_a_decision_repeated_with_its_key_is_the_same_one(worker: Api, case: dict[str, str]) -> None:
    given = {"caseId": case["case"], "level": "emerging", "reasons": "Some.", "idempotencyKey": fresh_key()}
    first = await worker.mutate("DecideThreshold", **given)
    assert await worker.mutate("DecideThreshold", **given) == first


async def test_the_pathways_that_a_criterion_opens_are_started_with_the_decision(
    worker: Api, case: dict[str, str], cambs: Partnership
) -> None:
    await record(worker, case, "abuse-or-neglect")
    await record(worker, case, "bruise")
    await record(worker, case, "not-mobile")
    given = {"caseId": case["case"], "level": "specialist", "reasons": "He was hit."}
    refused = await worker.mutate("DecideThreshold", **given, open=["dog-injury"])
    assert [one["field"] for one in refused["fields"]] == ["open"]
    codes = ["referral-to-childrens-social-care", "injury-medical-opinion"]
    opened = (await worker.mutate("DecideThreshold", **given, open=codes))["decision"]["opened"]
    assert opened["started"].keys() | {"injury-medical-opinion"} >= set(codes)
    assert set(opened["started"]) | set(opened["not_in_force"]) == set(codes)
    alarms = [(row.kind, row.role) for row in await rows(cambs, ConfigurationAlarm)]
    assert alarms == [("no_pathway", code) for code in opened["not_in_force"]], "whoever can mend that is told"


async def test_a_mistake_is_taken_back_and_a_state_ends_but_nothing_is_lost(worker: Api, case: dict[str, str]) -> None:
    wrong = (await record(worker, case, "abuse-or-neglect"))["indicator"]["id"]
    state = (await record(worker, case, "risk-to-others"))["indicator"]["id"]
    assert (await shown(worker, case))["suggestion"]["level"] == "specialist"
    unsaid = await worker.mutate("EndIndicator", indicatorId=wrong, withdrawn=True)
    assert [one["field"] for one in unsaid["fields"]] == ["note"]
    cannot = await worker.mutate("EndIndicator", indicatorId=wrong)
    assert [one["field"] for one in cannot["fields"]] == ["withdrawn"]
    taken = await worker.mutate("EndIndicator", indicatorId=wrong, withdrawn=True, note="Of another child.")
    assert taken["indicator"]["withdrawn"]
    ended = await worker.mutate("EndIndicator", indicatorId=state)
    assert ended["indicator"]["endsId"] == state
    assert (await worker.mutate("EndIndicator", indicatorId=state))["__typename"] == "ConflictProblem"
    found = await shown(worker, case)
    assert found["suggestion"]["level"] is None
    assert len(found["indicators"]) == 4


@pytest.mark.parametrize(
    ("indicator", "given", "field"),
    [
        ("never-heard-of", {}, "indicator"),
        ("bruise", {"childId": None}, "childId"),
        ("missed-appointment", {}, "childId"),
        ("bruise", {"observedOn": "2999-01-01"}, "observedOn"),
        ("bruise", {"note": "\x07"}, "note"),
    ],
)
async def test_what_cannot_be_recorded_is_refused_by_its_field(
    worker: Api, case: dict[str, str], indicator: str, given: JSON, field: str
) -> None:
    refused = await record(worker, case, indicator, **given)
    assert field in [one["field"] for one in refused["fields"]]
    assert (await shown(worker, case))["indicators"] == []


async def test_a_child_or_an_adult_of_another_case_is_not_there(worker: Api, case: dict[str, str]) -> None:
    other = await worker.mutate("OpenCase", pathway="referral-to-childrens-social-care")
    for given in ({"childId": case["child"]}, {"childId": None, "partyId": case["adult"]}):
        code = "bruise" if given["childId"] else "missed-appointment"
        refused = await record(worker, {**case, "case": other["case"]["id"]}, code, **given)
        assert refused["__typename"] == "NotFoundProblem"


async def test_missed_appointments_are_counted_by_adult(worker: Api, case: dict[str, str], clock: Clock) -> None:
    ben = await worker.mutate("AddParty", caseId=case["case"], party={"roles": ["PARENT"], "name": "Ben Testparent"})
    for adult in (case["adult"], ben["party"]["id"]):
        for _ in range(3):
            assert (await shown(worker, case))["suggestion"]["level"] is None
            await record(worker, case, "missed-appointment", childId=None, partyId=adult)
    found = (await shown(worker, case))["suggestion"]
    assert found["level"] == "complex"
    assert len(found["met"][0]["because"]) == 6
    assert "gives no number" in found["met"][0]["inferred"]
    await clock.advance(timedelta(days=200))
    assert (await shown(worker, case))["suggestion"]["level"] is None


async def test_an_agency_disagrees_and_it_is_settled_in_a_run_of_its_own(
    worker: Api, manager: Api, case: dict[str, str]
) -> None:
    decision = (await worker.mutate("DecideThreshold", caseId=case["case"], level="emerging", reasons="x"))["decision"]
    agreed = await worker.mutate("GiveThresholdView", decisionId=decision["id"], agrees=True)
    assert (agreed["view"]["agency"]["code"], agreed["view"]["runId"]) == ("county-social-care", None)
    police = {"decisionId": decision["id"], "agrees": False, "agency": "police", "wanted": "complex"}
    unsaid = await worker.mutate("GiveThresholdView", **police)
    assert [one["field"] for one in unsaid["fields"]] == ["reasons"]
    same = await worker.mutate("GiveThresholdView", **{**police, "wanted": "emerging"}, reasons="No.")
    assert [one["field"] for one in same["fields"]] == ["wanted"]
    view = (await worker.mutate("GiveThresholdView", **police, reasons="We know more."))["view"]
    run = (await worker.run("query ($id: ID!) { pathwayRun(id: $id) { pathway state } }", id=view["runId"]))[
        "pathwayRun"
    ]
    assert run == {"pathway": "professional-differences", "state": "OPEN"}
    again = await worker.mutate("GiveThresholdView", **police, reasons="Still.")
    assert again["__typename"] == "ConflictProblem"
    # The decision holds meanwhile; what comes of it is another one, which is then the one to agree with.
    await worker.mutate("DecideThreshold", caseId=case["case"], level="complex", reasons="Agreed with the police.",
                        previousId=decision["id"])  # fmt: skip
    late = await worker.mutate("GiveThresholdView", decisionId=decision["id"], agrees=True)
    assert late["__typename"] == "ConflictProblem"
    views = (await shown(worker, case))["decisions"][0]["views"]
    assert [(one["agency"]["code"], one["agrees"]) for one in views] == [
        ("county-social-care", True),
        ("police", False),
    ]


async def test_whoever_may_not_see_the_case_sees_nothing_of_it(
    door: Door, case: dict[str, str], worker: Api, cambs: Partnership
) -> None:
    await door.change_roles(cambs, "isolde.marram", "practitioner")
    stranger = door.person("isolde.marram")
    assert await shown(stranger, case) is None
    refused = await record(stranger, case, "bruise")
    assert refused["__typename"] == "NotFoundProblem"
    async with cambs.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM threshold_indicator")) == 0


async def test_looking_is_logged(worker: Api, case: dict[str, str], cambs: Partnership) -> None:
    count = text("SELECT count(*) FROM access_entry WHERE subject_kind = 'case'")
    async with cambs.session() as session:
        before = await session.scalar(count)
    await shown(worker, case)
    async with cambs.session() as session:
        assert await session.scalar(count) == before + 1


@pytest.fixture
async def admin(door: Door, worker: Api) -> Api:
    return door.person("alder.inkwell")


async def draft(admin: Api, written: str) -> JSON:
    return await admin.mutate("DraftThresholds", text=written)


@pytest.fixture
def stricter() -> str:
    """The shipped document, by which one unmet need is a complex one."""
    with open(FILE, encoding="utf-8") as file:  # noqa: PTH123
        written = file.read()
    return written.replace("    suggests: emerging\n    all: [{indicator: unmet-need}]",
                           "    suggests: complex\n    all: [{indicator: unmet-need}]")  # fmt: skip


async def test_a_new_edition_is_drafted_tried_approved_by_another_and_in_force_from_its_day(
    admin: Api, manager: Api, worker: Api, case: dict[str, str], clock: Clock, stricter: str
) -> None:
    await record(worker, case, "unmet-need")
    edition = (await draft(admin, stricter))["edition"]
    assert (edition["number"], edition["state"]) == (2, "DRAFT")
    tried = (await manager.run(operation("ThresholdDryRun"), editionId=edition["id"]))["thresholdDryRun"]
    assert (tried["cases"], tried["changed"]) == (1, 1)
    (change,) = tried["changes"]
    assert (change["before"], change["after"], change["area"]["code"]) == ("emerging", "complex", "peterborough")
    assert (await shown(worker, case))["suggestion"]["level"] == "emerging"
    today = coming(weekday=1, hour=12).date()
    own = await admin.mutate("ApproveThresholds", editionId=edition["id"], inForceFrom=str(today), authority="Minute 4")
    assert own["__typename"] == "ForbiddenProblem"
    given = {"editionId": edition["id"], "authority": "Board minute 4"}
    late = await manager.mutate("ApproveThresholds", **given, inForceFrom=str(today - timedelta(days=1)))
    assert [one["field"] for one in late["fields"]] == ["inForceFrom"]
    await manager.mutate("ApproveThresholds", **given, inForceFrom=str(today + timedelta(days=1)))
    assert (await shown(worker, case))["suggestion"]["level"] == "emerging"
    await clock.advance(timedelta(days=1))
    assert (await shown(worker, case))["suggestion"]["level"] == "complex"
    await manager.mutate("WithdrawThresholds", editionId=edition["id"], reason="Too many.")
    assert (await shown(worker, case))["suggestion"]["level"] == "emerging"


async def test_a_dry_run_names_no_case_to_whoever_may_see_none(
    admin: Api, worker: Api, case: dict[str, str], stricter: str
) -> None:
    await record(worker, case, "unmet-need")
    edition = (await draft(admin, stricter))["edition"]
    tried = (await admin.run(operation("ThresholdDryRun"), editionId=edition["id"]))["thresholdDryRun"]
    assert (tried["changed"], tried["caseIds"]) == (1, [])


async def test_a_fault_is_told_by_its_line(admin: Api, stricter: str) -> None:
    refused = await draft(admin, stricter.replace("suggests: specialist", "suggests: special"))
    fault = refused["fields"][0]
    assert fault["field"].startswith("thresholds:")
    assert "there is no level special" in fault["message"]
    nowhere = await draft(admin, stricter.replace("\nlevels:", "\nscheme: nobody-knows\nlevels:"))
    assert [one["field"] for one in nowhere["fields"]] == ["scheme"]


async def test_levels_that_nobody_has_set_cannot_be_put_in_force(door: Door, herts: Partnership, clock: Clock) -> None:
    admin, manager = door.person("saffron.lockgate"), door.person("elowen.tidewater")
    assert (await admin.run(operation("Thresholds")))["thresholds"] is None
    found = await admin.run(operation("ThresholdEditions"), first=5)
    (edition,) = [edge["node"] for edge in found["thresholdEditions"]["edges"]]
    assert (edition["state"], "board has to name" in edition["unset"]) == ("DRAFT", True)
    refused = await manager.mutate(
        "ApproveThresholds", editionId=edition["id"], inForceFrom="2999-01-01", authority="x"
    )
    assert refused["__typename"] == "ConflictProblem"


async def test_figures_count_decisions_by_area_level_and_direction(
    worker: Api, manager: Api, case: dict[str, str]
) -> None:
    await record(worker, case, "unmet-need")
    first = await worker.mutate("DecideThreshold", caseId=case["case"], level="emerging", reasons="x")
    await worker.mutate("DecideThreshold", caseId=case["case"], level="complex", reasons="x", earlierHelp="A group.",
                        previousId=first["decision"]["id"])  # fmt: skip
    today = coming(weekday=1, hour=12).date()
    found = await manager.run(operation("ThresholdFigures"), fromOn=str(today), untilOn=str(today + timedelta(days=1)))
    figures = [
        (one["area"], one["level"], one["direction"], one["decisions"], one["againstSuggestion"])
        for one in found["thresholdFigures"]
    ]
    assert figures == [("Peterborough", "complex", "UP", 1, 1), ("Peterborough", "emerging", "FIRST", 1, 0)]
    until = {"fromOn": str(today - timedelta(days=1)), "untilOn": str(today)}
    assert (await manager.run(operation("ThresholdFigures"), **until))["thresholdFigures"] == []


async def test_open_cases_are_counted_at_the_level_that_was_decided_last(
    worker: Api, manager: Api, case: dict[str, str], cambs: Partnership, herts: Partnership, door: Door
) -> None:
    async def standing(api: Api) -> list[tuple[str | None, str, int]]:
        found = await api.run(operation("ThresholdStanding"))
        return [(one["area"], one["level"], one["cases"]) for one in found["thresholdStanding"]]

    first = await worker.mutate("DecideThreshold", caseId=case["case"], level="emerging", reasons="x")
    other = await worker.mutate("OpenCase", pathway="referral-to-childrens-social-care")
    await worker.mutate("DecideThreshold", caseId=other["case"]["id"], level="emerging", reasons="x")
    assert await standing(manager) == [("Peterborough", "emerging", 1), (None, "emerging", 1)]
    await worker.mutate("DecideThreshold", caseId=case["case"], level="complex", reasons="x",
                        previousId=first["decision"]["id"])  # fmt: skip
    assert await standing(manager) == [("Peterborough", "complex", 1), (None, "emerging", 1)]
    async with cambs.session() as session:
        await session.execute(text("UPDATE case_file SET state = 'closed' WHERE area_id IS NULL"))
        await session.commit()
    assert await standing(manager) == [("Peterborough", "complex", 1)]
    assert await standing(door.person("elowen.tidewater")) == []
    assert "FORBIDDEN" in str((await worker.send(operation("ThresholdStanding"), {}))["errors"])


async def test_another_partnership_has_nothing_of_it(door: Door, case: dict[str, str], herts: Partnership) -> None:
    other = door.person("elowen.tidewater")
    assert await shown(other, case) is None
    never = encode("ThresholdEdition", herts.id)
    assert (await other.run(operation("ThresholdEdition"), id=never))["thresholdEdition"] is None
