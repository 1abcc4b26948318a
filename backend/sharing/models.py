"""A transfer as each side keeps it for itself: what was offered, its papers, the story, and what is on its way."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from backend.sharing.kinds import Kind, PaperKind
from backend.sharing.states import Side, State, Told


class PartnershipTransfer(TenantRow, table=True):
    """One side's own copy. Both sides' copies have the same ``id``, and nothing else joins them.

    ``partner_id`` is the other partnership, None for somebody outside the platform, who is in ``outside``.
    ``case_id`` is this side's case, ``run_id`` its run. ``digest`` is the SHA-256 of ``packet`` on both sides.
    ``sent`` counts what was told to the other side, ``heard`` what came from it. ``undelivered_at`` is since when
    some of it is not brought any more: whoever sent it was told, and sends it anew or takes another way.
    """

    __table_args__ = (
        CheckConstraint("(partner_id IS NULL) = (outside IS NOT NULL)", name="other_side"),
        CheckConstraint("side = 'outgoing' OR partner_id IS NOT NULL", name="came_from"),
        belongs_to("case_id", "case_file"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("offered_by", "person"),
        belongs_to("answered_by", "person"),
        belongs_to("accountable_id", "person"),
        belongs_to("replaces_id", "partnership_transfer"),
        Index("partnership_transfer_by_offer", "tenant_id", "offered_at", "id"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "replaces_id"),
    )

    side: Side = one_of(Side)
    kind: Kind = one_of(Kind)
    state: State = one_of(State, default=State.OFFERED)
    partner_id: UUID | None = None
    partner_name: str = Field(max_length=200)
    outside: dict[str, Any] | None = column(JSONB(none_as_null=True), default=None)
    area_code: str | None = Field(default=None, max_length=60)
    case_id: UUID
    run_id: UUID | None = None
    packet: dict[str, Any] = column(JSONB())
    digest: str = Field(max_length=64)
    reason: str
    move_on: date | None = None
    move_known_at: datetime | None = instant(default=None)
    in_doubt: bool = False
    sender_name: str = Field(max_length=200)
    sender_post: str = Field(max_length=200)
    offered_by: UUID | None = None
    offered_at: datetime = instant()
    received_at: datetime | None = instant(default=None)
    answered_at: datetime | None = instant(default=None)
    answered_by: UUID | None = None
    answer_reason: str | None = None
    accountable_id: UUID | None = None
    accountable_name: str | None = Field(default=None, max_length=200)
    accountable_post: str | None = Field(default=None, max_length=200)
    settled_at: datetime | None = instant(default=None)
    replaces_id: UUID | None = None
    possible_duplicates: list[str] = column(JSONB(), default_factory=list)
    sent: int = 0
    heard: int = 0
    undelivered_at: datetime | None = instant(default=None)


class TransferPaper(TenantRow, table=True):
    """A document of a transfer, and of each of its ``gates`` what was recorded in ``opened``.

    It leaves the sender's bucket once every gate is open; ``tries`` and ``undelivered_at`` are as of a message. Until
    the receiver accepts, the receiver's copy belongs to no case: ``document_id`` is then None.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "transfer_id", "document_id"),
        belongs_to("transfer_id", "partnership_transfer"),
        belongs_to("document_id", "document"),
        belongs_to("added_by", "person"),
        Index(None, "tenant_id", "document_id"),
    )

    transfer_id: UUID
    document_id: UUID | None = None
    kind: PaperKind = one_of(PaperKind)
    title: str = Field(max_length=200)
    content_type: str = Field(max_length=120)
    size: int = column(BigInteger())
    sha256: str = Field(max_length=64)
    object_key: str
    version_id: str | None = None
    gates: list[str] = column(JSONB(), default_factory=list)
    opened: dict[str, Any] = column(JSONB(), default_factory=dict)
    added_by: UUID | None = None
    added_at: datetime = instant()
    crossed_at: datetime | None = instant(default=None)
    tries: int = 0
    undelivered_at: datetime | None = instant(default=None)


class TransferAct(TenantRow, table=True):
    """What somebody did, or what came from the other side (``ours`` false); never changed."""

    __table_args__ = (
        belongs_to("transfer_id", "partnership_transfer"),
        belongs_to("by_id", "person"),
        Index(None, "tenant_id", "transfer_id", "at"),
    )

    transfer_id: UUID
    act: str = Field(max_length=60)
    ours: bool
    at: datetime = instant()
    by_id: UUID | None = None
    words: str | None = None
    detail: dict[str, Any] = column(JSONB(), default_factory=dict)


class TransferMessage(TenantRow, table=True):
    """One thing told to the other side, on its way until ``arrived_at``. ``number`` counts them within a transfer.

    ``tries`` have failed; from ``undelivered_at`` on it is not tried any more until somebody sends it anew.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "transfer_id", "number"),
        belongs_to("transfer_id", "partnership_transfer"),
    )

    transfer_id: UUID
    number: int
    told: Told = one_of(Told)
    content: dict[str, Any] = column(JSONB(), default_factory=dict)
    at: datetime = instant()
    arrived_at: datetime | None = instant(default=None)
    tries: int = 0
    undelivered_at: datetime | None = instant(default=None)


class TransferExport(TenantRow, table=True):
    """A sealed file for somebody outside the platform, fetched once. ``sha256`` is of the sealed file."""

    __table_args__ = (
        belongs_to("transfer_id", "partnership_transfer"),
        belongs_to("made_by", "person"),
        belongs_to("fetched_by", "person"),
        Index(None, "tenant_id", "transfer_id"),
    )

    transfer_id: UUID
    title: str = Field(max_length=200)
    content_type: str = Field(max_length=120)
    size: int = column(BigInteger())
    sha256: str = Field(max_length=64)
    object_key: str
    version_id: str | None = None
    thumbprint: str = Field(max_length=64)
    papers: list[str] = column(JSONB(), default_factory=list)
    made_by: UUID
    made_at: datetime = instant()
    fetched_by: UUID | None = None
    fetched_at: datetime | None = instant(default=None)
