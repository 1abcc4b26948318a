"""Keep the register of deaths: notices as they come, what each is of, and the steps of the review.

A notice is never refused for being the second of one death (Working Together 2005 ¶5.49): it is matched, or it
waits in the list of those that are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.cases import service as cases
from backend.child_deaths import repository as child_deaths
from backend.child_deaths.models import ChildDeath
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.registers.deaths import repository, telling
from backend.registers.deaths.entries import DeathEntry
from backend.registers.deaths.models import DeathMatch, DeathNotice, DeathStep, MatchOutcome, NoticeSource, StepKind
from tenants.partnerships import repository as partnerships

_ABOUT_ANOTHER = frozenset({StepKind.SAME_DEATH_AS, StepKind.NOT_SAME_DEATH_AS})
_OF_A_BODY = frozenset({StepKind.PANEL_TOLD, StepKind.FORM_B_REQUESTED, StepKind.FORM_B_RECEIVED})


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """A notice as it came. ``came_from_id`` is the sender's own id of what brought it, where a system did."""

    source: NoticeSource
    told_by: str
    received_at: datetime
    their_reference: str | None = None
    came_from: str | None = None
    came_from_id: UUID | None = None
    child_name: str | None = None
    date_of_birth: date | None = None
    died_on: date | None = None
    place_of_death: str | None = None
    usual_home: str | None = None
    area_of_death_id: UUID | None = None
    home_area_id: UUID | None = None


async def receive(session: TenantSession, told: NoticeTold, notice_id: UUID, *, by: Caller | None) -> DeathNotice:
    """Enter a notice; ``by`` None where another system brought it.

    Raises ``Forbidden``, ``NotFound`` for an area that is not there, and ``Invalid`` with every fault.
    """
    if by is not None:
        by.require(Permission.KEEP_DEATH_REGISTER)
    areas = [one for one in (told.area_of_death_id, told.home_area_id) if one is not None]
    if len(await partnerships.areas_by_id(session, areas)) != len(set(areas)):
        raise NotFound("There is no such area in this partnership.")
    now = await session.now()
    faults = [fault] if (fault := text_fault("toldBy", told.told_by, 200)) else []
    faults += text_faults(
        theirReference=(told.their_reference, 100), cameFrom=(told.came_from, 200), childName=(told.child_name, 200),
        placeOfDeath=(told.place_of_death, 500), usualHome=(told.usual_home, 500),
    )  # fmt: skip
    if told.received_at > now:
        faults.append(FieldError("receivedAt", "must not lie in the future"))
    if told.child_name is None and told.date_of_birth is None and told.their_reference is None:
        faults.append(
            FieldError("childName", "give a name, a date of birth or their reference, or it cannot be matched")
        )
    if told.died_on is not None and told.date_of_birth is not None and told.died_on < told.date_of_birth:
        faults.append(FieldError("diedOn", "must not lie before the birth"))
    if faults:
        raise Invalid(faults)
    row = DeathNotice(
        tenant_id=session.tenant_id, id=notice_id, source=told.source, told_by=told.told_by,
        their_reference=told.their_reference, came_from=told.came_from, came_from_id=told.came_from_id,
        child_name=told.child_name, date_of_birth=told.date_of_birth, died_on=told.died_on,
        place_of_death=told.place_of_death, usual_home=told.usual_home, area_of_death_id=told.area_of_death_id,
        home_area_id=told.home_area_id, received_at=told.received_at,
        recorded_by=by.person_id if by is not None else None, recorded_at=now,
    )  # fmt: skip
    session.insert(row)
    actor = by.person_id if by is not None else None
    session.audit_entries.append(Entry("death_notice.received", "death_notice", row.id, actor,
                                       {"source": told.source.value}))  # fmt: skip
    return row


