"""Somebody who will be on call and cannot be reached is told, and then whoever keeps the rota.

In the reference partnership the investigating officers change on Mondays at nine, and each of them has
a device, a number and an email address, verified when the partnership was set up.
"""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col

from backend.kit.tasks import owe
from notifications.readiness import service
from notifications.readiness.models import DutyWatch, ReadinessReminder
from notifications.readiness.rules import Lack
from notifications.rotas.models import Rota, Shift
from support.api import rows
from support.scene import Scene, coming

REMINDER, MANAGER, ON_CALL = "readiness-reminder", "rota-manager-notice", "on-call-now"
TO_MANAGER = ["email rotas.cambs@example.org"]
ALL = ("push", "sms", "email")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Watch:
    """The rota of investigating officers, with its next change at ``begins``."""

    def __init__(self, scene: Scene, rota_id: UUID, begins: datetime, leaving: UUID, next_up: UUID) -> None:
        self.scene, self.rota_id, self.begins, self.leaving, self.next_up = scene, rota_id, begins, leaving, next_up

    async def plan(self) -> None:
        """What the follower does after a change of the rota."""
        async with self.scene.partnership.session() as session:
            await owe(session, service.PLAN_DUTIES, self.rota_id)
            await session.commit()
        await self.scene.work.run_due()

    async def before(self, ahead: timedelta) -> dict[str, list[str]]:
        """What is sent to anybody when it is ``ahead`` of the change."""
        await self.scene.at(self.begins - ahead)
        await self.scene.work.run_due()
        return without_push(self.scene)

    async def only(self, *channels: str) -> None:
        """The next officer has these channels and no others."""
        await self.scene.change(
            "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :p AND channel <> ALL(:c)",
            p=self.next_up, c=list(channels),
        )  # fmt: skip

    async def missing(self) -> list[list[str]]:
        return [reminder.missing for reminder in await rows(self.scene.partnership, ReadinessReminder)]


def without_push(scene: Scene) -> dict[str, list[str]]:
    """What has arrived since the last look, by template. A push carries no template's name."""
    found = scene.phones.new()
    return {kind: [one for one in sent if not one.startswith("push")] for kind, sent in found.items()
            if any(not one.startswith("push") for one in sent)}  # fmt: skip


@pytest.fixture
async def watch(scene: Scene) -> Watch:
    """Nine days before the next officer takes over. Clock, rota and phones are otherwise still."""
    around = coming(weekday=0, hour=9) + 14 * DAY
    await scene.lay_out_shifts(around)
    async with scene.partnership.session() as session:
        rota = (await session.scalars(select(Rota).where(col(Rota.role) == "sio"))).one()
        shifts = await session.scalars(select(Shift).where(col(Shift.rota_id) == rota.id))
        turns = sorted((s.turn.lower, s.turn.upper, s.person_id) for s in shifts if s.turn.lower and s.turn.upper)
    _, begins, leaving = next(turn for turn in turns if turn[0] < around - 5 * HOUR < turn[1])
    taking = next(turn for turn in turns if turn[0] == begins)
    made = Watch(scene, rota.id, begins, leaving, taking[2])
    # Whoever leaves has been on call for so long that nobody else begins meanwhile.
    await scene.change(
        "UPDATE shift SET person_id = :p WHERE rota_id = :r AND upper(turn) <= :at",
        p=leaving, r=rota.id, at=begins,
    )  # fmt: skip
    # Proofs of years, so that a device counts as answering on whatever day this runs.
    await scene.change("UPDATE contact_method SET verified_at = :at", at=begins)
    await scene.change("DELETE FROM routing.task")
    await scene.at(made.begins - 9 * DAY)
    return made


async def test_who_is_ready_hears_nothing_until_they_are_on_call(watch: Watch) -> None:
    await watch.plan()
    for ahead in (9 * DAY, 7 * DAY, 3 * DAY, DAY, 12 * HOUR, 2 * HOUR, timedelta(minutes=1)):
        assert await watch.before(ahead) == {}
    assert await watch.before(timedelta()) == {ON_CALL: await watch.scene.reach(("sms", "email"), watch.next_up)}
    assert await watch.before(-HOUR) == {}
    assert await rows(watch.scene.partnership, ReadinessReminder) == []


async def test_who_is_not_ready_is_told_at_each_stage_and_the_manager_from_a_day_before(watch: Watch) -> None:
    await watch.only("email")
    mine = await watch.scene.reach(["email"], watch.next_up)
    await watch.plan()
    instants = (8 * DAY, 7 * DAY, 5 * DAY, 3 * DAY, 2 * DAY, DAY, 13 * HOUR, 12 * HOUR, 3 * HOUR, 2 * HOUR, HOUR)
    sent = [(ahead, found) for ahead in instants if (found := await watch.before(ahead))]
    person, both = {REMINDER: mine}, {REMINDER: mine, MANAGER: TO_MANAGER}
    assert sent == [(7 * DAY, person), (3 * DAY, person), (DAY, both), (12 * HOUR, both), (2 * HOUR, both)]
    assert await watch.missing() == [[Lack.TWO_CHANNELS, Lack.LOUD_CHANNEL]] * 5


