"""The register of deaths, and the notices that are matched with it."""

from typing import Annotated

import strawberry
from sqlmodel import col

from backend.child_deaths.models import ChildDeath
from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.registers.deaths import repository, service
from backend.registers.deaths.entries import Asked
from backend.registers.deaths.entries import ReviewStatus as StatusValue
from backend.registers.deaths.models import DeathNotice as NoticeRow
from backend.registers.deaths.models import NoticeSource as SourceValue
from backend.registers.tables import MOST_ROWS, csv_text
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    connection,
    cursor,
    fetch,
    plain,
)
from graphql_api.context import Info
from graphql_api.registers.deaths import (
    NARROWED,
    DeathEntry,
    DeathNotice,
    DeathRegisterConnection,
    DeathRegisterFilterInput,
    NoticeSource,
    columns,
    log_deaths,
    notices_shown,
)
from graphql_api.registers.plans import RegisterFile

_ORDER = Order(col(ChildDeath.reported_at), col(ChildDeath.id), newest_first=True)


def asked(given: DeathRegisterFilterInput | None) -> Asked:
    """What is asked; a code that is none of ours finds nothing. Raises ``Invalid`` for a null byte."""
    if given is None:
        return Asked()
    return Asked(
        given.died_from, given.died_until, _code("areaOfDeath", given.area_of_death),
        _code("homeArea", given.home_area), given.of_residents, given.unexpected, given.unmatched,
        StatusValue(given.status) if given.status is not None else None,
    )  # fmt: skip


def _code(field: str, given: str | None) -> str | None:
    return plain(field, given) if given is not None else None


@strawberry.type
class DeathRegisterQueries:
    @strawberry.field(
        description="Reported deaths of children of the area or of its residents, the newest report first, with how"
        " each review stands. Looking is logged for each one shown."
    )
    async def death_register(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        narrowed: NARROWED = None,
    ) -> DeathRegisterConnection:  # fmt: skip
        caller = info.context.caller
        caller.require(Permission.VIEW_DEATH_REGISTER)
        query = repository.listed(caller, asked(narrowed), info.context.partnership.zone)
        async with info.context.db() as session:
            total = await repository.count(session, query)
            page = await fetch(session, query, _ORDER, Window(first, after, last, before))
            found = await service.entries(session, caller, [row for (row,) in page.rows])
            await log_deaths(info, session, found, "register")
        shown = connection([(cursor(one.death.reported_at, one.death.id), DeathEntry.of(one)) for one in found], page)
        return DeathRegisterConnection(edges=shown.edges, page_info=shown.page_info, total=total)

    @strawberry.field(
        description=f"The register of deaths as a file, up to {MOST_ROWS:,} entries. Each is logged as exported."
    )
    async def death_register_file(self, info: Info, narrowed: NARROWED = None) -> RegisterFile:
        caller, zone = info.context.caller, info.context.partnership.zone
        caller.require(Permission.VIEW_DEATH_REGISTER)
        query = repository.listed(caller, asked(narrowed), zone).order_by(
            col(ChildDeath.reported_at), col(ChildDeath.id)
        )
        async with info.context.db() as session:
            rows = (await session.scalars(query.limit(MOST_ROWS + 1))).all()
            if len(rows) > MOST_ROWS:
                raise Invalid([FieldError("filter", f"leaves more than {MOST_ROWS:,} entries; narrow it")])
            found = await service.entries(session, caller, rows)
            await log_deaths(info, session, found, "export")
            today = (await session.now()).date()
        return RegisterFile(
            file_name=f"death-register-{today}.csv", content=csv_text(columns(zone), found), rows=len(found)
        )

    @strawberry.field(description="Notices of deaths, the newest first. Looking is logged.")
    async def death_notices(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        unmatched: Annotated[
            bool | None, strawberry.argument(description="Only those that nobody has settled yet, or only others.")
        ] = None,
        source: Annotated[NoticeSource | None, strawberry.argument(description="Only from this source.")] = None,  # type: ignore[valid-type]
    ) -> Connection[DeathNotice]:  # fmt: skip
        caller = info.context.caller
        caller.require(Permission.VIEW_DEATH_REGISTER)
        wanted = SourceValue(source) if source is not None else None
        query = repository.notices(caller, unmatched=unmatched, source=wanted)
        order = Order(col(NoticeRow.received_at), col(NoticeRow.id), newest_first=True)
        async with info.context.db() as session:
            page = await fetch(session, query, order, Window(first, after, last, before))
            rows = [row for (row,) in page.rows]
            nodes = await notices_shown(info, session, rows)
        return connection(
            [(cursor(row.received_at, row.id), node) for row, node in zip(rows, nodes, strict=True)], page
        )
