"""Real services for every test: one PostgreSQL cluster, S3 and issuer for the run; a broker and a
provider stand-in for each test process; a database of its own for each test that asks."""

import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.dev.clock import Clock
from infra.dev.product import process_environment
from infra.dev.services import DevelopmentServices, development_services
from support import databases
from support.environment import product_settings
from support.partnership import Partnership
from support.work import Work

SHARED = ("DATABASE_URL", "DATABASE_OWNER_URL", "POSTGRES_ADMIN_URL", "S3_ENDPOINT_URL", "S3_ROLE_ARN",
          "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "OIDC_ISSUER", "OIDC_AUDIENCE")  # fmt: skip
_stack = ExitStack()

# Hundreds of databases are copied and dropped: in memory that costs a third of what it does on a disk.
MEMORY = Path("/dev/shm")  # noqa: S108  # a file system, in which names are made at random
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 * 2**30:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _start(given: dict[str, str]) -> DevelopmentServices:
    folder = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="safeguard-tests-")))
    return _stack.enter_context(development_services(folder, environment=given, durable=False))


def pytest_configure_node(node: Any) -> None:
    """The controller starts what all test processes share, and tells each of them where it is."""
    if not hasattr(node.config, "shared_services"):
        started = _start({"NOTIFY_BASE_URL": "of each process", "BROKER_URL": "of each process"})
        shared = {name: started.environment[name] for name in SHARED}
        databases.make_template(process_environment(started, Path(_stack.enter_context(_folder())), **shared))
        node.config.shared_services = shared
    node.workerinput["shared_services"] = json.dumps(node.config.shared_services)


def pytest_unconfigure(config: pytest.Config) -> None:  # pytest's signature
    _stack.close()


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="safeguard-tests-")


@pytest.fixture(scope="session")
def services(request: pytest.FixtureRequest) -> DevelopmentServices:
    """The services of this test process. ``environment`` names all of them."""
    given: dict[str, str] = json.loads(getattr(request.config, "workerinput", {}).get("shared_services", "{}"))
    return _start(given)


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, services: DevelopmentServices, tmp_path_factory: Any) -> str:
    """Name of a database that is migrated and holds the reference partnerships."""
    if "shared_services" not in getattr(request.config, "workerinput", {}):
        databases.make_template(process_environment(services, tmp_path_factory.mktemp("template")))
    return databases.TEMPLATE


@pytest.fixture
async def environment(services: DevelopmentServices, template: str, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The product's variables on a fresh copy of the template; this process's settings follow them."""
    async with databases.copy_of(template, services.environment["POSTGRES_ADMIN_URL"]) as name:
        urls = databases.urls(services.environment, name)
        made = process_environment(services, tmp_path, **urls)
        async with product_settings(made):
            yield made


@pytest.fixture
def clock(environment: dict[str, str]) -> Clock:
    """The database clock of this test's database."""
    return Clock(environment["DATABASE_OWNER_URL"])


@pytest.fixture
def carrier(services: DevelopmentServices) -> Iterator[httpx.Client]:
    """A client of the provider stand-in's control paths, on a stand-in that has received nothing."""
    assert services.carrier_url is not None
    with httpx.Client(base_url=services.carrier_url) as client:
        client.delete("/dev/messages")
        client.delete("/dev/behaviour")
        yield client
        client.delete("/dev/behaviour")


@pytest.fixture
def work(environment: dict[str, str]) -> Work:
    """Does, in this process and at once, what scheduler and workers would do."""
    return Work()


@pytest.fixture
async def cambs(environment: dict[str, str]) -> Partnership:
    """The reference partnership of two authorities and three coroner areas."""
    return await Partnership.named("cambs-peterborough")


@pytest.fixture
async def herts(environment: dict[str, str]) -> Partnership:
    """The reference partnership of one authority."""
    return await Partnership.named("hertfordshire")
