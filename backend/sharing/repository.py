"""Every query on transfers between partnerships. Each sees its own side alone."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, select
from sqlmodel import col

from backend.cases.access.repository import shown_through
from backend.cases.policies import reach
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.sharing.kinds import Kind
from backend.sharing.models import (
    PartnershipTransfer,
    TransferAct,
    TransferExport,
    TransferMessage,
    TransferPaper,
)
from backend.sharing.states import Side, State

CarriedT = TypeVar("CarriedT", TransferMessage, TransferPaper)

NO_TRANSFER: Final = "There is no such transfer in this partnership."
NO_PAPER: Final = "There is no such paper of a transfer in this partnership."
NO_EXPORT: Final = "There is no such sealed file in this partnership."


async def find(session: TenantSession, transfer_id: UUID, *, lock: bool = False) -> PartnershipTransfer | None:
    """This side's copy, if there is one; locked when asked, and then as it is now."""
    query = select(PartnershipTransfer).where(
        col(PartnershipTransfer.tenant_id) == session.tenant_id, col(PartnershipTransfer.id) == transfer_id
    )
    if lock:
        await session.flush()
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: PartnershipTransfer | None = await session.scalar(query)
    return found


async def transfer(session: TenantSession, transfer_id: UUID, *, lock: bool = False) -> PartnershipTransfer:
    """As ``find``. Raises ``NotFound``."""
    found = await find(session, transfer_id, lock=lock)
    if found is None:
        raise NotFound(NO_TRANSFER)
    return found


async def paper(session: TenantSession, paper_id: UUID) -> TransferPaper | None:
    """A paper, if it is there."""
    found: TransferPaper | None = await session.scalar(_paper(session, paper_id))
    return found


