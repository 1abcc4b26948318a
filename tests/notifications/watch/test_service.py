"""The auditor finds what is broken by hand, puts back what is safe, tells people once, and else is silent."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from backend.kit.database import engine
from backend.kit.ids import uuid7
from backend.kit.tasks import owe
from notifications.alerts import offers
from notifications.alerts import repository as alerts
from notifications.alerts.models import Alert, Answer, OfferState, SlotState
from notifications.deliveries import notices
from notifications.deliveries.wording import ON_CALL
from notifications.rotas import repository as rotas
from notifications.rotas.service import EXTEND_ROTA
from notifications.watch import repository, service
from notifications.watch.models import FindingKind, WatchFinding
from support.api import rows
from support.ladders import call, put_in_force, rota, slot
from support.partnership import Partnership
from support.scene import PAGE, WINDOW, Scene

ALARM = "statutory-notice"
"""What the configuration owner gets."""


@pytest.fixture
async def quiet(scene: Scene) -> Scene:
    """A scene whose daily work is owed, as on a system that has run for a while."""
    async with scene.partnership.session() as session:
        for rota in await rotas.rotas(session):
            await owe(session, EXTEND_ROTA, rota.id, due_at=await session.now() + timedelta(hours=20))
        await session.commit()
    return scene


async def audit(scene: Scene) -> service.Report:
    async with scene.partnership.session() as session:
        report = await service.audit(session)
        await session.commit()
    return report


async def findings(scene: Scene) -> list[WatchFinding]:
    return await rows(scene.partnership, WatchFinding)


async def alarms(scene: Scene) -> int:
    """How often the partnership was told of a finding."""
    return sum(row.subject_kind == "watch_finding" for row in await rows(scene.partnership, Alert))


async def forget_tasks(scene: Scene, actor: str) -> None:
    await scene.change("DELETE FROM routing.task WHERE actor = :actor", actor=actor)


async def test_a_busy_system_that_is_well_has_no_findings(quiet: Scene) -> None:
    async def look(moment: str) -> None:
        report = await audit(quiet)
        assert not report.found, moment

    await look("at rest")
    await quiet.report(send=False)
    await look("accepted, nothing sent yet")
    await quiet.work.run_due()
    await look("paged")
    await quiet.clock.advance(WINDOW - timedelta(seconds=1))
    await look("nearly expired")
    for climb in range(9):
        await quiet.wait(WINDOW)
        await look(f"rung {climb}")
    assert (await quiet.slot("sio")).state is SlotState.EXHAUSTED
    await quiet.report()
    for role in ("paediatrician", "sio"):
        await quiet.acknowledge(role, await quiet.on_call(role))
        await look(f"{role} came")
    await quiet.report()
    await quiet.decline("paediatrician", await quiet.on_call("paediatrician"))
    await look("declined")
    assert await findings(quiet) == []
    assert await alarms(quiet) == 0


async def test_a_provider_that_is_away_for_a_while_is_no_fault_of_ours_to_find(quiet: Scene) -> None:
    quiet.phones.misbehave("rate_limit", "*")
    await quiet.report()
    for _ in range(4):
        await quiet.wait(timedelta(seconds=6))
        report = await audit(quiet)
        assert not report.found


async def test_a_lost_timer_is_owed_again_for_its_own_moment_and_the_ladder_climbs(quiet: Scene) -> None:
    await quiet.report()
    quiet.phones.new()
    await forget_tasks(quiet, "page_ended")
    await quiet.clock.advance(timedelta(seconds=60))
    report = await audit(quiet)
    assert report.found == {FindingKind.TIMER_MISSING: 2}
    assert {one.repaired for one in await findings(quiet)} == {True}
    await quiet.wait(WINDOW - timedelta(seconds=61))
    assert (await quiet.slot("sio")).step == 0, "the time to answer is the one that was promised"
    await quiet.wait(timedelta(seconds=1))
    assert (await quiet.slot("sio")).step == 1
    assert PAGE in quiet.phones.new()


async def test_a_timer_lost_long_ago_fires_at_once(quiet: Scene) -> None:
    await quiet.report()
    await forget_tasks(quiet, "page_ended")
    await quiet.clock.advance(timedelta(hours=5))
    await audit(quiet)
    await quiet.work.run_due()
    assert (await quiet.slot("sio")).step == 1


async def test_a_lost_time_to_confirm_is_owed_again_and_the_slot_called_anew(quiet: Scene) -> None:
    await put_in_force(quiet, slot(rota("sio"), confirm_within=600))
    await call(quiet)
    await quiet.acknowledge("first", await quiet.on_call("sio"))
    assert not (await audit(quiet)).found
    await forget_tasks(quiet, "confirmation_due")
    report = await audit(quiet)
    assert (report.found, report.repaired) == ({FindingKind.TIMER_MISSING: 1}, 1)
    await quiet.wait(timedelta(seconds=599))
    assert (await quiet.slot("first")).state is SlotState.ACKNOWLEDGED
    await quiet.wait(timedelta(seconds=1))
    assert (await quiet.slot("first")).state is SlotState.PAGING
    assert not (await audit(quiet)).found


async def test_a_lost_end_of_an_offer_is_owed_again(quiet: Scene) -> None:
    await put_in_force(quiet, slot(rota("sio")))
    await call(quiet)
    sio, other = await quiet.on_call("sio"), await quiet.on_call("detective_superintendent")
    await quiet.acknowledge("first", sio)
    async with quiet.partnership.session() as session:
        made = await offers.offer(session, quiet.slot_ids["first"], sio, other, within=60, offer_id=uuid7())
        await session.commit()
    assert not (await audit(quiet)).found
    await forget_tasks(quiet, "offer_ended")
    assert (await audit(quiet)).repaired == 1
    await quiet.wait(timedelta(seconds=60))
    async with quiet.partnership.session() as session:
        assert (await alerts.offer(session, made.id)).state is OfferState.EXPIRED


async def test_a_delivery_that_no_worker_was_told_of_is_sent(quiet: Scene) -> None:
    await quiet.report(send=False)
    await forget_tasks(quiet, "deliver_pages")
    await quiet.clock.advance(repository.PAGE_LATE)
    assert not (await audit(quiet)).found
    await quiet.clock.advance(timedelta(seconds=1))
    report = await audit(quiet)
    assert (report.found[FindingKind.DELIVERY_STUCK], report.repaired) == (1, 1)
    await quiet.work.run_due()
    assert len(quiet.phones.new()[PAGE]) == 4


async def test_a_notice_that_no_worker_was_told_of_is_sent(quiet: Scene) -> None:
    await quiet.report(send=False)
    await quiet.work.run_due(rounds=1)
    await forget_tasks(quiet, "deliver_notices")
    await quiet.wait(timedelta(seconds=31))
    assert (await audit(quiet)).found == {FindingKind.DELIVERY_STUCK: 1}
    quiet.phones.new()
    await quiet.work.run_due()
    assert len(quiet.phones.new()[ALARM]) > 1


async def test_a_word_to_one_person_that_was_lost_is_owed_again_behind_the_pages(quiet: Scene) -> None:
    sio = await quiet.on_call("sio")
    async with quiet.partnership.session() as session:
        until = await session.now() + timedelta(hours=1)
        told = await notices.tell(session, [sio], template=ON_CALL, subject_id=uuid7(), until=until)
        await session.commit()
    await forget_tasks(quiet, "deliver_notices")
    await quiet.clock.advance(timedelta(seconds=31))
    assert (await audit(quiet)).found == {FindingKind.DELIVERY_STUCK: told}
    async with quiet.owner() as session:
        owed = list(await session.scalars(text("SELECT actor FROM routing.task WHERE actor LIKE 'deliver%'")))
    assert set(owed) == {"deliver_notices"}
    await quiet.work.run_due()
    arrived = quiet.phones.new()
    assert len(arrived["on-call-now"] + arrived[PAGE]) == told, "a device's words have no id to tell them by"


async def test_a_page_that_never_got_a_message_goes_to_the_next_rung_at_once(quiet: Scene) -> None:
    await quiet.report()
    slot = quiet.slot_ids["sio"]
    await quiet.change(
        "DELETE FROM delivery_event WHERE delivery_id IN (SELECT id FROM delivery WHERE slot_id = :slot)", slot=slot
    )
    await quiet.change("DELETE FROM delivery WHERE slot_id = :slot", slot=slot)
    await quiet.clock.advance(repository.SETTLED + timedelta(seconds=1))
    assert (await audit(quiet)).found == {FindingKind.PAGE_WITHOUT_DELIVERY: 1}
    await quiet.work.run_due()
    first, second = await quiet.pages("sio")
    assert (first.answer, second.answer) == (Answer.UNREACHABLE, None)


async def test_a_worker_that_never_comes_is_seen_by_what_is_overdue(quiet: Scene) -> None:
    await quiet.report(send=False)
    await quiet.clock.advance(WINDOW + timedelta(seconds=31))
    report = await audit(quiet)
    assert report.found[FindingKind.TASK_OVERDUE] >= 3
    assert report.found[FindingKind.DELIVERY_STUCK] == 1
    assert report.repaired == 0, "nothing is missing: the tasks are there"


async def test_a_slot_that_waits_for_nobody_is_told_of(quiet: Scene) -> None:
    await quiet.report()
    await quiet.change("UPDATE page SET answer = 'expired', answered_at = app.now() WHERE slot_id = :slot",
                       slot=quiet.slot_ids["sio"])  # fmt: skip
    report = await audit(quiet)
    assert report.found == {FindingKind.SLOT_IDLE: 1}
    assert (await findings(quiet))[0].subject_id == quiet.slot_ids["sio"]


async def test_an_open_alert_none_of_whose_slots_runs_is_told_of(quiet: Scene) -> None:
    await quiet.report()
    await quiet.change("UPDATE alert_slot SET state = 'cancelled' WHERE alert_id = :alert", alert=quiet.alert_id)
    report = await audit(quiet)
    assert report.found == {FindingKind.ALERT_STALLED: 1}
    assert (await findings(quiet))[0].subject_id == quiet.alert_id


async def test_a_rota_that_nobody_extends_is_extended_again(quiet: Scene) -> None:
    await forget_tasks(quiet, EXTEND_ROTA.name)
    report = await audit(quiet)
    async with quiet.partnership.session() as session:
        rota_ids = {rota.id for rota in await rotas.rotas(session)}
        owed = set(await session.scalars(text("SELECT subject_id FROM routing.task WHERE actor = 'extend_rota'")))
    assert report.found == {FindingKind.ROTA_NOT_EXTENDED: len(rota_ids)}
    assert owed == rota_ids
    assert not (await audit(quiet)).found


async def test_people_are_told_once_however_long_it_lasts_and_again_when_it_comes_back(quiet: Scene) -> None:
    async def broken() -> None:
        await quiet.change("UPDATE alert_slot SET state = 'cancelled' WHERE alert_id = :alert", alert=quiet.alert_id)

    await quiet.report()
    await broken()
    for _ in range(3):
        await audit(quiet)
    assert await alarms(quiet) == 1
    await quiet.change("UPDATE alert_slot SET state = 'paging' WHERE alert_id = :alert", alert=quiet.alert_id)
    report = await audit(quiet)
    assert (report.cleared, report.found.total()) == (1, 0)
    assert (await findings(quiet))[0].cleared_at is not None
    await broken()
    await audit(quiet)
    assert (len(await findings(quiet)), await alarms(quiet)) == (2, 2)
    quiet.phones.new()
    await quiet.work.run_due()
    assert len(quiet.phones.new()[ALARM]) >= 2


async def test_many_faults_of_one_kind_are_one_message(quiet: Scene) -> None:
    for _ in range(3):
        await quiet.report()
    await quiet.change("UPDATE alert_slot SET state = 'cancelled' WHERE ladder ->> 'needs_answer' = 'true'")
    assert (await audit(quiet)).found == {FindingKind.ALERT_STALLED: 3}
    assert (len(await findings(quiet)), await alarms(quiet)) == (3, 1)
    assert [one.alerted for one in await findings(quiet)].count(True) == 1


async def test_a_repair_is_on_the_audit_log(quiet: Scene) -> None:
    await quiet.report()
    await forget_tasks(quiet, "page_ended")
    await audit(quiet)
    async with quiet.partnership.session() as session:
        entries = (
            await session.execute(text("SELECT subject_id, detail FROM audit_entry WHERE action = 'watch.repaired'"))
        ).all()
    assert {row.subject_id for row in entries} == set(quiet.slot_ids.values())
    assert {row.detail["actor"] for row in entries} == {"page_ended"}


async def test_a_repair_that_comes_after_the_answer_calls_nobody(quiet: Scene) -> None:
    await quiet.report()
    await forget_tasks(quiet, "page_ended")
    await audit(quiet)
    for role in ("paediatrician", "sio"):
        await quiet.acknowledge(role, await quiet.on_call(role))
    quiet.phones.new()
    await quiet.wait(WINDOW * 2)
    assert PAGE not in quiet.phones.new()


async def test_one_partnerships_fault_is_told_to_no_other(quiet: Scene, herts: Partnership) -> None:
    await quiet.report()
    await forget_tasks(quiet, "page_ended")
    async with herts.session() as session:
        other = await service.audit(session)
        await session.commit()
    assert FindingKind.TIMER_MISSING not in other.found
    async with herts.session() as session:
        kinds = set(await session.scalars(select(col(WatchFinding.kind))))
    assert FindingKind.TIMER_MISSING not in kinds


async def test_of_many_schedulers_one_audits_each_minute(quiet: Scene) -> None:
    assert [await repository.claim(engine()) for _ in range(3)] == [True, False, False]
    await quiet.clock.advance(timedelta(seconds=59))
    assert not await repository.claim(engine())
    await quiet.clock.advance(timedelta(seconds=2))
    assert await repository.claim(engine())


def test_every_kind_of_finding_is_known_to_the_query() -> None:
    said = str(repository._FIND)
    assert [kind for kind in FindingKind if f"'{kind}'" not in said] == []
