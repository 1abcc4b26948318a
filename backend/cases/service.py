"""Open a case, let people in, add to its timeline, link it, log who looks.

What another domain builds on a case goes in by ``seen`` or ``changeable`` and leaves its trace by
``record``; ids of cases that came from a caller are given to nothing else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.cases import repository
from backend.cases.access import repository as access
from backend.cases.models import AccessEntry, CaseEvent, CaseFile, CaseState
from backend.cases.policies import Ties, may_change, may_see
from backend.cases.repository import NO_CASE
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import spoken_reference
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from notifications.webhooks.events import CASE_OPENED
from notifications.webhooks.places import placed_by
from notifications.webhooks.telling import happened
from tenants.contacts import repository as contacts
from tenants.contacts.models import Person
from tenants.partnerships import repository as partnerships

_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is said when a case is opened by hand: a pathway's code, and who shall have it.

    ``owner_id`` None is whoever opens it.
    """

    pathway: str
    area_id: UUID | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None


async def open_case(
    session: TenantSession, pathway: str, area_id: UUID | None, case_id: UUID, *,
    opened_by: UUID | None = None, owner_id: UUID | None = None, team_id: UUID | None = None,
    agency_id: UUID | None = None,
) -> CaseFile:  # fmt: skip
    """A new case file on ``pathway``; the ids are known to be this partnership's."""
    case = CaseFile(
        tenant_id=session.tenant_id, id=case_id, pathway=pathway, reference=spoken_reference(),
        area_id=area_id, opened_at=await session.now(), opened_by=opened_by, owner_id=owner_id,
        team_id=team_id, agency_id=agency_id,
    )  # fmt: skip
    session.insert(case)
    await happened(session, CASE_OPENED, case.id)
    return case


async def open_by_hand(session: TenantSession, caller: Caller, told: Opening, case_id: UUID) -> CaseFile:
    """Open a case for a person, which its owner's agency then holds.

    Raises ``Forbidden``, ``Invalid`` for a pathway that is no code or an owner who has left, and
    ``NotFound`` for an area, a person or a team of nowhere here.
    """
    caller.require(Permission.OPEN_CASES)
    if len(told.pathway) > 80 or not _CODE.fullmatch(told.pathway):
        raise Invalid([FieldError("pathway", "must be a pathway's code, such as initial-assessment")])
    if told.area_id is not None and told.area_id not in await partnerships.areas_by_id(session, [told.area_id]):
        raise NotFound("There is no such area in this partnership.")
    if told.team_id is not None:
        await access.team(session, told.team_id)
    owner = (await here(session, "ownerId", [told.owner_id or caller.person_id]))[0]
    case = await open_case(
        session, told.pathway, told.area_id, case_id, opened_by=caller.person_id, owner_id=owner.id,
        team_id=told.team_id, agency_id=owner.agency_id,
    )  # fmt: skip
    await record(session, case.id, "case.opened", caller, pathway=told.pathway)
    return case


async def here(session: TenantSession, field: str, person_ids: Iterable[UUID]) -> list[Person]:
    """People of the partnership who have not left. Raises ``NotFound``, or ``Invalid`` that names ``field``."""
    found = await known(session, person_ids)
    if any(not one.active for one in found):
        raise Invalid([FieldError(field, "names somebody who has left the partnership; name somebody who is here")])
    return found


async def known(session: TenantSession, person_ids: Iterable[UUID]) -> list[Person]:
    """People of the partnership, also those who have left. Raises ``NotFound``."""
    wanted = list(person_ids)
    found = await contacts.people(session, wanted)
    if any(one not in found for one in wanted):
        raise NotFound("There is no such person in this partnership.")
    return [found[one] for one in wanted]


