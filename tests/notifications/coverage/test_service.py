"""Warnings as they are kept: raised once, told once, ended when mended or past."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.database import engine
from backend.kit.metrics import ROTA_WARNINGS
from backend.kit.session import TenantSession
from backend.scheduler import measure
from notifications.alerts.models import Alert
from notifications.coverage import service
from notifications.coverage.findings import WarningKind
from notifications.coverage.models import RotaWarning, WarningOutcome
from notifications.coverage.service import CHECK_COVERAGE, check
from support.partnership import Partnership
from support.scene import Scene

NOTICE = "rota-warning"
MANAGER = "email rotas.cambs@example.org"
DAY = timedelta(days=1)


@pytest.fixture
async def session(scene: Scene) -> AsyncIterator[TenantSession]:
    async with scene.partnership.session() as opened:
        yield opened


async def look(scene: Scene) -> None:
    """Check the partnership now, and let what it sends be sent."""
    async with scene.partnership.session() as session:
        await check(session, scene.partnership.id)
        await session.commit()
    await scene.work.run_due()


async def warnings(scene: Scene) -> list[tuple[Any, ...]]:
    """Kind, rota's role, person and outcome of every warning there ever was, the oldest first."""
    async with scene.partnership.session() as session:
        roles = {row.id: row.role for row in await session.execute(text("SELECT id, role FROM rota"))}
        found = await session.scalars(select(RotaWarning).order_by(col(RotaWarning.first_seen_at), col(RotaWarning.id)))
        return [(str(w.kind), roles.get(w.rota_id) if w.rota_id else None, w.person_id, w.outcome) for w in found]


async def told(scene: Scene) -> list[tuple[str, UUID]]:
    async with scene.partnership.session() as session:
        found = await session.scalars(select(Alert).where(col(Alert.type) == NOTICE).order_by(col(Alert.id)))
        return [(alert.subject_kind, alert.subject_id) for alert in found]


async def rota_id(scene: Scene, role: str) -> UUID:
    async with scene.partnership.session() as session:
        found: UUID = await session.scalar(text("SELECT id FROM rota WHERE role = :role"), {"role": role})
    return found


async def test_the_reference_partnerships_rotas_hold(scene: Scene, herts: Partnership) -> None:
    await look(scene)
    async with herts.session() as session:
        assert (await check(session, herts.id)).new == []
    assert await warnings(scene) == []
    assert scene.phones.new() == {}


async def test_what_is_new_is_told_once_and_names_nobody(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change("UPDATE contact_method SET verified_at = NULL WHERE person_id = :sio", sio=sio)
    for _ in range(3):
        await look(scene)
    assert await warnings(scene) == [("unreachable_person", "sio", sio, None)]
    assert scene.phones.new() == {NOTICE: [MANAGER]}
    assert await told(scene) == [("rota", await rota_id(scene, "sio"))]
    sent = str(scene.phones.messages())
    async with scene.partnership.session() as session:
        name = await session.scalar(text("SELECT name FROM person WHERE id = :sio"), {"sio": sio})
    assert name not in sent
    assert str(sio) not in sent


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :sio",
        "DELETE FROM contact_method WHERE person_id = :sio",
        "UPDATE person SET active = false WHERE id = :sio",
    ],
)
async def test_every_way_of_being_out_of_reach_is_seen(scene: Scene, statement: str) -> None:
    sio = await scene.on_call("sio")
    await scene.change(statement, sio=sio)
    await look(scene)
    assert await warnings(scene) == [("unreachable_person", "sio", sio, None)]


async def test_several_faults_of_a_rota_are_one_notice(scene: Scene) -> None:
    await scene.change("UPDATE person SET active = false WHERE post LIKE '%Senior investigating officer%'")
    await scene.change(
        "DELETE FROM shift WHERE lower(during) > app.now() AND rota_id = (SELECT id FROM rota WHERE role = 'sio')"
    )
    await look(scene)
    kinds = [(kind, role) for kind, role, *_ in await warnings(scene)]
    assert set(kinds) == {("unreachable_person", "sio"), ("uncovered", "sio")}
    assert scene.phones.new() == {NOTICE: [MANAGER]}


async def test_a_gap_stays_one_warning_as_time_goes_and_passes_when_it_is_over(scene: Scene) -> None:
    await scene.change(
        "DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'paediatrician')"
        " AND during && tstzrange(app.now() + interval '1 day', app.now() + interval '3 days')"
    )
    await look(scene)
    before = await warnings(scene)
    assert {(kind, role) for kind, role, *_ in before} == {("uncovered", "paediatrician")}
    scene.phones.new()
    async with scene.partnership.session() as session:
        first = (await session.scalars(select(RotaWarning).order_by(col(RotaWarning.begins)))).first()
    assert first is not None
    assert first.begins is not None
    await scene.at(first.begins + timedelta(hours=5))
    await look(scene)
    async with scene.partnership.session() as session:
        same = await session.get(RotaWarning, (scene.partnership.id, first.id))
    assert same is not None
    assert (same.begins, same.until, same.ended_at) == (first.begins, first.until, None)
    await scene.at(first.begins + 4 * DAY)
    await look(scene)
    assert [outcome for *_, outcome in await warnings(scene)] == [WarningOutcome.PASSED] * len(before)
    assert NOTICE not in scene.phones.new()


