"""What is told of a draft."""

from datetime import date
from enum import Enum
from typing import Any, Final

import strawberry

from graphql_api.problems import ONCE
from graphql_api.procedures.parts import AdoptionClass, ReferenceKind
from graphql_api.procedures.types import Force, Kind, Level
from tenants.procedures import vocabulary

DRAFT: Final = "A draft."
REVIEW: Final = "When it is reviewed: a year, month, day or season, such as 2028-autumn."
ADDRESS: Final = "Of a provision of the draft."


@strawberry.input(description="A text that an edition replaces.")
class ProcedureReplacementInput:
    edition_id: strawberry.ID | None = strawberry.field(default=None, description="One that is kept here.")
    title: str | None = strawberry.field(default=None, description="Any other, by its title.")


@strawberry.input(description="Begin a draft: empty, from an edition, or over a regional or national one.")
class DraftProcedureEditionInput:
    manual: str = strawberry.field(description="Code of the manual, such as child-protection.")
    title: str = strawberry.field(description="Up to 300 characters.")
    level: Level = strawberry.field(default=vocabulary.Level.LOCAL, description="Whose text it is.")  # type: ignore[valid-type]
    law_as_at: date | None = strawberry.field(default=None, description="The day as at which the law is stated.")
    next_review: str | None = strawberry.field(default=None, description=REVIEW)
    summary: str | None = strawberry.field(default=None, description="What it changes, in short.")
    based_on_id: strawberry.ID | None = strawberry.field(default=None, description="An edition to copy the text of.")
    over: bool = strawberry.field(
        default=False, description="Take that text over: provisions say where they are from until they are replaced."
    )
    replaces: list[ProcedureReplacementInput] | None = strawberry.field(
        default=None, description="Texts that it replaces, such as an edition and its update."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Change what a draft says of itself. What is left out stays.")
class ChangeProcedureEditionInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    title: str | None = strawberry.field(default=None, description="Up to 300 characters.")
    law_as_at: date | None = strawberry.field(default=None, description="The day as at which the law is stated.")
    next_review: str | None = strawberry.field(default=None, description=REVIEW)
    summary: str | None = strawberry.field(default=None, description="What it changes, in short.")
    idempotency_key: str = strawberry.field(description=ONCE)


class ClearableValue(Enum):
    NUMBER = "number"
    HEADING = "heading"
    PARENT = "parent"
    FORCE = "force"
    AREA = "area"


Clearable: type[Enum] = strawberry.enum(
    ClearableValue, name="ProcedureClearable", description="What of a provision may be empty."
)


@strawberry.input(description="Correct provisions of a draft. What is left out stays.")
class CorrectProcedureProvisionsInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    addresses: list[str] = strawberry.field(description="Of one provision; of several to set the last four fields.")
    new_address: str | None = strawberry.field(
        default=None, description="What cites it goes on citing it, and its old address leads on."
    )
    number: str | None = strawberry.field(default=None, description="As printed; up to 60 characters.")
    heading: str | None = strawberry.field(default=None, description="Up to 1,000 characters.")
    text: str | None = strawberry.field(default=None, description="Up to 50,000 characters.")
    parent: str | None = strawberry.field(default=None, description="Address of what it belongs to.")
    kind: Kind | None = strawberry.field(default=None, description="What it is.")  # type: ignore[valid-type]
    force: Force | None = strawberry.field(default=None, description="Its force, as a person grades it.")  # type: ignore[valid-type]
    audience: list[str] | None = strawberry.field(default=None, description="For whom it is; empty for everybody.")
    area: str | None = strawberry.field(default=None, description="Where it holds.")
    clear: list[Clearable] | None = strawberry.field(default=None, description="What it shall have no longer.")  # type: ignore[valid-type]
    idempotency_key: str = strawberry.field(description=ONCE)

    def given(self) -> dict[str, Any]:
        """The fields to set, as they are kept."""
        named = ("number", "heading", "text", "parent", "audience", "area")
        fields = {name: value for name in named if (value := getattr(self, name)) is not None}
        fields |= {name: value.value for name in ("kind", "force") if (value := getattr(self, name)) is not None}
        if self.new_address is not None:
            fields["address"] = self.new_address
        return fields | {ClearableValue(one).value: None for one in self.clear or ()}


@strawberry.input(description="Let one provision have the words of several.")
class MergeProcedureProvisionsInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    addresses: list[str] = strawberry.field(description="Two or more, in order; the first stays.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make two provisions of one.")
class SplitProcedureProvisionInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    address: str = strawberry.field(description=ADDRESS)
    begins_with: str = strawberry.field(description="The words that the second begins with; they stand there once.")
    new_address: str = strawberry.field(description="Of the second.")
    number: str | None = strawberry.field(default=None, description="Of the second, as printed.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Add a provision to a draft.")
class AddProcedureProvisionInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    address: str = strawberry.field(description="No other provision has it.")
    follows: str | None = strawberry.field(default=None, description="Address after which it comes; default the end.")
    parent: str | None = strawberry.field(default=None, description="Address of what it belongs to.")
    number: str | None = strawberry.field(default=None, description="As printed.")
    heading: str | None = strawberry.field(default=None, description="Up to 1,000 characters.")
    text: str = strawberry.field(default="", description="Up to 50,000 characters.")
    kind: Kind = strawberry.field(default=vocabulary.Kind.PROCEDURE, description="What it is.")  # type: ignore[valid-type]
    force: Force | None = strawberry.field(default=None, description="Its force.")  # type: ignore[valid-type]
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take a provision out of a draft.")
class RemoveProcedureProvisionInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    address: str = strawberry.field(description=ADDRESS)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say where a cross-reference leads.")
class SetProcedureReferenceInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    address: str = strawberry.field(description=ADDRESS)
    wording: str = strawberry.field(description="The reference as it is worded there.")
    kind: ReferenceKind = strawberry.field(description="STATUTE or DOCUMENT where it leads out of the manual.")  # type: ignore[valid-type]
    targets: list[str] = strawberry.field(description="Addresses of the draft.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put a term in a draft's glossary, in place of the one of that name.")
class SetProcedureTermInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    term: str = strawberry.field(description="Up to 200 characters.")
    definition: str | None = strawberry.field(default=None, description="Leave out to take the term out.")
    aliases: list[str] | None = strawberry.field(default=None, description="What else it is called.")
    effective_from: date | None = strawberry.field(default=None, description="The first day on which it means this.")
    effective_to: date | None = strawberry.field(default=None, description="The first day on which it no longer does.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="An entry of the practitioners' handbook.")
class ProcedureHandbookEntryInput:
    heading: str = strawberry.field(description="Up to 200 characters.")
    text: str = strawberry.field(description="Up to 2,000 characters: what is needed in the daily work.")
    addresses: list[str] = strawberry.field(description="The procedures that it cites; at least one.")


@strawberry.input(description="Write the practitioners' handbook of a draft, in place of what it had.")
class SetProcedureHandbookInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    entries: list[ProcedureHandbookEntryInput] = strawberry.field(description="In order; critical procedures only.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(
    description="A provision that binds a part of a pathway: give pathway, kind and code; or source and place. A source"
    " alone says by which title pathways cite this manual."
)
class ProcedureLinkInput:
    address: str | None = strawberry.field(default=None, description="Of the provision; not with a source alone.")
    pathway: str | None = strawberry.field(default=None, description="Code of a pathway.")
    kind: str | None = strawberry.field(
        default=None, description="Such as obligation, stage, decision, gate, clock or meeting."
    )
    code: str | None = strawberry.field(default=None, description="Of the part, as the pathway has it.")
    source: str | None = strawberry.field(default=None, description="As citations begin: Working Together 2005.")
    place: str | None = strawberry.field(default=None, description="Such as 4.19 or L120.")


@strawberry.input(description="Write a draft's links to pathways, in place of what it had.")
class SetProcedureLinksInput:
    edition_id: strawberry.ID = strawberry.field(description=DRAFT)
    links: list[ProcedureLinkInput] = strawberry.field(description="Up to 2,000.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say what has become of a doubt.")
class ResolveProcedureDoubtInput:
    doubt_id: strawberry.ID = strawberry.field(description="An open doubt of a draft.")
    resolution: str = strawberry.field(description="Up to 2,000 characters.")
    of_its_kind: bool = strawberry.field(
        default=False, description="Say it of every open doubt of its kind in the draft."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put a draft that somebody else wrote in force from a day on.")
class ApproveProcedureEditionInput:
    edition_id: strawberry.ID = strawberry.field(description="A draft without a blocking finding.")
    role: str = strawberry.field(description="The role of yours in which you approve it, such as procedures_approver.")
    in_force_from: date = strawberry.field(description="Today or later: its release.")
    authority: str = strawberry.field(description="Where the sub-group's approval is minuted; up to 300 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take an edition out of force, or give a draft up. It stays readable.")
class WithdrawProcedureEditionInput:
    edition_id: strawberry.ID = strawberry.field(description="An edition that is not withdrawn.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record how an agency, or a body outside, holds to an edition.")
class RecordProcedureAdoptionInput:
    edition_id: strawberry.ID = strawberry.field(description="An edition.")
    adoption: AdoptionClass = strawberry.field(description="How.")  # type: ignore[valid-type]
    adopted_on: date = strawberry.field(description="Since when.")
    agency: str | None = strawberry.field(
        default=None, description="Code of an agency of the partnership; else give the name of a body."
    )
    body: str | None = strawberry.field(default=None, description="Name of a body outside.")
    scope: str | None = strawberry.field(default=None, description="Such as: work with parents only.")
    clause_sought_on: date | None = strawberry.field(default=None, description="For CONTRACT: when it was sought.")
    clause_obtained: bool | None = strawberry.field(default=None, description="For CONTRACT: whether it was agreed.")
    reason: str | None = strawberry.field(default=None, description="Why a clause was not obtained.")
    idempotency_key: str = strawberry.field(description=ONCE)
