"""The log of enquiries about children, and what they leave to somebody."""

from contextlib import suppress
from typing import Annotated

import strawberry
from sqlmodel import col

from backend.cases.service import log_access
from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.registers.enquiries import repository
from backend.registers.enquiries.models import ChildEnquiry as EnquiryRow
from backend.registers.enquiries.models import EnquiryDuty as DutyRow
from backend.registers.enquiries.models import Result as ResultValue
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, connection, cursor, fetch
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.registers.enquiries import (
    ChildEnquiry,
    DutyState,
    EnquiryDuty,
    EnquiryResult,
    duties_shown,
    shown,
)
from graphql_api.scalars import Instant


@strawberry.type
class EnquiryQueries:
    @strawberry.field(description="One enquiry about a child. Looking is logged.")
    async def child_enquiry(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An enquiry's id.")]
    ) -> ChildEnquiry | None:
        caller = info.context.caller
        caller.require(Permission.TAKE_ENQUIRIES)
        with suppress(NotFound):
            async with info.context.db() as session:
                row = await repository.enquiry(session, caller, key_of("ChildEnquiry", id))
                await log_access(session, caller.person_id, "enquiry", row.id, "view")
                return (await shown(session, [row]))[0]
        return None

    @strawberry.field(
        description="The log of enquiries about children, newest first, for whoever oversees them. Looking is logged."
    )
    async def child_enquiries(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        since: Annotated[Instant | None, strawberry.argument(description="Taken at or after this moment.")] = None,
        result: Annotated[EnquiryResult | None, strawberry.argument(description="Answered so.")] = None,  # type: ignore[valid-type]
        unanswered: Annotated[bool, strawberry.argument(description="Only those without an answer.")] = False,  # noqa: FBT002
    ) -> Connection[ChildEnquiry]:  # fmt: skip
        caller = info.context.caller
        caller.require(Permission.OVERSEE_ENQUIRIES)
        query = repository.log(caller)
        if since is not None:
            query = query.where(col(EnquiryRow.taken_at) >= since)
        if result is not None:
            query = query.where(repository.answered(ResultValue(result)))
        if unanswered:
            query = query.where(~repository.answered(*ResultValue))
        order = Order(col(EnquiryRow.taken_at), col(EnquiryRow.id), newest_first=True)
        async with info.context.db() as session:
            page = await fetch(session, query, order, Window(first, after, last, before))
            rows = [row for (row,) in page.rows]
            for row in rows:
                await log_access(session, caller.person_id, "enquiry", row.id, "view")
            nodes = await shown(session, rows)
        return connection([(cursor(row.taken_at, row.id), node) for row, node in zip(rows, nodes, strict=True)], page)

    @strawberry.field(
        description="What enquiries leave to somebody, the newest first: yours, and all of it if you oversee enquiries."
    )
    async def enquiry_duties(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        state: Annotated[DutyState | None, strawberry.argument(description="Only such.")] = None,  # type: ignore[valid-type]
        mine: Annotated[bool, strawberry.argument(description="Only those that are yours by name.")] = False,  # noqa: FBT002
    ) -> Connection[EnquiryDuty]:  # fmt: skip
        caller = info.context.caller
        caller.require(Permission.VIEW_CASES)
        query = repository.duties(caller)
        if mine or not caller.may(Permission.OVERSEE_ENQUIRIES):
            query = query.where(col(DutyRow.owner_id) == caller.person_id)
        if state is not None:
            query = query.where(col(DutyRow.state) == state)
        order = Order(col(DutyRow.began_at), col(DutyRow.id), newest_first=True)
        async with info.context.db() as session:
            page = await fetch(session, query, order, Window(first, after, last, before))
            rows = [row for (row,) in page.rows]
            for row in rows:
                await log_access(session, caller.person_id, "enquiry", row.enquiry_id, "view", case_id=row.case_id)
            nodes = await duties_shown(session, rows)
        return connection([(cursor(row.began_at, row.id), node) for row, node in zip(rows, nodes, strict=True)], page)
