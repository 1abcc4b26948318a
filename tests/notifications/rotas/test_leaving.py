"""Somebody leaves for good: one more layer over every rota, and nothing of the past is rewritten."""

from datetime import timedelta

from backend.kit.ids import uuid7
from notifications.rotas import leaving, repository, service, swap_repository, swaps
from notifications.rotas.models import SwapState
from notifications.rotas.resolution import AdjustmentKind
from support.rota_desk import Desk, holes

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


async def leave(desk: Desk, person: str) -> list[str]:
    """The codes of the rotas on which turns lay ahead."""
    async with desk.session() as session:
        found = await leaving.leave_for_good(
            session, desk.people[person], by=desk.people["alder-inkwell"], reason="Moved away"
        )
    return [rota.code for rota in found]


async def back(desk: Desk, person: str) -> None:
    async with desk.session() as session:
        await leaving.come_back(session, desk.people[person], by=desk.people["alder-inkwell"])


async def test_their_turns_end_now_and_are_nobodys_from_then_on(desk: Desk) -> None:
    before = await desk.read("sio")
    holder = before[0][0]
    assert await leave(desk, holder) == ["sio"]
    after = await desk.read("sio")
    assert [one for one in after if one[0] == holder] == [(holder, before[0][1], desk.now)]
    assert [one for one in after if one[0] != holder] == [one for one in before if one[0] != holder]
    assert max(holes(await desk.shifts("sio"))) >= WEEK - timedelta(hours=1)  # a week lost to the autumn hour at most
    assert await desk.on_call("sio") == await desk.on_call("detective_superintendent")


async def test_they_stay_off_what_is_laid_out_later(desk: Desk) -> None:
    await leave(desk, "bram-cartwheel")
    async with desk.session() as session:
        (rota,) = await repository.locked(session, [(await desk.rota("sio")).id])
        await service.materialise(session, rota, desk.now + timedelta(days=400))
    later = [name for name, begins, _ in await desk.read("sio") if begins > desk.now]
    assert later
    assert "bram-cartwheel" not in later


async def test_a_swap_that_they_were_asked_for_ends(desk: Desk) -> None:
    mine = await desk.coming("sio", "bram-cartwheel")
    theirs = desk.people["odette-larkspur"]
    swap_id = uuid7()
    async with desk.session() as session:
        await swaps.ask(session, mine.id, theirs, by=mine.person_id, swap_id=swap_id)
    await leave(desk, "odette-larkspur")
    async with desk.session() as session:
        assert (await swap_repository.swap(session, swap_id)).state is SwapState.WITHDRAWN


async def test_who_comes_back_has_the_turns_of_the_rule_again(desk: Desk) -> None:
    before = await desk.read("sio")
    await leave(desk, "odette-larkspur")
    await back(desk, "odette-larkspur")
    assert [one for one in await desk.read("sio") if one[1] > desk.now] == [one for one in before if one[1] > desk.now]
    assert [act for act in await desk.audited() if act != "rota.changed"] == ["rota.left", "rota.returned"]


async def test_who_comes_back_answers_again_where_only_an_override_put_them(desk: Desk) -> None:
    manager, stand_in = desk.people["alder-inkwell"], desk.people["orla-cottongrass"]
    on = await desk.running("duty_manager")
    async with desk.session() as session:
        await service.adjust(session, on.rota_id, AdjustmentKind.REPLACED, desk.now, desk.now + DAY,
                             person=on.person_id, instead=stand_in, position=1, by=manager, reason="ill")  # fmt: skip
    assert await desk.on_call("duty_manager") == ["orla-cottongrass"]
    async with desk.session() as session:
        await leaving.leave_for_good(session, stand_in, by=manager, reason="x")
    async with desk.session() as session:
        await leaving.come_back(session, stand_in, by=manager)
    assert await desk.on_call("duty_manager", desk.now + HOUR) == ["orla-cottongrass"]
