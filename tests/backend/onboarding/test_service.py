"""Partnerships as they come to stand in PostgreSQL and in storage."""

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import boto3
import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.problems import Conflict, Invalid, NotFound
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from backend.onboarding import files, people, service
from backend.onboarding.archetype import Archetype, AreaPlan, DirectoryPlan
from backend.onboarding.rows import Report
from backend.pathways.definitions.archetypes import overlays
from notifications.alerts.responders import resolve
from notifications.deliveries.service import DELIVER_NOTICES
from notifications.ladders import repository as ladders
from notifications.ladders.policy import SlotPolicy
from notifications.rotas import repository as rotas
from notifications.rotas.service import HORIZON
from tenants.contacts import repository as contacts
from tenants.partnerships.models import AreaKind

ISSUER = "https://issuer.example.org"
CAMBS = files.load("cambs-peterborough")
NORTH = [AreaPlan(kind=AreaKind.LOCAL_AUTHORITY, code="north", name="North")]
# A Tuesday within the shifts that are made today, at an hour of the day.
DAY = (datetime.now(UTC) + timedelta(days=14)).replace(hour=0, minute=0, second=0, microsecond=0)
TUESDAY = DAY + timedelta(days=(1 - DAY.weekday()) % 7)


async def rows(engine: AsyncEngine, slug: str, query: str) -> list[Any]:
    """The rows of ``query`` as the owner sees them in the partnership."""
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT id FROM routing.partnership WHERE slug = :s"), {"s": slug})
        partnership_id = found.scalar_one()
    async with open_session(partnership_id, on=engine) as session:
        return list(await session.execute(text(query), {"tenant": partnership_id}))


async def everything(engine: AsyncEngine, slug: str) -> dict[str, list[str]]:
    """All that is stored of a partnership, as text."""
    tables = await rows(
        engine, slug, "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'"
        " AND table_schema = 'public'",
    )  # fmt: skip
    queries = {name: f"SELECT t::text FROM {name} AS t ORDER BY 1" for (name,) in tables}  # noqa: S608
    for name in ("task", "sign_in"):
        own = f"FROM routing.{name} AS t WHERE tenant_id = :tenant ORDER BY 1"
        queries[name] = f"SELECT t::text {own}"
    queries["partnership"] = "SELECT t::text FROM routing.partnership AS t WHERE id = :tenant"
    return {name: [row[0] for row in await rows(engine, slug, query)] for name, query in queries.items()}


async def partnership_id(engine: AsyncEngine, slug: str) -> UUID:
    found: UUID = (await rows(engine, slug, "SELECT id FROM routing.partnership WHERE id = :tenant"))[0][0]
    return found


@pytest.fixture
async def loaded(owner: AsyncEngine) -> str:
    """A partnership loaded from the archetype just now."""
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug="cambs-loaded")
    return "cambs-loaded"


def changed(archetype: Archetype, **values: object) -> Archetype:
    return Archetype.model_validate({**archetype.model_dump(), **values})


async def test_a_loaded_archetype_is_stored_whole(owner: AsyncEngine, loaded: str) -> None:
    stored = await everything(owner, loaded)
    assert {name: len(found) for name, found in stored.items() if found and name != "audit_entry"} == {
        "agency": 6, "alert_policy": 32, "area": 5, "contact_method": 51, "directory_entry": 16,
        "membership": 17, "partnership": 1, "partnership_setting": 10, "person": 17,
        "qualification": 3, "rota": 8, "shift": len(stored["shift"]), "sign_in": 17, "task": 20,
        "pathway_edition": len(overlays("cambs-peterborough")),
        "threshold_edition": 1, "directory_organisation": 4, "directory_point": 14,
        "directory_service": len(stored["directory_service"]),
        "directory_service_area": len(stored["directory_service_area"]),
        "directory_change": len(stored["directory_change"]), "change": len(stored["change"]),
    }  # fmt: skip
    assert len(stored["shift"]) > 5 * 12


