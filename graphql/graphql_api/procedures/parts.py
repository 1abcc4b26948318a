"""What belongs to an edition beside its provisions."""

from datetime import date
from enum import Enum
from typing import Any

import strawberry
from strawberry.scalars import JSON

from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from tenants.procedures import (
    bundle,
    checks,
    difference,
    link_models,
    models,
    register_models,
    search,
    vocabulary,
    working_models,
)

ReferenceKind: type[Enum] = strawberry.enum(
    vocabulary.ReferenceKind, name="ProcedureReferenceKind",
    description="To what a reference leads. LINK, STATUTE and DOCUMENT lie outside the manual.",
)  # fmt: skip
AdoptionClass: type[Enum] = strawberry.enum(
    vocabulary.AdoptionClass, name="ProcedureAdoptionClass",
    description="How a body holds to a manual. One that is ENCOURAGED is never in breach.",
)  # fmt: skip
Change: type[Enum] = strawberry.enum(
    difference.Change, name="ProcedureChange", description="How a provision differs between two texts."
)


@strawberry.type(description="A cross-reference of a provision.")
class ProcedureReference:
    kind: ReferenceKind  # type: ignore[valid-type]
    wording: str = strawberry.field(description="As printed.")
    targets: list[str] = strawberry.field(description="Addresses of the edition; a range has its first and last.")

    @classmethod
    def of(cls, row: models.ProcedureReference) -> "ProcedureReference":
        return cls(kind=row.kind, wording=row.wording, targets=list(row.targets))


@strawberry.type(description="A text that an edition replaces.")
class ProcedureReplacement:
    title: str
    edition_id: strawberry.ID | None = strawberry.field(description="Where that text is kept here.")

    @classmethod
    def of(cls, row: models.ProcedureReplacement) -> "ProcedureReplacement":
        kept = strawberry.ID(encode("ProcedureEdition", row.replaced_id)) if row.replaced_id else None
        return cls(title=row.title, edition_id=kept)


@strawberry.type(
    description="A provision binds a part of a pathway: one by its code, or each that cites a place in a source. A"
    " source alone is this manual's own title in citations."
)
class ProcedureLink:
    pathway: str | None
    kind: str | None = strawberry.field(description="Such as obligation, stage or decision.")
    code: str | None
    source: str | None
    place: str | None
    address: str | None = strawberry.field(description="Of the provision.")

    @classmethod
    def of(cls, row: link_models.ProcedureLink) -> "ProcedureLink":
        return cls(pathway=row.pathway, kind=row.kind, code=row.code, source=row.source, place=row.place,
                   address=row.address)  # fmt: skip


@strawberry.type(description="A term of a manual's glossary.")
class ProcedureTerm:
    term: str
    aliases: list[str] = strawberry.field(description="What else it is called; a search finds it by any.")
    definition: str
    effective_from: date | None
    effective_to: date | None = strawberry.field(description="The first day on which it means this no longer.")

    @classmethod
    def of(cls, row: models.ProcedureTerm) -> "ProcedureTerm":
        return cls(term=row.term, aliases=list(row.aliases), definition=row.definition,
                   effective_from=row.effective_from, effective_to=row.effective_to)  # fmt: skip


@strawberry.type(description="Something in a draft that a person has to look at.")
class ProcedureDoubt:
    id: strawberry.ID
    kind: str = strawberry.field(description="Such as number repeated, or correction does not fit.")
    blocking: bool = strawberry.field(description="Whether it keeps the draft from approval while it is open.")
    line: int | None = strawberry.field(description="Of the file, from 1.")
    message: str
    resolution: str | None = strawberry.field(description="What became of it; null while it is open.")
    resolved_at: Instant | None
    row: strawberry.Private[working_models.ProcedureDoubt]

    @strawberry.field(description="Who resolved it.")
    def resolved_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.resolved_by)

    @classmethod
    def of(cls, row: working_models.ProcedureDoubt) -> "ProcedureDoubt":
        return cls(
            id=strawberry.ID(encode("ProcedureDoubt", row.id)), kind=row.kind, blocking=row.blocking, line=row.line,
            message=row.message, resolution=row.resolution,
            resolved_at=Instant(row.resolved_at) if row.resolved_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="What the checks of a draft have found.")
class ProcedureFinding:
    code: str = strawberry.field(description="Such as dangling-reference or duplicate-address.")
    blocking: bool = strawberry.field(description="Whether it keeps the draft from approval.")
    address: str | None
    message: str

    @classmethod
    def of(cls, one: checks.Finding) -> "ProcedureFinding":
        return cls(code=one.code, blocking=one.blocking, address=one.address, message=one.message)


