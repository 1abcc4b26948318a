"""Readiness, with what is missing and how to mend it."""

from enum import Enum

import strawberry

from backend.readiness.gaps import Gap
from backend.readiness.gaps import GapKind as GapKindValue
from graphql_api.context import Info
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.readiness.rules import REMEDIES
from notifications.readiness.rules import Lack as LackValue
from notifications.readiness.service import Readiness as Row

Lack: type[Enum] = strawberry.enum(LackValue, description="What keeps somebody from being ready to be called.")


GapKind: type[Enum] = strawberry.enum(GapKindValue, name="ReadinessGapKind", description="What is unset or doubtful.")


@strawberry.type(description="One thing that keeps the partnership from being ready.")
class ReadinessGap:
    kind: GapKind  # type: ignore[valid-type]
    subject: str = strawberry.field(description="What it is about: a type of alert, a setting, a service, a rota.")
    said: str = strawberry.field(description="What is wrong.")
    remedy: str = strawberry.field(description="What to do about it.")

    @classmethod
    def of(cls, one: Gap) -> "ReadinessGap":
        return cls(kind=one.kind, subject=one.subject, said=one.said, remedy=one.remedy)


@strawberry.type(description="Something that is missing.")
class MissingReadiness:
    lack: Lack  # type: ignore[valid-type]
    remedy: str = strawberry.field(description="What is wrong and what to do, for a person to read.")

    @classmethod
    def of(cls, lack: LackValue) -> "MissingReadiness":
        return cls(lack=lack, remedy=REMEDIES[lack])


@strawberry.type(description="A person's unbroken time on call in one rota, and whether they can be reached.")
class Readiness:
    role: str
    position: int = strawberry.field(description="1 is first on call, 2 second, and so on.")
    begins_at: Instant
    ends_at: Instant
    ready: bool
    missing: list[MissingReadiness]
    row: strawberry.Private[Row]

    @strawberry.field(description="Who is or will be on call.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.duty.person_id)

    @classmethod
    def of(cls, row: Row) -> "Readiness":
        return cls(
            role=row.role, position=row.duty.position, begins_at=Instant(row.duty.answers_from),
            ends_at=Instant(row.duty.ends), ready=not row.lacks,
            missing=[MissingReadiness.of(lack) for lack in row.lacks], row=row,
        )  # fmt: skip


@strawberry.type(description="Whether you could be called now, and when you are next on call.")
class MyReadiness:
    ready: bool
    missing: list[MissingReadiness]
    duties: list[Readiness] = strawberry.field(description="Yours that run or begin soon, the soonest first.")
