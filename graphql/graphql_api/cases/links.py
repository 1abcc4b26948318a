"""A link of a case to another, as it is read from one side."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from backend.cases.models import CaseLink as LinkRow
from backend.cases.models import LinkKind as LinkKindValue
from graphql_api.ids import encode
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

LinkKind: type[Enum] = strawberry.enum(
    LinkKindValue, name="CaseLinkKind",
    description="Siblings, one incident, one case that holds others together (complex abuse), or a transfer.",
)  # fmt: skip


@strawberry.type(description="How a case stands to another. Shown only where both are there for you.")
class CaseLink:
    id: strawberry.ID
    kind: LinkKind  # type: ignore[valid-type]
    other: Annotated["Case", strawberry.lazy("graphql_api.cases.types")]
    leads: bool = strawberry.field(description="This case is the umbrella, or the one that a transfer left.")
    reason: str | None
    linked_at: Instant

    @classmethod
    def of(cls, row: LinkRow, other: "Case", *, leads: bool) -> "CaseLink":
        return cls(
            id=strawberry.ID(encode("CaseLink", row.id)), kind=LinkKindValue(row.kind), other=other, leads=leads,
            reason=row.reason, linked_at=Instant(row.linked_at),
        )  # fmt: skip