async def test_a_mended_fault_is_marked_and_the_same_fault_later_is_new(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    for active in (False, True, False):
        await scene.change("UPDATE person SET active = :active WHERE id = :sio", active=active, sio=sio)
        await look(scene)
    outcomes = [outcome for *_, outcome in await warnings(scene)]
    assert outcomes == [WarningOutcome.MENDED, None]
    assert scene.phones.new() == {NOTICE: [MANAGER, MANAGER]}


async def test_an_empty_rota_is_itself_a_warning(scene: Scene) -> None:
    await scene.change("DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'sio')")
    await look(scene)
    assert await warnings(scene) == [("empty_rota", "sio", None, None)]


async def test_a_partnership_without_any_rota_is_told_so(scene: Scene) -> None:
    for table in ("duty_watch", "handover_mark", "shift", "rota_area", "rota"):
        await scene.change(f"DELETE FROM {table}")  # noqa: S608  # our own names
    await look(scene)
    await look(scene)
    assert await warnings(scene) == [("no_rota", None, None, None)]
    assert await told(scene) == [("partnership", scene.partnership.id)]
    assert scene.phones.new() == {NOTICE: [MANAGER]}


async def test_without_a_policy_the_warning_is_kept_and_the_configuration_owner_told(scene: Scene) -> None:
    await scene.change("UPDATE alert_policy SET state = 'superseded' WHERE alert_type = 'rota-warning'")
    await scene.change("DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'sio')")
    await look(scene)
    assert await warnings(scene) == [("empty_rota", "sio", None, None)]
    assert await scene.alarms() == [("no_policy", NOTICE)]


async def test_on_call_for_two_roles_at_once_is_seen_and_for_two_sites_is_not(scene: Scene) -> None:
    copy = """
        INSERT INTO shift (tenant_id, id, rota_id, position, person_id, during, turn, layer, turn_key)
        SELECT s.tenant_id, gen_random_uuid(), r.id, 2, s.person_id, s.during, s.turn, 'extra', 'extra/0/0'
        FROM shift AS s, rota AS r
        WHERE s.rota_id = (SELECT id FROM rota WHERE role = 'sio') AND r.role = 'designated_doctor'
          AND s.during @> app.now()
    """
    await scene.change(copy)
    await look(scene)
    assert [kind for kind, *_ in await warnings(scene)] == ["double_booking"]
    await scene.change("UPDATE rota SET role = 'sio', code = 'sio_south' WHERE role = 'designated_doctor'")
    await look(scene)
    assert [outcome for kind, _, _, outcome in await warnings(scene) if kind == "double_booking"] == ["mended"]


async def test_somebody_whose_qualification_runs_out_before_the_turn_ends_is_named(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change("UPDATE rota SET qualification = 'detective_inspector' WHERE role = 'sio'")
    await scene.change(
        "INSERT INTO qualification (tenant_id, id, person_id, code, valid_until)"
        " SELECT tenant_id, gen_random_uuid(), id, 'detective_inspector',"
        " CASE WHEN id = :sio THEN app.now() + interval '1 hour' END FROM person",
        sio=sio,
    )
    await look(scene)
    assert await warnings(scene) == [("unqualified_person", "sio", sio, None)]


async def test_who_has_left_and_who_has_lost_the_qualification_are_named_apart(scene: Scene) -> None:
    """Their turns were laid out while they were fit; nobody makes them anew until the rota is mended."""
    sio, doctor = await scene.on_call("sio"), await scene.on_call("paediatrician")
    await scene.change("UPDATE rota SET qualification = 'detective_inspector' WHERE role = 'sio'")
    await scene.change(
        "INSERT INTO qualification (tenant_id, id, person_id, code)"
        " SELECT tenant_id, gen_random_uuid(), id, 'detective_inspector' FROM person"
    )
    await look(scene)
    assert await warnings(scene) == []
    await scene.change("UPDATE person SET active = false WHERE id = :doctor", doctor=doctor)
    await scene.change("DELETE FROM qualification WHERE person_id = :sio", sio=sio)
    await look(scene)
    found = await warnings(scene)
    assert ("unqualified_person", "sio", sio, None) in found
    assert ("unreachable_person", "paediatrician", doctor, None) in found
    assert {person for kind, _, person, _ in found if kind in {"unqualified_person", "unreachable_person"}} == {
        sio, doctor,
    }  # fmt: skip


async def test_the_look_ahead_repeats_each_day_by_itself_and_soon_after_a_change(scene: Scene) -> None:
    await look(scene)
    for _ in range(2):
        await scene.clock.advance(DAY)
        assert await scene.work.run_due(rounds=1) == 1
        async with scene.partnership.session() as session:
            owed = (await session.execute(text("SELECT actor, due_at FROM routing.task"))).all()
            assert [tuple(task) for task in owed] == [(CHECK_COVERAGE.name, await session.now() + DAY)]
    async with scene.partnership.session() as session:
        for _ in range(5):
            await service.ask_for_check(session)
        await session.commit()
        owed_now = await session.scalar(text("SELECT count(*) FROM routing.task WHERE due_at <= app.now()"))
    assert owed_now == 1


async def test_a_change_made_while_a_check_runs_is_checked_after_it(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        await service.ask_for_check(session)
        await session.commit()
    async with scene.partnership.session() as checking, scene.partnership.session() as changing:
        await checking.execute(text("DELETE FROM routing.task WHERE actor = 'check_coverage'"))
        await service.ask_for_check(changing)
        await changing.commit()
        await checking.commit()
    async with scene.partnership.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM routing.task WHERE actor = 'check_coverage'")) == 1


async def test_open_warnings_are_counted_over_all_partnerships_for_the_gauge(scene: Scene, herts: Partnership) -> None:
    await scene.change("DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'sio')")
    await look(scene)
    async with herts.session() as session:
        await check(session, herts.id)
        await session.commit()
    await measure(engine())

    def shown(kind: WarningKind) -> float:
        return float(ROTA_WARNINGS.labels(kind.value)._value.get())

    assert (shown(WarningKind.EMPTY_ROTA), shown(WarningKind.UNCOVERED)) == (1, 0)
