"""Hand-overs by a rota's own turns: of one that ends, and of a duty whose hand-over is signed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict
from notifications.handovers import changes, repository, service
from notifications.handovers.models import HandoverState
from notifications.rotas import repository as rotas
from notifications.rotas import service as rota_service
from notifications.rotas.materialisation import ends_of
from support.rota_desk import Desk

MINUTE = timedelta(minutes=1)


async def another(desk: Desk, role: str, alone: UUID) -> None:
    """Another rota of the role, held by one person."""
    async with desk.session() as session:
        first = await rotas.rota(session, (await desk.rota(role)).id)
        plan = rota_service.NewRota("another", role, rota_service.Description("Another"), first.qualification)
        rule = rota_service.rule_of(first)
        (layer,) = rule.layers
        rule = replace(rule, layers=(replace(layer, rotation=replace(layer.rotation, members=(alone,))),))
        await rota_service.create(session, uuid7(), plan, rule, by=desk.people["alder-inkwell"])


async def look(desk: Desk, rota_id: UUID) -> None:
    async with desk.session() as session:
        await changes.look(session, rota_id)


async def test_who_was_on_call_by_a_rota_that_ends_hands_over_to_who_answers_for_the_role_now(desk: Desk) -> None:
    rota, on = await desk.rota("sio"), await desk.running("sio")
    other = next(one.person_id for one in await desk.shifts("sio") if one.person_id != on.person_id)
    await another(desk, "sio", other)
    await look(desk, rota.id)
    await desk.scene.clock.advance(MINUTE)
    async with desk.session() as session:
        await rota_service.end(session, rota.id, (), by=desk.people["alder-inkwell"], reason="Merged")
    await desk.scene.clock.advance(MINUTE)
    await look(desk, rota.id)
    async with desk.session() as session:
        waiting = (await repository.unsigned(session, rota.id))[0]
        assert (waiting.outgoing_id, waiting.incoming_id, waiting.state) == (on.person_id, other, HandoverState.OPEN)
        assert waiting.uncovered_at is None, "somebody answers for the role"
        written = await service.write(session, "sio", on.person_id, "Two calls open")
        assert written.id == waiting.id


async def test_a_note_after_both_have_signed_does_not_land_in_an_older_hand_over(desk: Desk) -> None:
    rota, on = await desk.rota("sio"), await desk.running("sio")
    await look(desk, rota.id)
    shifts = await desk.shifts("sio")
    people = [shifts[0].person_id, shifts[1].person_id, shifts[2].person_id, shifts[3].person_id]
    assert people[0] == people[3] == on.person_id
    assert people[1] != people[2]
    for number in range(4):  # the first is never signed; the last, of the same person's next turn, is
        await desk.scene.clock.freeze(ends_of(shifts[number].during)[1] + MINUTE)
        await look(desk, rota.id)
    async with desk.session() as session:
        latest = (await repository.unsigned(session, rota.id))[0]
    for person in (on.person_id, people[1]):
        async with desk.session() as session:
            await service.acknowledge(session, latest.id, person)
    async with desk.session() as session:
        with pytest.raises(Conflict):
            await service.write(session, "sio", on.person_id, "One more thing of this week")


async def test_who_follows_next_begins_the_coming_hand_over_whatever_they_left_unsigned_before(desk: Desk) -> None:
    rota, shifts = await desk.rota("sio"), await desk.shifts("sio")
    await look(desk, rota.id)
    for number in range(3):  # each takes over from the one before, and signs nothing
        await desk.scene.clock.freeze(ends_of(shifts[number].during)[1] + MINUTE)
        await look(desk, rota.id)
    follows, turn = shifts[4].person_id, shifts[3]
    assert follows == shifts[1].person_id, "whose hand-over of the first week is unsigned"
    async with desk.session() as session:
        begun = await service.write(session, "sio", follows, None)
        assert (begun.outgoing_id, begun.at) == (turn.person_id, ends_of(turn.during)[1])
