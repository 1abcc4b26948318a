"""What may not happen before something else has is refused by the clock that says so, and what goes on all the same."""

from datetime import timedelta

from backend.cases.people import practitioners
from backend.cases.people.practitioners import AssignmentTold
from backend.kit.ids import uuid7
from graphql_api.ids import encode
from support.api import JSON, Api, Door, database_now, operation
from support.casework import referral
from support.partnership import Partnership

ASSESSMENT, WISHES, CHECKS = "initial-assessment", "wishes-before-services", "permission-before-agency-checks"
DATED = "referral-actions-dated"
RECORD = {"children": ["Wren"], "concern-nature": "Bruises.", "decision-rationale": "To be considered."}
GATES = "{ pathwayRun(id: $id) { gates { code before effect unless authority missing openedWithout } } }"


async def recorded(api: Api, run: str, event: str, **more: str) -> JSON:
    return await api.mutate("RecordPathwayEvent", runId=run, code=event, **more)


async def noted(api: Api, run: str, *events: JSON) -> JSON:
    """The referral's record, with the events that it tells of."""
    given = {"runId": run, "version": (await screen(api, run))["version"], "form": "referral-record"}
    return await api.mutate("CompletePathwayForm", **given, answers=RECORD, events=list(events))


async def gates(api: Api, run: str) -> list[JSON]:
    shown: list[JSON] = (await api.run(f"query ($id: ID!) {GATES}", id=run))["pathwayRun"]["gates"]
    return shown


async def screen(api: Api, run: str) -> JSON:
    shown: JSON = (await api.run(operation("PathwayRunScreen"), id=run))["pathwayRun"]
    return shown


async def test_nothing_opens_a_gate_of_what_must_be_done_but_doing_it(door: Door, cambs: Partnership) -> None:
    started = await referral(cambs)
    api = await door.of(cambs, started.intake.person_id)
    async with cambs.session() as session:
        told = AssignmentTold("social-worker", person_id=started.intake.person_id)
        await practitioners.assign(session, started.manager, started.case_id, told, uuid7())
        await session.commit()
    begun = await api.mutate("StartPathway", caseId=encode("Case", started.case_id), pathway=ASSESSMENT,
                             criteria=["may-be-in-need"])  # fmt: skip
    run = begun["run"]["id"]
    held = await recorded(api, run, "services-decided")
    assert {key: held[key] for key in ("__typename", "why", "subject", "missing", "provision", "opensAt")} == {
        "__typename": "PathwayRefusedProblem", "why": "GATE", "subject": WISHES,
        "missing": ["event childs-wishes-ascertained"], "provision": "Working Together 2005 ¶4.24-4.27",
        "opensAt": None,
    }  # fmt: skip
    assert "The child's wishes are ascertained" in held["message"]
    version = (await screen(api, run))["version"]
    forced = await api.mutate("OpenPathwayGate", runId=run, version=version, gate=WISHES, reason="There is no time.")
    assert (forced["why"], forced["subject"]) == ("GATE", WISHES)
    shown = await screen(api, run)
    assert (shown["departures"], [one["code"] for one in shown["events"] if one["code"] == "services-decided"]) == (
        [], [],
    )  # fmt: skip

    tomorrow = (await database_now(cambs) + timedelta(days=1)).isoformat()
    await recorded(api, run, "childs-wishes-ascertained", occurredAt=tomorrow)
    early = await recorded(api, run, "services-decided")
    assert early["opensAt"] is not None, "it is to come: the gate opens by itself"
    await recorded(api, run, "childs-wishes-ascertained")
    assert (await recorded(api, run, "services-decided"))["__typename"] == "PathwayEventPayload"


