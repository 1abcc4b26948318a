"""The connection to PostgreSQL: pool and tenant setting."""

import json
from functools import lru_cache, partial
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from backend.kit.database_urls import driver_url
from backend.kit.settings import settings


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """Sets the tenant in the same round trip as ``BEGIN``.

    The setting is local to the transaction, so nothing is left on a pooled connection: without a
    tenant a transaction sees no partnership's rows at all.
    """

    tenant_id: UUID | None = None

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109  # asyncpg's signature
        if self.tenant_id is not None and query.startswith("BEGIN"):
            query = f"{query} SELECT set_config('app.tenant_id', '{self.tenant_id}', true);"
        return str(await super().execute(query, *args, timeout=timeout))


def make_engine(url: str, pool_size: int) -> AsyncEngine:
    """An engine whose connections are ``TenantConnection``.

    Nearly all statements find rows by key, under row-level security and the rules of who sees a case. Planned once
    for any values they run as well as planned for each, and planning took longer than running. Where the values
    decide, such as in lists, ``TenantSession.plan_for_values`` says so. None runs long enough for compiling it to pay.
    """
    address, arguments = driver_url(url)
    return create_async_engine(
        address,
        pool_size=pool_size,
        max_overflow=0,  # one more would be closed after each use: to open it takes longer than to wait for one
        pool_use_lifo=True,  # the connection used last has the most statements planned
        json_serializer=partial(json.dumps, default=str),
        json_deserializer=msgspec.json.decode,  # a page of alerts has a hundred documents
        pool_pre_ping=False,  # a lost connection costs one retried request, a ping costs each one
        connect_args={
            **arguments,
            "connection_class": TenantConnection,
            "server_settings": {"plan_cache_mode": "force_generic_plan", "jit": "off"},
        },
    )


def clashed(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended a transaction only because another stood in its way: done anew, it may well succeed."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}  # serialisation failure, deadlock


_GONE: Final = {"57P01", "57P02", "57P03", "53300"}
"""SQLSTATE: shut down, crashed, still starting, no connection left."""


def out_of_reach(error: BaseException) -> bool:
    """Whether what is needed to answer was not there: a server that restarts, or no connection free in time."""
    state = str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return (
        lost or state.startswith("08") or state in _GONE
        or isinstance(error, (PoolTimeoutError, ConnectionError, TimeoutError))
    )  # fmt: skip


@lru_cache(maxsize=1)
def engine() -> AsyncEngine:
    """The process's engine, as the application role."""
    configured = settings()
    return make_engine(configured.database_url.get_secret_value(), configured.database_pool_size)


async def use_tenant(connection: AsyncConnection, tenant_id: UUID | None) -> None:
    """Transactions begun on ``connection`` from now on belong to ``tenant_id``.

    Raises ``ValueError`` for anything but a UUID: it becomes part of a statement's text.
    """
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    driver.tenant_id = None if tenant_id is None else UUID(str(tenant_id))