async def match(
    session: TenantSession, caller: Caller, notice_id: UUID, outcome: MatchOutcome, death_id: UUID | None, reason: str
) -> DeathNotice:
    """Say what a notice is of; the latest word holds. Raises ``Forbidden``, ``NotFound`` and ``Invalid``."""
    caller.require(Permission.KEEP_DEATH_REGISTER)
    row = await repository.notice(session, caller, notice_id)
    death = await seen(session, caller, death_id) if death_id is not None else None
    faults = text_faults(reason=(reason, 1_000))
    if (outcome is MatchOutcome.MATCHED) != (death_id is not None):
        faults.append(FieldError("deathId", "is the death it is of, with MATCHED and only with it"))
    if faults:
        raise Invalid(faults)
    if death is not None:
        await cases.record(session, death.case_id, "death_notice.matched", caller, notice=notice_id)
    session.append(
        DeathMatch, notice_id=notice_id, outcome=outcome, death_id=death_id, reason=reason,
        matched_by=caller.person_id, matched_at=await session.now(),
    )  # fmt: skip
    session.audit_entries.append(
        Entry("death_notice.matched", "death_notice", notice_id, caller.person_id,
              {"outcome": outcome.value, "death": str(death_id) if death_id is not None else None})
    )  # fmt: skip
    return row


@dataclass(frozen=True, slots=True)
class StepTold:
    """A step: who was told or whose form, which other report, when; ``done_at`` None is now."""

    kind: StepKind
    body: str | None = None
    other_id: UUID | None = None
    note: str | None = None
    done_at: datetime | None = None


async def record_step(session: TenantSession, caller: Caller, death_id: UUID, told: StepTold) -> DeathStep:
    """Enter a step towards the review of a death.

    Raises ``Forbidden``, ``NotFound`` for a death that is not there for the caller, ``Conflict`` for two reports that
    are one, and ``Invalid`` with every fault.
    """
    caller.require(Permission.KEEP_DEATH_REGISTER)
    death = await seen(session, caller, death_id)
    await cases.addable(session, caller, death.case_id, needs=Permission.KEEP_DEATH_REGISTER)
    now = await session.now()
    faults = text_faults(body=(told.body, 200), note=(told.note, 10_000))
    if told.kind in _OF_A_BODY and told.body is None:
        faults.append(FieldError("body", "is the panel or the agency; it must be given"))
    if (told.kind in _ABOUT_ANOTHER) != (told.other_id is not None):
        faults.append(FieldError("otherId", "is the other report, with SAME_DEATH_AS and NOT_SAME_DEATH_AS only"))
    if told.done_at is not None and not death.died_at <= told.done_at <= now:
        faults.append(FieldError("doneAt", "must lie between the death and now"))
    if faults:
        raise Invalid(faults)
    if told.other_id is not None:
        if told.other_id == death_id:
            raise Conflict("This is one and the same report.")
        await seen(session, caller, told.other_id)
    row = DeathStep(
        tenant_id=session.tenant_id, id=uuid7(), death_id=death_id, kind=told.kind, body=told.body,
        other_id=told.other_id, note=told.note, done_at=told.done_at or now, recorded_by=caller.person_id,
        recorded_at=now,
    )  # fmt: skip
    await telling.enter(session, caller, death, row)
    return row


async def seen(session: TenantSession, caller: Caller, death_id: UUID) -> ChildDeath:
    """A reported death whose case is there for the caller. Raises ``NotFound``."""
    death = await child_deaths.child_death(session, death_id)
    await cases.seen(session, caller, death.case_id, otherwise=child_deaths.NO_DEATH)
    return death


async def entries(session: TenantSession, caller: Caller, deaths: Sequence[ChildDeath]) -> list[DeathEntry]:
    """What the register says of each death, in the same order. A report counts days until a notice matches it."""
    ids = [one.id for one in deaths]
    steps, same = await repository.steps(session, ids), await repository.same_as(session, ids)
    notices = await repository.notices_of(session, ids)
    areas = {area.id: area.name for area in await partnerships.areas(session)}
    now = await session.now()
    there = {one for pair in same.values() for one in pair} - set(ids)
    visible = set(ids) | await repository.in_sight_of(session, caller, there)
    return [
        DeathEntry(
            death, areas[death.area_of_death_id], areas[death.coroner_area_id],
            areas[death.home_area_id] if death.home_area_id is not None else None,
            tuple(notices.get(death.id, ())), tuple(steps.get(death.id, ())),
            tuple(one for one in same.get(death.id, []) if one in visible),
            None if any(one.source in repository.RECONCILING for one in notices.get(death.id, []))
            else repository.since(death.reported_at, now),
        )
        for death in deaths
    ]  # fmt: skip