async def test_a_run_lists_what_holds_a_step_up_before_it_is_tried(door: Door, cambs: Partnership) -> None:
    started = await referral(cambs)
    api, run = await door.of(cambs, started.intake.person_id), encode("PathwayRun", started.run_id)
    shown = {one["code"]: one for one in await gates(api, run)}
    assert shown[CHECKS] == {
        "code": CHECKS, "before": "Other agencies are asked about the child", "effect": "warn",
        "unless": "Seeking permission may put a child at risk of significant harm", "authority": None,
        "openedWithout": False, "missing": ["event permission-recorded"],
    }  # fmt: skip
    assert shown[DATED]["missing"] == ["event actions-due"]
    await recorded(api, run, "permission-recorded")
    assert {one["code"]: one["missing"] for one in await gates(api, run)}[CHECKS] == []


async def test_a_date_that_has_to_be_agreed_first_holds_back_what_waits_for_it(door: Door, cambs: Partnership) -> None:
    """Working Together 2005 ¶4.19: at the end of the conversation it is clear who does what by when."""
    started = await referral(cambs)
    api, run = await door.of(cambs, started.intake.person_id), encode("PathwayRun", started.run_id)
    ends = {"code": "referral-conversation-closed"}
    held = await noted(api, run, ends)
    assert (held["why"], held["subject"], held["missing"]) == ("GATE", DATED, ["event actions-due"])
    assert "The date by which the agreed actions are due" in held["message"]
    due = {"code": "actions-due", "occurredOn": (await database_now(cambs) + timedelta(days=2)).date().isoformat()}
    assert (await noted(api, run, ends, due))["__typename"] == "PathwayRunPayload", "one record says both"

    other = encode("PathwayRun", (await referral(cambs)).run_id)
    version, reason = (await screen(api, other))["version"], "Nothing further will be done."
    await api.mutate("OpenPathwayGate", runId=other, version=version, gate=DATED, reason=reason)
    assert (await noted(api, other, ends))["__typename"] == "PathwayRunPayload"
    (departure,) = (await screen(api, other))["departures"]
    assert (departure["subjectCode"], departure["reasons"]) == (DATED, reason)


async def test_what_should_come_first_is_gone_without_by_a_departure_or_where_it_need_not_come(
    door: Door, cambs: Partnership
) -> None:
    started, run_of = await referral(cambs), "other-agencies-contacted"
    api, run = await door.of(cambs, started.intake.person_id), encode("PathwayRun", started.run_id)
    held = await recorded(api, run, run_of)
    assert (held["subject"], held["missing"]) == (CHECKS, ["event permission-recorded"])
    assert "Seeking permission may put a child at risk" in held["message"]
    version, reason = (await screen(api, run))["version"], "The mother could not be reached, and it cannot wait."
    given = {"runId": run, "version": version, "gate": CHECKS}
    assert (await api.mutate("OpenPathwayGate", **given, reason=""))["__typename"] == "ValidationProblem"
    opened = await api.mutate("OpenPathwayGate", **given, reason=reason)
    assert opened["__typename"] == "PathwayRunPayload", opened
    again = await api.mutate("OpenPathwayGate", **{**given, "version": opened["run"]["version"]}, reason=reason)
    assert (again["why"], again["message"]) == ("GATE", f"The gate {CHECKS} is open.")
    shown = await screen(api, run)
    (departure,) = shown["departures"]
    assert (departure["subjectCode"], departure["state"], departure["reasons"]) == (CHECKS, "ACKNOWLEDGED", reason)
    assert departure["provision"].startswith("Working Together 2005 ¶4.21")
    assert [one["reason"] for one in shown["actions"] if one["kind"] == "GATE_OPENED"] == [reason]
    assert (await recorded(api, run, run_of))["__typename"] == "PathwayEventPayload"

    other = await referral(cambs)
    run = encode("PathwayRun", other.run_id)
    assert (await recorded(api, run, run_of))["__typename"] == "PathwayRefusedProblem"
    version = (await screen(api, run))["version"]
    noted = await api.mutate("CompletePathwayForm", runId=run, version=version, form="referral-record", answers={
        **RECORD, "permission-would-endanger": True,
    })  # fmt: skip
    assert noted["__typename"] == "PathwayFormPayload" or noted["__typename"].endswith("Payload"), noted
    assert (await recorded(api, run, run_of))["__typename"] == "PathwayEventPayload", (
        "asking might put the child at risk"
    )
