"""Relay connections by key: a page starts after a row, not after a count, so nothing is skipped.

Rows are ordered by an instant and an id. A cursor is opaque and stays valid when rows are added.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Generic, TypeVar, cast
from uuid import UUID

import strawberry
from sqlalchemy import Select, SQLColumnExpression, tuple_

from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from graphql_api.limits import page_size
from graphql_api.throttling import note

T = TypeVar("T")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

First = Annotated[int | None, strawberry.argument(description="Rows from the start, 1 to 100. Give first or last.")]
Last = Annotated[int | None, strawberry.argument(description="Rows from the end, 1 to 100. Give first or last.")]
After = Annotated[str | None, strawberry.argument(description="Only rows after this cursor.")]
Before = Annotated[str | None, strawberry.argument(description="Only rows before this cursor.")]


@strawberry.type(description="Where a page lies in the whole list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A row of a list, with its cursor.")
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class Window:
    """Which page is wanted."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The columns a list is ordered by, and the direction in which "first" runs."""

    instant: SQLColumnExpression[Any]
    key: SQLColumnExpression[Any]
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page in the list's order, and whether there are others either side."""

    rows: Sequence[Any]
    has_next: bool
    has_previous: bool


async def fetch(session: TenantSession, query: Select[Any], order: Order, window: Window) -> Page:
    """The page's rows. Raises ``Invalid`` for a cursor that is not one of ours."""
    size = page_size(window.first, window.last)
    backwards = window.first is None
    descending = order.newest_first != backwards
    key = tuple_(order.instant, order.key)
    for cursor, name in ((window.after, "after"), (window.before, "before")):
        if cursor is not None:
            place = tuple_(*_decode(cursor, name))
            later = (name == "after") != order.newest_first
            query = query.where(key > place if later else key < place)
    await session.plan_for_values()
    directed = [column.desc() if descending else column.asc() for column in (order.instant, order.key)]
    rows = list((await session.execute(query.order_by(*directed).limit(size + 1))).all())
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        return Page(rows[::-1], has_next=window.before is not None, has_previous=more)
    return Page(rows, has_next=more, has_previous=window.after is not None)


def plain(argument: str, text: str) -> str:
    """A text to filter by. Raises ``Invalid`` for a null byte, which PostgreSQL cannot compare."""
    if "\0" in text:
        raise Invalid([FieldError(argument, "holds a control character")])
    return text


def connection(nodes: Sequence[tuple[str, T]], page: Page) -> Connection[T]:
    """A connection of cursors and nodes."""
    edges = [Edge(cursor=cursor, node=node) for cursor, node in nodes]
    note(len(edges))
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.has_next, has_previous_page=page.has_previous,
            start_cursor=edges[0].cursor if edges else None, end_cursor=edges[-1].cursor if edges else None,
        ),
    )  # fmt: skip


async def listed(
    session: TenantSession, query: Select[Any], order: Order, window: Window, node: Callable[[Any], T]
) -> Connection[T]:
    """The page of a list whose rows are made nodes one by one. Raises as ``fetch`` does."""
    page = await fetch(session, query, order, window)
    places = [str(cast("Any", mapped).key) for mapped in (order.instant, order.key)]
    return connection([(cursor(*(getattr(row, place) for place in places)), node(row)) for (row,) in page.rows], page)


def cursor(instant: datetime, key: UUID) -> str:
    """Where a row lies, to the microsecond."""
    return base64.urlsafe_b64encode(f"{(instant - _EPOCH) // _MICROSECOND} {key.hex}".encode()).decode()


def _decode(text: str, field: str) -> tuple[datetime, UUID]:
    try:
        instant, key = base64.urlsafe_b64decode(text.encode()).decode().split(" ")
        return _EPOCH + int(instant) * _MICROSECOND, UUID(key)
    except (binascii.Error, ValueError, OverflowError):
        raise Invalid([FieldError(field, "is not a cursor of this list; take one from pageInfo")]) from None