@strawberry.type(description="How an agency, or a body outside, holds to an edition.")
class ProcedureAdoption:
    adoption: AdoptionClass  # type: ignore[valid-type]
    body: str | None = strawberry.field(description="Name of a body that is no agency of the partnership.")
    adopted_on: date
    scope: str | None = strawberry.field(description="Such as: work with parents only.")
    clause_sought_on: date | None = strawberry.field(description="Of a body under contract.")
    clause_obtained: bool | None = strawberry.field(description="False is no breach: seeking it is what is required.")
    reason: str | None
    row: strawberry.Private[register_models.ProcedureAdoption]

    @strawberry.field(description="Name of an agency of the partnership.")
    async def agency(self, info: Info) -> str | None:
        if self.row.agency_id is None:
            return None
        found = await info.context.loaders.agency.load(self.row.agency_id)
        return found.name if found else None

    @classmethod
    def of(cls, row: register_models.ProcedureAdoption) -> "ProcedureAdoption":
        return cls(
            adoption=row.adoption, body=row.body, adopted_on=row.adopted_on, scope=row.scope,
            clause_sought_on=row.clause_sought_on, clause_obtained=row.clause_obtained, reason=row.reason, row=row,
        )  # fmt: skip


@strawberry.type(description="What practitioners carry of a procedure.")
class ProcedureHandbookEntry:
    heading: str
    text: str
    addresses: list[str] = strawberry.field(description="The provisions that it cites.")

    @classmethod
    def of(cls, row: models.ProcedureHandbookEntry) -> "ProcedureHandbookEntry":
        return cls(heading=row.heading, text=row.text, addresses=list(row.addresses))


@strawberry.type(description="A part of a handbook's bundle: canonical JSON, named by its SHA-256.")
class ProcedureBundleItem:
    hash: str
    content: str


@strawberry.type(
    description="A handbook for use without a network. Check the manifest with the key, each item by its hash."
)
class ProcedureBundle:
    version: str = strawberry.field(description="SHA-256 of the manifest's content.")
    manifest: str = strawberry.field(description="Compact JWS by Ed25519: the edition and the hashes in order.")
    key: JSON = strawberry.field(description="The public key as JWK; keep the one that you first trusted.")
    items: list[ProcedureBundleItem] = strawberry.field(description="Those that you do not have.")

    @classmethod
    def of(cls, made: bundle.Bundle, key: dict[str, Any]) -> "ProcedureBundle":
        return cls(
            version=made.version, manifest=made.manifest, key=JSON(key),
            items=[ProcedureBundleItem(hash=one.hash, content=one.content) for one in made.items],
        )  # fmt: skip


@strawberry.type(description="A run of words of a hit.")
class ProcedureFragment:
    text: str
    matched: bool = strawberry.field(description="Whether it is what was asked for.")


@strawberry.type(description="A provision that answers a search, the best first.")
class ProcedureHit:
    edition_id: strawberry.ID
    address: str
    number: str | None
    heading: str | None
    rank: float = strawberry.field(description="Higher is better; only comparable within one answer.")
    excerpt: list[ProcedureFragment]

    @classmethod
    def of(cls, one: search.Hit) -> "ProcedureHit":
        return cls(
            edition_id=strawberry.ID(encode("ProcedureEdition", one.edition_id)), address=one.address,
            number=one.number, heading=one.heading, rank=one.rank,
            excerpt=[ProcedureFragment(text=part.text, matched=part.matched) for part in one.excerpt],
        )  # fmt: skip


@strawberry.type(description="A run of words that both texts have, or one of them.")
class ProcedureWords:
    text: str
    change: Change | None = strawberry.field(description="Null for words that both have.")  # type: ignore[valid-type]


@strawberry.type(description="A provision that differs between two texts.")
class ProcedureDifference:
    change: Change  # type: ignore[valid-type]
    before: str | None = strawberry.field(description="Its address in the earlier text.")
    after: str | None = strawberry.field(description="Its address in the later text.")
    heading: str | None
    fields: list[str] = strawberry.field(description="What of it differs, such as text or force.")
    words: list[ProcedureWords] = strawberry.field(description="Both texts in one.")

    @classmethod
    def of(cls, one: difference.Difference) -> "ProcedureDifference":
        either = one.after or one.before
        return cls(
            change=one.change, before=one.before.address if one.before else None,
            after=one.after.address if one.after else None, heading=either.heading if either else None,
            fields=list(one.fields), words=[ProcedureWords(text=part.text, change=part.change) for part in one.words()],
        )  # fmt: skip
