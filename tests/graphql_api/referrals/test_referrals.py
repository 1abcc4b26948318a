"""Children referred by applications and by people: what it sets going, who is shown what, and what is asked back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.cases.models import AccessEntry, CaseEvent, CaseFile
from backend.identity.policies import ROLES, Permission
from backend.kit.audit import AuditEntry
from backend.pathways.editions import operating
from backend.pathways.models import PathwayForm, PathwayRun
from backend.referrals.models import Referral
from backend.referrals.told import PATHWAY
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.alerts.models import ConfigurationAlarm
from support.api import JSON, Api, Door, fresh_key, operation, rows
from support.applications import Registered, grant, registered
from support.partnership import CHILD, HOME, Partnership
from support.scene import coming, forget_daily_work
from support.work import Work
from tenants.applications.models import ApplicationRequest

NOON = coming(weekday=1, hour=12)
CONCERN = "Bruises that the child does not explain."
PUBLIC = "Nettle Whisper"
OWN = "{ referrals(first: 5) { edges { node { id state acknowledgedAt caseId } } } }"


@pytest.fixture
async def app(environment: dict[str, str], cambs: Partnership) -> Registered:
    made = await registered("Ward system")
    await grant(cambs, made, "referrals:write")
    return made


@pytest.fixture
async def stopped(cambs: Partnership, clock: Clock) -> Clock:
    """A Tuesday noon, without tomorrow's daily work."""
    await forget_daily_work(cambs)
    await clock.freeze(NOON)
    return clock


async def given(api: Api, kind: str = "LOCAL_AUTHORITY", **changes: Any) -> JSON:  # JSON values
    areas = (await api.run("{ partnership { areas { id kind } } }"))["partnership"]["areas"]
    told: JSON = {
        "areaId": next(area["id"] for area in areas if area["kind"] == kind),
        "children": [{"name": CHILD, "dateOfBirth": "2024-02-29", "addresses": [{"address": HOME}]}],
        "referrer": {"kind": "PROFESSIONAL", "name": "Dr Juniper Blythe", "telephone": "01632 960123"},
        "significantHarm": True, "concern": CONCERN, "familyConsulted": "The mother agrees.", "theirReference": "R-17",
    }  # fmt: skip
    return told | changes


async def case_of(partnership: Partnership) -> str:
    (row,) = await rows(partnership, Referral)
    return encode("Case", row.case_id)


async def the_run(api: Api, partnership: Partnership) -> JSON:
    listed = "query ($id: ID!) { case(id: $id) { pathwayRuns { id } } }"
    found = await api.run(listed, id=await case_of(partnership))
    shown = await api.run(operation("PathwayRunScreen"), id=found["case"]["pathwayRuns"][0]["id"])
    run: JSON = shown["pathwayRun"]
    return run


