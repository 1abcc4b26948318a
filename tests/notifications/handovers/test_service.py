"""What one officer on call leaves to the next: listed, written, signed by both, and asked for when it is not.

In the reference partnership the investigating officers change on Mondays at nine and have an hour to sign.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound
from backend.kit.tasks import owe
from notifications.alerts import service as alerts
from notifications.handovers import changes, repository, service
from notifications.handovers.models import Handover, HandoverAlert, HandoverState
from notifications.handovers.settings import checked_minutes
from notifications.rotas.models import Rota, Shift
from support.api import rows
from support.ladders import call, put_in_force, rota, slot
from support.scene import Scene, coming

HANDOVER, MANAGER = "handover-reminder", "rota-manager-notice"
TO_MANAGER = ["email rotas.cambs@example.org"]
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NOTE = "One call is still open; the family liaison officer is named in it."


@dataclass
class Turnover:
    """The investigating officers' change at ``at``, three hours ahead."""

    scene: Scene
    rota_id: UUID
    at: datetime
    leaving: UUID
    coming: UUID

    async def look(self) -> None:
        """What the follower does after a change of the rota."""
        async with self.scene.partnership.session() as session:
            await owe(session, changes.CHANGE_OF_TURN, self.rota_id)
            await session.commit()
        await self.scene.work.run_due()

    async def after(self, past: timedelta) -> dict[str, list[str]]:
        """What is sent to anybody, of our kinds, when the change is ``past``."""
        await self.scene.at(self.at + past)
        await self.scene.work.run_due()
        return {kind: sent for kind, sent in self.scene.phones.new().items() if kind in {HANDOVER, MANAGER}}

    async def one(self) -> Handover:
        (found,) = await rows(self.scene.partnership, Handover)
        return found

    async def write(self, person: UUID, note: str | None = None, role: str = "sio") -> Handover:
        async with self.scene.partnership.session() as session:
            made = await service.write(session, role, person, note)
            await session.commit()
        return made

    async def sign(self, person: UUID) -> Handover:
        async with self.scene.partnership.session() as session:
            signed = await service.acknowledge(session, (await self.latest()).id, person)
            await session.commit()
        return signed

    async def latest(self) -> Handover:
        return (await rows(self.scene.partnership, Handover))[-1]

    async def shift_at(self, instant: datetime, statement: str, **values: object) -> None:
        """Change the officers' shift that is on at an instant."""
        where = "WHERE rota_id = :rota AND during @> CAST(:instant AS timestamptz)"
        await self.scene.change(f"{statement} {where}", rota=self.rota_id, instant=instant, **values)


@pytest.fixture
async def turnover(scene: Scene) -> Turnover:
    around = coming(weekday=0, hour=9)
    await scene.lay_out_shifts(around)
    async with scene.partnership.session() as session:
        rota = (await session.scalars(select(Rota).where(col(Rota.role) == "sio"))).one()
        shifts = await session.scalars(select(Shift).where(col(Shift.rota_id) == rota.id))
        turns = sorted((s.turn.lower, s.turn.upper, s.person_id) for s in shifts if s.turn.lower and s.turn.upper)
    leaving = next(turn for turn in turns if turn[0] < around - HOUR < turn[1])
    taking = next(turn for turn in turns if turn[0] == leaving[1])
    made = Turnover(scene, rota.id, leaving[1], leaving[2], taking[2])
    await scene.change("DELETE FROM routing.task")
    await scene.change("DELETE FROM handover_mark")  # a change of turn that comes before, today's, is not ours
    await scene.at(made.at - 3 * HOUR)
    await made.look()
    return made


async def test_a_hand_over_begins_by_itself_when_the_turn_passes(turnover: Turnover) -> None:
    assert await turnover.after(-MINUTE) == {}
    assert await rows(turnover.scene.partnership, Handover) == []
    assert await turnover.after(timedelta()) == {}
    made = await turnover.one()
    assert (made.outgoing_id, made.incoming_id) == (turnover.leaving, turnover.coming)
    assert (made.at, made.state, made.role) == (turnover.at, HandoverState.OPEN, "sio")


