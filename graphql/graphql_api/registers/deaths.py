"""The register of deaths as the API shows it. Each look at an entry is logged."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import strawberry

from backend.cases.service import log_access
from backend.child_deaths.rules import local_date
from backend.kit.session import TenantSession
from backend.registers.deaths import repository
from backend.registers.deaths.entries import DeathEntry as EntryFound
from backend.registers.deaths.entries import ReviewStatus as StatusValue
from backend.registers.deaths.models import DeathMatch, StepKind
from backend.registers.deaths.models import DeathNotice as NoticeRow
from backend.registers.deaths.models import MatchOutcome as OutcomeValue
from backend.registers.deaths.models import NoticeSource as SourceValue
from graphql_api.cases.types import log_look
from graphql_api.connections import Connection
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.scalars import Instant

NoticeSource: type[Enum] = strawberry.enum(
    SourceValue, name="DeathNoticeSource", description="Who told the partnership of a death."
)
MatchOutcome: type[Enum] = strawberry.enum(
    OutcomeValue, name="DeathMatchOutcome",
    description="What a notice was found to be: of a reported death, not of this partnership, or undone again.",
)  # fmt: skip
ReviewStatus: type[Enum] = strawberry.enum(
    StatusValue, name="DeathReviewStatus", description="How far the review of a death has come."
)
DeathStepKind: type[Enum] = strawberry.enum(
    StepKind, name="DeathStepKind",
    description="What was done for the review of a death; the forms are those of the national collection.",
)  # fmt: skip


@strawberry.type(description="A notice of a child's death as it came in.")
class DeathNotice:
    id: strawberry.ID
    source: NoticeSource  # type: ignore[valid-type]
    told_by: str
    their_reference: str | None
    came_from: str | None = strawberry.field(description="The partnership or system that sent it, where one did.")
    child_name: str | None
    date_of_birth: date | None
    died_on: date | None
    place_of_death: str | None
    usual_home: str | None
    received_at: Instant
    outcome: MatchOutcome | None = strawberry.field(description="Null until somebody has looked.")  # type: ignore[valid-type]
    death_id: strawberry.ID | None = strawberry.field(description="The reported death it is of.")
    days_unmatched: int | None = strawberry.field(description="Whole days since receipt; null once it is settled.")
    may_be_of: list[strawberry.ID] = strawberry.field(description="Reported deaths like it, for one not settled.")


@strawberry.type(description="A panel that was told of a death.")
class PanelTold:
    panel: str
    at: Instant


@strawberry.type(description="An agency's form B.")
class AgencyForm:
    agency: str
    requested_at: Instant | None
    received_at: Instant | None


@strawberry.type(description="A reported death of a child of the area or of its residents, and how its review stands.")
class DeathEntry:
    id: strawberry.ID = strawberry.field(description="Of the reported death.")
    case_id: strawberry.ID
    child_name: str
    date_of_birth: date
    died_at: Instant
    reported_at: Instant
    unexpected: bool
    place_of_death: str
    area_of_death: str
    coroner_area: str = strawberry.field(description="By the place where the body lies.")
    home_area: str | None = strawberry.field(description="The area of ours with the usual home, which reviews.")
    home_area_outside: str | None = strawberry.field(description="The usual home's area when it is not one of ours.")
    of_resident: bool
    panels_told: list[PanelTold]
    panels_to_tell: list[str] = strawberry.field(description="Panels elsewhere that nobody is noted to have told.")
    form_a_received_at: Instant | None
    forms_b: list[AgencyForm]
    form_c_agreed_at: Instant | None
    status: ReviewStatus  # type: ignore[valid-type]
    same_as: list[strawberry.ID] = strawberry.field(description="Other reports of this death, linked and kept.")
    notices: list[DeathNotice]
    days_unmatched: int | None = strawberry.field(
        description="Whole days since the report without a notice of coroner, registrar, police or statistics office."
    )

    @classmethod
    def of(cls, found: EntryFound) -> "DeathEntry":
        row = found.death
        form_a, form_c = found.first(StepKind.FORM_A_RECEIVED), found.first(StepKind.FORM_C_AGREED)
        return cls(
            id=_id(row.id), case_id=strawberry.ID(encode("Case", row.case_id)), child_name=row.child_name,
            date_of_birth=row.date_of_birth, died_at=Instant(row.died_at), reported_at=Instant(row.reported_at),
            unexpected=row.unexpected, place_of_death=row.place_of_death, area_of_death=found.area_of_death,
            coroner_area=found.coroner_area, home_area=found.home_area, home_area_outside=row.home_area_outside,
            of_resident=found.of_resident,
            panels_told=[PanelTold(panel=body, at=Instant(at)) for body, at in found.panels_told],
            panels_to_tell=found.panels_to_tell, form_a_received_at=Instant(form_a) if form_a else None,
            forms_b=[
                AgencyForm(
                    agency=one.body, requested_at=Instant(one.requested_at) if one.requested_at else None,
                    received_at=Instant(one.received_at) if one.received_at else None,
                )
                for one in found.forms_b
            ],
            form_c_agreed_at=Instant(form_c) if form_c else None, status=StatusValue(found.status),
            same_as=[_id(one) for one in found.same_as],
            notices=[notice_of(one, row.id, OutcomeValue.MATCHED) for one in found.notices],
            days_unmatched=found.days_unmatched,
        )  # fmt: skip


@strawberry.type(description="A page of the register of deaths, with how many entries there are in all.")
class DeathRegisterConnection(Connection[DeathEntry]):
    total: int = strawberry.field(description="Entries that are there for you, on all pages.")


@strawberry.input(description="What the register of deaths is narrowed by. Everything given must hold.")
class DeathRegisterFilterInput:
    died_from: date | None = strawberry.field(default=None, description="Died on this day or later.")
    died_until: date | None = strawberry.field(default=None, description="Died on this day or earlier.")
    area_of_death: str | None = strawberry.field(default=None, description="Code of the area of ours with the place.")
    home_area: str | None = strawberry.field(default=None, description="Code of the area of ours with the usual home.")
    of_residents: bool | None = strawberry.field(default=None, description="With a usual home in ours, or elsewhere.")
    unexpected: bool | None = strawberry.field(default=None, description="Unexpected ones, or only others.")
    unmatched: bool | None = strawberry.field(default=None, description="Without a notice from another side, or with.")
    status: ReviewStatus | None = strawberry.field(default=None, description="Whose review stands so.")  # type: ignore[valid-type]


def _id(death_id: UUID) -> strawberry.ID:
    return strawberry.ID(encode("ChildDeath", death_id))


def notice_of(
    row: NoticeRow, death_id: UUID | None, outcome: OutcomeValue | None, *, days: int | None = None,
    like: Sequence[UUID] = (),
) -> DeathNotice:  # fmt: skip
    """A notice with what it was found to be."""
    return DeathNotice(
        id=strawberry.ID(encode("DeathNotice", row.id)), source=SourceValue(row.source), told_by=row.told_by,
        their_reference=row.their_reference, came_from=row.came_from, child_name=row.child_name,
        date_of_birth=row.date_of_birth, died_on=row.died_on, place_of_death=row.place_of_death,
        usual_home=row.usual_home, received_at=Instant(row.received_at), outcome=outcome,
        death_id=_id(death_id) if death_id is not None else None, days_unmatched=days,
        may_be_of=[_id(one) for one in like],
    )  # fmt: skip


async def notices_shown(info: Info, session: TenantSession, rows: Sequence[NoticeRow]) -> list[DeathNotice]:
    """Notices with what they are of or may be of; each one noted as looked at."""
    found: dict[UUID, DeathMatch] = await repository.matches(session, [row.id for row in rows])
    now = await session.now()
    shown: list[DeathNotice] = []
    for row in rows:
        one = found.get(row.id)
        settled = one is not None and one.outcome is not OutcomeValue.UNMATCHED
        like = [] if settled else await repository.alike(session, info.context.caller, row)
        days = None if settled else repository.since(row.received_at, now)
        shown.append(notice_of(row, one.death_id if one else None, OutcomeValue(one.outcome) if one else None,
                               days=days, like=[death.id for death in like]))  # fmt: skip
        await log_access(session, info.context.caller.person_id, "death_notice", row.id, "view")
    return shown


async def log_deaths(info: Info, session: TenantSession, found: Sequence[EntryFound], action: str) -> None:
    """Note that the caller is shown entries."""
    for one in found:
        await log_look(info, session, one.death.case_id, action=action)
        await log_access(session, info.context.caller.person_id, "child_death", one.death.id, action,
                         case_id=one.death.case_id)  # fmt: skip


def columns(zone: str) -> Mapping[str, Callable[[EntryFound], Any]]:
    """The columns of the file, with days as they are in the partnership."""
    return {
        "Name": lambda one: one.death.child_name,
        "Date of birth": lambda one: one.death.date_of_birth,
        "Died": lambda one: local_date(one.death.died_at, zone),
        "Reported": lambda one: local_date(one.death.reported_at, zone),
        "Unexpected": lambda one: one.death.unexpected,
        "Place of death": lambda one: one.death.place_of_death,
        "Area of death": lambda one: one.area_of_death,
        "Usual home in": lambda one: one.home_area or one.death.home_area_outside,
        "Coroner": lambda one: one.coroner_area,
        "Panels told": lambda one: [body for body, _ in one.panels_told],
        "Panels to tell": lambda one: one.panels_to_tell,
        "Form A": lambda one: one.first(StepKind.FORM_A_RECEIVED) is not None,
        "Forms B received": lambda one: [form.body for form in one.forms_b if form.received_at],
        "Forms B awaited": lambda one: [form.body for form in one.forms_b if not form.received_at],
        "Form C": lambda one: one.first(StepKind.FORM_C_AGREED) is not None,
        "Review": lambda one: one.status.value.replace("_", " "),
        "Notices": lambda one: [notice.source.value for notice in one.notices],
        "Days without a notice": lambda one: one.days_unmatched,
    }


NARROWED = Annotated[
    DeathRegisterFilterInput | None,
    strawberry.argument(name="filter", description="Only such entries; without it, all."),
]
