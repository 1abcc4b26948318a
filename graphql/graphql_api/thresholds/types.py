"""A case's level of need: what was recorded, what it suggests and why, what people decided and agencies think."""

from datetime import date
from enum import Enum
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.thresholds.dry_run import Change as ChangeValue
from backend.thresholds.dry_run import DryRun as DryRunValue
from backend.thresholds.models import Direction as DirectionValue
from backend.thresholds.models import ThresholdDecision as DecisionRow
from backend.thresholds.models import ThresholdIndicator as IndicatorRow
from backend.thresholds.models import ThresholdView as ViewRow
from backend.thresholds.repository import Figure as FigureValue
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Area, Person
from graphql_api.people.types import Agency
from graphql_api.scalars import Instant
from graphql_api.thresholds.documents import ThresholdEdition
from tenants.thresholds.evaluation import Met as MetValue
from tenants.thresholds.evaluation import Suggestion as SuggestionValue
from tenants.thresholds.evaluation import Undecided as UndecidedValue

Direction: type[Enum] = strawberry.enum(
    DirectionValue, name="ThresholdDirection", description="How a decision stands to the one before it."
)


@strawberry.type(description="An indicator as somebody recorded it. It never changes.")
class RecordedIndicator:
    id: strawberry.ID
    indicator: str = strawberry.field(description="Its code in the threshold document.")
    scheme: str
    observed_on: date
    note: str | None
    ends_id: strawberry.ID | None = strawberry.field(description="The earlier one that this ends or withdraws.")
    withdrawn: bool = strawberry.field(description="The earlier one was a mistake.")
    child_id: strawberry.ID | None
    party_id: strawberry.ID | None = strawberry.field(description="The adult of the case, where it is of one.")
    recorded_at: Instant
    row: strawberry.Private[IndicatorRow]

    @strawberry.field(description="Who recorded it.")
    def recorded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recorded_by)

    @classmethod
    def of(cls, row: IndicatorRow) -> "RecordedIndicator":
        return cls(
            id=_id("RecordedIndicator", row.id), indicator=row.indicator, scheme=row.scheme,
            observed_on=row.observed_on, note=row.note, withdrawn=row.withdrawn,
            ends_id=_id("RecordedIndicator", row.ends_id) if row.ends_id else None,
            child_id=_id("Child", row.child_id) if row.child_id else None,
            party_id=_id("Party", row.party_id) if row.party_id else None, recorded_at=Instant(row.recorded_at),
            row=row,
        )  # fmt: skip


@strawberry.type(description="A criterion that is met for a child, and by what.")
class CriterionMet:
    criterion: str
    text: str
    citation: str
    suggests: str | None = strawberry.field(description="The level that it suggests.")
    opens: list[str] = strawberry.field(description="Pathways that it opens.")
    child_id: strawberry.ID
    because: list[strawberry.ID] = strawberry.field(description="The recorded indicators that meet it.")
    inferred: str | None = strawberry.field(description="What the source does not say, and somebody chose.")

    @classmethod
    def of(cls, one: MetValue) -> "CriterionMet":
        rule = one.criterion
        return cls(
            criterion=rule.code, text=rule.text, citation=rule.citation, suggests=rule.suggests,
            opens=[each.pathway for each in rule.opens], child_id=_id("Child", one.child_id),
            because=[_id("RecordedIndicator", each) for each in one.because], inferred=rule.inferred,
        )  # fmt: skip


@strawberry.type(description="A criterion that turns on something nobody has recorded.")
class CriterionUndecided:
    criterion: str
    text: str
    child_id: strawberry.ID
    lacks: str = strawberry.field(description="What would have to be known, for a person to read.")

    @classmethod
    def of(cls, one: UndecidedValue) -> "CriterionUndecided":
        rule = one.criterion
        return cls(criterion=rule.code, text=rule.text, child_id=_id("Child", one.child_id), lacks=one.lacks)


@strawberry.type(description="What the criteria say of a case today. A person decides.")
class LevelSuggestion:
    level: str | None = strawberry.field(description="Null where no criterion that is met suggests one.")
    met: list[CriterionMet]
    undecided: list[CriterionUndecided]

    @classmethod
    def of(cls, found: SuggestionValue) -> "LevelSuggestion":
        return cls(
            level=found.level, met=[CriterionMet.of(one) for one in found.met],
            undecided=[CriterionUndecided.of(one) for one in found.undecided],
        )  # fmt: skip


@strawberry.type(description="Whether an agency agrees with a decision. Its last view counts.")
class ThresholdView:
    id: strawberry.ID
    agrees: bool
    reasons: str | None
    wanted: str | None = strawberry.field(description="The level that it should be.")
    run_id: strawberry.ID | None = strawberry.field(description="The run in which the disagreement is settled.")
    given_at: Instant
    row: strawberry.Private[ViewRow]

    @strawberry.field(description="Whose view it is.")
    async def agency(self, info: Info) -> Agency | None:
        found = await info.context.loaders.agency.load(self.row.agency_id)
        return Agency.of(found) if found else None

    @strawberry.field(description="Who gave it.")
    def given_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.given_by)

    @classmethod
    def of(cls, row: ViewRow) -> "ThresholdView":
        return cls(
            id=_id("ThresholdView", row.id), agrees=row.agrees, reasons=row.reasons, wanted=row.wanted,
            run_id=_id("PathwayRun", row.run_id) if row.run_id else None, given_at=Instant(row.given_at), row=row,
        )  # fmt: skip