async def test_an_application_refers_a_child_and_hears_how_far_it_has_come_and_nothing_of_the_case(
    door: Door, cambs: Partnership, app: Registered, stopped: Clock
) -> None:
    api, key = await app.api(door), fresh_key()
    told = await given(api)
    made = await api.mutate("MakeReferral", **told, idempotencyKey=key)
    referral = made["referral"]
    assert (referral["state"], referral["theirReference"], referral["acknowledgedAt"]) == ("RECEIVED", "R-17", None)
    assert datetime.fromisoformat(referral["receivedAt"]) == NOON
    # One working day from a Tuesday, to the end of the Wednesday.
    due = datetime.fromisoformat(referral["acknowledgeBy"])
    assert NOON + timedelta(days=1) < due <= NOON + timedelta(days=1, hours=12)
    assert await api.mutate("MakeReferral", **told, idempotencyKey=key) == made
    other = await api.mutate("MakeReferral", **{**told, "concern": "Another."}, idempotencyKey=key)
    assert other["__typename"] == "ConflictProblem"
    assert len(await rows(cambs, Referral)) == len(await rows(cambs, CaseFile)) == 1

    # As received from the application: it is named on the audit log, and nobody of the partnership anywhere.
    async with cambs.session() as session:
        acts = list(await session.scalars(select(AuditEntry).where(col(AuditEntry.actor_id) == app.id)))
    assert [act.action for act in acts] == ["referral.received"]
    assert {event.actor_id for event in await rows(cambs, CaseEvent)} == {None}
    assert (await rows(cambs, ApplicationRequest))[-1].fields == ["makeReferral"]

    worker = await door.member(cambs, "social_worker")
    run = await the_run(worker, cambs)
    assert (run["stage"], run["pathway"]) == ("intake", PATHWAY)
    events = {event["code"] for event in run["events"]}
    assert events >= {"referral-received", "written-referral-sent", "written-referral-received"}
    (form,) = run["forms"]
    assert form["answers"] == {"concern-nature": CONCERN, "family-consulted": "The mother agrees."}
    assert [row.completed_by for row in await rows(cambs, PathwayForm)] == [None]
    open_tasks = {task["code"] for task in run["tasks"] if task["state"] == "OPEN"}
    assert "acknowledge" in open_tasks
    assert "confirm-in-writing" not in open_tasks
    screen = (await worker.run(operation("CaseScreen"), id=await case_of(cambs)))["case"]
    assert [one["child"]["name"] for one in screen["subjects"]] == [CHILD]
    assert "Sent in by Ward system, Reedwater Systems." in str(screen["parties"])

    # It is acknowledged, decided and closed as any other, and the application hears that and no more.
    at = {"runId": run["id"], "version": run["version"]}
    await stopped.advance(timedelta(hours=2))
    done = await worker.mutate("GivePathwayNotice", **at, notification="acknowledgement", givenTo="Dr Blythe")
    assert done["__typename"] == "PathwayRunPayload", done
    shown = (await api.run(operation("Referral"), id=referral["id"]))["referral"]
    assert (shown["state"], datetime.fromisoformat(shown["acknowledgedAt"])) == (
        "ACKNOWLEDGED", NOON + timedelta(hours=2),
    )  # fmt: skip
    assert (await api.run(OWN))["referrals"]["edges"][0]["node"]["caseId"] is None
    for closed in ("{ cases(first: 1) { edges { cursor } } }", f'{{ case(id: "{await case_of(cambs)}") {{ id }} }}'):
        assert await api.codes(closed) == ["FORBIDDEN"]
    assert not [look for look in await rows(cambs, AccessEntry) if look.person_id == app.id]
    assert CHILD not in str((made, shown))


async def test_nobody_else_is_told_of_what_an_application_has_sent_in(
    door: Door, cambs: Partnership, herts: Partnership, app: Registered
) -> None:
    api = await app.api(door)
    made = (await api.mutate("MakeReferral", **await given(api)))["referral"]
    other = await registered("Another")
    await grant(cambs, other, "referrals:write")
    worker = await door.member(cambs, "social_worker")
    elsewhere = await door.member(herts, "social_worker")
    for stranger in (await other.api(door), worker, elsewhere):
        assert (await stranger.run(OWN))["referrals"]["edges"] == []
        assert (await stranger.run(operation("Referral"), id=made["id"]))["referral"] is None
    unscoped = await registered("Screen")
    await grant(cambs, unscoped, "rotas:read")
    assert await (await unscoped.api(door)).codes(OWN) == ["FORBIDDEN"]
    administrator = await door.member(cambs, "administrator")
    (scope,) = [
        one
        for one in (await administrator.run(operation("ApplicationScopes")))["applicationScopes"]
        if one["code"] == "referrals:write"
    ]
    assert (scope["changes"], scope["fields"]) == (["makeReferral"], ["referral", "referrals"])
    await administrator.mutate("RevokeApplication", clientId=str(app.id))
    assert await api.codes(operation("Referral"), id=made["id"]) == ["FORBIDDEN"]


async def test_who_is_no_professional_stays_known_to_few(door: Door, cambs: Partnership, app: Registered) -> None:
    api = await app.api(door)
    who = {"kind": "PUBLIC", "name": PUBLIC, "telephone": "01632 960777"}
    made = await api.mutate("MakeReferral", **await given(api, referrer=who))
    assert made["__typename"] == "ReferralPayload", made
    for role in ("social_worker", "paediatrician"):
        person, sees = await door.member(cambs, role), Permission.SEE_PROTECTED_IDENTITIES in ROLES[role]
        shown = await person.run(operation("CaseScreen"), id=await case_of(cambs))
        assert (PUBLIC in str(shown)) is sees, role
        run = await the_run(person, cambs)
        assert PUBLIC not in str(run)
        assert run["variant"] == "public-referral"