async def test_looking_again_and_again_makes_one(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    for past in (MINUTE, HOUR, DAY):
        await turnover.after(past)
        await turnover.look()
    await turnover.one()


async def test_a_scheduler_that_slept_makes_it_late(turnover: Turnover) -> None:
    await turnover.after(2 * DAY)
    made = await turnover.one()
    assert (made.at, made.created_at) == (turnover.at, turnover.at + 2 * DAY)


async def test_it_lists_what_is_open_in_the_role_by_ids_alone(turnover: Turnover) -> None:
    scene = turnover.scene
    await scene.at(turnover.at - HOUR)
    await scene.report()
    closed = await scene.alert()
    for role in scene.slot_ids:
        await scene.acknowledge(role, await scene.on_call(role))
    await scene.at(turnover.at - MINUTE)
    await scene.report(child_name="Another Testchild")
    await turnover.after(timedelta())
    listed = {row.alert_id: row.state for row in await rows(scene.partnership, HandoverAlert)}
    assert listed == {scene.alert_id: "paging", closed.id: "acknowledged"}
    async with scene.partnership.session() as session:
        everything = [str(row) for row in await session.scalars(text("SELECT h::text FROM handover_alert h"))]
        everything += [str(row) for row in await session.scalars(text("SELECT h::text FROM handover h"))]
    assert not [row for row in everything if "Testchild" in row]


async def test_what_another_took_and_finished_is_not_listed(turnover: Turnover) -> None:
    scene = turnover.scene
    await scene.at(turnover.at - HOUR)
    await scene.report()
    await scene.decline("sio", await scene.on_call("sio"))
    await scene.acknowledge("sio", await scene.on_call("detective_superintendent"))
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    await turnover.after(timedelta())
    assert await rows(scene.partnership, HandoverAlert) == []


async def test_what_is_still_called_for_in_an_alert_that_others_have_met_is_listed(turnover: Turnover) -> None:
    scene = turnover.scene
    await put_in_force(scene, slot(rota("duty_manager")), slot(rota("sio"), role="sio", required=False))
    await scene.at(turnover.at - MINUTE)
    await call(scene)
    await scene.acknowledge("first", await scene.on_call("duty_manager"))
    await turnover.after(timedelta())
    (listed,) = await rows(scene.partnership, HandoverAlert)
    assert (listed.alert_id, listed.state) == (scene.alert_id, "paging")


async def test_the_note_is_the_leavers_and_both_sign(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    written = await turnover.write(turnover.leaving, NOTE)
    assert written.note == NOTE
    assert (await turnover.sign(turnover.leaving)).state is HandoverState.OPEN
    await turnover.scene.clock.advance(MINUTE)
    signed = await turnover.sign(turnover.coming)
    assert signed.state is HandoverState.SIGNED
    assert signed.outgoing_signed_at is not None
    assert signed.incoming_signed_at == signed.outgoing_signed_at + MINUTE
    assert await turnover.after(5 * HOUR) == {}


async def test_once_both_have_signed_nothing_changes_it(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    await turnover.write(turnover.leaving, NOTE)
    await turnover.sign(turnover.leaving)
    signed = await turnover.sign(turnover.coming)
    for person in (turnover.leaving, turnover.coming):
        assert (await turnover.sign(person)).incoming_signed_at == signed.incoming_signed_at
    with pytest.raises(Forbidden):
        await turnover.write(turnover.leaving, "something else")
    for role in ("UPDATE handover SET note = 'x'", "UPDATE handover SET state = 'open'"):
        with pytest.raises(DBAPIError, match="signed hand-over"):
            await turnover.scene.change(role)
    assert (await turnover.one()).note == NOTE


async def test_a_note_written_anew_is_signed_anew(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    await turnover.write(turnover.leaving, NOTE)
    await turnover.sign(turnover.coming)
    rewritten = await turnover.write(turnover.leaving, f"{NOTE} And a second one.")
    assert (rewritten.incoming_signed_at, rewritten.state) == (None, HandoverState.OPEN)


async def test_who_follows_writes_no_note_until_they_are_on_call_and_then_their_own(turnover: Turnover) -> None:
    with pytest.raises(Forbidden, match="Only the person who hands over"):
        await turnover.write(turnover.coming, NOTE)
    await turnover.after(timedelta())
    theirs = await turnover.write(turnover.coming, NOTE)
    assert theirs.outgoing_id == turnover.coming
    assert theirs.at > turnover.at
    assert [one.note for one in await rows(turnover.scene.partnership, Handover)] == [None, NOTE]


async def test_an_old_one_that_was_never_signed_is_not_written_over(turnover: Turnover) -> None:
    """On call again three weeks later, the officer writes for that turn."""
    await turnover.after(timedelta())
    await turnover.write(turnover.leaving, NOTE)
    await turnover.shift_at(
        turnover.at + DAY, "UPDATE shift SET person_id = :p", p=await turnover.scene.person("wren-saltmarsh")
    )
    await turnover.shift_at(turnover.at + 8 * DAY, "UPDATE shift SET person_id = :p", p=turnover.leaving)
    await turnover.scene.at(turnover.at + 8 * DAY)
    later = await turnover.write(turnover.leaving, "a later turn")
    assert later.at > turnover.at + 8 * DAY
    assert [one.note for one in await rows(turnover.scene.partnership, Handover)] == [NOTE, "a later turn"]


async def test_only_the_two_sign(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    stranger = await turnover.scene.person("wren-saltmarsh")
    with pytest.raises(Forbidden, match="Only the two people"):
        await turnover.sign(stranger)
    with pytest.raises(Forbidden, match="follows next"):
        await turnover.write(stranger, NOTE)
    with pytest.raises(Invalid):
        await turnover.write(stranger, NOTE, role="conjurer")
    async with turnover.scene.partnership.session() as session:
        with pytest.raises(NotFound):
            await service.acknowledge(session, UUID(int=7), stranger)


async def test_either_may_begin_it_before_the_turn_ends_and_the_turn_makes_no_second(turnover: Turnover) -> None:
    asked = await turnover.write(turnover.coming)
    assert (asked.outgoing_id, asked.incoming_id, asked.at) == (turnover.leaving, turnover.coming, turnover.at)
    assert (await turnover.write(turnover.leaving, NOTE)).id == asked.id
    await turnover.after(timedelta())
    assert (await turnover.one()).note == NOTE


async def test_one_that_both_signed_before_the_end_is_the_turns_own(turnover: Turnover) -> None:
    await turnover.write(turnover.leaving, NOTE)
    await turnover.sign(turnover.leaving)
    await turnover.sign(turnover.coming)
    assert await turnover.after(3 * HOUR) == {}
    await turnover.one()
    with pytest.raises(Forbidden):
        await turnover.write(turnover.leaving, "later")


async def test_signed_early_it_is_not_begun_again_before_the_end(turnover: Turnover) -> None:
    await turnover.write(turnover.leaving, NOTE)
    await turnover.sign(turnover.leaving)
    await turnover.sign(turnover.coming)
    with pytest.raises(Conflict, match="Both have signed"):
        await turnover.write(turnover.leaving, "something else")


async def test_an_alert_that_comes_after_it_was_begun_is_listed_when_the_turn_ends(turnover: Turnover) -> None:
    await turnover.write(turnover.leaving, NOTE)
    await turnover.scene.at(turnover.at - MINUTE)
    await turnover.scene.report()
    await turnover.after(timedelta())
    assert [row.alert_id for row in await rows(turnover.scene.partnership, HandoverAlert)] == [turnover.scene.alert_id]


async def test_who_has_not_signed_is_reminded_and_then_the_manager_is_told(turnover: Turnover) -> None:
    scene = turnover.scene
    await turnover.after(timedelta())
    await turnover.sign(turnover.leaving)
    assert await turnover.after(HOUR - MINUTE) == {}
    assert await turnover.after(HOUR) == {HANDOVER: await scene.reach(("sms", "email"), turnover.coming)}
    assert await turnover.after(2 * HOUR - MINUTE) == {}
    assert await turnover.after(2 * HOUR) == {MANAGER: TO_MANAGER}
    assert await turnover.after(2 * DAY) == {}


async def test_a_partnership_that_sets_no_time_has_nobody_reminded(turnover: Turnover) -> None:
    await turnover.scene.change("DELETE FROM partnership_setting WHERE key = 'acknowledge_handover_within_minutes'")
    assert await turnover.after(timedelta()) == {}
    assert await turnover.after(2 * DAY) == {}


@pytest.mark.parametrize("value", [None, "60", 4, 10_081, 1.5, True, []])
def test_a_time_that_cannot_be_is_not_put_in_force(value: object) -> None:
    with pytest.raises(ValueError, match="must be a whole number of minutes"):
        checked_minutes(value)


async def test_a_reminder_says_nothing_of_the_note(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    await turnover.write(turnover.leaving, NOTE)
    await turnover.after(2 * HOUR)
    assert HANDOVER not in await turnover.after(3 * HOUR)
    assert "liaison" not in str(turnover.scene.phones.messages())


async def test_who_follows_themselves_hands_over_to_nobody(turnover: Turnover) -> None:
    await turnover.shift_at(turnover.at + HOUR, "UPDATE shift SET person_id = :p", p=turnover.leaving)
    await turnover.look()
    assert await turnover.after(HOUR) == {}
    assert await rows(turnover.scene.partnership, Handover) == []


async def test_into_a_gap_the_note_waits_for_whoever_comes_next(turnover: Turnover) -> None:
    """The detective superintendent answers meanwhile, so nobody needs to be told."""
    await turnover.shift_at(
        turnover.at + HOUR,
        "UPDATE shift SET turn = tstzrange(lower(turn) + interval '6 hours', upper(turn)),"
        " during = tstzrange(lower(during) + interval '6 hours', upper(during))",
    )
    await turnover.look()
    assert await turnover.after(timedelta()) == {}
    waiting = await turnover.one()
    assert (waiting.state, waiting.incoming_id) == (HandoverState.WAITING, None)
    await turnover.sign(turnover.leaving)
    assert await turnover.after(6 * HOUR - MINUTE) == {}
    await turnover.after(6 * HOUR)
    received = await turnover.one()
    assert (received.state, received.incoming_id) == (HandoverState.OPEN, turnover.coming)
    assert (await turnover.after(7 * HOUR))[HANDOVER] == await turnover.scene.reach(("sms", "email"), turnover.coming)
    assert (await turnover.sign(turnover.coming)).state is HandoverState.SIGNED


async def test_when_nobody_answers_in_the_gap_the_manager_is_told_once(turnover: Turnover) -> None:
    await turnover.scene.change("DELETE FROM shift WHERE lower(turn) >= :at", at=turnover.at)
    await turnover.scene.change("UPDATE rota SET uncovered_role = NULL")
    await turnover.look()
    assert await turnover.after(timedelta()) == {MANAGER: TO_MANAGER}
    assert (await turnover.one()).state is HandoverState.WAITING
    await turnover.look()
    await turnover.sign(turnover.leaving)
    assert await turnover.after(DAY) == {}


async def test_a_note_whose_writer_came_back_is_void(turnover: Turnover) -> None:
    gap = (
        "UPDATE shift SET turn = tstzrange(lower(turn) + interval '6 hours', upper(turn)),"
        " during = tstzrange(lower(during) + interval '6 hours', upper(during))"
    )
    await turnover.shift_at(turnover.at + HOUR, gap)
    await turnover.look()
    await turnover.after(timedelta())
    await turnover.shift_at(turnover.at + 7 * HOUR, "UPDATE shift SET person_id = :p", p=turnover.leaving)
    await turnover.look()
    await turnover.after(6 * HOUR)
    assert (await turnover.one()).state is HandoverState.VOID
    with pytest.raises(Conflict, match="void"):
        await turnover.sign(turnover.leaving)


async def test_a_turn_that_is_taken_over_early_is_handed_over_then(turnover: Turnover) -> None:
    taken = turnover.at - HOUR
    await turnover.scene.at(taken)
    await turnover.shift_at(
        taken, "UPDATE shift SET turn = tstzrange(lower(turn), :t), during = tstzrange(lower(during), :t)", t=taken
    )
    await turnover.shift_at(
        turnover.at + HOUR,
        "UPDATE shift SET turn = tstzrange(:t, upper(turn)), during = tstzrange(:t, upper(during))", t=taken,
    )  # fmt: skip
    await turnover.look()
    made = await turnover.one()
    assert (made.at, made.incoming_id) == (taken, turnover.coming)
    await turnover.after(HOUR)
    await turnover.one()


async def test_the_follower_who_has_left_is_not_reminded_and_the_manager_is_told(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    await turnover.sign(turnover.leaving)
    await turnover.scene.change("UPDATE person SET active = false WHERE id = :p", p=turnover.coming)
    assert await turnover.after(HOUR) == {MANAGER: TO_MANAGER}


async def test_a_crash_between_the_lines_leaves_nothing_half_done(
    turnover: Turnover, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(changes, "list_open", die)
        with pytest.raises(RuntimeError):
            await turnover.after(timedelta())
    assert await rows(turnover.scene.partnership, Handover) == []
    await turnover.after(timedelta())
    await turnover.one()


async def test_every_step_is_on_the_audit_log_without_a_word_of_the_note(turnover: Turnover) -> None:
    await turnover.after(timedelta())
    await turnover.write(turnover.leaving, NOTE)
    await turnover.sign(turnover.leaving)
    await turnover.sign(turnover.coming)
    async with turnover.scene.partnership.session() as session:
        entries = (await session.execute(text("SELECT action, a::text AS all FROM audit_entry a ORDER BY seq"))).all()
    acts = [row.action for row in entries if row.action.startswith("handover.")]
    assert acts == [
        "handover.begun", "handover.written", "handover.acknowledged", "handover.acknowledged", "handover.signed",
    ]  # fmt: skip
    assert not [row for row in entries if "liaison" in row.all]


async def test_a_slot_that_is_acknowledged_later_keeps_the_state_it_was_listed_in(turnover: Turnover) -> None:
    scene = turnover.scene
    await scene.at(turnover.at - MINUTE)
    await scene.report()
    await turnover.after(timedelta())
    async with scene.partnership.session() as session:
        await alerts.acknowledge(session, scene.slot_ids["sio"], turnover.leaving)
        await session.commit()
    async with scene.partnership.session() as session:
        listed = (await repository.alerts_of(session, [(await turnover.one()).id])).popitem()[1]
    assert [row.state for row in listed] == ["paging"]
