"""The log of changes: which thing was touched by which transaction. Ids and instants, no content."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlmodel import Field

from backend.kit.tables import Row, column, instant, one_of


class ChangeKind(StrEnum):
    """What a phone keeps a copy of; all that belongs to one of them counts as a change of it."""

    ALERT = "alert"
    CASE = "case"
    RUN = "run"
    TASK = "task"
    CLOCK = "clock"
    MEETING = "meeting"
    DOCUMENT = "document"
    HANDOVER = "handover"
    CONTACT_METHOD = "contact_method"


class Change(Row, table=True):
    """A thing was touched, once for each person it names. Written by the triggers of the tables it is made of.

    ``transaction`` is the 64-bit id of the transaction that touched it and ``number`` the order within that.
    ``case_id`` is the case through which the thing is seen, ``person_id`` whom the touched row names. A row with
    ``lost`` was written when its person was found to have lost sight of the case.
    """

    __table_args__ = (
        Index("change_lost", "tenant_id", "person_id", "subject_id", postgresql_where=text("lost")),
    )  # fmt: skip

    tenant_id: UUID = Field(primary_key=True)
    transaction: int = column(BigInteger(), primary_key=True)
    number: int = column(BigInteger(), primary_key=True, sa_column_args=(Identity(always=True),))
    kind: ChangeKind = one_of(ChangeKind)
    subject_id: UUID
    case_id: UUID | None = None
    person_id: UUID | None = None
    lost: bool = False
    at: datetime = instant()