async def test_a_second_run_changes_nothing(owner: AsyncEngine) -> None:
    slug = "cambs-twice"
    first = await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    before = await everything(owner, slug)
    second = await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    assert first.added["person"] == 17
    assert second.nothing_changed
    assert second.lines() == ["cambs-twice: nothing to do"]
    assert await everything(owner, slug) == before


async def test_storage_is_the_partnerships_own(owner: AsyncEngine, loaded: str, environment: dict[str, str]) -> None:
    (stored,) = await rows(owner, loaded, "SELECT bucket, kms_key_id FROM routing.partnership WHERE id = :tenant")
    s3 = boto3.client("s3", endpoint_url=environment["S3_ENDPOINT_URL"])
    rules = s3.get_bucket_encryption(Bucket=stored.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == stored.kms_key_id


async def test_somebody_answers_for_every_role_at_every_hour(
    application: AsyncEngine, owner: AsyncEngine, loaded: str
) -> None:
    async with open_session(await partnership_id(owner, loaded), on=application) as session:
        for hour in range(24 * 8):
            roster = await rotas.roster(session, TUESDAY + timedelta(hours=hour))
            for rota in CAMBS.rotas:
                persons, _ = roster.find(rota.role)
                assert persons
                assert await contacts.contact_methods(session, persons)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (12, ("social.care.peterborough@example.org", "rota:paediatrician")),
        (3, ("duty.team.cambs@example.org", "rota:designated_doctor")),
    ],
)
async def test_who_is_reached_by_day_and_by_night(
    application: AsyncEngine, owner: AsyncEngine, loaded: str, hour: int, expected: tuple[str, str]
) -> None:
    desk, paged_from = expected
    at = TUESDAY + timedelta(hours=hour)
    area_ids = [
        row.id
        for row in await rows(owner, loaded, "SELECT id FROM area WHERE code IN ('peterborough', 'coroner-city')")
    ]
    async with open_session(await partnership_id(owner, loaded), on=application) as session:
        notices = await slots_in_force(session, "child-death-notification-fan-out")
        reached = await resolve(session, notices, area_ids, at)
        addresses = [found.addresses[0][1] for slot in notices for found in reached.at_step(slot.steps[0])]
        assert addresses == [
            "coroner.city@example.org", "cdop.cambs@example.org", desk,
            "control.room.cambs@example.org", "gp.liaison.cambs@example.org",
        ]  # fmt: skip
        pages = await slots_in_force(session, "child-death-joint-response")
        responders = await resolve(session, pages, (), at)
        (paediatrician,), (officer,) = (responders.at_step(slot.steps[0]) for slot in pages)
        assert (paediatrician.found_by, officer.found_by) == (paged_from, "rota:sio")


async def slots_in_force(session: TenantSession, alert_type: str) -> list[SlotPolicy]:
    policy = await ladders.in_force(session, alert_type)
    assert policy is not None
    return [SlotPolicy.model_validate(slot) for slot in policy.slots]


async def test_rotas_extend_themselves_from_tomorrow_on(owner: AsyncEngine, loaded: str) -> None:
    owed = await rows(
        owner, loaded, "SELECT actor, due_at - app.now() AS ahead FROM routing.task WHERE tenant_id = :tenant"
    )
    ahead = {row.actor: row.ahead for row in owed}
    assert ahead.keys() == {
        "extend_rota", "check_coverage", "print_rotas", "recount_working_days", "reverify_contacts", "rota_changed",
    }  # fmt: skip
    assert timedelta(hours=23) < ahead["extend_rota"] <= timedelta(days=1)
    assert max(ahead["check_coverage"], ahead["print_rotas"]) <= timedelta()


async def test_the_audit_log_holds_and_names_nobody(owner: AsyncEngine, loaded: str) -> None:
    assert await service.first_broken_audit_entry(owner, loaded) is None
    entries = await rows(owner, loaded, "SELECT action, detail FROM audit_entry")
    assert "person.added" in {entry.action for entry in entries}
    assert "partnership.storage_set" in {entry.action for entry in entries}
    said = json.dumps([[entry.action, entry.detail] for entry in entries])
    for person in CAMBS.people:
        for secret in (person.name, person.code, *person.contacts.values()):
            assert secret not in said


