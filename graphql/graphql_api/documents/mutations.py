"""Uploading and downloading. The bytes go straight between the client and S3."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.cases.repository import NO_CASE
from backend.documents import repository as documents
from backend.documents import service
from backend.documents.models import Document as DocumentRow
from backend.documents.withholding import withheld
from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.documents.types import Document, UploadField, UploadForm
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
from graphql_api.scalars import Instant

_NO_SUCH_CASE = NotFound(NO_CASE)
_NO_SUCH_DOCUMENT = NotFound(documents.NO_DOCUMENT)


@strawberry.input(description="Promise a file. Only exactly these bytes will be accepted.")
class StartDocumentUploadInput:
    case_id: strawberry.ID = strawberry.field(description="The case it belongs to.")
    title: str = strawberry.field(description="Up to 200 characters. No link holds it: a download is named by its id.")
    content_type: str = strawberry.field(description="Such as application/pdf.")
    size: int = strawberry.field(description="Bytes, up to 100 MiB.")
    sha256: str = strawberry.field(description="64 hexadecimal digits.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that the upload is done.")
class CompleteDocumentUploadInput:
    document_id: strawberry.ID = strawberry.field(description="The document that was promised.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Ask for a link to a document. The request is logged before the link is given.")
class RequestDocumentDownloadInput:
    document_id: strawberry.ID = strawberry.field(description="A document whose upload is complete.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The document and the form that uploads its bytes.")
class StartDocumentUploadPayload:
    document: Document
    form: UploadForm


@strawberry.type(description="The document, available.")
class CompleteDocumentUploadPayload:
    document: Document


@strawberry.type(description="A link that works for a minute.")
class RequestDocumentDownloadPayload:
    document: Document
    url: str
    expires_at: Instant


StartDocumentUploadResult = Annotated[
    StartDocumentUploadPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("StartDocumentUploadResult", description="Where to upload, or why it was refused."),
]
CompleteDocumentUploadResult = Annotated[
    CompleteDocumentUploadPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("CompleteDocumentUploadResult", description="The document, or why it was refused."),
]
RequestDocumentDownloadResult = Annotated[
    RequestDocumentDownloadPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("RequestDocumentDownloadResult", description="A link, or why it was refused."),
]


@strawberry.type
class DocumentMutations:
    @strawberry.mutation(description="Promise a file for a case and get the form that uploads it.")
    async def start_document_upload(self, info: Info, input: StartDocumentUploadInput) -> StartDocumentUploadResult:
        case_id = decode_as("Case", input.case_id)
        if case_id is None:
            return as_problem(_NO_SUCH_CASE)
        caller = info.context.caller

        async def work(session: TenantSession, document_id: UUID) -> StartDocumentUploadPayload:
            await cases.addable(session, caller, case_id, needs=Permission.ADD_DOCUMENTS)
            document, form = await service.start_upload(
                session, document_id=document_id, case_id=case_id, title=input.title, content_type=input.content_type,
                size=input.size, sha256=input.sha256, person_id=caller.person_id,
            )  # fmt: skip
            return _started(document, form)

        async def again(session: TenantSession, document_id: UUID) -> StartDocumentUploadPayload:
            caller.require(Permission.ADD_DOCUMENTS)
            await cases.seen(session, caller, case_id)
            return _started(*await service.form_again(session, document_id))

        request = [input.case_id, input.title, input.content_type, input.size, input.sha256]
        return await perform(
            info, operation="startDocumentUpload", key=input.idempotency_key, request=request,
            result_id=uuid7(), work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="Say that the upload is done; what arrived is checked against the promise.")
    async def complete_document_upload(
        self,
        info: Info,
        input: CompleteDocumentUploadInput,
    ) -> CompleteDocumentUploadResult:
        document_id = decode_as("Document", input.document_id)
        if document_id is None:
            return as_problem(_NO_SUCH_DOCUMENT)
        caller = info.context.caller

        async def work(session: TenantSession, found: UUID) -> CompleteDocumentUploadPayload:
            caller.require(Permission.ADD_DOCUMENTS)
            case_id = await _in_sight(info, session, found)
            await cases.addable(session, caller, case_id, needs=Permission.ADD_DOCUMENTS)
            return CompleteDocumentUploadPayload(
                document=Document.of(await service.complete_upload(session, found, caller.person_id))
            )

        async def again(session: TenantSession, found: UUID) -> CompleteDocumentUploadPayload:
            caller.require(Permission.ADD_DOCUMENTS)
            await _in_sight(info, session, found)
            return CompleteDocumentUploadPayload(document=Document.of(await documents.document(session, found)))

        return await perform(
            info, operation="completeDocumentUpload", key=input.idempotency_key, request=input.document_id,
            result_id=document_id, work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="A link to a document's bytes, given once the request is on the access log.")
    async def request_document_download(
        self,
        info: Info,
        input: RequestDocumentDownloadInput,
    ) -> RequestDocumentDownloadResult:
        document_id = decode_as("Document", input.document_id)
        if document_id is None:
            return as_problem(_NO_SUCH_DOCUMENT)
        caller = info.context.caller

        async def work(session: TenantSession, found: UUID) -> RequestDocumentDownloadPayload:
            caller.require(Permission.VIEW_DOCUMENTS)
            await _in_sight(info, session, found)
            link = await service.download(session, found, caller.person_id)
            document = Document.of(await documents.document(session, found))
            return RequestDocumentDownloadPayload(document=document, url=link.url, expires_at=Instant(link.expires_at))

        # A new link for the same key is a new look at the record, and is logged as one.
        return await perform(
            info, operation="requestDocumentDownload", key=input.idempotency_key, request=input.document_id,
            result_id=document_id, work=work, again=work,
        )  # fmt: skip


def _started(document: DocumentRow, form: service.PresignedUpload) -> StartDocumentUploadPayload:
    fields = [UploadField(name=name, value=value) for name, value in form.fields.items()]
    return StartDocumentUploadPayload(
        document=Document.of(document),
        form=UploadForm(url=form.url, fields=fields, expires_at=Instant(form.expires_at)),
    )


async def _in_sight(info: Info, session: TenantSession, document_id: UUID) -> UUID:
    """The case of a document.

    Raises ``NotFound`` for one that is withheld from the caller, or of a case that is not there for them.
    """
    caller, document = info.context.caller, await documents.document(session, document_id)
    await cases.seen(session, caller, document.case_id, otherwise=documents.NO_DOCUMENT)
    if await withheld(session, [document_id], caller.person_id):
        raise NotFound(documents.NO_DOCUMENT)
    return document.case_id
