"""The two reads that every domain has: rows by a key of their own, and rows of several parents.

Each statement is put together once for the process: that costs more than the database takes to answer it.
"""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, any_, bindparam, select

from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow, grouped

RowT = TypeVar("RowT", bound=TenantRow)

BY_ID: Final = ("id",)


async def by_key(session: TenantSession, model: type[RowT], keys: Iterable[UUID], key: str = "id") -> dict[UUID, RowT]:
    """The partnership's rows whose column ``key``, which no two share, is among ``keys``; unknown keys are left out."""
    found = await _read(session, model, key, set(keys), ())
    return {getattr(row, key): row for row in found}


async def by_parent(
    session: TenantSession, model: type[RowT], parent: str, keys: Iterable[UUID], *, order: tuple[str, ...] = BY_ID
) -> dict[UUID, list[RowT]]:
    """The partnership's rows by their column ``parent``, ordered by columns; a parent without rows gives an empty list.

    Ids grow with time, so by id is the order in which rows were made.
    """
    found = await _read(session, model, parent, set(keys), order)
    return grouped(found, lambda row: getattr(row, parent))


async def _read(
    session: TenantSession, model: type[RowT], column: str, keys: Collection[UUID], order: tuple[str, ...]
) -> Iterable[RowT]:
    if not keys:
        return []
    query = _statement(cast("Any", model), column, order, one=len(keys) == 1)
    found = await session.scalars(query, {"tenant": session.tenant_id, **given(keys)})
    return found.all()


@cache
def _statement(model: type[Any], column: str, order: tuple[str, ...], *, one: bool) -> Select[Any]:
    return (
        select(model)
        .where(model.tenant_id == bindparam("tenant"), among(getattr(model, column), one=one))
        .order_by(*(getattr(model, name) for name in order))
    )


def among(column: Any, *, one: bool) -> ColumnElement[bool]:
    """Whether a column is the key, or among the keys, that ``given`` makes parameters of.

    Of a list PostgreSQL expects ten keys and more, finds its plan for any list too dear, and plans anew each time: for
    one key that takes longer than all else. So one key is asked for by itself.
    """
    wanted = bindparam("key", type_=column.type) if one else any_(bindparam("keys", type_=ARRAY(column.type)))
    return cast("ColumnElement[bool]", column == wanted)


def given(keys: Collection[UUID]) -> dict[str, UUID | list[UUID]]:
    """The parameters of ``among``."""
    return {"key": next(iter(keys))} if len(keys) == 1 else {"keys": list(keys)}
