"""The command ``safeguard``: start the processes, migrate the database, look after partnerships.

A failure is one line on standard error: exit code 2 for a command that was typed wrongly, 1 for
one that could not be carried out. Faults of definition files are one line each, and code 2.
"""

import asyncio
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

import click
import structlog
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from backend.commands.artefacts import artefacts
from backend.commands.lazily import Lazy
from backend.commands.procedure_imports import import_manual
from backend.commands.procedures import procedures
from backend.kit.database_urls import UnreadableUrl
from backend.kit.loading import loading
from backend.kit.problems import Problem
from backend.kit.queues import NOTICES, PAGES
from backend.kit.settings import settings
from backend.pathways.definitions.faults import Faulty

if TYPE_CHECKING:
    from dramatiq import Broker
    from litestar import Litestar

QUEUES: Final = (PAGES, NOTICES)
NICENESS: Final = 10
"""Of workers that wake nobody: on a machine that they share, what wakes people goes first."""
_PATIENCE: Final = 25  # seconds; whoever stops a container waits for thirty
_WORK_IN_HAND: Final = 15  # seconds that a worker has for it once told to end


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Run Safeguard and look after its partnerships.

    Settings come from environment variables, such as DATABASE_URL and OIDC_ISSUER.
    """


for _name, _module, _summary in (
    ("partnership", "partnerships", "Create, list, suspend, resume, export and erase partnerships."),
    ("audit", "partnerships", "Check audit logs."),
    ("alerts", "alerts", "Explain alerts, make and verify evidence, show what is stuck."),
    ("deliveries", "alerts", "Show messages."),
    ("providers", "providers", "Show which provider carries each channel; pin one, or let the evidence decide."),
    ("calendar", "calendar",
     "List England's bank holidays; enter one that is proclaimed, or take one back, for every partnership."),
    ("pathway", "pathways", "Validate, show, compare, draw and simulate pathway definitions."),
    ("clocks", "clocks", "Print the effective table of clocks, one row a limit."),
    ("directory", "directory", "Import and export a partnership's services and how they are reached."),
    ("application", "applications",
     "Register applications of third parties; what each may read, each partnership grants."),
    ("sandbox", "sandbox", "Fill partnerships with plainly invented cases, to measure, to try and to develop against."),
):  # fmt: skip
    commands.add_command(Lazy(_name, f"backend.commands.{_module}", _summary))
commands.add_command(procedures)
commands.add_command(artefacts)
procedures.add_command(import_manual)


def _address(_context: click.Context, _option: click.Parameter, given: str) -> str:
    try:
        return str(ipaddress.ip_address(given))
    except ValueError as error:
        raise click.BadParameter(f"{given!r} is not an IP address, such as 0.0.0.0.") from error


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True, callback=_address, help="IP address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
def api(host: str, port: int, workers: int) -> None:
    """Serve the GraphQL API."""
    # Imported here: the other commands need no server.
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    from backend.kit.logging import SERVERS_OWN, configure  # noqa: PLC0415

    configure(settings().log_level)
    _refuse_unless_free(host, port)
    structlog.get_logger().info("api_started", port=port)
    # Access logs stay off: the address of a request may name a case.
    Server(
        "backend.asgi:create_app", factory=True, interface=Interfaces.ASGI, address=host, port=port, workers=workers,
        log_access=False, log_level=LogLevels.warning, log_dictconfig=SERVERS_OWN,
        workers_kill_timeout=_PATIENCE,
    ).serve(target_loader=_application)  # fmt: skip


def _application(_target: str) -> "Litestar":
    """What each server process serves. One that is told to end before this is loaded, ends.

    As a copy of the process that starts it, it would only note the signal, as that does, and go on for ever.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with loading():
        from backend.asgi import create_app  # noqa: PLC0415  # the other commands need no server

        return create_app()


