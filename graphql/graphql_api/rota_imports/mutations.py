"""Importing a rota that is kept elsewhere."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, mutate
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
    ImportRotaPayload | AnyProblem,
    strawberry.union("ImportRotaResult", description="What the calendar comes to, or why it was refused."),
]


@strawberry.type
class RotaImportMutations:
    @strawberry.mutation(
        description="Take a rota over from an iCalendar calendar. Try it with dryRun first; an event that is not"
        " understood keeps the whole of it from being applied."
    )
    async def import_rota(self, info: Info, input: ImportRotaInput) -> ImportRotaResult:
        async def work(session: TenantSession, _import_id: UUID) -> Preview:
            if input.dry_run:
                return await service.preview(session, _request(input))
            return await service.apply(session, _request(input), by=info.context.caller.person_id)

        async def again(session: TenantSession, _import_id: UUID) -> Preview:
            """What was applied the first time is not applied over what has been changed since."""
            return await service.preview(session, _request(input))

        return await mutate(
            info, input, work, again=again, needs=Permission.MANAGE_ROTAS,
            answer=lambda found: ImportRotaPayload.of(found, applied=not input.dry_run),
        )  # fmt: skip


def _request(given: ImportRotaInput) -> Request:
    """What is asked for. Raises ``NotFound``, and ``Invalid`` for a name that stands there twice."""
    rota_id = key_of("Rota", given.rota_id)
    people = {one.name: key_of("Person", one.person_id) for one in given.people}
    if len(people) < len(given.people):
        raise Invalid([FieldError("people", "names the same address or summary twice")])
    return Request(rota_id, given.position, given.calendar, people, given.from_, given.until)
