"""Scalars: an instant always carries its offset, because a wall time alone is ambiguous twice a year."""

from datetime import UTC, datetime
from typing import Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

Instant = NewType("Instant", datetime)

DEVICE_AT: Final = (
    "When it was given by the phone's own clock, if the phone was offline: kept beside the instant at which it takes"
    " effect here, and changes nothing of that."
)
"""What is said of ``deviceAt`` wherever an answer can be given offline."""


def _parse(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise GraphQLError("An Instant is ISO 8601 with an offset, such as 2026-11-21T03:05:00+00:00.")
    return instant.astimezone(UTC)


def _serialise(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


CONFIG = StrawberryConfig(
    scalar_map={
        Instant: strawberry.scalar(
            name="Instant", description="A moment: ISO 8601 with an offset; answers are in UTC.",
            serialize=_serialise, parse_value=_parse,
        )
    }
)  # fmt: skip
