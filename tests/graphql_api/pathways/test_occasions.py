"""Registers and alerts that are lived through on cases: a run for each time, with the stages of its definition."""

from backend.pathways.definitions.checks import findings
from backend.pathways.definitions.library import shipped
from graphql_api.ids import encode
from support.api import JSON, Door
from support.casework import referral
from support.partnership import Partnership

MISSING, PANEL_TOLD = "missing-from-care", "cdop-notification"
ALERTS = "query ($id: ID!) { case(id: $id) { alerts { type state slots { role } } } }"
RUNS = "query ($id: ID!) { case(id: $id) { pathwayRuns { pathway state stage } } }"
ON_CASES = {
    "police-protection", "emergency-protection-order", "threat-to-life-warning", "family-missing-with-concern",
    MISSING, "removal-from-uk", "emergency-department-attendance-notice", "looked-after-out-of-area-placement",
    "movement-and-risk-notifications", "child-missing-education",
}  # fmt: skip
ELSEWHERE = {
    PANEL_TOLD, "child-death-readiness", "child-death-notification-fan-out", "child-death-police-oncall-alert",
    "child-death-health-oncall-alert",
}  # fmt: skip


def test_every_register_and_alert_with_stages_says_where_it_is_lived_through() -> None:
    library = shipped()
    listed = [one.definition for one in library.entries.values() if one.definition.is_of_occasions]
    assert {one.id for one in listed if one.runs_on_cases} == ON_CASES
    assert {one.id for one in listed if not one.runs_on_cases} == ELSEWHERE
    for definition in listed:
        key = "alert" if definition.alert else "register_of"
        silent = getattr(definition, key).model_copy(update={"on_cases": False, "elsewhere": None})
        found = findings(definition.model_copy(update={key: silent}), library.known)
        assert [fault for _, fault, _ in found] == [f"{definition.id} has stages, and nothing says where they run"]


async def test_a_child_goes_missing_twice_and_each_time_is_a_run_of_its_own(door: Door, cambs: Partnership) -> None:
    started = await referral(cambs)
    case, api = encode("Case", started.case_id), await door.of(cambs, started.manager.person_id)
    for role in ("placing-social-worker", "police-officer"):
        put = await api.mutate("AssignPractitioner", caseId=case, role=role,
                               personId=encode("Person", started.manager.person_id))  # fmt: skip
        assert put["__typename"].endswith("Payload"), put

    async def begun() -> JSON:
        answer = await api.mutate("StartPathway", caseId=case, pathway=MISSING, criteria=["missing"])
        assert answer["__typename"] == "PathwayRunPayload", answer
        run: JSON = answer["run"]
        return run

    async def step(run: JSON, mutation: str, **given: object) -> JSON:
        answer = await api.mutate(mutation, runId=run["id"], version=run["version"], **given)
        assert answer["__typename"].endswith("Payload"), answer
        after: JSON = answer["run"]
        return after

    first = await begun()
    assert first["stage"] == "absent"
    absence = {
        "child": ["Wren"], "placing-authority": "Peterborough", "living-in-area": "Cambridgeshire",
        "last-seen": "At breakfast.",
    }  # fmt: skip
    first = await step(first, "CompletePathwayForm", form="absence-record", answers=absence)
    called = [one for one in (await api.run(ALERTS, id=case))["case"]["alerts"] if one["type"] == MISSING]
    assert [slot["role"] for one in called for slot in one["slots"]] == ["duty_manager", "police_control_room"]
    first = await step(first, "MovePathway", stage="looking")
    first = await step(first, "DecidePathway", decision="found", options=["returned"], reasons="She came back at ten.")
    again = await begun()
    assert again["id"] != first["id"]
    runs = (await api.run(RUNS, id=case))["case"]["pathwayRuns"]
    assert [(one["state"], one["stage"]) for one in runs if one["pathway"] == MISSING] == [
        ("OPEN", "returned"), ("OPEN", "absent"),
    ]  # fmt: skip
    never = await api.mutate("StartPathway", caseId=case, pathway=PANEL_TOLD, criteria=["every-death"])
    assert [fault["field"] for fault in never["fields"]] == ["pathway"], (
        "its entries are kept in the register of deaths"
    )
