"""Whatever is recorded, corrected and served in whatever order: nothing is told twice, and nothing early."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.clocks.models import Change, ClockState, Step
from backend.clocks.recording import EVENT, Cause
from backend.clocks.service import recompute_now
from infra.dev.clock import Clock
from support.clock_case import ClockCase, rule
from support.partnership import Partnership

HOUR = timedelta(hours=1)
# Both changes of the clocks and a bank holiday lie ahead of one of these.
STARTS = (datetime(2026, 10, 23, 9, 30, tzinfo=UTC), datetime(2027, 3, 25, 16, 0, tzinfo=UTC),
          datetime(2026, 12, 22, 9, 0, tzinfo=UTC))  # fmt: skip
RULES = (
    rule("days", limit={"value": 5, "unit": "working_days"}, start={"event": "began"}),
    rule("hours", limit={"value": 24, "unit": "hours"}, start={"event": "began"},
         warn_before=[{"value": 12, "unit": "hours"}, {"value": 2, "unit": "hours"}]),
    rule("soft", limit={"value": 3, "unit": "calendar_days"}, start={"event": "began", "of": "last"},
         soft="wherever possible"),
)  # fmt: skip

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 60)),
        st.tuples(st.just("begin"), st.integers(-30, 0)),
        st.tuples(st.just("correct"), st.integers(-60, 0)),
        st.tuples(st.just("hold"), st.integers(-20, 0)),
        st.tuples(st.just("withdraw"), st.just(0)),
        st.tuples(st.just("serve"), st.just(0)),
        st.tuples(st.just("race"), st.integers(-30, 0)),
    ),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(start=st.sampled_from(STARTS), acts=ACTS)
async def test_each_step_is_told_at_most_once_and_never_early(
    cambs: Partnership, clock: Clock, start: datetime, acts: list[tuple[str, int]]
) -> None:
    await clock.freeze(start)
    case = await ClockCase.opened(cambs, *RULES)
    now = start
    breached: set[UUID] = set()
    for act, hours in [*acts, ("wait", 24 * 14), ("serve", 0), ("serve", 0)]:
        at = now + hours * HOUR
        match act:
            case "wait":
                now = await clock.advance(hours * HOUR)
            case "begin":
                await case.record("began", *{*case.events.get("began", ()), at})
            case "correct":
                await case.record("began", at, cause=Cause("correction", reason="The record gives another hour."))
            case "hold":
                await case.record("held", at)
            case "withdraw":
                await case.record("held")
            case "race":
                case.events["began"] = (at,)
                await asyncio.gather(case.fire_due(), case.wind())
            case _:
                await case.fire_due()
                await case.wind()
        breached |= await _still_to_be_seen(case, breached)
    await _told_once_and_not_early(case)
    await case.fire_due()
    assert not [at for at in await case.timers() if at <= now], "a timer that is due is left over"


async def _still_to_be_seen(case: ClockCase, breached: set[UUID]) -> set[UUID]:
    """Every clock that was breached, which none ever ceases to have been."""
    found = {row.id for row in await case.clocks() if row.breached_at is not None}
    assert breached <= found
    return found


async def _told_once_and_not_early(case: ClockCase) -> None:
    told = await case.notices()
    times = Counter((one.clock_id, one.step, one.number, one.at) for one in told)
    assert set(times.values()) <= {1}
    assert all(one.told_at >= one.at for one in told)
    for row in await case.clocks():
        lates = [one for one in told if one.clock_id == row.id and one.step is Step.LATE]
        kinds = [change.kind for change in await case.changes(row)]
        # Told late again only where a correction, or the withdrawal of what was done, had begun it anew.
        begun_anew = sum(kind in {Change.BREACH_LIFTED, Change.REOPENED} for kind in kinds)
        assert len(lates) <= 1 + begun_anew
        if row.state in {ClockState.BREACHED, ClockState.MISSED}:
            assert lates or row.breached_at


async def test_two_at_once_make_no_second_clock_and_tell_nothing_twice(cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(STARTS[0])
    case = await ClockCase.opened(cambs, *RULES)
    await case.record("began", STARTS[0])
    await clock.freeze(STARTS[0] + 25 * HOUR)
    await asyncio.gather(*(case.fire_due() for _ in range(3)), *(case.wind(EVENT) for _ in range(3)))
    await case.fire_due()
    assert len(await case.clocks()) == 3
    late = [one for one in await case.notices() if one.step is Step.LATE]
    assert len(late) == 1


@pytest.mark.parametrize("calls", [1, 2])
async def test_a_closure_day_moves_open_clocks_with_a_line_each(
    cambs: Partnership, clock: Clock, environment: dict[str, str], calls: int
) -> None:
    from support.scene import Phones, Scene  # noqa: PLC0415
    from support.work import Work  # noqa: PLC0415

    await clock.freeze(STARTS[2])
    case = await ClockCase.opened(cambs, RULES[0])
    (row,) = await case.record("began", STARTS[2])
    await _as_mark(case)
    scene = Scene(cambs, environment, clock, Work(), Phones(None))  # type: ignore[arg-type]
    await scene.change(
        "INSERT INTO partnership_setting (tenant_id, id, key, value, origin, citation) VALUES"
        " (:tenant, gen_random_uuid(), 'closure_days', CAST(:days AS jsonb), 'local', '')"
        " ON CONFLICT (tenant_id, key) DO UPDATE SET value = excluded.value",
        tenant=cambs.id, days='["2026-12-29"]',
    )  # fmt: skip
    for _ in range(calls):
        async with cambs.session() as session:
            await recompute_now(session, case.case_id, None, Cause("practice"))
            await session.commit()
    after = await case.clock()
    # One day more from Thursday 31 December is Monday 4 January: Friday is a bank holiday.
    assert (row.due_at, after.due_at) == (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC))
    assert "closure day" in after.trace[0]
    moved = [one for one in await case.changes(after) if one.kind is Change.RECALCULATED]
    assert [(one.cause, one.was_due_at) for one in moved] == [("practice", row.due_at)]


async def _as_mark(case: ClockCase) -> None:
    from sqlalchemy import text  # noqa: PLC0415

    async with case.partnership.session() as session:
        await session.execute(
            text(
                "INSERT INTO clock_mark (tenant_id, id, case_id, kind, event, at, recorded_at)"
                " VALUES (:tenant, gen_random_uuid(), :case, 'start', 'began', :at, app.now())"
            ),
            {"tenant": session.tenant_id, "case": case.case_id, "at": case.events["began"][0]},
        )
        await session.commit()
