"""Who is on call changed for a time: from now on, without rewriting what was, and taken back again."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.kit.actors import RUNS, register_once
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor
from notifications.deliveries.wording import OFF_CALL
from notifications.rotas import eligibility, repository, service
from notifications.rotas.expansion import Turn
from notifications.rotas.followers import ROTA_CHANGED, ROTA_FOLLOWERS
from notifications.rotas.materialisation import ends_of, rule_of, stored_rule
from notifications.rotas.models import Shift
from notifications.rotas.resolution import AdjustmentKind
from notifications.rotas.rules import RotaRule
from support.rota_desk import Desk, holes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def adjust(desk: Desk, code: str, kind: AdjustmentKind, begins: datetime, until: datetime, **values: Any) -> UUID:
    rota = await desk.rota(code)
    people = {name: desk.people[values.pop(name)] if name in values else None for name in ("person", "instead")}
    async with desk.session() as session:
        return await service.adjust(
            session, rota.id, kind, begins, until, by=desk.people["corin-waterbeck"], reason="flooded road",
            **{"position": 1, **people, **values},
        )  # fmt: skip


async def test_a_replacement_makes_its_shifts_at_once_and_touches_no_others(desk: Desk) -> None:
    shift = await desk.coming("sio")
    begins, until = ends_of(shift.during)
    holder = desk.name(shift.person_id)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur", "piers-quillfeather") if code != holder)
    before = {one.id: one for one in await desk.shifts("sio")}
    made = await adjust(desk, "sio", AdjustmentKind.REPLACED, begins + DAY, begins + DAY + 6 * HOUR,
                        person=holder, instead=other)  # fmt: skip
    after = await desk.shifts("sio")
    parts = [one for one in after if begins <= ends_of(one.during)[0] < until]
    assert [(desk.name(one.person_id), one.adjustment_id, one.layer) for one in parts] == [
        (holder, None, "base"), (other, made, "base"), (holder, None, "base"),
    ]  # fmt: skip
    assert set(holes(after)) == {timedelta()}
    assert before.keys() - {one.id for one in after} == {shift.id}
    assert await desk.on_call("sio", begins + DAY + HOUR) == [other]
    assert await desk.on_call("sio", begins + DAY + 6 * HOUR) == [holder]
    assert await desk.audited() == ["rota.replaced"]
    assert await desk.owed() == [(ROTA_CHANGED.name, shift.rota_id)]


async def test_a_running_shift_is_cut_now_and_what_has_passed_of_it_stays(desk: Desk) -> None:
    shift = await desk.running("sio")
    begins, until = ends_of(shift.during)
    holder = desk.name(shift.person_id)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur", "piers-quillfeather") if code != holder)
    async with desk.session() as session:
        await service.take_over(session, shift.id, by=desk.people[other], reason="she is in theatre")
    assert await desk.on_call("sio") == [other]
    held = [(one.id, desk.name(one.person_id), *ends_of(one.during)) for one in await desk.shifts("sio")]
    assert held[0] == (shift.id, holder, begins, desk.now)
    assert held[1][1:] == (other, desk.now, until)
    await desk.scene.clock.advance(3 * HOUR)
    (made,) = {one.adjustment_id for one in await desk.shifts("sio") if one.adjustment_id is not None}
    async with desk.session() as session:
        await service.withdraw(session, made, by=desk.people["corin-waterbeck"])
    assert [one[:2] for one in await desk.read("sio")][:3] == [
        (holder, begins), (other, desk.now), (holder, desk.now + 3 * HOUR),
    ]  # fmt: skip
    assert await desk.audited() == ["rota.taken_over", "rota.adjustment_withdrawn"]


async def told_of_an_early_end(desk: Desk) -> list[str]:
    async with desk.session() as session:
        query = text("SELECT DISTINCT person_id FROM delivery WHERE template = :template AND wanted_until > app.now()")
        return sorted(map(desk.name, await session.scalars(query, {"template": OFF_CALL})))


async def test_whose_time_on_call_ends_early_is_told_once(desk: Desk) -> None:
    shift = await desk.running("sio")
    holder = desk.name(shift.person_id)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur") if code != holder)
    desk.scene.phones.new()
    async with desk.session() as session:
        made = await service.take_over(session, shift.id, by=desk.people[other], reason="she is in theatre")
    assert await told_of_an_early_end(desk) == [holder]
    await desk.scene.work.run_due()
    assert len(desk.scene.phones.new()[OFF_CALL]) == 2  # by text message and by email
    await desk.scene.clock.advance(HOUR)
    async with desk.session() as session:
        await service.withdraw(session, made, by=desk.people["corin-waterbeck"])
        await service.extend(session, shift.rota_id)
    assert await told_of_an_early_end(desk) == sorted([holder, other])
    await desk.scene.work.run_due()
    assert len(desk.scene.phones.new()[OFF_CALL]) == 2


async def test_nobody_is_told_that_their_own_act_takes_effect_or_of_a_shift_to_come(desk: Desk) -> None:
    running, coming = await desk.running("sio"), await desk.coming("sio")
    for shift, by in ((running, running.person_id), (coming, desk.people["corin-waterbeck"])):
        begins, until = ends_of(shift.during)
        async with desk.session() as session:
            await service.leave(session, shift.person_id, begins, until, by=by, reason="ill")
    assert await told_of_an_early_end(desk) == []


@pytest.mark.parametrize("how", ["assigned", "removed", "on leave", "rota ended"])
async def test_a_manager_who_takes_somebody_off_call_need_not_ring_them(desk: Desk, how: str) -> None:
    shift, manager = await desk.running("sio"), desk.people["corin-waterbeck"]
    begins, until = ends_of(shift.during)
    holder = desk.name(shift.person_id)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur") if code != holder)
    match how:
        case "assigned":
            await adjust(desk, "sio", AdjustmentKind.ASSIGNED, begins, until, person=holder, instead=other)
        case "removed":
            await adjust(desk, "sio", AdjustmentKind.REMOVED, begins, until, person=holder)
        case "on leave":
            async with desk.session() as session:
                await service.leave(session, shift.person_id, begins, until, by=manager, reason="ill")
        case _:
            async with desk.session() as session:
                await service.end(session, shift.rota_id, (), by=manager, reason="merged")
    assert await told_of_an_early_end(desk) == [holder]


async def test_withdrawn_an_adjustment_leaves_the_rota_as_it_was_and_itself_on_record(desk: Desk) -> None:
    before = await desk.read("sio")
    start = ends_of((await desk.coming("sio")).during)[0]
    rota, doctor = await desk.rota("sio"), desk.people["piers-quillfeather"]
    manager = desk.people["corin-waterbeck"]
    back = start + 4 * DAY
    turns = [
        Turn(doctor, start, start, start + 3 * DAY),
        Turn(desk.people["bram-cartwheel"], back, back, start + 7 * DAY),
    ]
    async with desk.session() as session:
        made = await service.replace_span(session, rota.id, start, start + 7 * DAY, turns, by=manager, reason="strike")
    assert await desk.on_call("sio", start + 2 * DAY) == ["piers-quillfeather"]
    # Nobody in the span answers for the role itself, so its role for uncovered hours does.
    assert (await desk.on_call("sio", start + 3 * DAY + HOUR))[0] in {"greta-stonecrop", "magnus-tallow"}
    async with desk.session() as session:
        await service.withdraw(session, made, by=manager)
    assert await desk.read("sio") == before
    async with desk.session() as session:
        row = await repository.adjustment(session, made)
    assert (row.withdrawn_at, row.withdrawn_by, row.made_by) == (desk.now, manager, manager)
    with pytest.raises(Conflict, match="ended already"):
        async with desk.session() as session:
            await service.withdraw(session, made, by=manager)


async def test_leave_takes_a_person_off_every_rota_and_position(desk: Desk) -> None:
    wren = desk.people["wren-saltmarsh"]
    both = [one for position in (1, 2) for one in await desk.shifts("paediatrician", position)]
    mine = [one for one in both if one.person_id == wren and ends_of(one.during)[0] > desk.now]
    assert {one.position for one in mine} == {1, 2}
    until = desk.now + 80 * DAY
    async with desk.session() as session:
        await service.leave(session, wren, desk.now + HOUR, until, by=wren, reason="")
    for position in (1, 2):
        left = [one for one in await desk.shifts("paediatrician", position) if one.person_id == wren]
        assert not [one for one in left if desk.now + HOUR < ends_of(one.during)[1] and ends_of(one.during)[0] < until]
    free = next(one for one in mine if one.position == 1)
    at = ends_of(free.during)[0] + HOUR
    assert (await desk.on_call("paediatrician", at))[0] in {"hazel-thornapple", "linden-oakshaw"}


async def test_adjustments_last_beyond_the_horizon_and_hold_when_it_gets_there(desk: Desk) -> None:
    far = desk.now + 100 * DAY
    wren = desk.people["wren-saltmarsh"]
    async with desk.session() as session:
        await service.leave(session, wren, far, far + 30 * DAY, by=wren, reason="")
    rota = await desk.rota("paediatrician")
    await desk.scene.clock.advance(50 * DAY)
    async with desk.session() as session:
        await service.extend(session, rota.id)
    found = await desk.shifts("paediatrician")
    later = [one for one in found if far <= ends_of(one.during)[0] < far + 30 * DAY]
    assert later
    assert wren not in {one.person_id for one in later}


async def test_what_is_past_cannot_be_adjusted(desk: Desk) -> None:
    shift = await desk.running("sio")
    holder = desk.name(shift.person_id)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur") if code != holder)
    begins, _ = ends_of(shift.during)
    with pytest.raises(Invalid, match="until: must lie ahead"):
        await adjust(desk, "sio", AdjustmentKind.REPLACED, begins, desk.now, person=holder, instead=other)
    made = await adjust(desk, "sio", AdjustmentKind.ASSIGNED, begins, desk.now + HOUR, person=holder, instead=other)
    async with desk.session() as session:
        row = await repository.adjustment(session, made)
    assert ends_of(row.during) == (desk.now, desk.now + HOUR)
    assert (await desk.read("sio"))[0] == (holder, begins, desk.now)


async def test_nobody_is_put_on_call_who_may_not_be(desk: Desk) -> None:
    shift = await desk.coming("sio")
    begins, until = ends_of(shift.during)
    holder = desk.name(shift.person_id)
    before = await desk.read("sio")
    span = (AdjustmentKind.REPLACED, begins, until)
    with pytest.raises(Invalid, match="trained detective inspector"):
        await adjust(desk, "sio", *span, person=holder, instead="wren-saltmarsh")
    await desk.scene.change("UPDATE person SET active = false WHERE code = 'greta-stonecrop'")
    with pytest.raises(Invalid, match="has left"):
        await adjust(desk, "sio", *span, person=holder, instead="greta-stonecrop")
    desk.people["stranger"] = uuid7()
    with pytest.raises(NotFound, match="no such person"):
        await adjust(desk, "sio", *span, person=holder, instead="stranger")
    with pytest.raises(Conflict, match="not on call at this position"):
        await adjust(desk, "sio", *span, person="corin-waterbeck", instead="bram-cartwheel")
    with pytest.raises(Invalid, match="insteadId: must be given"):
        await adjust(desk, "sio", *span, person=holder)
    running = await desk.running("sio")
    with pytest.raises(Forbidden, match="Only people of a rota of this role"):
        async with desk.session() as session:
            await service.take_over(session, running.id, by=desk.people["wren-saltmarsh"], reason="here")
    assert await desk.read("sio") == before
    assert await desk.audited() == []
    assert await desk.owed() == []


async def test_a_qualification_that_ends_before_the_shift_does_is_not_enough(desk: Desk) -> None:
    shift = await desk.coming("sio")
    begins, until = ends_of(shift.during)
    holder = desk.name(shift.person_id)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur", "piers-quillfeather") if code != holder)
    await desk.scene.change(
        "UPDATE qualification SET valid_until = :at FROM person WHERE person.id = person_id AND person.code = :code",
        at=until - HOUR, code=other,
    )  # fmt: skip
    with pytest.raises(Invalid, match="trained detective inspector"):
        await adjust(desk, "sio", AdjustmentKind.REPLACED, begins, until, person=holder, instead=other)
    await adjust(desk, "sio", AdjustmentKind.REPLACED, begins, until - HOUR, person=holder, instead=other)


async def test_shifts_of_people_who_left_or_whose_qualification_lapsed_are_found(desk: Desk) -> None:
    people = ("wren-saltmarsh", "bram-cartwheel", "piers-quillfeather")
    async with desk.session() as session:
        assert [await eligibility.unfit_ahead(session, desk.people[code]) for code in people] == [[], [], []]
    await desk.scene.change("UPDATE person SET active = false WHERE code = 'wren-saltmarsh'")
    await desk.scene.change("DELETE FROM qualification USING person WHERE person.id = person_id AND"
                            " person.code = 'bram-cartwheel'")  # fmt: skip
    async with desk.session() as session:
        found = [one for code in people for one in await eligibility.unfit_ahead(session, desk.people[code])]
    assert {desk.name(one.person_id) for one in found} == {"wren-saltmarsh", "bram-cartwheel"}


async def test_nobody_is_first_and_second_on_call_at_once(desk: Desk) -> None:
    first = await desk.coming("paediatrician")
    begins, until = ends_of(first.during)
    (second,) = await desk.on_call("paediatrician", begins, 2)
    assert second != desk.name(first.person_id)
    with pytest.raises(Invalid, match="two positions of this rota at the same time"):
        await adjust(desk, "paediatrician", AdjustmentKind.REPLACED, begins, until,
                     person=desk.name(first.person_id), instead=second)  # fmt: skip


async def test_somebody_added_at_the_second_position_is_second_on_call(desk: Desk) -> None:
    begins = desk.now + DAY
    first = await desk.on_call("sio", begins)
    other = next(code for code in ("bram-cartwheel", "odette-larkspur", "piers-quillfeather") if code not in first)
    await adjust(desk, "sio", AdjustmentKind.ADDED, begins, begins + HOUR, instead=other, position=2)
    assert await desk.on_call("sio", begins, 2) == [other]
    # A position that is empty hands on at the same position, where the superintendents have nobody either.
    assert await desk.on_call("sio", begins + HOUR, 2) == []


def handed_over_later(rule: RotaRule, by: timedelta) -> RotaRule:
    layers = [
        replace(layer, rotation=replace(layer.rotation, first_handover=layer.rotation.first_handover + by))
        for layer in rule.layers
    ]
    return RotaRule(rule.zone, tuple(layers))


async def test_a_changed_rule_keeps_the_running_shift_of_whoever_goes_on(desk: Desk) -> None:
    rota, running = await desk.rota("sio"), await desk.running("sio")
    rule = handed_over_later(rule_of(rota), 5 * HOUR)
    async with desk.session() as session:
        await service.change_rule(session, rota.id, rule, by=desk.people["corin-waterbeck"],
                                  qualification=rota.qualification)  # fmt: skip
    after = await desk.shifts("sio")
    assert await told_of_an_early_end(desk) == []
    assert after[0].id == running.id
    assert ends_of(after[0].during) == (ends_of(running.during)[0], ends_of(running.during)[1] + 5 * HOUR)
    assert set(holes(after)) == {timedelta()}
    assert await desk.audited() == ["rota.rule_changed"]


async def test_a_rule_with_people_who_may_not_be_on_call_is_refused(desk: Desk) -> None:
    rota, before = await desk.rota("sio"), await desk.read("sio")
    (layer,) = rule_of(rota).layers
    manager = desk.people["corin-waterbeck"]
    unfit = replace(layer, rotation=replace(layer.rotation, members=(desk.people["wren-saltmarsh"],)))
    with pytest.raises(Invalid, match="layers: names Dr Wren Saltmarsh, who lacks what this rota asks for"):
        async with desk.session() as session:
            await service.change_rule(session, rota.id, RotaRule("Europe/London", (unfit,)), by=manager,
                                      qualification=rota.qualification)  # fmt: skip
    twice = RotaRule("Europe/London", (layer, replace(layer, name="second", position=2)))
    with pytest.raises(Invalid, match="layers: would put one person at two positions"):
        async with desk.session() as session:
            await service.change_rule(session, rota.id, twice, by=manager, qualification=rota.qualification)
    assert await desk.read("sio") == before


@pytest.fixture
def seen() -> list[UUID]:
    return []


async def test_who_follows_a_rota_is_told_of_each_change_once(desk: Desk, seen: list[UUID]) -> None:
    look_again = Actor("look_again", NOTICES)

    async def look(_session: TenantSession, rota_id: UUID) -> None:
        seen.append(rota_id)

    register_once(look_again, look)
    ROTA_FOLLOWERS.add(look_again)
    ROTA_FOLLOWERS.add(look_again)
    try:
        shift = await desk.coming("sio")
        begins, until = ends_of(shift.during)
        await adjust(desk, "sio", AdjustmentKind.REMOVED, begins, until, person=desk.name(shift.person_id))
        await desk.scene.work.run_due()
    finally:
        ROTA_FOLLOWERS.actors.remove(look_again)
        del RUNS[look_again]
    assert seen == [shift.rota_id]


async def test_shifts_follow_the_calendar_when_it_changes(desk: Desk) -> None:
    """As when a bank holiday is proclaimed: the next daily run makes the shifts ahead what they should be."""
    rota = await desk.rota("sio")
    before = await desk.read("sio")
    async with desk.session() as session:
        stored = (await repository.locked(session, [rota.id]))[0]
        stored.rule = stored_rule(handed_over_later(rule_of(stored), HOUR))
    async with desk.session() as session:
        await service.extend(session, rota.id)
    after = await desk.read("sio")
    assert after[1][1] == before[1][1] + HOUR
    assert await desk.audited() == ["rota.recalculated"]
    async with desk.session() as session:
        await service.extend(session, rota.id)
    assert await desk.audited() == ["rota.recalculated"]


async def test_two_changes_at_once_wait_for_each_other(desk: Desk) -> None:
    shift = await desk.coming("sio")
    begins, until = ends_of(shift.during)
    holder = desk.name(shift.person_id)
    first, second = [code for code in ("bram-cartwheel", "odette-larkspur", "piers-quillfeather") if code != holder]
    outcomes = await asyncio.gather(
        adjust(desk, "sio", AdjustmentKind.REPLACED, begins, until, person=holder, instead=first),
        adjust(desk, "sio", AdjustmentKind.REPLACED, begins, until, person=holder, instead=second),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "UUID"]
    held: list[Shift] = await desk.shifts("sio")
    assert set(holes(held)) == {timedelta()}


async def test_a_turn_before_the_span_is_refused(desk: Desk) -> None:
    begins, until = desk.now + 10 * DAY, desk.now + 12 * DAY
    person = desk.people["corin-waterbeck"]
    turn = Turn(person, begins - 2 * DAY, begins - 2 * DAY, begins - DAY)
    async with desk.session() as session:
        with pytest.raises(Invalid):
            await service.replace_span(session, (await desk.rota("duty_manager")).id, begins, until, [turn],
                                       by=desk.people["alder-inkwell"], reason="x")  # fmt: skip