async def test_a_changed_policy_is_a_new_version_and_the_others_stay(owner: AsyncEngine) -> None:
    slug = "cambs-policy"
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    policies = CAMBS.model_dump()["alert_policies"]
    policies["clock-breach"]["slots"][0]["repeat"] = 4
    report = await service.load_archetype(owner, changed(CAMBS, alert_policies=policies), issuer=ISSUER, slug=slug)
    assert (dict(report.added), dict(report.changed)) == ({"alert_policy": 1}, {"alert_policy": 1})
    stored = await rows(
        owner, slug, "SELECT alert_type, version, state, slots->0->'repeat' AS repeat FROM alert_policy"
        " WHERE alert_type = 'clock-breach' OR version > 1 ORDER BY version",
    )  # fmt: skip
    assert [tuple(row) for row in stored] == [("clock-breach", 1, "superseded", 0), ("clock-breach", 2, "in_force", 4)]


async def test_a_device_is_of_the_platform_that_the_file_says(owner: AsyncEngine) -> None:
    slug = "cambs-device"
    people = [person.model_dump() for person in CAMBS.people]
    people[0]["contacts"] = {"push": "AB" * 32, "sms": "07700900100"}
    people[0]["device_platform"] = "apns"
    loaded = changed(CAMBS, people=people)
    await service.load_archetype(owner, loaded, issuer=ISSUER, slug=slug)
    query = "SELECT address, platform FROM contact_method JOIN person ON person.id = person_id WHERE channel = 'push'"
    stored = {row.address: row.platform for row in await rows(owner, slug, query)}
    assert stored["ab" * 32] == "apns"
    assert set(stored.values()) == {"apns", None}
    assert (await service.load_archetype(owner, loaded, issuer=ISSUER, slug=slug)).nothing_changed


async def test_a_replaced_number_is_never_used_again_but_a_device_stays(owner: AsyncEngine) -> None:
    slug = "cambs-number"
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    people = [person.model_dump() for person in CAMBS.people]
    people[0]["contacts"] = {"sms": "07700900999", "push": "device-new"}
    await service.load_archetype(owner, changed(CAMBS, people=people), issuer=ISSUER, slug=slug)
    stored = await rows(
        owner, slug, "SELECT address, retired_at IS NULL AS used, verified_at FROM contact_method JOIN person"
        " ON person.id = person_id WHERE code = 'wren-saltmarsh'",
    )  # fmt: skip
    assert {row.address: row.used for row in stored} == {
        "07700900100": False, "07700900999": True, "device-wren-saltmarsh": True, "device-new": True,
        "wren.saltmarsh@example.org": True,
    }  # fmt: skip
    assert all(row.verified_at for row in stored)
    (entry,) = await rows(owner, slug, "SELECT detail FROM audit_entry WHERE action = 'contact_method.changed'")
    assert entry.detail == {"fields": ["retired_at"]}


async def test_a_dead_number_and_a_leaver_stay_so(owner: AsyncEngine) -> None:
    slug = "cambs-leaver"
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    async with open_session(await partnership_id(owner, slug), on=owner) as session:
        await session.execute(text("UPDATE person SET active = false WHERE code = 'rowan-fenwick'"))
        await session.execute(text("UPDATE contact_method SET retired_at = app.now() WHERE address = '07700900100'"))
        await session.commit()
    report = await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    assert report.nothing_changed
    assert await rows(owner, slug, "SELECT 1 FROM contact_method WHERE retired_at IS NOT NULL") == [(1,)]
    assert await rows(owner, slug, "SELECT code FROM person WHERE NOT active") == [("rowan-fenwick",)]


