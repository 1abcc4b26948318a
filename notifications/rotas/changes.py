"""What every change to who is on call has in common: held, bounded, written down, audited and told."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from notifications.deliveries import notices
from notifications.deliveries.wording import OFF_CALL
from notifications.rotas import repository
from notifications.rotas.expansion import Turn
from notifications.rotas.followers import ROTA_CHANGED
from notifications.rotas.materialisation import ends_of, rematerialise, resolved
from notifications.rotas.models import Rota, RotaAdjustment
from notifications.rotas.resolution import AdjustmentKind

LONGEST: Final = timedelta(days=366)
"""The longest span that one adjustment may have."""


async def hold(session: TenantSession, ids: Iterable[UUID]) -> list[Rota]:
    """The rotas, held against other changes until the transaction ends.

    Raises ``NotFound``, and ``Conflict`` for one that has ended.
    """
    wanted = set(ids)
    found = await repository.locked(session, wanted)
    if len(found) < len(wanted):
        raise NotFound(repository.NO_ROTA)
    if any(rota.ended_at is not None for rota in found):
        raise Conflict("This rota has ended, and nobody is on call by it any more. Make another one.")
    return found


async def span_ahead(session: TenantSession, begins: datetime, until: datetime) -> datetime:
    """Where a span begins when what has passed is left out. Raises ``Invalid`` for one that is over or too long."""
    now = await session.now()
    if until <= now:
        raise Invalid([FieldError("until", "must lie ahead: what is past is not rewritten")])
    if until <= begins:
        raise Invalid([FieldError("until", "must be after the beginning")])
    if until - max(begins, now) > LONGEST:
        raise Invalid([FieldError("until", f"must be at most {LONGEST.days} days after the beginning")])
    return max(begins, now)


async def adjustment(
    session: TenantSession, rota_id: UUID | None, kind: AdjustmentKind, begins: datetime, until: datetime,
    *, adjustment_id: UUID | None = None, **values: Any,  # the columns of the kind
) -> RotaAdjustment:  # fmt: skip
    """A row that is not yet stored."""
    return RotaAdjustment(
        tenant_id=session.tenant_id, id=adjustment_id or uuid7(), rota_id=rota_id, kind=kind,
        during=Range(begins, until), made_at=await session.now(), **values,
    )  # fmt: skip


async def put_over(
    session: TenantSession, rota: Rota, made: RotaAdjustment, incoming: Iterable[UUID], field: str
) -> UUID:
    """Store an adjustment of a held rota with the shifts it makes. Returns its id.

    Raises ``Invalid`` at ``field`` when it puts one of ``incoming`` at two positions at once.
    """
    session.add(made)
    await session.flush()
    begins, until = ends_of(made.during)
    await refuse_two_places(session, rota, incoming, begins, until, field)
    await changed(session, [rota], f"rota.{made.kind.value}", "rota_adjustment", made.id, made.made_by)
    return made.id


async def changed(
    session: TenantSession, rotas: Iterable[Rota], action: str, kind: str, subject_id: UUID, by: UUID | None
) -> None:
    """Make the shifts ahead of held rotas anew, audit the act and let other packages know."""
    for rota in rotas:
        await remake(session, rota, by)
        await tell(session, rota.id, action, kind, subject_id, by)


async def remake(session: TenantSession, rota: Rota, by: UUID | None) -> bool:
    """Make the shifts ahead of a held rota anew; whether any had to change.

    Whose time on call ends early by another's act is told: they would else go out to a call that is not theirs.
    """
    made = await rematerialise(session, rota)
    for cut in made.cut:
        if cut.person_id != by:
            await notices.tell(session, [cut.person_id], template=OFF_CALL, subject_id=cut.shift_id, until=cut.until)
    return made.changed


async def tell(
    session: TenantSession, rota_id: UUID, action: str, kind: str, subject_id: UUID, by: UUID | None
) -> None:
    session.audit_entries.append(Entry(action, kind, subject_id, by, {"rota": str(rota_id)}))
    await owe(session, ROTA_CHANGED, rota_id)


async def refuse_two_places(
    session: TenantSession, rota: Rota, persons: Iterable[UUID], begins: datetime, until: datetime, field: str
) -> None:
    """Raise ``Invalid`` when one of ``persons`` is first and second on call of the rota at the same time."""
    refuse_overlapping([one.turn for one in await resolved(session, rota, begins, until)], persons, field)


def refuse_overlapping(turns: Collection[Turn], persons: Iterable[UUID], field: str) -> None:
    """Raise ``Invalid`` when turns of one of ``persons``, at whichever positions of a rota, overlap."""
    for person in set(persons):
        own = sorted((turn for turn in turns if turn.person == person), key=lambda turn: turn.handed_over_at)
        if any(earlier.ends_at > later.handed_over_at for earlier, later in pairwise(own)):
            fault = "would put one person at two positions of this rota at the same time; choose another"
            raise Invalid([FieldError(field, fault)])
