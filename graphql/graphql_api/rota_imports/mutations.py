"""Importing a rota that is kept elsewhere."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from graphql_api.rota_imports.types import ImportDiagnostic, ImportedTurn
from graphql_api.scalars import Instant
from notifications.rota_imports import service
from notifications.rota_imports.service import Preview, Request


@strawberry.input(description="Whom a calendar means.")
class ImportedPersonInput:
    name: str = strawberry.field(description="An attendee's email address, or an event's summary; in any case.")
    person_id: strawberry.ID = strawberry.field(description="Whom the name stands for.")


@strawberry.input(description="Put an iCalendar calendar in place of a rota for its time.")
class ImportRotaInput:
    rota_id: strawberry.ID = strawberry.field(description="The rota whose place the calendar takes.")
    position: int = strawberry.field(default=1, description="Which place the calendar is of: 1 is first on call.")
    calendar: str = strawberry.field(description="The text of an .ics file, at most 1 MB.")
    people: list[ImportedPersonInput] = strawberry.field(description="Whom its names stand for.")
    from_: Instant | None = strawberry.field(
        default=None, name="from", description="The time that is replaced begins here; default, and at earliest, now."
    )
    until: Instant | None = strawberry.field(
        default=None,
        description="It ends here, at most 90 days later; default: with the last turn. In between, where the calendar"
        " has no turn, nobody is on call.",
    )
    dry_run: bool = strawberry.field(default=True, description="Only say what it comes to, and change nothing.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="What the calendar comes to.")
class ImportRotaPayload:
    applied: bool = strawberry.field(description="False for a dry run: nothing was changed.")
    from_: Instant = strawberry.field(name="from", description="The time that is replaced.")
    until: Instant
    turns: list[ImportedTurn]
    diagnostics: list[ImportDiagnostic] = strawberry.field(description="Errors first.")

    @classmethod
    def of(cls, found: Preview, *, applied: bool) -> "ImportRotaPayload":
        return cls(
            applied=applied, from_=Instant(found.begins), until=Instant(found.until),
            turns=[ImportedTurn.of(turn) for turn in found.reading.turns],
            diagnostics=[ImportDiagnostic.of(said) for said in found.reading.diagnostics],
        )  # fmt: skip


ImportRotaResult = Annotated[
    ImportRotaPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ImportRotaResult", description="What the calendar comes to, or why it was refused."),
]


@strawberry.type
class RotaImportMutations:
    @strawberry.mutation(
        description="Take a rota over from an iCalendar calendar. Try it with dryRun first; an event that is not"
        " understood keeps the whole of it from being applied."
    )
    async def import_rota(self, info: Info, input: ImportRotaInput) -> ImportRotaResult:
        rota_id = decode_as("Rota", input.rota_id)
        people = {one.name: decode_as("Person", one.person_id) for one in input.people}
        known = {name: person_id for name, person_id in people.items() if person_id is not None}
        if rota_id is None or len(known) < len(people):
            return as_problem(NotFound("There is no such rota or person in this partnership."))
        if len(people) < len(input.people):
            return as_problem(Invalid([FieldError("people", "names the same address or summary twice")]))
        caller = info.context.caller
        wanted = Request(rota_id, input.position, input.calendar, known, input.from_, input.until)

        async def work(session: TenantSession, _import_id: UUID) -> ImportRotaPayload:
            caller.require(Permission.MANAGE_ROTAS)
            if input.dry_run:
                return ImportRotaPayload.of(await service.preview(session, wanted), applied=False)
            return ImportRotaPayload.of(await service.apply(session, wanted, by=caller.person_id), applied=True)

        async def again(session: TenantSession, _import_id: UUID) -> ImportRotaPayload:
            """What was applied the first time is not applied over what has been changed since."""
            caller.require(Permission.MANAGE_ROTAS)
            return ImportRotaPayload.of(await service.preview(session, wanted), applied=not input.dry_run)

        request = [
            input.rota_id, input.position, input.calendar, sorted((one.name, one.person_id) for one in input.people),
            str(input.from_), str(input.until), input.dry_run,
        ]  # fmt: skip
        return await perform(
            info, operation="importRota", key=input.idempotency_key, request=request,
            result_id=uuid7(), work=work, again=again,
        )  # fmt: skip
