"""What an imported calendar comes to."""

from enum import Enum
from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.rota_imports.diagnostics import Diagnostic, Fault, Severity
from notifications.rotas.expansion import Turn

ImportSeverity: type[Enum] = strawberry.enum(
    Severity,
    name="ImportSeverity",
    description="An error keeps the whole calendar from being applied; the others say what was made of an event.",
)
ImportFault: type[Enum] = strawberry.enum(Fault, name="ImportFault", description="What there is to say about an event.")


@strawberry.type(description="One thing about one event of an imported calendar.")
class ImportDiagnostic:
    severity: ImportSeverity  # type: ignore[valid-type]
    fault: ImportFault  # type: ignore[valid-type]
    message: str
    remedy: str
    uid: str | None = strawberry.field(description="Of the event; null for the calendar as a whole.")
    line: int | None = strawberry.field(description="Where the event begins in the text, from 1.")

    @classmethod
    def of(cls, said: Diagnostic) -> "ImportDiagnostic":
        return cls(
            severity=said.severity, fault=said.fault, message=said.message, remedy=said.remedy,
            uid=said.uid, line=said.line,
        )  # fmt: skip


@strawberry.type(description="A turn that an imported calendar makes.")
class ImportedTurn:
    begins: Instant
    until: Instant
    person_id: strawberry.Private[UUID]

    @strawberry.field(description="Who is on call.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.person_id)

    @classmethod
    def of(cls, turn: Turn) -> "ImportedTurn":
        return cls(begins=Instant(turn.starts_at), until=Instant(turn.ends_at), person_id=turn.person)
