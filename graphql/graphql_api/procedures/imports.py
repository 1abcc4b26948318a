"""Files that become drafts: promised, uploaded straight to the partnership's bucket, read by a worker."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.documents.transfers import PresignedUpload
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.procedures import importing
from graphql_api.context import Info
from graphql_api.documents.types import UploadField, UploadForm
from graphql_api.ids import encode, key_of
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.scalars import Instant
from tenants.procedures import repository, vocabulary
from tenants.procedures.working_models import ProcedureImport as ImportRow

ImportState: type[Enum] = strawberry.enum(
    vocabulary.ImportState, name="ProcedureImportState", description="How far a file has come. FAILED made nothing."
)


@strawberry.type(description="A file that is read into a draft.")
class ProcedureImport:
    id: strawberry.ID
    manual: str
    title: str
    file_name: str
    state: ImportState  # type: ignore[valid-type]
    progress: int = strawberry.field(description="In hundredths.")
    edition_id: strawberry.ID | None = strawberry.field(description="The draft; null until one is made.")
    report: JSON = strawberry.field(description="How much was found, by what it is, and corrections_kept.")
    fault: str | None = strawberry.field(description="What is wrong with a file that FAILED.")
    started_at: Instant
    finished_at: Instant | None

    @classmethod
    def of(cls, row: ImportRow) -> "ProcedureImport":
        return cls(
            id=strawberry.ID(encode("ProcedureImport", row.id)), manual=row.manual, title=row.title,
            file_name=row.file_name, state=row.state, progress=row.progress,
            edition_id=strawberry.ID(encode("ProcedureEdition", row.edition_id)) if row.edition_id else None,
            report=JSON(row.report), fault=row.fault, started_at=Instant(row.started_at),
            finished_at=Instant(row.finished_at) if row.finished_at else None,
        )  # fmt: skip


@strawberry.input(description="Promise the file of a manual. Only exactly these bytes will be accepted.")
class StartProcedureImportInput:
    manual: str = strawberry.field(description="Code of the manual, such as child-protection.")
    title: str = strawberry.field(description="Of the edition; up to 300 characters.")
    file_name: str = strawberry.field(description="With its ending: .docx, .odt, .html, .md, .txt.")
    size: int = strawberry.field(description="Bytes, up to 100 MiB.")
    sha256: str = strawberry.field(description="64 hexadecimal digits.")
    edition_id: strawberry.ID | None = strawberry.field(
        default=None, description="A draft to read it into anew: its corrections are kept. Default: a new draft."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that the upload is done: a worker then reads the file.")
class CompleteProcedureImportInput:
    import_id: strawberry.ID = strawberry.field(description="The import that was started.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The import and the form that uploads its bytes.")
class StartProcedureImportPayload:
    procedure_import: ProcedureImport
    form: UploadForm


@strawberry.type(description="The import as it is now.")
class ProcedureImportPayload:
    procedure_import: ProcedureImport


StartProcedureImportResult = Annotated[
    StartProcedureImportPayload | AnyProblem,
    strawberry.union("StartProcedureImportResult", description="Where to upload, or why it was refused."),
]
ProcedureImportResult = Annotated[
    ProcedureImportPayload | AnyProblem,
    strawberry.union("ProcedureImportResult", description="The import, or why it was refused."),
]


def _started(found: tuple[ImportRow, PresignedUpload]) -> StartProcedureImportPayload:
    row, form = found
    fields = [UploadField(name=name, value=value) for name, value in form.fields.items()]
    return StartProcedureImportPayload(
        procedure_import=ProcedureImport.of(row),
        form=UploadForm(url=form.url, fields=fields, expires_at=Instant(form.expires_at)),
    )


@strawberry.type
class ProcedureImportMutations:
    @strawberry.mutation(description="Promise the file of a manual and get the form that uploads it.")
    async def start_procedure_import(self, info: Info, input: StartProcedureImportInput) -> StartProcedureImportResult:
        async def work(session: TenantSession, import_id: UUID) -> tuple[ImportRow, PresignedUpload]:
            draft = key_of("ProcedureEdition", input.edition_id) if input.edition_id else None
            told = importing.FileTold(input.manual, input.title, input.file_name, input.size, input.sha256, draft)
            return await importing.start(session, told, info.context.caller.person_id, import_id)

        return await mutate(info, input, work, again=importing.form_again, answer=_started,
                            needs=Permission.WRITE_PROCEDURES)  # fmt: skip

    @strawberry.mutation(description="Have an uploaded file read into a draft by a worker.")
    async def complete_procedure_import(self, info: Info, input: CompleteProcedureImportInput) -> ProcedureImportResult:
        async def work(session: TenantSession, import_id: UUID) -> ImportRow:
            return await importing.complete(session, import_id, info.context.caller.person_id)

        return await mutate(
            info, input, work, again=repository.import_row, needs=Permission.WRITE_PROCEDURES,
            answer=lambda row: ProcedureImportPayload(procedure_import=ProcedureImport.of(row)),
            about=("ProcedureImport", input.import_id),
        )  # fmt: skip