async def locked_paper(session: TenantSession, paper_id: UUID) -> TransferPaper:
    """A paper as it is now, locked. Raises ``NotFound``."""
    query = _paper(session, paper_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    found: TransferPaper | None = await session.scalar(query)
    if found is None:
        raise NotFound(NO_PAPER)
    return found


def _paper(session: TenantSession, paper_id: UUID) -> Select[TransferPaper]:
    return select(TransferPaper).where(
        col(TransferPaper.tenant_id) == session.tenant_id, col(TransferPaper.id) == paper_id
    )


async def export(session: TenantSession, export_id: UUID, *, lock: bool = False) -> TransferExport:
    """A sealed file. Raises ``NotFound``."""
    query = select(TransferExport).where(
        col(TransferExport.tenant_id) == session.tenant_id, col(TransferExport.id) == export_id
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: TransferExport | None = await session.scalar(query)
    if found is None:
        raise NotFound(NO_EXPORT)
    return found


async def papers(session: TenantSession, transfer_ids: Iterable[UUID]) -> dict[UUID, list[TransferPaper]]:
    """Papers by transfer, in the order they were added."""
    return await by_parent(session, TransferPaper, "transfer_id", transfer_ids, order=("added_at", "id"))


async def acts(session: TenantSession, transfer_ids: Iterable[UUID]) -> dict[UUID, list[TransferAct]]:
    """The story of each transfer, oldest first."""
    return await by_parent(session, TransferAct, "transfer_id", transfer_ids, order=("at", "id"))


async def exports(session: TenantSession, transfer_ids: Iterable[UUID]) -> dict[UUID, list[TransferExport]]:
    """Sealed files by transfer, oldest first."""
    return await by_parent(session, TransferExport, "transfer_id", transfer_ids, order=("made_at", "id"))


async def underway(session: TenantSession, transfer_id: UUID) -> list[TransferMessage]:
    """What was told and has not arrived, in the order it was told."""
    found = await session.scalars(
        select(TransferMessage)
        .where(
            col(TransferMessage.tenant_id) == session.tenant_id,
            col(TransferMessage.transfer_id) == transfer_id,
            col(TransferMessage.arrived_at).is_(None),
        )
        .order_by(col(TransferMessage.number))
    )
    return list(found)


async def given_up(
    session: TenantSession, row: PartnershipTransfer
) -> tuple[list[TransferMessage], list[TransferPaper]]:
    """What is not brought any more although it has not arrived; of a transfer that has ended no papers."""
    letters = await _abandoned(session, row, TransferMessage, col(TransferMessage.arrived_at))
    if row.state not in {State.OFFERED, State.ACCEPTED}:
        return letters, []
    return letters, await _abandoned(session, row, TransferPaper, col(TransferPaper.crossed_at))


async def _abandoned(
    session: TenantSession, row: PartnershipTransfer, carried: type[CarriedT], arrived: SQLColumnExpression[Any]
) -> list[CarriedT]:
    found = await session.scalars(
        select(carried).where(
            col(carried.tenant_id) == session.tenant_id, col(carried.transfer_id) == row.id,
            arrived.is_(None), col(carried.undelivered_at).is_not(None),
        )
    )  # fmt: skip
    return list(found)


async def others_of_case(session: TenantSession, case_id: UUID, transfer_id: UUID) -> bool:
    """Whether there is another transfer of the same case."""
    row = PartnershipTransfer
    query = select(col(row.id)).where(
        col(row.tenant_id) == session.tenant_id, col(row.case_id) == case_id, col(row.id) != transfer_id
    )
    return await session.scalar(query.limit(1)) is not None


async def of_case(session: TenantSession, case_id: UUID) -> list[PartnershipTransfer]:
    """Every transfer of a case, offered and received, the oldest first."""
    row = PartnershipTransfer
    found = await session.scalars(
        select(row)
        .where(col(row.tenant_id) == session.tenant_id, col(row.case_id) == case_id)
        .order_by(col(row.offered_at), col(row.id))
    )
    return list(found)


async def waits(session: TenantSession, case_id: UUID, kind: Kind, other: UUID | str) -> bool:
    """Whether the case was offered in this kind to the other side, by id or name, and waits for the answer."""
    row = PartnershipTransfer
    whom = col(row.partner_id) == other if isinstance(other, UUID) else col(row.partner_name) == other
    query = select(col(row.id)).where(
        col(row.tenant_id) == session.tenant_id, col(row.case_id) == case_id, col(row.side) == Side.OUTGOING,
        col(row.kind) == kind, col(row.state) == State.OFFERED, whom,
    )  # fmt: skip
    return await session.scalar(query.limit(1)) is not None


async def told_of_death(session: TenantSession, case_id: UUID, partner_id: UUID) -> bool:
    """Whether a notice of the case's death is with a partnership or on its way there."""
    row = PartnershipTransfer
    query = select(col(row.id)).where(
        col(row.tenant_id) == session.tenant_id, col(row.case_id) == case_id, col(row.side) == Side.OUTGOING,
        col(row.kind) == Kind.DEATH_NOTICE, col(row.partner_id) == partner_id, col(row.state) != State.WITHDRAWN,
    )  # fmt: skip
    return await session.scalar(query.limit(1)) is not None


async def incoming_deaths(session: TenantSession) -> list[tuple[UUID, Mapping[str, Any]]]:
    """Notices of deaths that have come from elsewhere: id and packet, the newest thousand."""
    row = PartnershipTransfer
    found = await session.execute(
        select(col(row.id), col(row.packet))
        .where(
            col(row.tenant_id) == session.tenant_id,
            col(row.side) == Side.INCOMING,
            col(row.kind) == Kind.DEATH_NOTICE,
        )
        .order_by(col(row.offered_at).desc())
        .limit(1_000)
    )
    return [(one.id, one.packet) for one in found]


def in_sight(caller: Caller) -> Select[PartnershipTransfer]:
    """The transfers of the caller's partnership whose case they may see."""
    row = PartnershipTransfer
    return select(row).where(
        col(row.tenant_id) == caller.tenant_id, shown_through(reach(caller), caller.person_id, col(row.case_id))
    )
