"""Templates of letters, what one would say, and those that were issued."""

from enum import Enum

import strawberry

from backend.identity.policies import Permission
from backend.letters import composing, models, service, template
from backend.letters.sources import About as AboutValue
from graphql_api.context import Info
from graphql_api.documents.types import Document
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

Audience: type[Enum] = strawberry.enum(
    models.Audience, name="LetterAudience",
    description="For whom a copy is. CASE holds nothing that is kept from anybody on the case; RECIPIENT is for the"
    " recipient and its sender alone, and holds what both may see.",
)  # fmt: skip
Medium: type[Enum] = strawberry.enum(
    service.Medium, name="LetterMedium", description="PDF is tagged by PDF/UA-1; JSON and CSV are for data sets."
)
LetterKind: type[Enum] = strawberry.enum(template.Kind, name="LetterKind", description="What a template makes.")
About: type[Enum] = strawberry.enum(AboutValue, name="LetterAbout", description="What a template is about.")


@strawberry.type(description="A field of a template.")
class LetterField:
    id: str
    label: str
    source: str = strawberry.field(description="Where its value is from.")
    required: bool = strawberry.field(description="Without it nothing is issued.")


@strawberry.type(description="A paragraph of a template. Fields stand in it as {id}.")
class LetterParagraph:
    id: str
    text: str = strawberry.field(description="As it is worded here.")
    own: bool = strawberry.field(description="Whether the partnership words it itself.")


@strawberry.type(description="A template of a letter, pack, record or data set.")
class LetterTemplate:
    id: str
    title: str
    kind: LetterKind  # type: ignore[valid-type]
    about: About  # type: ignore[valid-type]
    addressed: bool = strawberry.field(description="Each copy is for one recipient.")
    citation: str
    fields: list[LetterField]
    paragraphs: list[LetterParagraph]

    @classmethod
    def of(cls, one: template.Template, own: dict[str, str]) -> "LetterTemplate":
        return cls(
            id=one.id, title=one.title, kind=one.kind, about=one.about, addressed=one.addressed,
            citation=one.citation,
            fields=[LetterField(id=code, label=each.label, source=each.source, required=each.required)
                    for code, each in one.all_fields.items()],
            paragraphs=[LetterParagraph(id=code, text=own.get(code) or text, own=bool(own.get(code)))
                        for code, text in one.wordings.items()],
        )  # fmt: skip


@strawberry.type(description="A required value that nothing is recorded of.")
class LetterMissing:
    field: str
    label: str
    remedy: str

    @classmethod
    def of(cls, one: composing.Missing) -> "LetterMissing":
        return cls(field=one.field, label=one.label, remedy=one.remedy)


@strawberry.type(description="A field as it would be printed: text, or a table.")
class LetterLine:
    field: str
    label: str
    text: str
    columns: list[str] = strawberry.field(description="Heads of a table's columns.")
    rows: list[list[str]] = strawberry.field(description="A table's cells, by row.")


@strawberry.type(description="A part of a letter: a paragraph, or lines under a heading.")
class LetterSection:
    heading: str | None
    text: str
    lines: list[LetterLine]


@strawberry.type(description="What a letter would say. Nothing is stored.")
class LetterPreview:
    title: str
    letterhead: str
    footer: str
    sections: list[LetterSection]
    missing: list[LetterMissing] = strawberry.field(description="What keeps it from being issued.")
    left_out: list[str] = strawberry.field(description="Fields of which something is not in this copy.")

    @classmethod
    def of(cls, one: composing.Letter) -> "LetterPreview":
        return cls(
            title=one.title, letterhead=one.letterhead, footer=one.footer,
            sections=[
                LetterSection(heading=part.heading, text=part.text, lines=[
                    LetterLine(field=line.field, label=line.label, text=line.text, columns=list(line.columns),
                               rows=[list(row) for row in line.rows])
                    for line in part.lines
                ])
                for part in one.sections
            ],
            missing=[LetterMissing.of(each) for each in one.missing], left_out=list(one.left_out),
        )  # fmt: skip


@strawberry.type(description="A letter that was issued: a document of the case.")
class Letter:
    id: strawberry.ID
    template: str
    wording: str = strawberry.field(description="SHA-256 of the template as it was worded.")
    number: int = strawberry.field(description="Which of its kind to this recipient about this.")
    audience: Audience  # type: ignore[valid-type]
    recipient_name: str | None = strawberry.field(description="Of somebody outside.")
    left_out: list[str] = strawberry.field(description="Fields of which something is not in it.")
    issued_at: Instant
    row: strawberry.Private[models.IssuedLetter]

    @strawberry.field(description="Null where it is for others alone, or kept from you.")
    async def document(self, info: Info) -> Document | None:
        caller = info.context.caller
        if not caller.may(Permission.VIEW_DOCUMENTS) and self.row.issued_by != caller.person_id:
            return None
        rows = await info.context.loaders.documents_of_case.load(self.row.case_id)
        return next((Document.of(row) for row in rows if row.id == self.row.document_id), None)

    @strawberry.field(description="Whom it is for, with an account here.")
    def recipient(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recipient_id)

    @strawberry.field(description="Who issued it.")
    def issued_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.issued_by)

    @classmethod
    def of(cls, row: models.IssuedLetter) -> "Letter":
        return cls(
            id=strawberry.ID(encode("Letter", row.id)), template=row.template, wording=row.wording, number=row.number,
            audience=row.audience, recipient_name=row.recipient_name, left_out=[str(one) for one in row.left_out],
            issued_at=Instant(row.issued_at), row=row,
        )  # fmt: skip