async def sight(
    session: TenantSession, caller: Caller, case_id: UUID, *, otherwise: str = NO_CASE
) -> tuple[CaseFile, Ties]:
    """The case and what ties the caller to it.

    Raises ``NotFound`` for what is not there for the caller, in the words for what never was: where the
    caller named something that belongs to a case, ``otherwise`` are the words for that.
    """
    await session.flush()
    found = (await access.seen(session, caller, [case_id])).get(case_id)
    if found is None or not may_see(found.ties, caller):
        raise NotFound(otherwise)
    return found.case, found.ties


async def seen(session: TenantSession, caller: Caller, case_id: UUID, *, otherwise: str = NO_CASE) -> CaseFile:
    """The case, for a caller who may see it. Raises ``NotFound`` as ``sight`` does."""
    return (await sight(session, caller, case_id, otherwise=otherwise))[0]


async def addable(
    session: TenantSession, caller: Caller, case_id: UUID, *, needs: Permission, otherwise: str = NO_CASE
) -> None:  # fmt: skip
    """Refuse whoever may not add to the case, open or closed.

    Raises ``NotFound`` as ``sight`` does, ``Forbidden`` for whoever may only read it.
    """
    caller.require(needs)
    _, ties = await sight(session, caller, case_id, otherwise=otherwise)
    if not may_change(ties, caller, needs):
        raise Forbidden("Breaking the glass lets you read this case, not change it. Ask its owner to put you on it.")


async def changeable(
    session: TenantSession, caller: Caller, case_id: UUID, *, needs: Permission = Permission.EDIT_CASES,
    otherwise: str = NO_CASE,
) -> CaseFile:  # fmt: skip
    """The case, locked, for a caller who may add to it.

    Raises as ``addable`` does, and ``Conflict`` when it is closed.
    """
    await addable(session, caller, case_id, needs=needs, otherwise=otherwise)
    case = await repository.locked(session, case_id)
    if case.state is not CaseState.OPEN:
        raise Conflict(f"This case is {case.state.value}. Open a new case, and link the two.")
    return case


def local_day(instant: datetime, zone: str) -> date:
    """The day an instant falls on in a partnership's zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


async def record(
    session: TenantSession, case_id: UUID, kind: str, caller: Caller | None, *,
    occurred_at: datetime | None = None, **detail: Any,
) -> None:  # fmt: skip
    """Put an act, or what time has done, on the timeline and on the audit log. ``detail`` is ids, codes, instants."""
    told = {name: str(value) if isinstance(value, UUID) else value for name, value in detail.items()}
    by = caller.person_id if caller is not None else None
    await add_event(session, case_id, kind, by, occurred_at=occurred_at, detail=told)
    session.audit_entries.append(Entry(kind, "case", case_id, by, told))


async def add_event(
    session: TenantSession, case_id: UUID, kind: str, actor_id: UUID | None, *,
    occurred_at: datetime | None = None, detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append to the timeline. ``detail`` holds ids, codes and instants, never a child's data."""
    now = await session.now()
    session.append(
        CaseEvent, case_id=case_id, kind=kind, actor_id=actor_id,
        occurred_at=occurred_at or now, recorded_at=now, detail=detail or {},
    )  # fmt: skip


def action_of(ties: Ties) -> str:
    """How a look is logged: one that the glass was broken for says so."""
    return "view_in_emergency" if ties.emergency and not ties.listed else "view"


async def log_access(
    session: TenantSession, person_id: UUID, subject_kind: str, subject_id: UUID, action: str, *,
    case_id: UUID | None = None,
) -> None:  # fmt: skip
    """Note that a person looked at a record; committed with the answer that shows it."""
    session.append(
        AccessEntry, person_id=person_id, subject_kind=subject_kind, subject_id=subject_id,
        case_id=case_id, action=action, at=await session.now(),
    )  # fmt: skip


async def _areas(session: TenantSession, case_id: UUID) -> frozenset[UUID]:
    area_id = (await repository.case(session, case_id)).area_id
    return frozenset() if area_id is None else frozenset({area_id})


placed_by("Case", _areas)
