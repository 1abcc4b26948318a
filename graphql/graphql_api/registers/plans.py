"""The register of children with plans as the API shows it. Each look at an entry is logged."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from backend.cases.service import log_access
from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.registers.plans import reading, repository
from backend.registers.plans.entries import Asked
from backend.registers.plans.entries import PlanEntry as EntryFound
from backend.registers.plans.models import Holder as HolderValue
from backend.registers.plans.models import PlanStay as StayRow
from backend.registers.tables import MOST_ROWS, csv_text
from graphql_api.cases.types import log_look
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, connection, cursor, fetch
from graphql_api.context import Info
from graphql_api.ids import decode_as, encode

PlanHolder: type[Enum] = strawberry.enum(
    HolderValue, name="PlanHolder",
    description="OURS: a child of ours who stays elsewhere. ANOTHER: a child here under another authority's plan.",
)  # fmt: skip


@strawberry.type(description="A child with a plan who stays in another authority's area than the one that holds it.")
class PlanStay:
    id: strawberry.ID
    holder: PlanHolder  # type: ignore[valid-type]
    authority: str = strawberry.field(description="The other authority: the host of ours, the holder of another's.")
    temporary: bool = strawberry.field(description="For a time; false while a permanent move is under way.")
    from_on: date
    until_on: date | None = strawberry.field(description="The first day on which the child was there no more.")
    plan_from_on: date | None = strawberry.field(description="Since when the other authority's plan is there.")
    told_by: str = strawberry.field(description="Who told us.")
    key_worker_telephone: str | None = strawberry.field(description="Of the other authority's key worker.")

    @classmethod
    def of(cls, row: StayRow) -> "PlanStay":
        return cls(
            id=strawberry.ID(encode("PlanStay", row.id)), holder=HolderValue(row.holder), authority=row.authority,
            temporary=row.temporary, from_on=row.from_on, until_on=row.until_on, plan_from_on=row.plan_from_on,
            told_by=row.told_by, key_worker_telephone=row.key_worker_telephone,
        )  # fmt: skip


@strawberry.type(description="A plan that a child had before.")
class EarlierPlan:
    started_on: date
    ended_on: date


@strawberry.type(
    description="A child with a child protection plan on the day that was asked about. The unborn have neither name"
    " nor date of birth."
)
class PlanEntry:
    id: strawberry.ID
    child_id: strawberry.ID
    case_id: strawberry.ID
    case_reference: str
    name: str | None
    other_names: list[str] = strawberry.field(description="Names the child is or was also known by.")
    unborn: bool
    date_of_birth: date | None
    expected_on: date | None = strawberry.field(description="Expected date of delivery.")
    age: int | None = strawberry.field(description="Completed years on that day.")
    started_on: date = strawberry.field(description="The day of the conference's decision.")
    ended_on: date | None = strawberry.field(description="When the plan has ended since, the day on which it did.")
    categories: list[str] = strawberry.field(description="Of abuse or neglect, as the conference chose.")
    area: str | None = strawberry.field(description="The area of ours in which the case is held.")
    authority: str | None = strawberry.field(description="Who holds the plan.")
    held_elsewhere: bool = strawberry.field(description="Another authority holds it; the child lives or stays here.")
    key_workers: list[str]
    core_group: list[str]
    earlier_plans: list[EarlierPlan] = strawberry.field(description="Plans before this one, in cases you may see.")
    review_due_on: date | None = strawberry.field(description="By when the next review conference is to be held.")
    review_overdue: bool
    over_two_years: bool = strawberry.field(description="The plan has lasted two years or more.")
    stay: PlanStay | None = strawberry.field(description="Of a child under another authority's plan.")
    away: list[PlanStay] = strawberry.field(description="Where a child of ours stayed elsewhere on that day.")

    @classmethod
    def of(cls, found: EntryFound) -> "PlanEntry":
        child, place = found.child, found.place
        return cls(
            id=strawberry.ID(encode("PlanEntry", place.id)), child_id=strawberry.ID(encode("Child", place.child_id)),
            case_id=strawberry.ID(encode("Case", place.case_id)), case_reference=found.case_reference,
            name=child.name, other_names=list(child.other_names),
            unborn=child.date_of_birth is None and child.expected_on is not None, date_of_birth=child.date_of_birth,
            expected_on=child.expected_on, age=found.age, started_on=found.started_on, ended_on=found.ended_on,
            categories=list(place.categories), area=found.area, authority=found.authority,
            held_elsewhere=found.stay is not None, key_workers=list(found.key_workers),
            core_group=list(found.core_group),
            earlier_plans=[EarlierPlan(started_on=one.started_on, ended_on=one.ended_on) for one in found.earlier],
            review_due_on=found.review_due_on, review_overdue=found.review_overdue,
            over_two_years=found.over_two_years, stay=PlanStay.of(found.stay) if found.stay is not None else None,
            away=[PlanStay.of(one) for one in found.away],
        )  # fmt: skip


@strawberry.type(description="A page of the register, with how many entries there are in all.")
class PlanRegisterConnection(Connection[PlanEntry]):
    total: int = strawberry.field(description="Entries that are there for you, on all pages.")


@strawberry.input(description="What the register is narrowed by. Everything given must hold.")
class PlanRegisterFilterInput:
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Held in this area of ours.")
    category: str | None = strawberry.field(default=None, description="This is one of the categories.")
    key_worker_id: strawberry.ID | None = strawberry.field(default=None, description="This person was key worker.")
    youngest: int | None = strawberry.field(default=None, description="At least so many completed years old.")
    oldest: int | None = strawberry.field(default=None, description="At most so many completed years old.")
    unborn: bool | None = strawberry.field(default=None, description="Not born yet, or only others.")
    over_two_years: bool | None = strawberry.field(default=None, description="Lasting two years or more, or not.")
    review_overdue: bool | None = strawberry.field(default=None, description="The review was late on that day, or not.")
    held_elsewhere: bool | None = strawberry.field(default=None, description="Held by another authority, or by us.")


@strawberry.type(description="A list as a file for a spreadsheet.")
class RegisterFile:
    file_name: str
    content: str = strawberry.field(description="CSV under a line of headings, in UTF-8.")
    rows: int = strawberry.field(description="Entries in it.")


On = Annotated[
    date | None, strawberry.argument(description="The day at whose end the register is read; by default today.")
]
Narrowed = Annotated[
    PlanRegisterFilterInput | None,
    strawberry.argument(name="filter", description="Only such entries; without it, all."),
]
_NOWHERE: Final = UUID(int=0)
COLUMNS: Final[Mapping[str, Callable[[EntryFound], Any]]] = {
    "Reference of the case": lambda one: one.case_reference,
    "Name": lambda one: one.child.name or "unborn child",
    "Other names": lambda one: one.child.other_names,
    "Date of birth": lambda one: one.child.date_of_birth,
    "Expected date": lambda one: one.child.expected_on if one.child.date_of_birth is None else None,
    "Age": lambda one: one.age,
    "Plan from": lambda one: one.started_on,
    "Plan until": lambda one: one.ended_on,
    "Categories": lambda one: one.place.categories,
    "Area": lambda one: one.area,
    "Held by": lambda one: one.authority,
    "Key worker": lambda one: one.key_workers,
    "Core group": lambda one: one.core_group,
    "Plans before": lambda one: len(one.earlier),
    "Next review by": lambda one: one.review_due_on,
    "Review overdue": lambda one: one.review_overdue,
    "Two years or more": lambda one: one.over_two_years,
    "Stays at": lambda one: [stay.authority for stay in one.away],
}


def asked(on: date, given: PlanRegisterFilterInput | None) -> Asked:
    """What is asked; an id that is none of ours finds nothing."""
    if given is None:
        return Asked(on)
    area = (decode_as("Area", given.area_id) or _NOWHERE) if given.area_id is not None else None
    worker = (decode_as("Person", given.key_worker_id) or _NOWHERE) if given.key_worker_id is not None else None
    return Asked(
        on, area, given.category, worker, given.youngest, given.oldest, given.unborn, given.over_two_years,
        given.review_overdue, given.held_elsewhere,
    )  # fmt: skip


async def log_entries(info: Info, session: TenantSession, found: Sequence[EntryFound], action: str) -> None:
    """Note that the caller is shown entries: on the log of each case, and for each child."""
    for one in found:
        await log_look(info, session, one.place.case_id, action=action)
        await log_access(session, info.context.caller.person_id, "child", one.place.child_id, action,
                         case_id=one.place.case_id)  # fmt: skip


@strawberry.type
class PlanRegisterQueries:
    @strawberry.field(
        description="Children who are the subject of a child protection plan, the newest plan first: ours, and those"
        " who live or stay here under another authority's. Looking is logged for each one shown."
    )
    async def plan_register(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        on: On = None, narrowed: Narrowed = None,
    ) -> PlanRegisterConnection:  # fmt: skip
        caller = info.context.caller
        caller.require(Permission.VIEW_PLAN_REGISTER)
        async with info.context.db() as session:
            when = await reading.day_of(session, on)
            query = reading.listed(caller, asked(when.day, narrowed), when)
            total = await repository.count(session, query)
            columns = query.selected_columns
            order = Order(columns.started_at, columns.id, newest_first=True)
            page = await fetch(session, query, order, Window(first, after, last, before))
            places = [repository.place_of(row) for row in page.rows]
            found = await reading.entries(session, caller, when, places)
            await log_entries(info, session, found, "register")
        nodes = [(cursor(one.place.started_at, one.place.id), PlanEntry.of(one)) for one in found]
        shown = connection(nodes, page)
        return PlanRegisterConnection(edges=shown.edges, page_info=shown.page_info, total=total)

    @strawberry.field(
        description=f"The register as a file, up to {MOST_ROWS:,} entries. Each one in it is logged as exported."
    )
    async def plan_register_file(self, info: Info, on: On = None, narrowed: Narrowed = None) -> RegisterFile:
        caller = info.context.caller
        caller.require(Permission.VIEW_PLAN_REGISTER)
        async with info.context.db() as session:
            when = await reading.day_of(session, on)
            query = reading.listed(caller, asked(when.day, narrowed), when)
            columns = query.selected_columns
            rows = (await session.execute(query.order_by(columns.started_at, columns.id).limit(MOST_ROWS + 1))).all()
            if len(rows) > MOST_ROWS:
                raise Invalid([FieldError("filter", f"leaves more than {MOST_ROWS:,} entries; narrow it")])
            found = await reading.entries(session, caller, when, [repository.place_of(row) for row in rows])
            await log_entries(info, session, found, "export")
        return RegisterFile(
            file_name=f"plan-register-{when.day}.csv", content=csv_text(COLUMNS, found), rows=len(found)
        )
