"""Documents and the links by which their bytes travel."""

from enum import Enum

import strawberry

from backend.documents.models import Document as DocumentRow
from backend.documents.models import DocumentState as DocumentStateValue
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

DocumentState: type[Enum] = strawberry.enum(DocumentStateValue, description="Whether a document's bytes have arrived.")


@strawberry.type(description="A document of a case. Its bytes lie in the partnership's own bucket.")
class Document:
    id: strawberry.ID
    title: str
    content_type: str
    size: int = strawberry.field(description="Bytes.")
    sha256: str
    state: DocumentState  # type: ignore[valid-type]
    started_at: Instant
    completed_at: Instant | None
    row: strawberry.Private[DocumentRow]

    @strawberry.field(description="Who uploaded it.")
    def uploaded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.uploaded_by)

    @classmethod
    def of(cls, row: DocumentRow) -> "Document":
        return cls(
            id=strawberry.ID(encode("Document", row.id)), title=row.title, content_type=row.content_type,
            size=row.size, sha256=row.sha256, state=DocumentStateValue(row.state),
            started_at=Instant(row.started_at),
            completed_at=Instant(row.completed_at) if row.completed_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="A field of the upload form.")
class UploadField:
    name: str
    value: str


@strawberry.type(description="Send a multipart form POST to url: the fields in order, then the bytes as field file.")
class UploadForm:
    url: str
    fields: list[UploadField]
    expires_at: Instant
