"""The child, and the child as the subject of a case."""

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from backend.cases.children import repository as children
from backend.cases.children import service
from backend.cases.children.identity import Sex as SexValue
from backend.cases.children.models import CaseSubject as SubjectRow
from backend.cases.children.models import ChangeKind as ChangeKindValue
from backend.cases.children.models import Child as ChildRow
from backend.cases.children.models import ChildAddress as AddressRow
from backend.cases.children.models import ChildChange as ChangeRow
from backend.cases.policies import address_mask
from graphql_api.cases.masks import AddressShown, address
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

Sex: type[Enum] = strawberry.enum(SexValue, description="The child's sex as recorded.")
ChildChangeKind: type[Enum] = strawberry.enum(
    ChangeKindValue, name="ChildChangeKind", description="What changed in what is known of a child."
)


@strawberry.type(description="Where a child lives, lived or stays.")
class ChildAddress:
    address: AddressShown
    hidden: bool = strawberry.field(description="Shown only to those whose roles let them see hidden addresses.")
    from_on: date | None = strawberry.field(description="The first day, where it is known.")
    to_on: date | None = strawberry.field(description="The last day; null while the child lives there.")
    recorded_at: Instant

    @classmethod
    def of(cls, info: Info, row: AddressRow, *, hidden: bool) -> "ChildAddress":
        mask = address_mask(hidden=hidden, caller=info.context.caller)
        return cls(
            address=address(row.address, mask), hidden=hidden, from_on=row.from_on, to_on=row.to_on,
            recorded_at=Instant(row.recorded_at),
        )  # fmt: skip


@strawberry.type(description="A change in what is known of a child. The values themselves stay in the record.")
class ChildChange:
    kind: ChildChangeKind  # type: ignore[valid-type]
    fields: list[str] = strawberry.field(description="What changed, such as expected_on.")
    expected_before: date | None = strawberry.field(description="The expected date that was corrected.")
    expected_after: date | None = strawberry.field(description="The expected date that it was corrected to.")
    reason: str | None
    recorded_at: Instant
    row: strawberry.Private[ChangeRow]

    @strawberry.field(description="Who recorded it.")
    def recorded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recorded_by)

    @classmethod
    def of(cls, row: ChangeRow) -> "ChildChange":
        dates = [row.before.get("expected_on"), row.after.get("expected_on")]
        before, after = (date.fromisoformat(day) if day else None for day in dates)
        return cls(
            kind=ChangeKindValue(row.kind), fields=sorted(row.after), expected_before=before, expected_after=after,
            reason=row.reason, recorded_at=Instant(row.recorded_at), row=row,
        )  # fmt: skip


@strawberry.type(description="A child of the partnership, born or not, however many cases are about them.")
class Child(Node):
    id: strawberry.ID
    name: str | None = strawberry.field(description="Null for an unborn child who has none yet.")
    other_names: list[str] = strawberry.field(description="Names the child is or was also known by.")
    unborn: bool = strawberry.field(description="There is an expected date and no date of birth yet.")
    date_of_birth: date | None = strawberry.field(description="Null while unborn or where it is not known.")
    expected_on: date | None = strawberry.field(description="Expected date of delivery; stays after the birth.")
    died_on: date | None
    nhs_number: str | None
    sex: Sex | None  # type: ignore[valid-type]
    ethnicity: str | None
    first_language: str | None
    interpreter_needed: bool | None
    communication_needs: str | None
    version: int = strawberry.field(description="Counts the changes.")
    recorded_at: Instant
    row: strawberry.Private[ChildRow]

    @strawberry.field(description="Addresses, the latest first.")
    async def addresses(self, info: Info) -> list[ChildAddress]:
        rows = await info.context.loaders.addresses_of_child.load(self.row.id)
        # Recorded twice, once in the open, it is hidden all the same.
        hidden = {row.match_key for row in rows if row.hidden}
        return [ChildAddress.of(info, row, hidden=row.match_key in hidden) for row in rows]

    @strawberry.field(description="What changed in what is known, first to last.")
    async def changes(self, info: Info) -> list[ChildChange]:
        return [ChildChange.of(row) for row in await info.context.loaders.changes_of_child.load(self.row.id)]

    @strawberry.field(description="Cases about the child that you may see. Looking is logged for each.")
    async def cases(self, info: Info) -> list[Annotated["Case", strawberry.lazy("graphql_api.cases.types")]]:
        from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has children, a child cases

        async with info.context.db() as session:
            ids = await children.case_ids(session, self.row.id)
        found = [await case_by_id(info, case_id) for case_id in ids]
        return [case for case in found if case is not None]

    @strawberry.field(description="Children you may see who may be the same one. Nothing is blocked by them.")
    async def possible_duplicates(self, info: Info) -> list["Child"]:
        async with info.context.db() as session:
            return [Child.of(row) for row in await service.duplicates(session, info.context.caller, self.row)]

    @classmethod
    def of(cls, row: ChildRow) -> "Child":
        return cls(
            id=strawberry.ID(encode("Child", row.id)), name=row.name, other_names=list(row.other_names),
            unborn=row.date_of_birth is None and row.expected_on is not None, date_of_birth=row.date_of_birth,
            expected_on=row.expected_on, died_on=row.died_on, nhs_number=row.nhs_number,
            sex=SexValue(row.sex) if row.sex else None, ethnicity=row.ethnicity, first_language=row.first_language,
            interpreter_needed=row.interpreter_needed, communication_needs=row.communication_needs,
            version=row.version, recorded_at=Instant(row.recorded_at), row=row,
        )  # fmt: skip


@strawberry.type(description="A child as the subject of a case. Birth changes the child, not the subject.")
class CaseSubject:
    child: Child
    added_at: Instant
    row: strawberry.Private[SubjectRow]

    @strawberry.field(description="Who added the child to the case.")
    def added_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.added_by)

    @classmethod
    def of(cls, row: SubjectRow, child: ChildRow) -> "CaseSubject":
        return cls(child=Child.of(child), added_at=Instant(row.added_at), row=row)
