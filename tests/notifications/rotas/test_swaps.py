"""A shift swap from the request to its end: with the other's consent, or not at all."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound
from notifications.deliveries.models import Delivery
from notifications.deliveries.service import DELIVER_NOTICES
from notifications.deliveries.wording import SWAP_ENDED, SWAP_UNDONE
from notifications.rotas import repository, service, swap_repository, swaps
from notifications.rotas.changes import hold
from notifications.rotas.materialisation import ends_of, rule_of
from notifications.rotas.models import Shift, ShiftSwap, SwapState
from notifications.rotas.resolution import AdjustmentKind
from notifications.rotas.rules import Layer, RotaRule, Rotation
from support.rota_desk import Desk, holes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICERS = ("bram-cartwheel", "odette-larkspur", "piers-quillfeather")


class Pair:
    """Two officers, each with a shift to come."""

    def __init__(self, desk: Desk, mine: Shift, theirs: Shift) -> None:
        self.desk, self.mine, self.theirs = desk, mine, theirs
        self.asker, self.other = mine.person_id, theirs.person_id

    async def ask(self, *, back: bool = True, other: UUID | None = None, by: UUID | None = None) -> UUID:
        async with self.desk.session() as session:
            swap = await swaps.ask(session, self.mine.id, other or self.other, by=by or self.asker, swap_id=uuid7(),
                                   return_shift_id=self.theirs.id if back else None)  # fmt: skip
        return swap.id

    async def agree(self, swap_id: UUID, by: UUID | None = None) -> None:
        async with self.desk.session() as session:
            await swaps.agree(session, swap_id, by=by or self.other)

    async def state(self, swap_id: UUID) -> ShiftSwap:
        async with self.desk.session() as session:
            return await swap_repository.swap(session, swap_id)

    async def holders(self) -> tuple[UUID, UUID]:
        """Who answers an hour into each of the two shifts."""
        found = []
        for shift in (self.mine, self.theirs):
            (name,) = await self.desk.on_call("sio", ends_of(shift.during)[0] + HOUR)
            found.append(self.desk.people[name])
        return found[0], found[1]


@pytest.fixture
async def pair(desk: Desk) -> Pair:
    running = await desk.running("sio")
    first, second = [code for code in OFFICERS if desk.people[code] != running.person_id]
    shifts = sorted([await desk.coming("sio", first), await desk.coming("sio", second)],
                    key=lambda shift: ends_of(shift.during))  # fmt: skip
    return Pair(desk, *shifts)


async def test_nothing_changes_until_the_other_agrees_and_then_both_turns_do(pair: Pair) -> None:
    swap_id = await pair.ask()
    assert await pair.holders() == (pair.asker, pair.other)
    await pair.agree(swap_id)
    assert await pair.holders() == (pair.other, pair.asker)
    assert set(holes(await pair.desk.shifts("sio"))) == {timedelta()}
    swap = await pair.state(swap_id)
    assert (swap.state, swap.ended_at) == (SwapState.AGREED, pair.desk.now)
    assert await pair.desk.audited() == ["swap.asked", "swap.agreed"]


async def test_a_manager_is_told_of_a_swap_that_was_agreed_and_of_no_request(pair: Pair) -> None:
    swap_id = await pair.ask()
    await pair.desk.scene.work.run_due()
    told = sorted(address for addresses in pair.desk.scene.phones.new().values() for address in addresses)
    assert told == await pair.desk.scene.reach(("push", "sms", "email"), pair.other), "the colleague alone"
    await pair.agree(swap_id)
    await pair.desk.scene.work.run_due()
    arrived = pair.desk.scene.phones.new()
    assert arrived.pop("rota-manager-notice") == ["email rotas.cambs@example.org"]
    told = sorted(address for addresses in arrived.values() for address in addresses)
    assert told == await pair.desk.scene.reach(("push", "sms", "email"), pair.asker), "who asked alone"


async def test_a_turn_may_be_given_away_for_nothing(pair: Pair) -> None:
    await pair.agree(await pair.ask(back=False))
    assert await pair.holders() == (pair.other, pair.other)


async def test_the_request_names_the_whole_turn_that_it_would_move_and_not_the_part_that_was_chosen(pair: Pair) -> None:
    mine, theirs = ends_of(pair.mine.during), ends_of(pair.theirs.during)
    async with pair.desk.session() as session:
        for person, begins in ((pair.asker, mine[0]), (pair.other, theirs[0])):
            await service.adjust(
                session, pair.mine.rota_id, AdjustmentKind.REMOVED, begins + DAY, begins + 2 * DAY, by=person,
                reason="away", person=person, instead=None, position=1,
            )  # fmt: skip
    parts = [
        [one for one in await pair.desk.shifts("sio") if one.person_id == person and ends_of(one.during)[1] == until]
        for person, until in ((pair.asker, mine[1]), (pair.other, theirs[1]))
    ]
    swap = await pair.state(await Pair(pair.desk, parts[0][0], parts[1][0]).ask())
    assert swap.return_during is not None
    assert (ends_of(swap.during), ends_of(swap.return_during)) == (mine, theirs)
    assert swap.expires_at <= mine[0]
    await pair.agree(swap.id)
    assert await pair.holders() == (pair.other, pair.asker)


async def test_nobody_is_asked_for_a_turn_while_they_are_second_on_call(desk: Desk) -> None:
    first = await desk.coming("paediatrician")
    beside = [one for one in await desk.shifts("paediatrician", 2) if one.during == first.during]
    clash = Pair(desk, first, beside[0])
    with pytest.raises(Invalid, match="otherId: would put one person at two positions"):
        await clash.ask(back=False)
    await clash.agree(await clash.ask())
    assert await desk.on_call("paediatrician", ends_of(first.during)[0]) == [desk.name(clash.other)]
    assert await desk.on_call("paediatrician", ends_of(first.during)[0], position=2) == [desk.name(clash.asker)]


async def test_an_agreed_swap_moves_with_its_turns_when_the_rule_does(pair: Pair) -> None:
    await pair.agree(await pair.ask())
    rota = await pair.desk.rota("sio")
    (layer,) = rule_of(rota).layers
    moved = Rotation(layer.rotation.members, layer.rotation.first_handover + 30 * HOUR, layer.rotation.period)
    async with pair.desk.session() as session:
        await service.change_rule(
            session, rota.id, RotaRule("Europe/London", (Layer(layer.name, moved, layer.cover),)),
            by=pair.desk.people["corin-waterbeck"], qualification=rota.qualification,
        )  # fmt: skip
    begins, until = ends_of(pair.mine.during)
    on = [(name, start, end) for name, start, end in await pair.desk.read("sio") if start == begins + 30 * HOUR]
    assert on == [(pair.desk.name(pair.other), begins + 30 * HOUR, until + 30 * HOUR)]


async def test_undone_by_a_manager_both_sides_go_back(pair: Pair) -> None:
    swap_id = await pair.ask()
    await pair.agree(swap_id)
    async with pair.desk.session() as session:
        one, other = await swap_repository.adjustments_of(session, swap_id)
        await service.withdraw(session, other.id, by=pair.desk.people["corin-waterbeck"])
    assert await pair.holders() == (pair.asker, pair.other)
    assert (await pair.state(swap_id)).state == SwapState.UNDONE
    async with pair.desk.session() as session:
        assert (await repository.adjustment(session, one.id)).withdrawn_at == pair.desk.now


async def told(pair: Pair, *templates: str) -> set[UUID]:
    """Who was told of the end of a swap in these words."""
    async with pair.desk.session() as session:
        found = await session.scalars(select(col(Delivery.person_id)).where(col(Delivery.template).in_(templates)))
        return {person for person in found if person is not None}


async def test_a_swap_whose_turn_a_new_rule_gives_to_another_is_undone_and_both_are_told(pair: Pair) -> None:
    swap_id = await pair.ask()
    await pair.agree(swap_id)
    assert await told(pair, SWAP_UNDONE) == set()
    async with pair.desk.session() as session:
        rota = await repository.rota(session, pair.mine.rota_id)
        (layer,) = rule_of(rota).layers
        # The asker's turn alone passes to somebody else.
        third = next(one for code in OFFICERS if (one := pair.desk.people[code]) not in {pair.asker, pair.other})
        members = tuple(third if member == pair.asker else member for member in layer.rotation.members)
        changed = replace(layer, rotation=replace(layer.rotation, members=members))
        await service.change_rule(session, rota.id, RotaRule("Europe/London", (changed,)),
                                  by=pair.desk.people["corin-waterbeck"], qualification=rota.qualification)  # fmt: skip
    assert (await pair.state(swap_id)).state is SwapState.UNDONE
    assert await pair.holders() == (third, pair.other)
    assert await told(pair, SWAP_UNDONE) == {pair.asker, pair.other}


async def test_a_swap_made_over_one_that_is_undone_goes_with_it(pair: Pair) -> None:
    swap_id = await pair.ask(back=False)
    await pair.agree(swap_id)
    third = next(one for code in OFFICERS if (one := pair.desk.people[code]) not in {pair.asker, pair.other})
    async with pair.desk.session() as session:
        mine = await repository.shifts_of_person(session, pair.other, *ends_of(pair.mine.during))
        over = await swaps.ask(session, mine[0].id, third, by=pair.other, swap_id=uuid7())
    await pair.agree(over.id, by=third)
    async with pair.desk.session() as session:
        (side,) = await swap_repository.adjustments_of(session, swap_id)
        await service.withdraw(session, side.id, by=pair.desk.people["corin-waterbeck"])
    assert (await pair.state(over.id)).state is SwapState.UNDONE
    assert (await pair.holders())[0] == pair.asker
    assert await told(pair, SWAP_UNDONE) == {pair.asker, pair.other, third}


async def test_a_swap_that_leave_hides_for_a_time_stays_agreed(pair: Pair) -> None:
    swap_id = await pair.ask()
    await pair.agree(swap_id)
    manager, (begins, until) = pair.desk.people["corin-waterbeck"], ends_of(pair.mine.during)
    async with pair.desk.session() as session:
        away = await service.leave(session, pair.other, begins, until, by=manager, reason="ill")
    async with pair.desk.session() as session:
        await service.withdraw(session, away, by=manager)
        await service.extend(session, pair.mine.rota_id)
    assert (await pair.state(swap_id)).state is SwapState.AGREED
    assert await pair.holders() == (pair.other, pair.asker)


@pytest.mark.parametrize("end", ["agreed", "declined", "withdrawn", "left"])
async def test_who_did_not_end_a_request_is_told_of_its_end(pair: Pair, end: str) -> None:
    swap_id = await pair.ask()
    async with pair.desk.session() as session:
        match end:
            case "agreed":
                await swaps.agree(session, swap_id, by=pair.other)
            case "declined":
                await swaps.decline(session, swap_id, by=pair.other)
            case "withdrawn":
                await swaps.withdraw(session, swap_id, by=pair.asker)
            case _:
                await hold(session, [pair.mine.rota_id])
                await swaps.end_requests(session, pair.mine.rota_id, of=pair.asker, by=pair.asker)
    assert await told(pair, SWAP_ENDED) == {pair.other if end in {"withdrawn", "left"} else pair.asker}


@pytest.mark.parametrize("who", ["asker", "other"])
async def test_either_may_withdraw_before_it_is_answered_and_neither_after(pair: Pair, who: str) -> None:
    swap_id = await pair.ask()
    person = pair.asker if who == "asker" else pair.other
    async with pair.desk.session() as session:
        await swaps.withdraw(session, swap_id, by=person)
    assert (await pair.state(swap_id)).state == SwapState.WITHDRAWN
    with pytest.raises(Conflict, match="answered, withdrawn, or has expired"):
        await pair.agree(swap_id)
    assert await pair.holders() == (pair.asker, pair.other)


async def test_a_swap_that_was_declined_is_over(pair: Pair) -> None:
    swap_id = await pair.ask()
    await pair.desk.scene.work.run_due()
    with pytest.raises(Forbidden, match="between other people"):
        async with pair.desk.session() as session:
            await swaps.decline(session, swap_id, by=pair.asker)
    async with pair.desk.session() as session:
        await swaps.decline(session, swap_id, by=pair.other)
    with pytest.raises(Conflict):
        async with pair.desk.session() as session:
            await swaps.withdraw(session, swap_id, by=pair.asker)
    assert {actor for actor, _ in await pair.desk.owed()} == {DELIVER_NOTICES.name}, "no timer is left"
    assert await pair.ask()


async def test_a_request_lapses_a_week_on_or_when_the_first_turn_begins(pair: Pair) -> None:
    swap_id = await pair.ask()
    begins = ends_of(pair.mine.during)[0]
    assert (await pair.state(swap_id)).expires_at == min(begins, pair.desk.now + 7 * DAY)
    await pair.desk.scene.clock.freeze((await pair.state(swap_id)).expires_at)
    # The timer has not fired yet, and it is too late all the same.
    with pytest.raises(Conflict, match="has expired"):
        await pair.agree(swap_id)
    await pair.desk.scene.work.run_due()
    assert (await pair.state(swap_id)).state == SwapState.EXPIRED
    assert await pair.desk.audited() == ["swap.asked", "swap.expired"]
    told = sorted(address for addresses in pair.desk.scene.phones.new().values() for address in addresses)
    assert told == await pair.desk.scene.reach(("push", "sms", "email"), pair.asker)


async def test_overlapping_requests_are_refused(pair: Pair) -> None:
    await pair.ask()
    third = next(code for code in OFFICERS if pair.desk.people[code] not in {pair.asker, pair.other})
    with pytest.raises(Conflict, match="waiting for its answer"):
        await pair.ask(back=False, other=pair.desk.people[third])
    async with pair.desk.session() as session:
        count = await session.scalar(text("SELECT count(*) FROM shift_swap"))
    assert count == 1


async def test_only_ones_own_shift_to_come_may_be_asked_for(pair: Pair) -> None:
    with pytest.raises(Forbidden, match="your own shift"):
        await pair.ask(by=pair.other)
    running = await pair.desk.running("sio")
    late = Pair(pair.desk, running, pair.theirs)
    with pytest.raises(Conflict, match="has begun"):
        await late.ask()
    with pytest.raises(Invalid, match="somebody else"):
        await pair.ask(back=False, other=pair.asker)
    with pytest.raises(Forbidden, match="Only people of a rota of this role"):
        await pair.ask(back=False, other=pair.desk.people["wren-saltmarsh"])
    with pytest.raises(NotFound, match="no such person"):
        await pair.ask(back=False, other=uuid7())
    with pytest.raises(NotFound, match="no such shift"):
        async with pair.desk.session() as session:
            await swaps.ask(session, uuid7(), pair.other, by=pair.asker, swap_id=uuid7())


async def test_only_the_person_asked_can_agree(pair: Pair) -> None:
    swap_id = await pair.ask()
    for person in (pair.asker, pair.desk.people["corin-waterbeck"]):
        with pytest.raises(Forbidden, match="Only the person who was asked"):
            await pair.agree(swap_id, by=person)
    assert await pair.holders() == (pair.asker, pair.other)


async def test_a_turn_that_has_since_gone_to_another_cannot_be_agreed_to(pair: Pair) -> None:
    swap_id = await pair.ask()
    begins, until = ends_of(pair.mine.during)
    async with pair.desk.session() as session:
        await service.leave(session, pair.asker, begins, until, by=pair.asker, reason="")
    with pytest.raises(Conflict, match="no longer this person's"):
        await pair.agree(swap_id)


async def test_a_turn_taken_in_a_swap_may_be_swapped_again(pair: Pair) -> None:
    await pair.agree(await pair.ask(back=False))
    third = next(code for code in OFFICERS if pair.desk.people[code] not in {pair.asker, pair.other})
    again = next(one for one in await pair.desk.shifts("sio") if ends_of(one.during) == ends_of(pair.mine.during))
    onward = Pair(pair.desk, again, pair.theirs)
    swap_id = await onward.ask(back=False, other=pair.desk.people[third], by=pair.other)
    await onward.agree(swap_id, by=pair.desk.people[third])
    assert await pair.desk.on_call("sio", ends_of(pair.mine.during)[0]) == [third]
