"""How each provider has been doing, for every worker to see. No partnership's rows and nothing personal."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.tables import Row, instant, one_of


class Condition(StrEnum):
    WORKING = "working"
    DEGRADED = "degraded"


class ProviderTally(Row, table=True):
    """What came of one worker's calls to one provider at one moment. Kept for an hour."""

    __table_args__ = (Index(None, "channel", "at"), Index(None, "at"), {"schema": "routing"})

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime = instant()
    channel: str = Field(max_length=40)
    provider: str = Field(max_length=40)
    attempts: int
    faults: int
    slow: int


class ProviderState(Row, table=True):
    """A provider's condition on a channel; no row means that it works and always did.

    ``pinned`` is an operator's word and outweighs the condition, which goes on being judged.
    """

    __table_args__ = ({"schema": "routing"},)

    channel: str = Field(primary_key=True, max_length=40)
    provider: str = Field(primary_key=True, max_length=40)
    condition: Condition = one_of(Condition, default=Condition.WORKING)
    since: datetime = instant()
    reason: str = ""
    pinned: bool = False


class ChangeKind(StrEnum):
    DEGRADED = "degraded"
    STILL_DEGRADED = "still_degraded"
    RECOVERED = "recovered"
    PINNED = "pinned"
    UNPINNED = "unpinned"


class ProviderChange(Row, table=True):
    """A change of a provider's condition or pin, and why. Never altered."""

    __table_args__ = (Index(None, "channel", "at"), {"schema": "routing"})

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime = instant()
    channel: str = Field(max_length=40)
    provider: str = Field(max_length=40)
    change: ChangeKind = one_of(ChangeKind)
    reason: str
