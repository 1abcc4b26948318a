"""Databases for tests: one template for the run, a copy in a twentieth of a second for each test."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from infra.dev.clock import Clock
from infra.dev.product import command, load_partnerships

TEMPLATE = "safeguard_template"
_UNSENT = """
    DELETE FROM routing.task WHERE actor LIKE 'deliver%';
    UPDATE delivery SET state = 'cancelled', wanted = false WHERE state IN ('pending', 'claimed', 'unknown')
"""
_LONG_IN_FORCE = """
    UPDATE pathway_edition SET in_force_from = '2026-01-01' WHERE in_force_from > '2026-01-01';
    UPDATE threshold_edition SET in_force_from = '2026-01-01' WHERE in_force_from > '2026-01-01'
"""
"""They were loaded today, whenever that is; what a test tells may have been before."""
LOADED_AGO, SETTLED_AGO = timedelta(hours=1), timedelta(minutes=30)
NO_BROKER = "redis://127.0.0.1:1"
"""Nobody listens there: the tasks are run without being woken."""


def make_template(environment: Mapping[str, str]) -> None:
    """Make the template: migrated, with the reference partnerships, and with all done that they owe at first.

    A partnership that has just come owes a hundred tasks, such as to look for gaps in its rotas, and would owe
    them in each copy anew. The clock of the template is set back meanwhile, so that none falls due in a test.
    """
    admin = environment["POSTGRES_ADMIN_URL"]
    asyncio.run(_execute(admin, f'CREATE DATABASE "{TEMPLATE}" TEMPLATE safeguard OWNER safeguard_owner'))
    own = {**environment, **urls(environment, TEMPLATE), "BROKER_URL": NO_BROKER}
    command(own, "migrate", "up")
    clock = Clock(own["DATABASE_OWNER_URL"])
    asyncio.run(clock.shift(-LOADED_AGO))
    load_partnerships(own)
    _settle(own)
    asyncio.run(clock.shift(-SETTLED_AGO))
    _settle(own)
    asyncio.run(clock.restore())
    asyncio.run(_execute(_in(admin, TEMPLATE), _UNSENT))  # there was nobody to take it
    asyncio.run(_execute(_in(admin, TEMPLATE), _LONG_IN_FORCE))


def _settle(environment: Mapping[str, str]) -> None:
    """Do what is owed by the database clock, in a process that has the environment."""
    tests = str(Path(__file__).parents[1])
    subprocess.run(
        [sys.executable, "-m", "support.work"],
        env={**environment, "PYTHONPATH": tests}, check=True, capture_output=True, text=True,
    )  # fmt: skip


def _in(admin_url: str, name: str) -> str:
    return urlsplit(admin_url)._replace(path=f"/{name}").geturl()


def urls(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """The application's and the owner's URL of another database in the cluster."""
    roles = ("DATABASE_URL", "DATABASE_OWNER_URL")
    return {role: urlsplit(environment[role])._replace(path=f"/{name}").geturl() for role in roles}


@asynccontextmanager
async def copy_of(template: str, admin_url: str) -> AsyncIterator[str]:
    """A copy of the template that is dropped afterwards, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    administrator = await _administrator(admin_url)
    # File copies beat the default (logged blocks) by far for a database of this size.
    await administrator.execute(
        f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy OWNER safeguard_owner'
    )
    try:
        yield name
    finally:
        await administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


_administrators: dict[tuple[str, asyncio.AbstractEventLoop], asyncpg.Connection] = {}


async def _administrator(url: str) -> asyncpg.Connection:
    """A connection that stays open for all the tests that share a loop: opening one costs as much as a query."""
    key = (url, asyncio.get_running_loop())
    if key not in _administrators or _administrators[key].is_closed():
        _administrators[key] = await asyncpg.connect(url)
    return _administrators[key]


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