async def test_a_changed_rota_is_handed_over_at_once_without_a_gap(owner: AsyncEngine) -> None:
    slug = "cambs-rota"
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    plans = [rota.model_dump() for rota in CAMBS.rotas]
    # Turns of three days that begin at other hours, by fewer people.
    plans[1] |= {"members": ["odette-larkspur", "bram-cartwheel"], "period": {"unit": "days", "every": 3},
                 "first_handover": datetime(2026, 1, 6, 13, 30)}  # noqa: DTZ001  # fmt: skip
    report = await service.load_archetype(owner, changed(CAMBS, rotas=plans), issuer=ISSUER, slug=slug)
    assert (dict(report.added), dict(report.changed)) == ({}, {"rota": 1})
    turns = await rows(
        owner, slug, "SELECT lower(turn) AS opens, upper(turn) AS closes, person.code FROM shift JOIN person"
        " ON person.id = person_id JOIN rota ON rota.id = rota_id WHERE role = 'sio' ORDER BY turn",
    )  # fmt: skip
    assert [turn.closes for turn in turns[:-1]] == [turn.opens for turn in turns[1:]]
    assert turns[0].opens < datetime.now(UTC) < turns[1].closes
    assert turns[-1].closes > datetime.now(UTC) + HORIZON - timedelta(minutes=5)
    assert {turn.code for turn in turns[1:]} == {"odette-larkspur", "bram-cartwheel"}
    assert {turn.closes - turn.opens for turn in turns[2:-1]} == {timedelta(days=3)}
    owed = await rows(owner, slug, "SELECT actor FROM routing.task WHERE tenant_id = :tenant ORDER BY actor")
    expected = [
        "check_coverage", *["extend_rota"] * 8, "print_rotas", "recount_working_days", "reverify_contacts",
        *["rota_changed"] * 9,
    ]  # fmt: skip
    # Whoever is on call on the day of the test may be told that it ends early.
    done = [row.actor for row in owed if row.actor != DELIVER_NOTICES.name]
    assert done == expected, "one for each new rota, and one for the change"


async def test_sign_ins_follow_memberships(owner: AsyncEngine) -> None:
    slug = "cambs-issuer"
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    report = await service.load_archetype(owner, CAMBS, issuer="https://new.example.org", slug=slug)
    assert dict(report.changed) == {"membership": 17}
    stored = await rows(
        owner, slug, "SELECT DISTINCT issuer, count(*) OVER () FROM routing.sign_in WHERE tenant_id = :tenant"
    )
    assert stored == [("https://new.example.org", 17)]


async def test_what_the_file_does_not_name_is_left_alone_and_counted(owner: AsyncEngine) -> None:
    slug = "cambs-unplanned"
    await service.load_archetype(owner, CAMBS, issuer=ISSUER, slug=slug)
    directory = [entry.model_dump() for entry in CAMBS.directory if entry.code != "gp-liaison"]
    telling = {"child-death-notification-fan-out", "emergency-department-attendance-notice"}
    policies = {name: plan for name, plan in CAMBS.model_dump()["alert_policies"].items() if name not in telling}
    less = changed(CAMBS, directory=directory, alert_policies=policies)
    report = await service.load_archetype(owner, less, issuer=ISSUER, slug=slug)
    assert report.lines() == [
        f"{slug}: nothing to do",
        f"{slug}: left alone 2 alert_policy, 1 directory_entry",
    ]
    assert len(await rows(owner, slug, "SELECT 1 FROM directory_entry")) == 16


async def test_a_bare_partnership_has_areas_and_storage(owner: AsyncEngine) -> None:
    report = await service.create_partnership(owner, slug="bare", name="Bare", areas=NORTH)
    assert report.added == {"partnership": 1, "area": 1, "storage": 1}
    again = await service.create_partnership(owner, slug="bare", name="Bare", areas=NORTH)
    assert again.nothing_changed
    renamed = await service.create_partnership(owner, slug="bare", name="Barer", areas=NORTH)
    assert renamed.changed == {"partnership": 1}


