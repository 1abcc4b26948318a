"""The command line as a person at a terminal meets it: each command is a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from backend.cli import main
from infra.dev.supervisor import free_port
from support import databases
from support.command_line import CommandLine

ROOT = Path(__file__).parents[2]
THREADS = 8
Run = Callable[..., subprocess.CompletedProcess[str]]
NAMED = ["partnership", "create", "cli-x", "--name", "X"]
NOWHERE = "postgresql://somebody:secret-word@127.0.0.1:1/nowhere"
UNESCAPED = "postgresql://somebody:secret-word?7/@127.0.0.1:1/nowhere"


@pytest.fixture
def safeguard(environment: dict[str, str], command_line: CommandLine) -> Run:
    """Run ``safeguard`` with arguments; keywords set variables, None takes one away."""

    def run(*arguments: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
        merged = {**environment, **variables}
        return command_line.run(arguments, {name: value for name, value in merged.items() if value is not None})

    return run


@pytest.fixture
async def empty_database(environment: dict[str, str]) -> AsyncIterator[str]:
    """The owner's URL of a database without tables."""
    admin = environment["POSTGRES_ADMIN_URL"]
    async with databases.copy_of("safeguard", admin) as name:
        yield databases.urls(environment, name)["DATABASE_OWNER_URL"]


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line a failed command leaves."""
    assert done.returncode == code, done.stderr
    assert not done.stdout
    (line,) = done.stderr.splitlines()
    return line


def test_an_archetype_is_created_once(safeguard: Run) -> None:
    first = safeguard("partnership", "create", "cli-herts", "--archetype", "hertfordshire")
    assert first.returncode == 0, first.stderr
    assert "17 person" in first.stdout
    assert "1 storage" in first.stdout
    second = safeguard("partnership", "create", "cli-herts", "--archetype", "hertfordshire")
    assert (second.returncode, second.stdout.splitlines()[0]) == (0, "cli-herts: nothing to do")
    audit = safeguard("audit", "verify", "cli-herts")
    assert (audit.returncode, audit.stdout) == (0, "cli-herts: the audit log holds\n")


def test_a_partnership_s_own_clocks_are_those_of_its_overlays(safeguard: Run) -> None:
    done = safeguard("partnership", "create", "cli-clocks", "--archetype", "cambs-peterborough")
    assert done.returncode == 0, done.stderr
    stored = safeguard("clocks", "--partnership", "cli-clocks", "--format", "csv")
    assert stored.returncode == 0, stored.stderr
    assert stored.stdout == safeguard("clocks", "--archetype", "cambs-peterborough", "--format", "csv").stdout
    assert "There is no partnership nobody" in refused(safeguard("clocks", "--partnership", "nobody"), 1)


async def test_an_altered_audit_log_is_found_out(safeguard: Run, environment: dict[str, str]) -> None:
    options = ("--name", "Audited", "--local-authority", "north=North")
    assert safeguard("partnership", "create", "cli-audited", *options).returncode == 0
    # As a superuser, whom row-level security does not bind.
    database = urlsplit(environment["DATABASE_OWNER_URL"]).path
    admin = urlsplit(environment["POSTGRES_ADMIN_URL"])._replace(path=database).geturl()
    connection = await asyncpg.connect(admin)
    await connection.execute(
        "UPDATE audit_entry SET action = 'nothing.happened' WHERE seq = 2 AND tenant_id ="
        " (SELECT id FROM routing.partnership WHERE slug = 'cli-audited')"
    )
    await connection.close()
    said = refused(safeguard("audit", "verify", "cli-audited"), 1)
    assert said == "safeguard: cli-audited: the audit log does not hold from entry 2 on."


def test_create_list_suspend_resume(safeguard: Run) -> None:
    done = safeguard(
        "partnership", "create", "cli-north", "--name", "North and South", "--local-authority", "north=North",
        "--local-authority", "south=South", "--coroner-area", "coroner-north=Coroner area north",
    )  # fmt: skip
    assert "cli-north: added 3 area, 1 partnership, 1 storage" in done.stdout
    assert safeguard("partnership", "suspend", "cli-north").stdout == "cli-north: suspended\n"
    assert safeguard("partnership", "suspend", "cli-north").stdout == "cli-north: was suspended already\n"
    listed = json.loads(safeguard("partnership", "list", "--format", "json").stdout)
    (mine,) = [row for row in listed if row["slug"] == "cli-north"]
    assert (mine["name"], mine["state"], mine["zone"]) == ("North and South", "suspended", "Europe/London")
    assert mine["bucket"].startswith("safeguard-cli-north-")
    assert safeguard("partnership", "resume", "cli-north").stdout == "cli-north: resumed\n"
    table = safeguard("partnership", "list").stdout.splitlines()
    assert table[0].split() == ["SLUG", "STATE", "STORAGE", "NAME"]
    assert [line.split() for line in table if line.startswith("cli-north ")] == [
        ["cli-north", "active", "yes", "North", "and", "South"]
    ]


def test_a_run_that_storage_broke_off_is_finished_by_the_next(safeguard: Run) -> None:
    options = ("partnership", "create", "cli-broken", "--name", "Broken off", "--local-authority", "a=A")
    assert "127.0.0.1:1" in refused(safeguard(*options, S3_ENDPOINT_URL="http://127.0.0.1:1"), 1)
    table = safeguard("partnership", "list").stdout
    assert [line.split()[2] for line in table.splitlines() if line.startswith("cli-broken")] == ["no"]
    assert safeguard(*options).stdout.splitlines()[0] == "cli-broken: added 1 storage"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["partnership", "create", "cli-x"], "Give --name and at least one --local-authority"),
        ([*NAMED, "--local-authority", "no name"], "'no name' is not CODE=NAME"),
        ([*NAMED, "--local-authority", "UP=X"], "'UP=X' is not CODE=NAME"),
        ([*NAMED, "--local-authority", "a= "], "'a= ' is not CODE=NAME"),
        ([*NAMED, "--overlays", "infra"], "infra:1: no overlay is in this folder; name the folder"),
        ([*NAMED, "--archetype", "hertfordshire"], "leave out the other"),
        (["partnership", "list", "--format", "xml"], "Invalid value for '--format'"),
        (["partnership", "suspend"], "Missing argument 'SLUG'"),
        (["api", "--port", "0"], "Invalid value for '--port'"),
        (["api", "--host", "banana"], "'banana' is not an IP address"),
        (["worker", "--threads", "0"], "Invalid value for '--threads'"),
        (["worker", "--queues", "letters"], "Invalid value for '--queues'"),
        (["migrate", "down"], "Name the revision to go down to"),
        (["migrate", "check", "head"], "takes no revision"),
    ],
)  # fmt: skip
def test_bad_use_is_one_line_and_code_2(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    written = capsys.readouterr()
    assert (left.value.code, written.out, written.err.count("\n")) == (2, "", 1)
    assert said in written.err


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["partnership", "suspend", "atlantis"], {}, "There is no partnership atlantis"),
        (["partnership", "create", "cli-x", "--archetype", "atlantis"], {}, "There is no archetype atlantis"),
        (["partnership", "create", "UP", "--archetype", "hertfordshire"], {}, "slug: must be at most 40"),
        ([*NAMED, *["--local-authority", "a=A"] * 2], {}, "areas: a is given twice; rename or remove one"),
        ([*NAMED, "--local-authority", "a=A", "--coroner-area", "a=A"], {}, "areas: a is given twice"),
        ([*NAMED, "--name", " ", "--local-authority", "a=A"], {}, "name: must be 1 to 200 characters"),
        (["partnership", "list"], {"DATABASE_OWNER_URL": ""}, "Set DATABASE_OWNER_URL"),
        (["partnership", "list"], {"DATABASE_OWNER_URL": NOWHERE}, "PostgreSQL cannot be reached"),
        (["partnership", "list"], {"DATABASE_OWNER_URL": "nonsense"}, "A database URL cannot be read"),
        (["partnership", "list"], {"DATABASE_OWNER_URL": UNESCAPED}, "in the password as %XX"),
        (["migrate", "check"], {"DATABASE_OWNER_URL": UNESCAPED}, "in the password as %XX"),
        (["scheduler"], {"DATABASE_URL": f"{NOWHERE}?connect_timeout=5"}, "DATABASE_URL: A database URL has an option"),
        (["scheduler"], {"DATABASE_URL": "redis://127.0.0.1:6379/0"}, "DATABASE_URL: A database URL cannot be read"),
        (["scheduler"], {"LOG_LEVEL": "loud"}, "LOG_LEVEL: Input should be 'DEBUG', 'INFO'"),
        (["worker"], {"BROKER_URL": "nonsense"}, "BROKER_URL: Write redis://:password@host:port/0"),
        (["worker"], {"BROKER_URL": None, "OIDC_ISSUER": None}, "Set BROKER_URL, OIDC_ISSUER in the env"),
        (["worker", "--threads", "10"], {}, "raise it, or give --threads 9"),
        (["worker"], {"DATABASE_POOL_SIZE": "8"}, "more than the 8 connections of DATABASE_POOL_SIZE"),
        (["migrate"], {"DATABASE_OWNER_URL": None}, "Set DATABASE_OWNER_URL"),
        (["migrate"], {"DATABASE_OWNER_URL": NOWHERE}, "PostgreSQL cannot be reached"),
        (["migrate"], {"SAFEGUARD_MIGRATIONS": "/nowhere"}, "There are no migrations in /nowhere"),
        (["migrate", "up", "no-such-revision"], {}, "Can't locate revision"),
    ],
)  # fmt: skip
def test_a_failure_is_one_line_and_code_1(
    safeguard: Run, arguments: list[str], variables: dict[str, str | None], said: str
) -> None:
    line = refused(safeguard(*arguments, **variables), 1)
    assert said in line
    assert "secret-word" not in line


def test_a_database_that_is_not_there_is_not_said_to_want_migrations(
    safeguard: Run, environment: dict[str, str]
) -> None:
    elsewhere = environment["DATABASE_OWNER_URL"].rpartition("/")[0] + "/nowhere"
    said = refused(safeguard("partnership", "list", DATABASE_OWNER_URL=elsewhere), 1)
    assert said == 'safeguard: The database refused: database "nowhere" does not exist.'


def test_help_names_every_command(safeguard: Run) -> None:
    bare, asked = safeguard(), safeguard("--help")
    assert (bare.returncode, asked.returncode) == (2, 0)
    for command in ("api", "audit", "migrate", "partnership", "scheduler", "worker"):
        assert f"\n  {command} " in asked.stdout
        assert f"\n  {command} " in bare.stderr


def test_migrate_up_check_and_down(safeguard: Run, empty_database: str) -> None:
    def migrate(*arguments: str) -> subprocess.CompletedProcess[str]:
        return safeguard("migrate", *arguments, DATABASE_OWNER_URL=empty_database)

    def listed() -> subprocess.CompletedProcess[str]:
        return safeguard("partnership", "list", DATABASE_OWNER_URL=empty_database)

    assert "Run: safeguard migrate up" in refused(listed(), 1)
    assert "not up to date" in refused(migrate("check"), 1)
    assert migrate().returncode == 0
    assert migrate("check").returncode == 0
    assert listed().stdout.split() == ["SLUG", "STATE", "STORAGE", "NAME"]
    assert migrate("down", "base").returncode == 0
    assert "Run: safeguard migrate up" in refused(listed(), 1)


@pytest.fixture
def started(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``safeguard`` and leave it running; ended with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, environment: dict[str, str] = environment) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "backend.cli", *arguments]
        process = subprocess.Popen(
            argv, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with what it has started, which would keep its output open
            process.communicate()


def test_the_scheduler_runs_until_told_to_stop(started: Callable[..., subprocess.Popen[str]]) -> None:
    process = started("scheduler")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "scheduler_started"
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert json.loads(output.splitlines()[-1])["event"] == "scheduler_stopped", output
    assert process.returncode == 0


def test_the_api_listens_where_it_is_told(started: Callable[..., subprocess.Popen[str]]) -> None:
    port = free_port()
    process = started("api", "--port", str(port))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as client:
            client.settimeout(1)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nothing listens on the port")


def test_the_api_ends_when_it_is_told_to_while_it_still_starts(started: Callable[..., subprocess.Popen[str]]) -> None:
    process = started("api", "--port", str(free_port()))
    serving = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not serving.read_text():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1)  # it loads for seconds
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 0


def test_the_api_shares_its_port_with_nobody(safeguard: Run) -> None:
    """A listener that would share, as an API that still runs does."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(safeguard("api", "--port", str(port)), 1)
    assert said == f"safeguard: Cannot listen on 127.0.0.1, port {port}: Address already in use."


