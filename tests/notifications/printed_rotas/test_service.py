"""The printed rota: what is on it, when another is made, and who may not see it."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.session import TenantSession
from backend.kit.tasks import owe_once
from notifications.ladders.changes import LADDERS_CHANGED
from notifications.printed_rotas import repository, service
from notifications.printed_rotas.models import PrintedRota
from support.ladders import put_in_force, slot, step
from support.scene import Scene
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel

DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
async def scene(scene: Scene) -> Scene:
    """A partnership of which nothing has been printed yet."""
    await scene.change("DELETE FROM printed_rota")
    return scene


async def issue(scene: Scene) -> PrintedRota | None:
    async with scene.partnership.session() as session:
        made = await service.issue(session)
        await session.commit()
    return made


async def issues(scene: Scene) -> list[PrintedRota]:
    async with scene.partnership.session() as session:
        return list(await session.scalars(select(PrintedRota).order_by(col(PrintedRota.version))))


async def ask(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        await service.ask_for_issue(session)
        await session.commit()


async def fetched(session: TenantSession, made: PrintedRota) -> httpx.Response:
    link = await service.link(session, made)
    return await asyncio.to_thread(httpx.get, link.url)


async def test_an_issue_is_a_tagged_pdf_in_the_partnerships_bucket(scene: Scene) -> None:
    made = await issue(scene)
    assert made is not None
    assert made.version == 1
    async with scene.partnership.session() as session:
        stored = await session.get(PrintedRota, (scene.partnership.id, made.id))
        assert stored is not None
        got = await fetched(session, stored)
    assert got.status_code == 200
    assert got.headers["content-disposition"] == 'attachment; filename="on-call-rota-version-1.pdf"'
    assert len(got.content) == stored.size
    assert got.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in got.content
    assert b"pdfuaid:part>1<" in got.content
    assert str(stored.id) in stored.object_key


async def test_a_change_that_alters_nothing_on_paper_makes_no_issue(scene: Scene) -> None:
    first = await issue(scene)
    assert first is not None
    await scene.clock.advance(timedelta(hours=1))
    assert await issue(scene) is None
    await scene.change("UPDATE person SET name = name || ' again' WHERE code = 'wren-saltmarsh'")
    second = await issue(scene)
    assert second is not None
    assert (second.version, second.digest != first.digest) == (2, True)


async def test_a_new_one_is_made_each_day_by_itself(scene: Scene) -> None:
    await issue(scene)
    for number in range(2):
        tomorrow = (await now(scene)).astimezone(LONDON).date() + DAY
        midnight = datetime.combine(tomorrow, datetime.min.time(), tzinfo=LONDON).astimezone(UTC)
        await scene.at(midnight + timedelta(minutes=4))
        assert await scene.work.run_due() == 0
        await scene.at(midnight + timedelta(minutes=5))
        assert await scene.work.run_due() == 1
        assert [made.version for made in await issues(scene)] == list(range(1, number + 3))


async def test_it_ends_with_a_day_where_the_clocks_change_too(scene: Scene) -> None:
    for day in (datetime(2027, 3, 21, 12, tzinfo=UTC), datetime(2027, 10, 24, 12, tzinfo=UTC)):
        await scene.change("DELETE FROM printed_rota")
        await scene.at(day)
        made = await issue(scene)
        assert made is not None
        local = made.valid_until.astimezone(ZoneInfo("Europe/London"))
        assert (local.date() - day.date(), local.time()) == (14 * DAY, time())


async def now(scene: Scene) -> datetime:
    async with scene.partnership.session() as session:
        return await session.now()


async def test_many_changes_make_one_issue_a_minute(scene: Scene) -> None:
    for name in ("one", "two", "three"):
        await scene.change("UPDATE person SET post = :name", name=name)
        await ask(scene)
    assert await scene.work.run_due() == 1
    await scene.change("UPDATE person SET post = 'four'")
    await ask(scene)
    assert await scene.work.run_due() == 0
    await scene.clock.advance(timedelta(seconds=59))
    assert await scene.work.run_due() == 0
    await scene.clock.advance(timedelta(seconds=1))
    assert await scene.work.run_due() == 1
    assert [made.version for made in await issues(scene)] == [1, 2]


async def test_a_dead_number_is_taken_off_the_paper(scene: Scene) -> None:
    await issue(scene)
    await scene.clock.advance(timedelta(minutes=2))
    number = await scene.address(await scene.on_call("sio"), "sms")
    async with scene.partnership.session() as session:
        await contacts.retire_address(session, Channel.SMS, number)
        await session.commit()
    await scene.work.run_due()
    assert len(await issues(scene)) == 2


async def test_a_ladder_that_changes_is_printed_anew(scene: Scene) -> None:
    await issue(scene)
    await scene.clock.advance(timedelta(minutes=2))
    await scene.change("UPDATE alert_policy SET state = 'superseded' WHERE alert_type = 'child-death-joint-response'")
    async with scene.partnership.session() as session:
        await owe_once(session, LADDERS_CHANGED, session.tenant_id)
        await session.commit()
    await scene.work.run_due()
    assert len(await issues(scene)) == 2


async def test_a_failed_upload_leaves_no_row_and_is_tried_again(scene: Scene) -> None:
    await ask(scene)
    bucket = "UPDATE routing.partnership SET bucket = :bucket WHERE slug = 'cambs-peterborough'"
    async with scene.partnership.session() as session:
        kept = await session.scalar(text("SELECT bucket FROM routing.partnership WHERE slug = 'cambs-peterborough'"))
    await scene.change(bucket, bucket=None)
    failed = False
    try:
        await scene.work.run_due()
    except RuntimeError:
        failed = True
    assert failed
    assert await issues(scene) == []
    await scene.change(bucket, bucket=kept)
    assert await scene.work.run_due() == 1
    assert [made.version for made in await issues(scene)] == [1]


async def test_two_workers_at_once_make_one_issue(scene: Scene) -> None:
    made = await asyncio.gather(issue(scene), issue(scene))
    assert sorted(one.version if one else 0 for one in made) == [0, 1]


async def test_a_partnership_without_rotas_has_its_paper_too(scene: Scene) -> None:
    for table in ("duty_watch", "handover_mark", "shift", "rota_area", "rota"):
        await scene.change(f"DELETE FROM {table}")  # noqa: S608  # our own names
    made = await issue(scene)
    assert made is not None


async def test_the_issue_is_on_the_audit_log_by_its_digest(scene: Scene) -> None:
    made = await issue(scene)
    assert made is not None
    async with scene.partnership.session() as session:
        assert (await repository.latest(session)) is not None
        recorded = (
            "SELECT detail, actor_id FROM audit_entry WHERE action = 'printed_rota.issued' ORDER BY seq DESC LIMIT 1"
        )
        entry = (await session.execute(text(recorded))).first()
    assert entry is not None
    assert entry.detail == {"version": 1, "digest": made.digest}
    assert entry.actor_id is None


async def test_another_number_of_who_is_named_by_a_ladder_alone_makes_another_issue(scene: Scene) -> None:
    await put_in_force(scene, slot(step({"kind": "person", "person": "juniper-blythe"})))
    first = await issue(scene)
    await scene.change(
        "UPDATE contact_method SET address = '07700900199' WHERE channel = 'sms'"
        " AND person_id = (SELECT id FROM person WHERE code = 'juniper-blythe')"
    )
    second = await issue(scene)
    assert first is not None
    assert second is not None
    assert second.version == first.version + 1