async def test_it_stops_once_they_are_ready(watch: Watch) -> None:
    await watch.only("email")
    await watch.plan()
    assert REMINDER in await watch.before(7 * DAY)
    await watch.scene.change("UPDATE contact_method SET retired_at = NULL WHERE person_id = :p", p=watch.next_up)
    for ahead in (3 * DAY, DAY, 12 * HOUR, 2 * HOUR):
        assert await watch.before(ahead) == {}


async def test_it_begins_again_when_a_ready_person_loses_a_channel(watch: Watch) -> None:
    await watch.plan()
    assert await watch.before(7 * DAY) == {}
    await watch.only("sms")
    assert list(await watch.before(3 * DAY)) == [REMINDER]


async def test_a_device_that_has_not_answered_for_two_weeks_is_told_of(watch: Watch) -> None:
    await watch.scene.change(
        "UPDATE contact_method SET verified_at = :at WHERE channel = 'push'", at=watch.begins - 22 * DAY
    )
    await watch.plan()
    assert list(await watch.before(7 * DAY)) == [REMINDER]
    assert await watch.missing() == [[Lack.DEVICE_SILENT]]


async def test_a_message_that_reached_the_device_is_proof_that_it_answers(watch: Watch) -> None:
    scene, officer = watch.scene, watch.leaving
    await scene.change("UPDATE contact_method SET verified_at = :at", at=watch.begins - 40 * DAY)
    await scene.report()
    async with scene.partnership.session() as session:
        assert await service.lacks_of(session, officer) == (Lack.DEVICE_SILENT,)
    (push,) = [one for one in await scene.deliveries("sio") if one.channel == "push"]
    await scene.change("UPDATE delivery SET state = 'delivered' WHERE id = :id", id=push.id)
    await scene.change(
        "INSERT INTO delivery_event (tenant_id, id, delivery_id, state, at, detail)"
        " SELECT tenant_id, gen_random_uuid(), id, 'delivered', app.now(), '{}' FROM delivery WHERE id = :id",
        id=push.id
    )  # fmt: skip
    async with scene.partnership.session() as session:
        assert await service.lacks_of(session, officer) == ()


async def test_whom_nothing_reaches_the_manager_hears_of_at_once(watch: Watch) -> None:
    await watch.only()
    await watch.plan()
    assert await watch.before(7 * DAY) == {MANAGER: TO_MANAGER}
    assert (await watch.missing())[0][0] == Lack.ALL_RETIRED


async def test_who_has_left_is_told_nothing_and_the_manager_is(watch: Watch) -> None:
    await watch.plan()
    assert await watch.before(7 * DAY) == {}
    await watch.scene.change("UPDATE person SET active = false WHERE id = :p", p=watch.next_up)
    assert await watch.before(3 * DAY) == {MANAGER: TO_MANAGER}
    assert await watch.missing() == [[Lack.MEMBERSHIP]]


async def test_who_may_not_sign_in_is_not_ready(watch: Watch) -> None:
    await watch.scene.change("UPDATE membership SET state = 'suspended' WHERE person_id = :p", p=watch.next_up)
    await watch.plan()
    assert REMINDER in await watch.before(7 * DAY)
    assert await watch.missing() == [[Lack.MEMBERSHIP]]


async def give_to(watch: Watch, person_id: UUID) -> None:
    """Pass the coming duty to somebody else, as an override does."""
    await watch.scene.change(
        "UPDATE shift SET person_id = :p WHERE rota_id = :r AND lower(turn) = :at",
        p=person_id, r=watch.rota_id, at=watch.begins,
    )  # fmt: skip


async def test_a_duty_that_passes_to_somebody_else_takes_the_reminders_along(watch: Watch) -> None:
    scene = watch.scene
    await watch.only("email")
    await watch.plan()
    assert REMINDER in await watch.before(7 * DAY)
    other = await scene.person("greta-stonecrop")
    await scene.change(
        "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :p AND channel <> 'sms'", p=other
    )
    await give_to(watch, other)
    await watch.plan()
    theirs = await scene.reach(["sms"], other)
    assert without_push(scene) == {REMINDER: theirs}, "the stage has come, so who is new to it hears at once"
    assert await watch.before(3 * DAY) == {REMINDER: theirs}
    assert await watch.before(DAY) == {REMINDER: theirs, MANAGER: TO_MANAGER}