def test_an_address_of_another_machine_is_refused(safeguard: Run) -> None:
    said = refused(safeguard("api", "--host", "192.0.2.1"), 1)
    assert said == "safeguard: Cannot listen on 192.0.2.1, port 8000: Cannot assign requested address."


@pytest.mark.parametrize("broker", ["there", "away"])
def test_a_worker_ends_when_all_its_processes_are_told_to(
    started: Callable[..., subprocess.Popen[str]], environment: dict[str, str], broker: str
) -> None:
    """As systemd does; the first of them then tells the others a second time."""
    if broker == "away":
        environment = {**environment, "BROKER_URL": f"redis://127.0.0.1:{free_port()}/0"}
    process = started(
        "worker", "--processes", "2", "--threads", str(THREADS), "--queues", "pages", environment=environment
    )
    wait_for_threads(process.pid, 2)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0


def wait_for_threads(worker: int, processes: int) -> None:
    """Until so many processes of the worker have all the threads that work."""
    deadline = time.monotonic() + 60
    children = Path(f"/proc/{worker}/task/{worker}/children")
    while time.monotonic() < deadline:
        threads = [len(list(Path(f"/proc/{child}/task").iterdir())) for child in children.read_text().split()]
        if len(threads) == processes and all(count > THREADS for count in threads):
            return
        time.sleep(0.1)
    pytest.fail("the worker has not started")


