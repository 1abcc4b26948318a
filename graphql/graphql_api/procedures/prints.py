"""Manuals and handbooks printed whole: asked for, followed, fetched by a short-lived link."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.procedures import printing
from graphql_api.context import Info
from graphql_api.ids import decode_as, encode, key_of
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.procedures.queries import shown, visible
from graphql_api.scalars import Instant
from tenants.procedures import print_models, repository
from tenants.procedures.models import ProcedureEdition

Work: type[Enum] = strawberry.enum(
    print_models.Work, name="ProcedureWork", description="What of an edition is printed: all of it, or its handbook."
)
Medium: type[Enum] = strawberry.enum(
    print_models.Medium, name="ProcedureMedium",
    description="PDF is tagged by PDF/UA-1; HTML is one accessible page without scripts.",
)  # fmt: skip
PrintState: type[Enum] = strawberry.enum(
    print_models.PrintState, name="ProcedurePrintState",
    description="How far a print has come. CHANGED: the text is another by now; ask for it anew.",
)  # fmt: skip


@strawberry.type(description="A manual or handbook printed whole. Each text is printed once.")
class ProcedurePrint:
    id: strawberry.ID
    edition_id: strawberry.ID
    work: Work  # type: ignore[valid-type]
    medium: Medium  # type: ignore[valid-type]
    state: PrintState  # type: ignore[valid-type]
    progress: int = strawberry.field(description="In hundredths.")
    size: int | None = strawberry.field(description="Bytes.")
    sha256: str | None = strawberry.field(description="Of the file.")
    asked_at: Instant
    finished_at: Instant | None

    @classmethod
    def of(cls, row: print_models.ProcedurePrint) -> "ProcedurePrint":
        return cls(
            id=strawberry.ID(encode("ProcedurePrint", row.id)),
            edition_id=strawberry.ID(encode("ProcedureEdition", row.edition_id)), work=row.work, medium=row.medium,
            state=row.state, progress=row.progress, size=row.size, sha256=row.sha256, asked_at=Instant(row.asked_at),
            finished_at=Instant(row.finished_at) if row.finished_at else None,
        )  # fmt: skip


@strawberry.type(description="A print, and a link to it while it says what its edition says.")
class ProcedurePrintLink:
    procedure_print: ProcedurePrint
    url: str | None = strawberry.field(
        description="Gives the file to whoever has it, for a minute; null until it is made, and once the text is"
        " another: then ask for a print anew."
    )
    url_expires_at: Instant | None


@strawberry.input(description="Have a manual or its handbook printed whole, unless it is printed already.")
class RequestProcedurePrintInput:
    edition_id: strawberry.ID = strawberry.field(description="An edition that you may read, in force or archived.")
    work: Work = strawberry.field(description="The manual or its handbook.")  # type: ignore[valid-type]
    medium: Medium = strawberry.field(description="PDF or HTML.")  # type: ignore[valid-type]
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The print as it is now: follow it by its id.")
class RequestProcedurePrintPayload:
    procedure_print: ProcedurePrint


RequestProcedurePrintResult = Annotated[
    RequestProcedurePrintPayload | AnyProblem,
    strawberry.union("RequestProcedurePrintResult", description="The print, or why it was refused."),
]


@strawberry.type
class ProcedurePrintQueries:
    @strawberry.field(description="A print with a link to it, for whoever may read its edition; the fetch is logged.")
    async def procedure_print(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A print's id.")]
    ) -> ProcedurePrintLink | None:
        key = decode_as("ProcedurePrint", id)
        async with info.context.db() as session:
            row = await session.get(print_models.ProcedurePrint, (session.tenant_id, key or UUID(int=0)))
        if row is None or await visible(info, encode("ProcedureEdition", row.edition_id)) is None:
            return None
        async with info.context.db() as session:
            link = await printing.link(session, row)
            if link is not None and info.context.caller.application_scopes is None:
                await cases.log_access(session, info.context.caller.person_id, "procedure_print", row.id, "download")
        return ProcedurePrintLink(
            procedure_print=ProcedurePrint.of(row), url=link.url if link else None,
            url_expires_at=Instant(link.expires_at) if link else None,
        )  # fmt: skip


@strawberry.type
class ProcedurePrintMutations:
    @strawberry.mutation(description="Have a manual or its handbook printed whole by a worker; once for each text.")
    async def request_procedure_print(
        self, info: Info, input: RequestProcedurePrintInput
    ) -> RequestProcedurePrintResult:
        async def work(session: TenantSession, print_id: UUID) -> print_models.ProcedurePrint:
            edition_id = key_of("ProcedureEdition", input.edition_id)
            caller, found = info.context.caller, await session.get(ProcedureEdition, (session.tenant_id, edition_id))
            if not shown(found, caller):
                raise NotFound(repository.NO_EDITION)
            return await printing.ask(
                session, edition_id, print_models.Work(input.work), print_models.Medium(input.medium),
                caller.person_id, print_id,
            )  # fmt: skip

        async def again(session: TenantSession, print_id: UUID) -> print_models.ProcedurePrint:
            # What was given the first time may have been there already, under an id of its own.
            made = await session.get(print_models.ProcedurePrint, (session.tenant_id, print_id))
            return made or await work(session, print_id)

        return await mutate(
            info, input, work, again=again,
            answer=lambda row: RequestProcedurePrintPayload(procedure_print=ProcedurePrint.of(row)),
        )  # fmt: skip