async def test_a_person_refers_by_the_same_rules_and_sees_the_case(door: Door, cambs: Partnership) -> None:
    clinician = await door.member(cambs, "clinician")
    nameless = {"kind": "FAMILY"}
    child = {"expectedOn": (NOON + timedelta(days=60)).date().isoformat()}
    told = await given(clinician, referrer=nameless, children=[child], significantHarm=False, theirReference=None)
    made = await clinician.mutate("MakeReferral", **told)
    assert made["referral"]["state"] == "RECEIVED", made
    (edge,) = (await clinician.run(OWN))["referrals"]["edges"]
    assert edge["node"]["caseId"] == await case_of(cambs)
    (case,) = await rows(cambs, CaseFile)
    person = (await cambs.member("clinician")).person_id
    assert (case.opened_by, case.owner_id) == (person, None)
    rota_manager = await door.member(cambs, "administrator")
    refused = await rota_manager.mutate("MakeReferral", **told)
    assert refused["__typename"] == "ForbiddenProblem"


async def test_every_fault_is_named_by_its_field_and_nothing_is_opened(
    door: Door, cambs: Partnership, herts: Partnership, app: Registered
) -> None:
    api = await app.api(door)
    child = {"name": CHILD, "dateOfBirth": "2099-01-01"}
    faulty = await given(
        api, "CORONER", children=[child, {}], referrer={"kind": "PROFESSIONAL", "telephone": "x"}, concern="\0",
        theirReference="x" * 81,
    )  # fmt: skip
    refused = await api.mutate("MakeReferral", **faulty)
    assert {fault["field"] for fault in refused["fields"]} == {
        "areaId", "children.0.dateOfBirth", "children.1.name", "referrer.name", "referrer.telephone", "concern",
        "theirReference",
    }  # fmt: skip
    for children in ([], [{"name": CHILD}] * 21):
        refused = await api.mutate("MakeReferral", **await given(api, children=children))
        assert [fault["field"] for fault in refused["fields"]] == ["children"]
    elsewhere = (await given(await door.member(herts, "social_worker")))["areaId"]
    assert (await api.mutate("MakeReferral", **await given(api, areaId=elsewhere)))["__typename"] == "NotFoundProblem"
    for table in (Referral, CaseFile, PathwayRun):
        assert await rows(cambs, table) == []


async def test_without_an_edition_in_force_the_referral_stands_and_its_clocks_count_from_the_receipt(
    door: Door, cambs: Partnership, app: Registered, stopped: Clock, work: Work
) -> None:
    async with cambs.session() as session:
        await operating.withdraw(session, PATHWAY, None, "Another text is written.")
        await session.commit()
    api = await app.api(door)
    made = (await api.mutate("MakeReferral", **await given(api)))["referral"]
    assert (made["state"], made["acknowledgeBy"]) == ("RECEIVED", None)
    assert [alarm.kind for alarm in await rows(cambs, ConfigurationAlarm)] == ["no_pathway"]
    async with cambs.session() as session:
        await session.execute(
            text("UPDATE pathway_edition SET state = 'approved' WHERE pathway = :one"), {"one": PATHWAY}
        )
        await session.commit()
    await stopped.advance(timedelta(hours=1))
    await work.run_due()
    await work.run_due()
    (run,) = await rows(cambs, PathwayRun)
    assert run.stage == "intake"
    shown = (await api.run(operation("Referral"), id=made["id"]))["referral"]
    assert datetime.fromisoformat(shown["acknowledgeBy"]) <= NOON + timedelta(days=1, hours=12)
    alarms = [alarm.kind.value for alarm in await rows(cambs, ConfigurationAlarm)]
    assert alarms.count("no_pathway") == 1, "nobody is told a second time"