async def test_two_runs_at_once_make_one_partnership(owner: AsyncEngine) -> None:
    async def create() -> object:
        return await service.create_partnership(owner, slug="at-once", name="At once", areas=NORTH)

    outcomes = await asyncio.gather(*(create() for _ in range(4)), return_exceptions=True)
    assert all(isinstance(outcome, Report | Conflict) for outcome in outcomes)
    assert any(isinstance(outcome, Report) for outcome in outcomes)
    assert [row.slug for row in await service.partnerships(owner)].count("at-once") == 1
    assert len(await rows(owner, "at-once", "SELECT 1 FROM area")) == 1


async def test_partnerships_do_not_see_each_other(owner: AsyncEngine, application: AsyncEngine, loaded: str) -> None:
    await service.create_partnership(owner, slug="other", name="Other", areas=NORTH)
    async with open_session(await partnership_id(owner, "other"), on=application) as session:
        assert await session.scalar(text("SELECT count(*) FROM person")) == 0
        assert await session.scalar(text("SELECT count(*) FROM area")) == 1


async def test_suspend_and_resume(owner: AsyncEngine) -> None:
    await service.create_partnership(owner, slug="pausing", name="Pausing", areas=NORTH)
    assert [await service.suspend(owner, "pausing"), await service.suspend(owner, "pausing")] == [True, False]
    assert await rows(owner, "pausing", "SELECT state FROM routing.partnership WHERE id = :tenant") == [("suspended",)]
    await service.create_partnership(owner, slug="pausing", name="Pausing", areas=NORTH)
    assert await rows(owner, "pausing", "SELECT state FROM routing.partnership WHERE id = :tenant") == [("suspended",)]
    assert [await service.resume(owner, "pausing"), await service.resume(owner, "pausing")] == [True, False]
    actions = await rows(owner, "pausing", "SELECT action FROM audit_entry ORDER BY seq DESC LIMIT 2")
    assert actions == [("partnership.active",), ("partnership.suspended",)]


async def test_an_unknown_partnership_and_a_bad_slug_are_refused(owner: AsyncEngine) -> None:
    with pytest.raises(NotFound, match="There is no partnership atlantis"):
        await service.suspend(owner, "atlantis")
    with pytest.raises(NotFound):
        await service.first_broken_audit_entry(owner, "atlantis")
    with pytest.raises(Invalid, match="slug: must be at most 40 lower-case letters"):
        await service.create_partnership(owner, slug="No Slug", name="No", areas=NORTH)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "user@example.org"])
def test_a_webhook_into_a_private_network_is_refused_when_the_file_is_read(host: str) -> None:
    desk = {"code": "agency", "role": "agency", "name": "An agency", "channel": "webhook"}
    with pytest.raises(ValidationError, match=r"webhook (leads into a private network|must not hold a user name)"):
        DirectoryPlan.model_validate(desk | {"address": f"https://{host}/hook"})
    assert DirectoryPlan.model_validate(desk | {"address": "https://agency.example.org/hook"})


@pytest.mark.parametrize(("found", "refused"), [("10.0.0.1", True), ("8.8.8.8", False), (None, False)])
async def test_a_webhook_whose_name_leads_there_is_refused_before_anything_is_written(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, found: str | None, *, refused: bool
) -> None:
    """A name without an address yet may get one: it is checked again before every call."""

    def answer(host: str, port: int, *_: Any, **__: Any) -> Any:
        if found is None:
            raise socket.gaierror
        return [(socket.AF_INET, None, None, "", (found, port))]

    monkeypatch.setenv("PRIVATE_TARGETS", "false")
    settings.cache_clear()
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    desk = DirectoryPlan.model_validate({
        "code": "agency", "role": "agency", "name": "An agency", "channel": "webhook",
        "address": "https://agency.example.org/hook",
    })  # fmt: skip
    archetype = CAMBS.model_copy(update={"directory": (desk,)})
    if not refused:
        await people.check_webhooks(archetype)
        return
    with pytest.raises(Invalid, match=r"directory\.agency"):
        await people.check_webhooks(archetype)