@strawberry.type(description="A decision on a level of need. It never changes; the last one holds.")
class ThresholdDecision:
    id: strawberry.ID
    level: str
    suggested: str | None = strawberry.field(description="What the criteria said at that moment.")
    direction: Direction  # type: ignore[valid-type]
    reasons: str
    earlier_help: str | None = strawberry.field(description="What help was given before, on a step up.")
    grounds: JSON = strawberry.field(description="The criteria that were met then, as they were shown.")
    opened: JSON = strawberry.field(description="Pathways started with it, running before, and not in force.")
    run_id: strawberry.ID | None = strawberry.field(description="The run in which it was taken.")
    decided_at: Instant
    row: strawberry.Private[DecisionRow]

    @strawberry.field(description="Who decided.")
    def decided_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.decided_by)

    @strawberry.field(description="The edition that it went by.")
    async def edition(self, info: Info) -> ThresholdEdition | None:
        found = await info.context.loaders.threshold_edition.load(self.row.edition_id)
        return ThresholdEdition.of(found) if found else None

    @strawberry.field(description="What agencies think of it, first to last.")
    async def views(self, info: Info) -> list[ThresholdView]:
        return [ThresholdView.of(row) for row in await info.context.loaders.views_of_threshold.load(self.row.id)]

    @classmethod
    def of(cls, row: DecisionRow) -> "ThresholdDecision":
        return cls(
            id=_id("ThresholdDecision", row.id), level=row.level, suggested=row.suggested,
            direction=row.direction, reasons=row.reasons, earlier_help=row.earlier_help,
            grounds=JSON(row.grounds), opened=JSON(row.opened),
            run_id=_id("PathwayRun", row.run_id) if row.run_id else None, decided_at=Instant(row.decided_at), row=row,
        )  # fmt: skip


@strawberry.type(description="A case's level of need by one threshold document.")
class CaseThreshold:
    edition: ThresholdEdition = strawberry.field(description="In force today.")
    suggestion: LevelSuggestion
    decisions: list[ThresholdDecision] = strawberry.field(description="First to last: up and down.")
    indicators: list[RecordedIndicator] = strawberry.field(description="In the order in which they were recorded.")


@strawberry.type(description="Decisions of an area for a level.")
class ThresholdFigure:
    area: str | None = strawberry.field(description="Null for cases that no area leads.")
    level: str
    direction: Direction  # type: ignore[valid-type]
    decisions: int
    cases: int
    against_suggestion: int = strawberry.field(description="For another level than the criteria suggested.")

    @classmethod
    def of(cls, one: FigureValue) -> "ThresholdFigure":
        return cls(area=one.area, level=one.level, direction=one.direction, decisions=one.decisions, cases=one.cases,
                   against_suggestion=one.against)  # fmt: skip


@strawberry.type(description="Open cases of an area that stand at a level now.")
class ThresholdStanding:
    area: str | None = strawberry.field(description="Null for cases that no area leads.")
    level: str = strawberry.field(description="As it was last decided.")
    cases: int


@strawberry.type(description="Cases that an edition would judge otherwise.")
class ThresholdChange:
    before: str | None = strawberry.field(description="The level suggested by the edition in force.")
    after: str | None = strawberry.field(description="The level suggested by the edition that is tried.")
    opens: list[str] = strawberry.field(description="Pathways that it would open besides.")
    opens_no_more: list[str] = strawberry.field(description="Pathways that it would not open any more.")
    cases: int
    area_id: strawberry.Private[UUID | None]

    @strawberry.field(description="The area that leads them.")
    async def area(self, info: Info) -> Area | None:
        found = await info.context.loaders.area.load(self.area_id) if self.area_id else None
        return Area.of(found) if found else None

    @classmethod
    def of(cls, one: ChangeValue) -> "ThresholdChange":
        return cls(before=one.before, after=one.after, opens=list(one.opens), opens_no_more=list(one.opens_no_more),
                   cases=one.cases, area_id=one.area_id)  # fmt: skip


@strawberry.type(description="What would change if an edition were in force, tried on the last year's cases.")
class ThresholdDryRun:
    since: date
    cases: int = strawberry.field(description="How many were tried.")
    changed: int
    changes: list[ThresholdChange]
    case_ids: list[strawberry.ID] = strawberry.field(description="Of the changed ones, those there for you; up to 100.")

    @classmethod
    def of(cls, found: DryRunValue) -> "ThresholdDryRun":
        return cls(
            since=found.since, cases=found.cases, changed=found.changed,
            changes=[ThresholdChange.of(one) for one in found.changes],
            case_ids=[_id("Case", one) for one in found.case_ids],
        )  # fmt: skip


def _id(kind: str, key: UUID) -> strawberry.ID:
    return strawberry.ID(encode(kind, key))
