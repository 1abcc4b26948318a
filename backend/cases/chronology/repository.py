"""Every query on the chronology."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, literal, null, select, union_all
from sqlalchemy import cast as as_type
from sqlmodel import col

from backend.cases.chronology.dates import Precision
from backend.cases.chronology.models import ChronologyEntry
from backend.cases.repository import timeline
from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.kit.tables import table_of

NO_ENTRY = "There is no such entry of a chronology in this partnership."


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which entries are wanted; what is None or empty narrows nothing. Times are half-open."""

    kinds: Collection[str] = ()
    child_id: UUID | None = None
    actor_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    by_hand: bool | None = None


async def entry(session: TenantSession, entry_id: UUID) -> ChronologyEntry:
    """The entry, whoever asks. Raises ``NotFound``."""
    found = await session.get(ChronologyEntry, (session.tenant_id, entry_id))
    if found is None:
        raise NotFound(NO_ENTRY)
    return found


async def entries(session: TenantSession, entry_ids: Iterable[UUID]) -> dict[UUID, ChronologyEntry]:
    return await by_key(session, ChronologyEntry, entry_ids)


async def corrections(session: TenantSession, entry_ids: Iterable[UUID]) -> dict[UUID, ChronologyEntry]:
    """The entries that correct others, by the id of the one corrected."""
    found = await session.scalars(
        select(ChronologyEntry).where(
            col(ChronologyEntry.tenant_id) == session.tenant_id, col(ChronologyEntry.corrects_id).in_(set(entry_ids))
        )
    )
    return {each.corrects_id: each for each in found if each.corrects_id is not None}


def chronology(tenant_id: UUID, case_id: UUID, narrowed: Narrowed) -> tuple[Select[Any], Any]:
    """A query on everything recorded of a case, by when it occurred, and the table it reads.

    Columns: id, occurred_at, recorded_at, kind, precision, actor_id, child_id, detail, by_hand.
    """
    events = timeline(tenant_id, case_id)
    precise = literal(Precision.MOMENT.value)
    recorded: Any = select(
        events.c.id.label("id"), events.c.occurred_at.label("occurred_at"), events.c.at.label("recorded_at"),
        events.c.kind.label("kind"), precise.label("precision"), events.c.actor_id.label("actor_id"),
        events.c.detail["child_id"].as_string().label("child"), events.c.detail.label("detail"),
        literal(value=False).label("by_hand"),
    )  # fmt: skip
    table = table_of(ChronologyEntry).c
    by_hand = select(
        table.id, table.occurred_at, table.recorded_at, as_type(table.kind, String), as_type(table.precision, String),
        table.recorded_by, as_type(table.child_id, String), null(), literal(value=True),
    ).where(table.tenant_id == tenant_id, table.case_id == case_id)  # fmt: skip
    everything = union_all(recorded, by_hand).subquery("chronology")
    query = select(everything)
    if narrowed.kinds:
        query = query.where(everything.c.kind.in_(narrowed.kinds))
    if narrowed.child_id is not None:
        query = query.where(everything.c.child == str(narrowed.child_id))
    if narrowed.actor_id is not None:
        query = query.where(everything.c.actor_id == narrowed.actor_id)
    if narrowed.since is not None:
        query = query.where(everything.c.occurred_at >= narrowed.since)
    if narrowed.until is not None:
        query = query.where(everything.c.occurred_at < narrowed.until)
    if narrowed.by_hand is not None:
        query = query.where(everything.c.by_hand.is_(narrowed.by_hand))
    return query, everything
