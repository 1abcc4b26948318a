"""Which provisions of a manual bind which parts of the pathways that are worked by."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to


class ProcedureLink(TenantRow, table=True):
    """A provision of an edition binds a part of a pathway, as its author said while it was a draft.

    Three forms. With ``pathway``, ``kind`` and ``code`` the provision binds that part, such as one obligation. With
    ``source`` and ``place`` it binds every part that cites the place, such as Working Together 2005 ¶4.19. With
    ``source`` alone the manual itself is cited by that title, and places in it are its addresses.
    """

    __table_args__ = (
        CheckConstraint("num_nonnulls(pathway, kind, code) IN (0, 3)", name="part"),
        CheckConstraint("(pathway IS NULL) = (source IS NOT NULL)", name="one_form"),
        CheckConstraint("place IS NULL OR source IS NOT NULL", name="place_in_source"),
        CheckConstraint("(address IS NULL) = (pathway IS NULL AND place IS NULL)", name="leads_somewhere"),
        belongs_to("edition_id", "procedure_edition"),
        Index(None, "tenant_id", "edition_id"),
    )

    edition_id: UUID
    pathway: str | None = Field(default=None, max_length=80)
    kind: str | None = Field(default=None, max_length=20)
    code: str | None = Field(default=None, max_length=80)
    source: str | None = Field(default=None, max_length=300)
    place: str | None = Field(default=None, max_length=80)
    address: str | None = Field(default=None, max_length=300)
