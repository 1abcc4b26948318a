"""A rota ends: nobody is on call by it from then on, and what was before stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict
from notifications.coverage import service as coverage
from notifications.coverage.models import RotaWarning
from notifications.rotas import repository, service, swap_repository, swaps
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import Rota, SwapState
from notifications.watch import repository as watch
from support.rota_desk import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONE = "detective_superintendent"


async def second_rota(desk: Desk, role: str) -> None:
    """Another rota of the role, by the same rule, that serves all."""
    async with desk.session() as session:
        first = await repository.rota(session, (await desk.rota(role)).id)
        plan = service.NewRota("another", role, service.Description("Another"), first.qualification)
        await service.create(session, uuid7(), plan, service.rule_of(first), by=desk.people["alder-inkwell"])


async def end(desk: Desk, rota: Rota, *called: str) -> None:
    async with desk.session() as session:
        await service.end(session, rota.id, called, by=desk.people["alder-inkwell"], reason="Merged")


async def test_its_shifts_end_now_and_what_was_before_stays(desk: Desk) -> None:
    rota = await desk.rota("sio")
    await second_rota(desk, "sio")
    await end(desk, rota)
    async with desk.session() as session:
        left = await repository.shifts(
            session, [rota.id], desk.now - timedelta(days=400), desk.now + timedelta(days=90)
        )
        assert [rota.code for rota in await repository.rotas(session) if rota.role == "sio"] == ["another"]
        found, _ = (await repository.roster(session, desk.now + HOUR)).find("sio")
        earlier, _ = (await repository.roster(session, ends_of(left[0].during)[0])).find("sio")
    assert max(ends_of(one.during)[1] for one in left) == desk.now
    assert found
    assert left[0].person_id in earlier


async def test_nothing_is_laid_out_for_it_looked_for_in_it_or_changed_any_more(desk: Desk) -> None:
    rota = await desk.rota("sio")
    await second_rota(desk, "sio")
    await end(desk, rota)
    await desk.scene.clock.advance(20 * DAY)
    async with desk.session() as session:
        await session.execute(text("DELETE FROM routing.task WHERE subject_id = :rota"), {"rota": rota.id})
        await service.extend(session, rota.id)
        assert (await repository.ahead(session, rota.id, await session.now())) == []
        owed = text("SELECT count(*) FROM routing.task WHERE subject_id = :rota")
        assert await session.scalar(owed, {"rota": rota.id}) == 0
    async with desk.session() as session:
        await coverage.check(session, session.tenant_id)
        warned = select(RotaWarning).where(col(RotaWarning.rota_id) == rota.id, col(RotaWarning.ended_at).is_(None))
        assert (await session.scalars(warned)).all() == []
        assert rota.id not in {one.subject_id for one in await watch.find(session)}
    async with desk.session() as session:
        said = service.Description("Again")
        with pytest.raises(Conflict, match="has ended"):
            await service.describe(session, rota.id, said, by=desk.people["alder-inkwell"])


async def test_an_agreed_swap_of_it_is_undone(desk: Desk) -> None:
    rota = await desk.rota("sio")
    await second_rota(desk, "sio")
    mine = await desk.coming("sio", "bram-cartwheel")
    swap_id, other = uuid7(), desk.people["odette-larkspur"]
    async with desk.session() as session:
        await swaps.ask(session, mine.id, other, by=mine.person_id, swap_id=swap_id)
    async with desk.session() as session:
        await swaps.agree(session, swap_id, by=other)
    await end(desk, rota)
    async with desk.session() as session:
        assert (await swap_repository.swap(session, swap_id)).state is SwapState.UNDONE


async def test_the_last_one_of_a_role_that_is_called_stays(desk: Desk) -> None:
    rota = await desk.rota("sio")
    with pytest.raises(Conflict, match="sio"):
        await end(desk, rota, "sio")
    handed_on_to = await desk.rota(LONE)
    with pytest.raises(Conflict, match=LONE):
        await end(desk, handed_on_to)
    async with desk.session() as session:
        assert await repository.rotas(session, ended=True) == await repository.rotas(session)


async def test_an_open_request_ends_with_its_rota(desk: Desk) -> None:
    rota = await desk.rota("sio")
    await second_rota(desk, "sio")
    mine, swap_id = await desk.coming("sio", "bram-cartwheel"), uuid7()
    async with desk.session() as session:
        await swaps.ask(session, mine.id, desk.people["odette-larkspur"], by=mine.person_id, swap_id=swap_id)
    async with desk.session() as session:
        await service.end(session, rota.id, (), by=desk.people["alder-inkwell"], reason="Merged")
    async with desk.session() as session:
        assert (await swap_repository.swap(session, swap_id)).state is SwapState.WITHDRAWN