async def test_a_worker_does_what_is_owed(
    started: Callable[..., subprocess.Popen[str]], safeguard: Run, environment: dict[str, str]
) -> None:
    assert safeguard("partnership", "create", "cli-worker", "--archetype", "hertfordshire").returncode == 0
    owner = await asyncpg.connect(environment["DATABASE_OWNER_URL"])
    mine = await owner.fetchval("SELECT id FROM routing.partnership WHERE slug = 'cli-worker'")
    await owner.execute("UPDATE routing.task SET due_at = now(), wake_at = now() WHERE tenant_id = $1", mine)
    count = "SELECT count(*) FROM routing.task WHERE tenant_id = $1 AND (due_at <= now()) = $2"
    started("worker", "--processes", "1", "--threads", "2", "--queues", "notices")
    started("scheduler")
    deadline = time.monotonic() + 120
    due = 1
    while due and time.monotonic() < deadline:
        due = await owner.fetchval(count, mine, True)  # noqa: FBT003  # a value of the query
        time.sleep(0.1)  # noqa: ASYNC251  # nothing else runs in this loop
    ahead = await owner.fetchval(count, mine, False)  # noqa: FBT003
    daily = 2 + await owner.fetchval(
        "SELECT count(*) FROM routing.task WHERE actor = 'extend_rota' AND tenant_id = $1", mine
    )
    await owner.close()
    assert due == 0
    assert ahead >= daily, "each rota, the warnings and the print come again tomorrow"