def _refuse_unless_free(host: str, port: int) -> None:
    """Fail where nothing can listen. The server would share a port: another release, or another installation,
    that still listened there would go on being given some of the requests.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has only just closed is free
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"Cannot listen on {host}, port {port}: {error.strerror}."
            raise click.ClickException(message) from error


@commands.command()
@click.option("--processes", default=None, type=click.IntRange(1), help="Default: one for each processor.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1), help="For each process.")
@click.option("--queues", multiple=True, type=click.Choice(QUEUES), help="Repeatable. Default: all.")
def worker(processes: int | None, threads: int, queues: tuple[str, ...]) -> None:
    """Send alerts and do whatever else is owed."""
    from dramatiq.cli import main as run_workers  # noqa: PLC0415
    from dramatiq.cli import make_argument_parser  # noqa: PLC0415

    connections = settings().database_pool_size
    if threads >= connections:  # each may hold one while it waits for another
        message = f"{threads} threads need more than the {connections} connections of DATABASE_POOL_SIZE"
        raise click.ClickException(f"{message}: raise it, or give --threads {max(1, connections - 1)}.")
    # Dramatiq's own log lines are left out: backend.worker sets up the product's.
    options = ["--skip-logging", "--threads", str(threads), "--worker-shutdown-timeout", str(_WORK_IN_HAND * 1000)]
    options += ["--processes", str(processes)] if processes else []
    options += ["--queues", *queues] if queues else []
    if queues and PAGES not in queues:
        os.nice(NICENESS)
    parser = make_argument_parser()  # type: ignore[no-untyped-call]
    arguments = parser.parse_args(["backend.cli:_worker_broker", *options])
    sys.exit(run_workers(arguments))  # type: ignore[no-untyped-call]


def _worker_broker() -> "Broker":
    """What each worker process works on."""
    _end_once_and_in_time()
    with loading():
        from backend.worker import start  # noqa: PLC0415  # the other commands need no actors

        return start()


def _end_once_and_in_time() -> None:
    """Make this worker process heed the first SIGTERM alone, and end whatever it then waits for.

    Whoever stops a service may tell all its processes, and the one that started this tells it again: Dramatiq would
    drop the work in hand at the second, and then wait for its event loop for ever. What is left undone is owed still.
    """
    ends = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.alarm(_PATIENCE)
        if callable(ends):
            ends(number, frame)

    signal.signal(signal.SIGTERM, end)


@commands.command()
def scheduler() -> None:
    """Wake what is due. Any number may run; each task is woken once."""
    with loading():
        from backend.kit.logging import configure  # noqa: PLC0415
        from backend.scheduler import run  # noqa: PLC0415

    configure(settings().log_level)
    asyncio.run(run())


@commands.command()
def schema() -> None:
    """Print the API's contract, as it is kept in graphql/schema.graphql."""
    from graphql_api.schema import schema as contract  # noqa: PLC0415

    click.echo(str(contract))


@commands.command()
@click.argument("direction", default="up", type=click.Choice(["up", "down", "check"]))
@click.argument("revision", required=False)
def migrate(direction: str, revision: str | None) -> None:
    """Migrate the database as its owner (DATABASE_OWNER_URL).

    "up" goes to REVISION or the newest, "down" to REVISION, which must be named ("base" empties the
    database), "check" fails unless the database is as the code expects it.

    Migrations are those beside the code, or in the folder SAFEGUARD_MIGRATIONS.
    """
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    if direction == "down" and revision is None:
        raise click.UsageError("Name the revision to go down to: safeguard migrate down REVISION")
    if direction == "check" and revision is not None:
        raise click.UsageError("safeguard migrate check takes no revision")
    config = Config()
    # Values of a Config are interpolated, so a percent sign in the path is written twice.
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    try:
        if direction == "up":
            command.upgrade(config, revision or "head")
        elif direction == "down":
            command.downgrade(config, str(revision))
        else:
            command.check(config)
    except CommandError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"PostgreSQL cannot be reached: {error}") from error


def _migrations() -> Path:
    named = os.environ.get("SAFEGUARD_MIGRATIONS")
    folder = Path(named) if named else Path(__file__).parents[1] / "alembic"
    if not (folder / "env.py").is_file():
        message = f"There are no migrations in {folder}. Set SAFEGUARD_MIGRATIONS to their folder."
        raise click.ClickException(message)
    return folder


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, by default the process's own, and exit with its code."""
    try:
        # Not standalone: click would print three lines for a mistyped option.
        sys.exit(commands.main(arguments, standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except click.Abort:
        _fail("interrupted", 130)
    except Problem as error:
        _refuse(error)
    except ValidationError as error:
        _fail(_settings_fault(error))
    except DBAPIError as error:
        _fail(_database_fault(error))
    except (UnreadableUrl, OSError, RuntimeError, BotoCoreError, ClientError) as error:
        _fail(str(error))


def _fail(message: str, code: int = 1) -> NoReturn:
    click.echo(f"safeguard: {' '.join(message.split())}", err=True)
    sys.exit(code)


def _refuse(problem: Problem) -> NoReturn:
    """Faults of definition files are a line each."""
    if not isinstance(problem, Faulty):
        _fail(problem.message)
    for fault in problem.faults:
        click.echo(str(fault), err=True)
    sys.exit(2)


def _settings_fault(error: ValidationError) -> str:
    """The variables at fault, without their values: some are secrets."""
    missing: list[str] = []
    said: list[str] = []
    for fault in error.errors():
        variable = ".".join(str(part) for part in fault["loc"]).upper()
        if fault["type"] == "missing":
            missing.append(variable)
        else:
            said.append(f"{variable}: {fault['msg'].removeprefix('Value error, ').rstrip('.')}")
    if missing:
        said.insert(0, f"Set {', '.join(missing)} in the environment")
    return f"{'; '.join(said)}."


def _database_fault(error: DBAPIError) -> str:
    """What PostgreSQL said, without the statement and its values, which may be somebody's."""
    cause = getattr(error.orig, "__cause__", None) or error.orig
    said = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    hint = " Run: safeguard migrate up" if "does not exist" in said and not said.startswith("database ") else ""
    return f"The database refused: {said}.{hint}"


if __name__ == "__main__":
    main()
