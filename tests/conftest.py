"""Real services for every test: one PostgreSQL cluster, S3 and issuer for the run; a broker and a
provider stand-in for each test process; a database of its own for each test that asks."""

import gc
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import certifi
import httpx
import hypothesis
import pytest

from infra.dev.clock import Clock
from infra.dev.product import process_environment
from infra.dev.services import DevelopmentServices, development_services, issuer
from infra.dev.supervisor import Supervisor
from notifications.channels import http
from support import databases
from support.api import Door, open_door
from support.command_line import CommandLine
from support.command_line import command_line as running_command_line
from support.environment import product_settings
from support.meetings import FRIDAY, Enquiry, enquiry
from support.partnership import Partnership
from support.scene import forget_daily_work
from support.work import Work

SHARED = ("DATABASE_URL", "DATABASE_OWNER_URL", "POSTGRES_ADMIN_URL", "S3_ENDPOINT_URL", "S3_ROLE_ARN",
          "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "OIDC_ISSUER", "OIDC_AUDIENCE")  # fmt: skip
_stack = ExitStack()

# Hundreds of databases are copied and dropped: in memory that costs a third of what it does on a disk.
MEMORY = Path("/dev/shm")  # noqa: S108  # a file system, in which names are made at random
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 * 2**30:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


# How long an example takes says how busy the machine is, not whether the product is right.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")

# What takes longest, longest first: begun last, it would leave the other test process idle in the end.
SLOWEST = ("tests/security/", "tests/scenarios/", "tests/infra/", "tests/backend/test_cli.py")
TEMPLATE_SECONDS = 120


def pytest_configure(config: pytest.Config) -> None:
    """Trust one authority in place of the hundreds that each HTTP client would read: all servers here are local.

    A shell that starts the suite in the background has it and its children ignore interrupts: some tests send one.
    No garbage is looked for while tests are loaded, as the product does not while it loads.
    """
    gc.disable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    first, mark, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    authority = Path(_stack.enter_context(_folder())) / "authority.pem"
    authority.write_text(f"{first}{mark}\n")
    os.environ["SSL_CERT_FILE"] = str(authority)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: next((n for n, path in enumerate(SLOWEST) if item.nodeid.startswith(path)), len(SLOWEST))
    )


def pytest_collection_finish() -> None:
    """Keep schema, tables and tests out of garbage collection, as the product does: a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _start(given: dict[str, str]) -> DevelopmentServices:
    folder = Path(_stack.enter_context(_folder()))
    return _stack.enter_context(development_services(folder, environment=given, durable=False))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The controller starts what all test processes share, and tells each of them where it is.

    The template is made while they load the tests; its name is written to a file when it is there.
    """
    if not hasattr(node.config, "shared_services"):
        started = _start({"NOTIFY_BASE_URL": "of each process", "BROKER_URL": "of each process"})
        shared = {name: started.environment[name] for name in SHARED}
        folder = Path(_stack.enter_context(_folder()))
        making = _stack.enter_context(ThreadPoolExecutor(1))
        making.submit(_make_template, process_environment(started, folder, **shared), folder / "template")
        node.config.shared_services = {**shared, "TEMPLATE_FILE": str(folder / "template")}
    node.workerinput["shared_services"] = json.dumps(node.config.shared_services)


def _make_template(environment: dict[str, str], result: Path) -> None:
    """Make the template, and write its name or what went wrong."""
    try:
        databases.make_template(environment)
        said = databases.TEMPLATE
    except Exception as error:  # told to the processes that wait for the file
        said = f"the template could not be made: {error}"
    unfinished = result.with_suffix(".part")
    unfinished.write_text(said)
    unfinished.rename(result)


def pytest_unconfigure(config: pytest.Config) -> None:  # pytest's signature
    _stack.close()


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="safeguard-tests-")


@pytest.fixture(scope="session", autouse=True)
async def connections() -> AsyncIterator[None]:
    """Those to the providers last as long as the tests' event loop, and end before it."""
    yield
    await http.close()


@pytest.fixture(scope="session")
def services(request: pytest.FixtureRequest) -> DevelopmentServices:
    """The services of this test process. ``environment`` names all of them."""
    given: dict[str, str] = json.loads(getattr(request.config, "workerinput", {}).get("shared_services", "{}"))
    return _start(given)


@pytest.fixture(scope="session")
def template(services: DevelopmentServices, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database that is migrated and holds the reference partnerships."""
    shared = services.environment.get("TEMPLATE_FILE")
    file = Path(shared) if shared else tmp_path_factory.mktemp("template") / "template"
    if not shared:
        _make_template(process_environment(services, file.parent), file)
    deadline = time.monotonic() + TEMPLATE_SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, "the template was not made in time"
        time.sleep(0.05)
    name = file.read_text()
    assert name == databases.TEMPLATE, name
    return name


@pytest.fixture(scope="session")
def command_line() -> Iterator[CommandLine]:
    """Runs the command ``safeguard`` in processes of its own."""
    with running_command_line() as running:
        yield running


@pytest.fixture
async def environment(services: DevelopmentServices, template: str, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The product's variables on a fresh copy of the template; this process's settings follow them."""
    async with databases.copy_of(template, services.environment["POSTGRES_ADMIN_URL"]) as name:
        urls = databases.urls(services.environment, name)
        made = process_environment(services, tmp_path, THROTTLING="false", **urls)
        async with product_settings(made):
            yield made


@pytest.fixture
async def clock(environment: dict[str, str]) -> AsyncIterator[Clock]:
    """The database clock of this test's database."""
    async with Clock(environment["DATABASE_OWNER_URL"]).at_hand() as found:
        yield found


@pytest.fixture
def own_issuer(tmp_path: Path) -> Iterator[tuple[str, Supervisor]]:
    """An issuer for one test, at its URL, to change its keys or to stop: the one that all share must do neither."""
    with Supervisor(tmp_path) as supervisor:
        process, found = issuer(supervisor, tmp_path)
        process.wait_ready()
        yield found["OIDC_ISSUER"], supervisor


@pytest.fixture
def carrier(services: DevelopmentServices) -> Iterator[httpx.Client]:
    """A client of the provider stand-in's control paths, on a stand-in that has received nothing."""
    assert services.carrier_url is not None
    with httpx.Client(base_url=services.carrier_url, timeout=60) as client:
        client.delete("/dev/messages")
        client.delete("/dev/behaviour")
        yield client
        client.delete("/dev/behaviour")


@pytest.fixture
def work(environment: dict[str, str]) -> Work:
    """Does, in this process and at once, what scheduler and workers would do."""
    return Work()


@pytest.fixture
async def door(environment: dict[str, str]) -> AsyncIterator[Door]:
    """The real application on this test's database."""
    async with open_door(environment) as opened:
        yield opened


@pytest.fixture
async def cambs(environment: dict[str, str]) -> Partnership:
    """The reference partnership of two authorities and three coroner areas."""
    return await Partnership.named("cambs-peterborough")


@pytest.fixture
async def herts(environment: dict[str, str]) -> Partnership:
    """The reference partnership of one authority."""
    return await Partnership.named("hertfordshire")


@pytest.fixture
async def enquired(herts: Partnership, clock: Clock) -> Enquiry:
    """A section 47 enquiry of that partnership on the Friday before the bank holiday of early May."""
    await forget_daily_work(herts)
    await clock.freeze(FRIDAY)
    return await enquiry(herts)
