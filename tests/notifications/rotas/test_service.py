"""Rotas laid out as shifts: the same in one go or bit by bit, never two turns at once, never a gap."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.rotas import repository
from notifications.rotas.materialisation import stored_rule
from notifications.rotas.models import Rota, Shift
from notifications.rotas.rules import Layer, Period, PeriodUnit, RotaRule, Rotation, Window
from notifications.rotas.service import EXTEND_ROTA, HORIZON, extend, materialise
from support.scene import Scene

ALL_DAYS = frozenset(range(7))
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)  # 02:00 becomes 01:00


@pytest.fixture
async def session(scene: Scene) -> AsyncIterator[TenantSession]:
    """A session whose changes are never committed."""
    async with scene.partnership.session() as opened:
        yield opened


async def investigators(session: TenantSession) -> Rota:
    return next(rota for rota in await repository.rotas(session) if rota.role == "sio")


async def people(session: TenantSession, how_many: int) -> list[Any]:
    return list(await session.scalars(text(f"SELECT id FROM person ORDER BY code LIMIT {how_many}")))  # noqa: S608


async def shifts(session: TenantSession, rota: Rota) -> list[tuple[Any, Range[datetime], Range[datetime]]]:
    found = await session.scalars(
        select(Shift).where(col(Shift.rota_id) == rota.id).execution_options(populate_existing=True)
    )
    return sorted(((s.person_id, s.during, s.turn) for s in found), key=lambda s: s[2].lower or AUTUMN)


async def lay_out(session: TenantSession, rota: Rota, rule: RotaRule, ends: list[datetime]) -> None:
    """Forget the rota's shifts and lay them out anew up to each of ``ends`` in turn, from now."""
    await session.execute(delete(Shift).where(col(Shift.rota_id) == rota.id))
    rota.rule, rota.materialised_until = stored_rule(rule), None
    for until in ends:
        await materialise(session, rota, until)


@given(
    around=st.sampled_from([AUTUMN, datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]),
    days_before=st.integers(0, 12),
    hour=st.integers(0, 23),
    members=st.integers(1, 3),
    period=st.sampled_from([1, 7]),
    hours=st.sampled_from([(0, 0), (8, 20), (20, 8), (1, 2)]),
    cuts=st.lists(st.integers(0, 24 * 20 * 60), max_size=5),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_laid_out_bit_by_bit_is_laid_out_at_once(
    session: TenantSession, around: datetime, days_before: int, hour: int, members: int, period: int,
    hours: tuple[int, int], cuts: list[int],
) -> None:  # fmt: skip
    begins, until = around - timedelta(days=days_before), around + timedelta(days=20)
    session._now = begins
    rota, persons = await investigators(session), await people(session, members)
    first = datetime(2026, 10, 1, hour)  # noqa: DTZ001  # a local wall time
    window = Window(ALL_DAYS, time(hours[0]), time(hours[1]))
    rotation = Rotation(tuple(persons), first, Period(PeriodUnit.DAYS, period))
    rule = RotaRule("Europe/London", (Layer("base", rotation, (window,)),))
    ends = sorted(around + timedelta(minutes=cut) for cut in cuts)
    await lay_out(session, rota, rule, [*ends, until])
    bit_by_bit, reached = await shifts(session, rota), rota.materialised_until
    await lay_out(session, rota, rule, [until])
    at_once = await shifts(session, rota)
    assert bit_by_bit[: len(at_once)] == at_once
    assert reached == rota.materialised_until
    assert all(turn.lower and turn.lower < until for _, _, turn in bit_by_bit)


async def test_the_repeated_hour_of_autumn_is_covered_by_both_and_held_by_one(session: TenantSession) -> None:
    session._now = AUTUMN - timedelta(days=3)
    rota, (leaving, arriving) = await investigators(session), await people(session, 2)
    window = Window(ALL_DAYS, time(1, 30), time(1, 30))
    first = datetime(2026, 10, 24, 1, 30)  # noqa: DTZ001  # a local wall time
    rotation = Rotation((leaving, arriving), first, Period(PeriodUnit.DAYS))
    rule = RotaRule("Europe/London", (Layer("base", rotation, (window,)),))
    await lay_out(session, rota, rule, [AUTUMN + timedelta(days=1)])
    for minutes, expected in (
        (-31, [leaving]),
        (-30, [arriving, leaving]),
        (29, [arriving, leaving]),
        (30, [arriving]),
    ):
        roster = await repository.roster(session, AUTUMN + timedelta(minutes=minutes))
        assert roster.find("sio")[0] == expected
    turns = [turn for _, _, turn in await shifts(session, rota)]
    assert all(earlier.upper == later.lower for earlier, later in pairwise(turns))


async def test_the_database_refuses_two_turns_at_once(session: TenantSession) -> None:
    rota, person = await investigators(session), (await people(session, 1))[0]
    now = await session.now()
    span = Range(now, now + timedelta(minutes=1))
    row = Shift(tenant_id=session.tenant_id, rota_id=rota.id, person_id=person, during=span, turn=span)
    session.add(row)
    with pytest.raises(IntegrityError, match="shift_one_at_a_time"):
        await session.flush()


async def test_laying_out_what_is_laid_out_adds_nothing(session: TenantSession) -> None:
    rota = await investigators(session)
    assert rota.materialised_until is not None
    assert await materialise(session, rota, rota.materialised_until) == 0
    assert await materialise(session, rota, rota.materialised_until - timedelta(days=30)) == 0


async def test_a_rota_keeps_itself_three_months_ahead_every_day(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        rota = await investigators(session)
        await extend(session, rota.id)
        await session.commit()
    for _ in range(3):
        now = await scene.clock.advance(timedelta(days=1))
        assert await scene.work.run_due() == 1
        async with scene.partnership.session() as session:
            rota = await investigators(session)
            owed = (await session.execute(text("SELECT actor, subject_id, due_at FROM routing.task"))).all()
        assert rota.materialised_until is not None
        assert rota.materialised_until >= now + HORIZON
        assert [tuple(task) for task in owed] == [(EXTEND_ROTA.name, rota.id, now + timedelta(days=1))]
    async with scene.partnership.session() as session:
        on_call = await repository.roster(session, now + HORIZON - timedelta(minutes=1))
    assert len(on_call.find("sio")[0]) == 1
