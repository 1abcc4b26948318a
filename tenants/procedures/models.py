"""Editions of manuals and their text: provisions, what they refer to, the terms they use.

A text may be changed while its edition is a draft. From its approval on a trigger of the database refuses every
change to it, so what a case acted under can be read as it was.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from tenants.procedures.vocabulary import Basis, EditionState, Force, Form, Kind, Level, ReferenceKind


class ProcedureEdition(TenantRow, table=True):
    """An edition of the manual with the code ``manual``, at one of its amendment levels.

    An urgent amendment makes a whole text with the same ``number`` and the next ``amendment``. ``next_review`` may
    be fuzzy: a year, a month, a day, or a season such as ``2028-autumn`` (``tenants.procedures.fuzzy``). ``digest``
    is the SHA-256 of the text as it was approved. Without ``made_by`` or ``approved_by`` an operator did it.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "manual", "number", "amendment"),
        CheckConstraint(
            "state = 'draft' OR in_force_from IS NULL OR (approved_at IS NOT NULL AND approved_role IS NOT NULL"
            " AND authority IS NOT NULL AND digest IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("state <> 'approved' OR in_force_from IS NOT NULL", name="in_force"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        belongs_to("based_on_id", "procedure_edition"),
        belongs_to("made_by", "person"),
        belongs_to("approved_by", "person"),
        belongs_to("withdrawn_by", "person"),
        Index(None, "tenant_id", "based_on_id"),
        Index("procedure_edition_by_making", "tenant_id", "made_at", "id"),
    )

    manual: str = Field(max_length=80)
    number: int
    amendment: int = 0
    level: Level = one_of(Level, default=Level.LOCAL)
    title: str = Field(max_length=300)
    state: EditionState = one_of(EditionState, default=EditionState.DRAFT)
    law_as_at: date | None = None
    next_review: str | None = Field(default=None, max_length=20)
    summary: str | None = None
    based_on_id: UUID | None = None
    made_at: datetime = instant()
    made_by: UUID | None = None
    in_force_from: date | None = None
    approved_at: datetime | None = instant(default=None)
    approved_by: UUID | None = None
    approved_role: str | None = Field(default=None, max_length=80)
    authority: str | None = Field(default=None, max_length=300)
    digest: str | None = Field(default=None, max_length=64)
    withdrawn_at: datetime | None = instant(default=None)
    withdrawn_by: UUID | None = None
    withdrawal_reason: str | None = None


class ProcedureReplacement(TenantRow, table=True):
    """A text that an edition replaces: one that is kept here, or any other by its title.

    An edition may replace several, such as the one before it and that one's update (¶1.1).
    """

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("replaced_id", "procedure_edition"),
        Index(None, "tenant_id", "edition_id"),
        Index(None, "tenant_id", "replaced_id"),
    )

    edition_id: UUID
    replaced_id: UUID | None = None
    title: str = Field(max_length=300)


class ProcedureProvision(TenantRow, table=True):
    """A provision, which everything else cites by its ``address``.

    ``parent`` is the address of what it belongs to; of an edition that is approved an address is unique. ``key``
    names it through every reading of the same words at the same place. ``number`` is ordered sign by sign, so that an
    index finds what is under 4.2. ``force_words`` are its ungraded verbs as worded. ``cells`` are a table's, by row.
    ``origin`` says of a provision that is not OWN which text and provision it is from; ``source`` the lines that it
    was read from.
    """

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        Index("procedure_provision_in_order", "tenant_id", "edition_id", "position"),
        Index(None, "tenant_id", "edition_id", "address"),
        Index(None, "tenant_id", "edition_id", "number"),
    )

    edition_id: UUID
    position: int
    depth: int = 1
    parent: str | None = Field(default=None, max_length=300)
    address: str = Field(max_length=300)
    key: str = Field(max_length=340)
    form: Form = one_of(Form, default=Form.PARAGRAPH)
    number: str | None = column(String(60, "C"), default=None)
    marker: str = Field(default="", max_length=60)
    heading: str | None = Field(default=None, max_length=1000)
    text: str = ""
    cells: list[list[str]] | None = column(JSONB(none_as_null=True), default=None)
    kind: Kind = one_of(Kind, default=Kind.PROCEDURE)
    force: Force | None = one_of(Force, default=None)
    force_words: list[str] = column(JSONB(), default_factory=list)
    audience: list[str] = column(JSONB(), default_factory=list)
    area: str | None = Field(default=None, max_length=80)
    basis: Basis = one_of(Basis, default=Basis.OWN)
    origin: str | None = Field(default=None, max_length=300)
    source: str | None = Field(default=None, max_length=200)


class ProcedureReference(TenantRow, table=True):
    """A cross-reference as it is worded in the provision at ``address``. ``targets`` are addresses of the edition; a
    range has its first and last."""

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        Index(None, "tenant_id", "edition_id"),
    )

    edition_id: UUID
    address: str = Field(max_length=300)
    kind: ReferenceKind = one_of(ReferenceKind)
    wording: str = Field(max_length=500)
    targets: list[str] = column(JSONB(), default_factory=list)


class ProcedureTerm(TenantRow, table=True):
    """A term of the glossary and what else it is called, from ``effective_from`` until before ``effective_to``."""

    __table_args__ = (
        CheckConstraint("effective_to IS NULL OR effective_from IS NULL OR effective_from < effective_to", name="span"),
        belongs_to("edition_id", "procedure_edition"),
        Index(None, "tenant_id", "edition_id"),
    )

    edition_id: UUID
    term: str = Field(max_length=200)
    aliases: list[str] = column(JSONB(), default_factory=list)
    definition: str = ""
    address: str | None = Field(default=None, max_length=300)
    effective_from: date | None = None
    effective_to: date | None = None


class ProcedureRedirect(TenantRow, table=True):
    """Where in this edition stands what an earlier one had at ``old_address``; made when a provision is renumbered."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "edition_id", "old_address"),
        belongs_to("edition_id", "procedure_edition"),
    )

    edition_id: UUID
    old_address: str = Field(max_length=300)
    new_address: str = Field(max_length=300)


class ProcedureHandbookEntry(TenantRow, table=True):
    """What practitioners carry of a procedure: short words over one or more provisions of the edition (¶1.7)."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "edition_id", "position"),
        belongs_to("edition_id", "procedure_edition"),
    )

    edition_id: UUID
    position: int
    heading: str = Field(max_length=200)
    text: str
    addresses: list[str] = column(JSONB())
