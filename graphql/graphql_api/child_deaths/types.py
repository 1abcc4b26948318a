"""The death of a child as the API shows it."""

from collections.abc import Sequence
from datetime import date
from enum import Enum

import strawberry

from backend.cases.children.identity import Sex as SexValue
from backend.cases.children.identity import address_key, age_at
from backend.cases.policies import Mask, address_mask
from backend.cases.service import log_access
from backend.child_deaths.models import ChildDeath as ChildDeathRow
from backend.child_deaths.models import Setting as SettingValue
from backend.child_deaths.models import Suspicion as SuspicionValue
from backend.child_deaths.rules import jurisdiction, local_date
from graphql_api.cases.children import Sex
from graphql_api.cases.masks import AddressShown, address
from graphql_api.cases.types import Case, case_by_id
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Area, Person
from graphql_api.scalars import Instant

Setting: type[Enum] = strawberry.enum(
    SettingValue, description="Where the child died or was found.", name="DeathSetting"
)
Suspicion: type[Enum] = strawberry.enum(SuspicionValue, description="Whether harm by others is suspected.")


@strawberry.type(description="Who leads what: three tests with three answers.")
class Jurisdiction:
    coroner_area: Area | None = strawberry.field(description="By the place where the body lies.")
    response_area: Area | None = strawberry.field(description="Runs the response on the ground: by the place of death.")
    review_area: Area | None = strawberry.field(
        description="Reviews the death: by the usual home; null when elsewhere."
    )
    review_outside: str | None = strawberry.field(description="The usual home's area when it is not one of ours.")
    tell_both_panels: bool = strawberry.field(description="The panels of both areas must be told.")


@strawberry.type(description="A notified death of a child.")
class ChildDeath(Node):
    id: strawberry.ID
    child_name: str
    date_of_birth: date
    age: int = strawberry.field(description="Completed years at death.")
    sex: Sex  # type: ignore[valid-type]
    nhs_number: str | None
    setting: Setting  # type: ignore[valid-type]
    place_of_death: str
    died_at: Instant
    confirmed_at: Instant
    confirmed_by: str
    unexpected: bool = strawberry.field(
        description="Not a significant possibility 24 hours before, or after such a collapse."
    )
    circumstances: str
    suspicion: Suspicion  # type: ignore[valid-type]
    other_children_in_household: bool | None
    reporter_name: str
    reporter_role: str
    reporter_telephone: str
    reported_at: Instant
    row: strawberry.Private[ChildDeathRow]

    @strawberry.field(
        description="Other notifications you may see that may be of the same child. Nothing is blocked by them."
    )
    async def possible_duplicate_ids(self, info: Info) -> list[strawberry.ID]:
        found = await info.context.loaders.duplicates_of_death.load(self.row.id)
        return [strawberry.ID(encode("ChildDeath", one)) for one in found]

    @strawberry.field(description="As it was told; the word Withheld where it is hidden from you. See usualHome.")
    async def usual_home_address(self, info: Info) -> str:
        return "Withheld" if await self._home_mask(info) else self.row.usual_home_address

    @strawberry.field(description="Where the child usually lived, or that it is withheld and why.")
    async def usual_home(self, info: Info) -> AddressShown:
        return address(self.row.usual_home_address, await self._home_mask(info))

    async def _home_mask(self, info: Info) -> Mask | None:
        """Why the address is withheld: the child's record keeps the same one hidden."""
        if address_mask(hidden=True, caller=info.context.caller) is None:
            return None
        told = address_key(self.row.usual_home_address)
        for _, child in await info.context.loaders.subjects_of_case.load(self.row.case_id):
            for known in await info.context.loaders.addresses_of_child.load(child.id):
                if known.hidden and known.match_key == told:
                    return Mask.HIDDEN_ADDRESS
        return None

    @strawberry.field(description="Who leads what.")
    async def jurisdiction(self, info: Info) -> Jurisdiction:
        row, load = self.row, info.context.loaders.area.load
        decided = jurisdiction(
            coroner_area_id=row.coroner_area_id, area_of_death_id=row.area_of_death_id,
            home_area_id=row.home_area_id, home_area_outside=row.home_area_outside,
        )  # fmt: skip
        coroner, response = await load(decided.coroner_area_id), await load(decided.response_area_id)
        review = await load(decided.review_area_id) if decided.review_area_id else None
        return Jurisdiction(
            coroner_area=Area.of(coroner) if coroner else None, response_area=Area.of(response) if response else None,
            review_area=Area.of(review) if review else None, review_outside=decided.review_outside,
            tell_both_panels=decided.tell_both,
        )  # fmt: skip

    @strawberry.field(description="Who entered the notification.")
    def reported_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.reported_by)

    @strawberry.field(description="The case that runs the response.")
    async def case(self, info: Info) -> Case | None:
        return await case_by_id(info, self.row.case_id)

    @classmethod
    def of(cls, row: ChildDeathRow, zone: str) -> "ChildDeath":
        return cls(
            id=strawberry.ID(encode("ChildDeath", row.id)), child_name=row.child_name,
            date_of_birth=row.date_of_birth, age=age_at(row.date_of_birth, local_date(row.died_at, zone)),
            sex=SexValue(row.sex), nhs_number=row.nhs_number,
            setting=SettingValue(row.setting), place_of_death=row.place_of_death, died_at=Instant(row.died_at),
            confirmed_at=Instant(row.confirmed_at), confirmed_by=row.confirmed_by, unexpected=row.unexpected,
            circumstances=row.circumstances, suspicion=SuspicionValue(row.suspicion),
            other_children_in_household=row.other_children_in_household, reporter_name=row.reporter_name,
            reporter_role=row.reporter_role, reporter_telephone=row.reporter_telephone,
            reported_at=Instant(row.reported_at), row=row,
        )  # fmt: skip


async def shown(info: Info, rows: Sequence[ChildDeathRow]) -> list[ChildDeath]:
    """The deaths as answers, after noting that the caller has looked at each."""
    async with info.context.db() as session:
        for row in rows:
            person_id = info.context.caller.person_id
            await log_access(session, person_id, "child_death", row.id, "view", case_id=row.case_id)
    return [ChildDeath.of(row, info.context.partnership.zone) for row in rows]