async def test_even_without_a_new_plan_who_has_the_duty_no_more_hears_nothing(watch: Watch) -> None:
    await watch.only("email")
    await watch.plan()
    assert REMINDER in await watch.before(7 * DAY)
    await give_to(watch, await watch.scene.person("greta-stonecrop"))
    await watch.scene.change("DELETE FROM routing.task WHERE actor = 'plan_duties'")
    for ahead in (3 * DAY, DAY, 2 * HOUR, timedelta()):
        assert await watch.before(ahead) == {}


async def test_a_day_is_the_longest_that_a_change_goes_unseen(watch: Watch) -> None:
    await watch.plan()
    assert await watch.before(7 * DAY) == {}
    other = await watch.scene.person("greta-stonecrop")
    await watch.scene.change(
        "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :p AND channel <> 'sms'", p=other
    )
    await give_to(watch, other)
    assert await watch.before(6 * DAY) == {REMINDER: await watch.scene.reach(["sms"], other)}


async def test_planning_again_and_again_tells_nobody_twice(watch: Watch) -> None:
    await watch.only("email")
    await watch.plan()
    assert REMINDER in await watch.before(7 * DAY)
    for _ in range(3):
        await watch.plan()
        assert without_push(watch.scene) == {}
    assert REMINDER in await watch.before(3 * DAY)
    watched = await rows(watch.scene.partnership, DutyWatch)
    own = [duty for duty in watched if (duty.rota_id, duty.begins_at) == (watch.rota_id, watch.begins)]
    assert len(own) == 1


async def test_a_shift_made_anew_is_the_same_duty_and_begins_once(watch: Watch) -> None:
    await watch.plan()
    assert list(await watch.before(timedelta())) == [ON_CALL]
    async with watch.scene.owner() as session:
        shift = (await session.scalars(select(Shift).where(
            col(Shift.rota_id) == watch.rota_id, col(Shift.during).contains(Range(watch.begins, watch.begins + HOUR))
        ))).one()  # fmt: skip
        values, ends = shift.model_dump(exclude={"id", "during", "turn"}), shift.turn.upper
        await session.delete(shift)
        await session.flush()
        cut = watch.begins + 3 * HOUR
        for span in (Range(watch.begins, cut), Range(cut, ends)):
            session.add(Shift(**values, during=span, turn=span))
        await session.flush()
    await watch.plan()
    assert await watch.before(-3 * HOUR) == {}
    await watch.plan()
    assert without_push(watch.scene) == {}


async def test_a_duty_taken_over_at_once_begins_with_a_word(watch: Watch) -> None:
    await watch.scene.at(watch.begins + DAY)
    other, now = await watch.scene.person("greta-stonecrop"), watch.begins + DAY
    async with watch.scene.owner() as session:
        shift = (await session.scalars(select(Shift).where(
            col(Shift.rota_id) == watch.rota_id, col(Shift.during).contains(Range(now, now + HOUR))
        ))).one()  # fmt: skip
        values, span = shift.model_dump(exclude={"id", "during", "turn", "person_id"}), shift.turn
        mine = shift.person_id
        await session.delete(shift)
        await session.flush()
        for person, part in ((mine, Range(span.lower, now)), (other, Range(now, span.upper))):
            session.add(Shift(**values, person_id=person, during=part, turn=part))
        await session.flush()
    await watch.plan()
    assert without_push(watch.scene) == {ON_CALL: await watch.scene.reach(("sms", "email"), other)}


async def test_a_check_that_breaks_leaves_nothing_half_done(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies after the notices are written and before the transaction ends: all of it comes again."""
    await watch.only("email")
    await watch.plan()
    await watch.scene.at(watch.begins - DAY)

    async def die(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(service, "raise_alert", die)
        with pytest.raises(RuntimeError):
            await watch.scene.work.run_due()
    assert without_push(watch.scene) == {}
    assert await rows(watch.scene.partnership, ReadinessReminder) == []
    assert set(await watch.before(DAY)) == {REMINDER, MANAGER}


async def test_readiness_lists_who_is_and_who_will_be_on_call(watch: Watch) -> None:
    await watch.only("email")
    await watch.scene.at(watch.begins - 2 * DAY)
    async with watch.scene.partnership.session() as session:
        week = await service.readiness(session, 7 * DAY, role="sio")
        day = await service.readiness(session, DAY, role="sio")
        own = await service.readiness(session, 7 * DAY, person_id=watch.next_up)
    assert [(row.duty.person_id, bool(row.lacks)) for row in week] == [(watch.leaving, False), (watch.next_up, True)]
    assert [row.duty.person_id for row in day] == [watch.leaving]
    assert [(row.role, row.duty.answers_from) for row in own] == [("sio", watch.begins)]


async def test_a_partnership_whose_rotas_are_empty_has_nobody_to_tell(watch: Watch) -> None:
    await watch.scene.change("DELETE FROM shift")
    await watch.plan()
    async with watch.scene.partnership.session() as session:
        assert await service.readiness(session, 7 * DAY) == []
    assert without_push(watch.scene) == {}
