"""Hand-overs as the rota's changes come about.

One task a rota is due at its next change. It makes the hand-overs of every change since it last
looked, so a scheduler that slept makes them late and not at all twice.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.alerts.service import raise_alert
from notifications.handovers import repository
from notifications.handovers.models import Handover, HandoverState
from notifications.handovers.settings import acknowledge_within
from notifications.readiness import repository as duties
from notifications.readiness.duties import Change, Duty, Turn, changes
from notifications.rotas import repository as rotas
from notifications.rotas.models import Rota

CHANGE_OF_TURN: Final = Actor("change_of_turn", NOTICES)
REMIND_HANDOVER: Final = Actor("remind_handover", NOTICES)
NOBODY_ALERT: Final = "handover-nobody"

LOOK_BACK: Final = timedelta(days=15)  # longer than two weeks on call count from where they are first seen
LOOK_AHEAD: Final = timedelta(days=30)


async def look(session: TenantSession, rota_id: UUID) -> None:
    """Make what hand-overs the rota's changes call for, and look again at the next change.

    To be called when a rota has changed, too: what it finds depends on the shifts alone.
    """
    now = await session.now()
    mark = await repository.mark(session, rota_id, now)
    rota = await rotas.rota(session, rota_id)
    turns = await duties.turns(session, min(now - LOOK_BACK, mark.seen_until), now + LOOK_AHEAD, rota_id)
    for change in changes(turns):
        if mark.seen_until < change.outgoing.ends <= now:
            await _hand_over(session, rota, change, now)
    await _receive(session, rota, turns, now)
    mark.seen_until = now
    cancel(session, CHANGE_OF_TURN, [rota_id])
    await owe(session, CHANGE_OF_TURN, rota_id, due_at=next_look(turns, now))


def next_look(turns: list[Turn], now: datetime) -> datetime:
    """When a turn next begins or ends; a day ahead at the most."""
    instants = (instant for turn in turns for instant in (turn.begins, turn.ends) if instant > now)
    return min(instants, default=now + timedelta(days=1))


async def _hand_over(session: TenantSession, rota: Rota, change: Change, now: datetime) -> None:
    """The hand-over of a change that has come: a new one, or the one that was begun before."""
    out, into = change.outgoing, change.incoming
    begun = await repository.of_duty(session, out.rota_id, out.position, out.person_id, out.begins)
    if begun is not None and begun.state is HandoverState.SIGNED:
        return
    found = begun or await start(session, rota.role, change, None)
    taken_over = into is not None and into.begins <= now
    found.at = out.ends
    found.incoming_id = into.person_id if into is not None and taken_over else None
    found.state = HandoverState.OPEN if taken_over else HandoverState.WAITING
    if begun is not None:
        await set_timer(session, begun, now)
    await list_open(session, found, out.begins)
    if not taken_over and await _uncovered(session, rota, into, now):
        found.uncovered_at = now
        await raise_alert(session, NOBODY_ALERT, subject_kind="handover", subject_id=found.id)
        _audit(session, "handover.nobody", found, None)


async def _uncovered(session: TenantSession, rota: Rota, into: Duty | None, now: datetime) -> bool:
    """Whether nobody is known to come, or nobody answers until then.

    Hours that the rota leaves to another role are neither, nor what the role's other rotas answer once it has ended.
    """
    answers = rota.role if rota.ended_at is not None else rota.uncovered_role if into is not None else None
    return answers is None or not (await rotas.roster(session, now)).find(answers)[0]


async def _receive(session: TenantSession, rota: Rota, turns: list[Turn], now: datetime) -> None:
    """Give waiting notes to whoever has begun since; one whose own writer came back is void.

    Those of a rota that has ended are whose who is on call by another rota of the role.
    """
    if rota.ended_at is not None:
        turns = await _instead(session, rota, now)
    for waiting in await repository.unsigned(session, rota.id):
        if waiting.state is not HandoverState.WAITING or waiting.at > now:
            continue
        since = [t for t in turns if t.position == waiting.position and waiting.at <= t.begins <= now]
        if not since:
            continue
        first = min(since, key=lambda turn: turn.begins)
        came_back = first.person_id == waiting.outgoing_id
        waiting.state = HandoverState.VOID if came_back else HandoverState.OPEN
        waiting.incoming_id = None if came_back else first.person_id
        waiting.reminded_at = waiting.manager_told_at = None
        _audit(session, "handover.void" if came_back else "handover.received", waiting, None)
        if not came_back:
            await set_timer(session, waiting, now)


async def _instead(session: TenantSession, ended: Rota, now: datetime) -> list[Turn]:
    """Whose turns run by the role's other rotas, as if they began now."""
    others = {other.id for other in await rotas.rotas(session) if other.role == ended.role}
    ahead = await duties.turns(session, now, now + LOOK_AHEAD)
    return [replace(turn, begins=now) for turn in ahead if turn.rota_id in others and turn.begins <= now]


async def start(session: TenantSession, role: str, change: Change, asked_by: UUID | None) -> Handover:
    """Begin a hand-over, at a change or when somebody asks for it before."""
    out, into = change.outgoing, change.incoming
    made = Handover(
        tenant_id=session.tenant_id, rota_id=out.rota_id, position=out.position, role=role, outgoing_id=out.person_id,
        incoming_id=into.person_id if into else None, at=out.ends, created_at=await session.now(),
        state=HandoverState.OPEN if into else HandoverState.WAITING,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    _audit(session, "handover.begun", made, asked_by)
    await set_timer(session, made, max(made.at, made.created_at))
    return made


async def list_open(session: TenantSession, found: Handover, since: datetime) -> None:
    """Note which of the role's slots are open now."""
    slots = await repository.open_slots(session, found.role, found.outgoing_id, since)
    await repository.list_slots(session, found.id, slots, await session.now())


async def set_timer(session: TenantSession, found: Handover, since: datetime) -> None:
    """Have both reminded when the partnership's time for signing has passed, if it has set one."""
    within = await acknowledge_within(session)
    await session.flush()
    cancel(session, REMIND_HANDOVER, [found.id])
    if within is not None:
        await owe(session, REMIND_HANDOVER, found.id, due_at=since + within)


def _audit(session: TenantSession, action: str, found: Handover, actor_id: UUID | None) -> None:
    session.audit_entries.append(Entry(action, "handover", found.id, actor_id, {"rota": str(found.rota_id)}))
