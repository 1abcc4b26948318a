"""An edition of a threshold document: levels, indicators, and criteria with their numbers."""

from datetime import date
from enum import Enum

import strawberry
from strawberry.scalars import JSON

from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.continuum import Criterion as CriterionValue
from tenants.thresholds.continuum import Indicator as IndicatorValue
from tenants.thresholds.continuum import Level as LevelValue
from tenants.thresholds.continuum import NationalTerm as NationalTermValue
from tenants.thresholds.continuum import Nature as NatureValue
from tenants.thresholds.continuum import Subject as SubjectValue
from tenants.thresholds.models import ThresholdEdition as EditionRow
from tenants.thresholds.models import ThresholdState as StateValue

ThresholdState: type[Enum] = strawberry.enum(
    StateValue, name="ThresholdState", description="How far a text has come. Only APPROVED is in force, from its day."
)
NationalTerm: type[Enum] = strawberry.enum(
    NationalTermValue, name="NationalTerm", description="What a level is called in national guidance."
)
Nature: type[Enum] = strawberry.enum(
    NatureValue, name="IndicatorNature", description="EVENT happens on a day; STATE holds until it is ended."
)
Subject: type[Enum] = strawberry.enum(
    SubjectValue, name="IndicatorSubject", description="Whom an indicator is recorded of."
)


@strawberry.type(description="One level of need. They are listed from the lowest to the highest.")
class ThresholdLevel:
    code: str
    name: str
    description: str
    signs: list[str]
    responses: list[str] = strawberry.field(description="What is done for a child at this level.")
    outcomes: list[str] = strawberry.field(description="What is to come of it.")
    national: list[NationalTerm] = strawberry.field(description="What national guidance calls it.")  # type: ignore[valid-type]
    step_up_asks: str | None = strawberry.field(description="What a decision to step up to it has to say besides.")
    citation: str

    @classmethod
    def of(cls, one: LevelValue) -> "ThresholdLevel":
        return cls(
            code=one.code, name=one.name, description=one.description, signs=list(one.signs),
            responses=list(one.responses), outcomes=list(one.outcomes), national=list(one.national),
            step_up_asks=one.step_up.asks if one.step_up else None, citation=one.citation,
        )  # fmt: skip


@strawberry.type(description="Something that people record of a child, an adult or the family.")
class ThresholdIndicatorKind:
    code: str = strawberry.field(description="What it is recorded by.")
    name: str
    domain: str = strawberry.field(description="The group that it belongs to, by name.")
    nature: Nature  # type: ignore[valid-type]
    subject: Subject  # type: ignore[valid-type]

    @classmethod
    def of(cls, one: IndicatorValue, continuum: Continuum) -> "ThresholdIndicatorKind":
        domain = next(each.name for each in continuum.domains if each.code == one.domain)
        return cls(code=one.code, name=one.name, domain=domain, nature=one.nature, subject=one.of)


@strawberry.type(description="A rule: when all its conditions hold for one child, it suggests a level or a pathway.")
class ThresholdCriterion:
    code: str
    text: str
    suggests: str | None = strawberry.field(description="A level's code.")
    opens: list[str] = strawberry.field(description="Codes of pathways.")
    conditions: JSON = strawberry.field(description="Indicators, counts, windows, look-backs and ages, as data.")
    force: str | None = strawberry.field(description="must, should, will or may, as the source has it.")
    citation: str
    inferred: str | None = strawberry.field(description="What the source does not say, and somebody chose.")

    @classmethod
    def of(cls, one: CriterionValue) -> "ThresholdCriterion":
        conditions = one.model_dump(mode="json", by_alias=True, exclude_defaults=True)["all"]
        return cls(
            code=one.code, text=one.text, suggests=one.suggests, opens=[each.pathway for each in one.opens],
            conditions=JSON(conditions), force=one.force, citation=one.citation, inferred=one.inferred,
        )  # fmt: skip


@strawberry.type(description="A threshold document. It never changes: a correction is another edition.")
class ThresholdEdition(Node):
    id: strawberry.ID
    scheme: str = strawberry.field(description="partnership, or the code of the agency whose own policy it is.")
    number: int
    title: str
    state: ThresholdState  # type: ignore[valid-type]
    edition: str = strawberry.field(description="What the text calls itself.")
    citation: str
    unset: str | None = strawberry.field(description="Whose choice the levels are, where nobody has made it.")
    levels: list[ThresholdLevel]
    indicators: list[ThresholdIndicatorKind]
    criteria: list[ThresholdCriterion]
    text: str | None = strawberry.field(description="As it was written, in YAML; null where an operator loaded it.")
    in_force_from: date | None
    authority: str | None = strawberry.field(description="Who decided to put it in force, and where it is minuted.")
    approved_role: str | None
    made_at: Instant
    approved_at: Instant | None
    withdrawn_at: Instant | None
    withdrawal_reason: str | None
    row: strawberry.Private[EditionRow]

    @strawberry.field(description="Who wrote it; null for an operator.")
    def made_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.made_by)

    @strawberry.field(description="Who approved it; null for an operator.")
    def approved_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.approved_by)

    @classmethod
    def of(cls, row: EditionRow) -> "ThresholdEdition":
        said = Continuum.model_validate(row.content)
        return cls(
            id=strawberry.ID(encode("ThresholdEdition", row.id)), scheme=row.scheme, number=row.number,
            title=row.title, state=row.state, edition=said.edition, citation=said.citation, unset=said.unset,
            levels=[ThresholdLevel.of(one) for one in said.levels],
            indicators=[ThresholdIndicatorKind.of(one, said) for one in said.indicators],
            criteria=[ThresholdCriterion.of(one) for one in said.criteria], text=row.text,
            in_force_from=row.in_force_from, authority=row.authority, approved_role=row.approved_role,
            made_at=Instant(row.made_at), approved_at=_instant(row.approved_at),
            withdrawn_at=_instant(row.withdrawn_at), withdrawal_reason=row.withdrawal_reason, row=row,
        )  # fmt: skip


def _instant(value: object) -> Instant | None:
    return Instant(value) if value is not None else None  # type: ignore[arg-type]
