"""Every query on the log of changes, and on what a person may still hold a copy of."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlmodel import col

from backend.cases.access.repository import visible
from backend.cases.models import CaseFile
from backend.changes.cursors import KEPT_LONGER, LOOKS_KEPT, Log, Place
from backend.changes.models import ChangeKind
from backend.identity.policies import Caller
from backend.kit.session import TenantSession

# The snapshot is that of the statement; a later statement sees all that ended before it, so the whole of what
# lies below this horizon.
_LOG: Final = text("""
    SELECT (SELECT system_identifier FROM pg_control_system())::text AS system,
        substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline,
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_transaction, app.now() AS now
""")
_ROWS: Final = text("""
    SELECT transaction, number, kind, subject_id, case_id, person_id, lost FROM change
    WHERE tenant_id = :tenant AND (transaction, number) > (:after, :number) AND transaction < :horizon
        AND (CAST(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))
        AND (CAST(:subject AS uuid) IS NULL OR subject_id = :subject)
        AND (CAST(:of_case AS uuid) IS NULL OR case_id = :of_case)
    ORDER BY transaction, number LIMIT :most
""")
_BEYOND: Final = text("SELECT EXISTS (SELECT FROM change WHERE tenant_id = :tenant AND transaction >= :horizon)")
# Cases of which a person may hold a copy: seen by them lately, theirs to work on, or with a duty of theirs.
_TIED: Final = text("""
    SELECT case_id FROM access_entry WHERE tenant_id = :tenant AND person_id = :person AND at > :since
        AND case_id = ANY(:cases)
    UNION SELECT case_id FROM case_practitioner WHERE tenant_id = :tenant AND person_id = :person
        AND case_id = ANY(:cases)
    UNION SELECT case_id FROM clock WHERE tenant_id = :tenant AND owner_id = :person AND case_id = ANY(:cases)
    UNION SELECT case_id FROM pathway_task WHERE tenant_id = :tenant AND :person IN (owner_id, deputy_id)
        AND case_id = ANY(:cases)
""")
_LOOKED: Final = text("""
    SELECT looked.case_id FROM (
        SELECT case_id, max(at) AS at FROM access_entry
        WHERE tenant_id = :tenant AND person_id = :person AND at > :since AND case_id IS NOT NULL GROUP BY 1) AS looked
    WHERE NOT EXISTS (
        SELECT FROM change WHERE change.tenant_id = :tenant AND change.lost AND change.person_id = :person
            AND change.subject_id = looked.case_id AND change.at >= looked.at)
""")
_LOSE: Final = text("""
    INSERT INTO change (tenant_id, transaction, kind, subject_id, case_id, person_id, lost, at)
    SELECT :tenant, pg_current_xact_id()::text::bigint, 'case', lost, lost, :person, true, app.now()
    FROM unnest(CAST(:cases AS uuid[])) AS lost
""")
_PRUNE: Final = text("""
    DELETE FROM change WHERE tenant_id = :tenant AND (transaction, number) IN (
        SELECT transaction, number FROM (
            SELECT transaction, number, at FROM change WHERE tenant_id = :tenant
            ORDER BY transaction, number LIMIT :most) AS oldest
        WHERE at < :before)
""")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are wanted: of these kinds, of one thing, of one case; None for all."""

    kinds: Collection[ChangeKind] | None = None
    subject_id: UUID | None = None
    case_id: UUID | None = None

    def takes(self, row: Any) -> bool:
        """Whether a row of the log is one of them."""
        return (
            (self.kinds is None or row.kind in self.kinds)
            and self.subject_id in (None, row.subject_id)
            and self.case_id in (None, row.case_id)
        )


async def log(session: TenantSession) -> Log:
    """The log as it stands now."""
    row = (await session.execute(_LOG)).one()
    return Log(int(row.system) << 32 | int(row.timeline, 16), row.horizon, row.next_transaction, row.now)


async def rows(
    session: TenantSession, after: Place, horizon: int, narrowing: Narrowing, *, most: int
) -> Sequence[Row[Any]]:
    """At most so many rows after a place and below a horizon, in the log's order."""
    kinds = None if narrowing.kinds is None else [kind.value for kind in narrowing.kinds]
    found = await session.execute(_ROWS, {
        "tenant": session.tenant_id, "after": after.transaction, "number": after.number, "horizon": horizon,
        "kinds": kinds, "subject": narrowing.subject_id, "of_case": narrowing.case_id, "most": most,
    })  # fmt: skip
    return found.all()


async def beyond(session: TenantSession, horizon: int) -> bool:
    """Whether something has been committed that older transactions still hold back."""
    return bool(await session.scalar(_BEYOND, {"tenant": session.tenant_id, "horizon": horizon}))


async def tied(session: TenantSession, person_id: UUID, case_ids: Iterable[UUID], now: datetime) -> set[UUID]:
    """Those of the cases of which a person may hold a copy."""
    asked = {"tenant": session.tenant_id, "person": person_id, "since": now - LOOKS_KEPT, "cases": list(case_ids)}
    return set((await session.scalars(_TIED, asked)).all()) if asked["cases"] else set()


async def lose(session: TenantSession, caller: Caller, now: datetime) -> list[UUID]:
    """Note each case that the caller has looked at lately and sees no more, once for each loss; gives their ids.

    Sight ends without a word where emergency access runs out or a list's time is over.
    """
    asked = {"tenant": session.tenant_id, "person": caller.person_id, "since": now - LOOKS_KEPT}
    looked = set((await session.scalars(_LOOKED, asked)).all())
    if not looked:
        return []
    seen = select(col(CaseFile.id)).where(
        col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id).in_(looked), visible(caller)
    )
    lost = sorted(looked - set((await session.scalars(seen)).all()))
    if lost:
        await session.execute(_LOSE, {"tenant": session.tenant_id, "person": caller.person_id, "cases": lost})
    return lost


async def prune(session: TenantSession, *, most: int) -> int:
    """Delete the oldest rows that no valid cursor leads to, at most so many; gives how many there were."""
    before = await session.now() - KEPT_LONGER
    done: Any = await session.execute(_PRUNE, {"tenant": session.tenant_id, "before": before, "most": most})
    return int(done.rowcount)
