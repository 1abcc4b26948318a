"""``make demo`` as a newcomer runs it: it plays the main job, stays up until Ctrl-C, and leaves nothing behind."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import asyncpg
import httpx
import pytest

from infra.dev.product import COMMAND_ENVIRONMENT
from infra.dev.services import DevelopmentServices
from support import databases
from support.make import REPOSITORY, make
from support.processes import alive, descendants, eventually

UP = "The API, the workers and the scheduler run as processes of their own."
NOWHERE = "postgresql://somebody:secret-word@127.0.0.1:1/nowhere"


@dataclass
class Demonstration:
    """One run, in a folder of its own."""

    process: "subprocess.Popen[str]"
    output: list[str] = field(default_factory=list)
    started: set[int] = field(default_factory=set)

    def read_until(self, words: str) -> None:
        """Read on until a line holds the words, and see what it has started by then."""
        for line in _lines(self.process.stdout):
            self.output.append(line.rstrip())
            if words in line:
                self.started |= descendants(self.process.pid)
                return
        raise AssertionError("\n".join(self.output))

    def end(self) -> int:
        """Read to the end; gives the exit code."""
        self.output += [line.rstrip() for line in _lines(self.process.stdout)]
        return self.process.wait(30)

    def leaves_nothing(self) -> bool:
        return eventually(lambda: not any(alive(pid) for pid in self.started))


def start(folder: Path, *arguments: str, **variables: str) -> Demonstration:
    """What ``make demo`` starts, elsewhere: a developer may have one running in the repository."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    environment = {**kept, "PYTHONPATH": str(REPOSITORY), **variables}
    argv = [sys.executable, "-m", "infra.dev.demo", *arguments]
    return Demonstration(subprocess.Popen(
        argv, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ))  # fmt: skip


def _lines(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def test_make_starts_the_demonstration_that_is_tried_here() -> None:
    for given, module in ((["ONCE=1"], "-m infra.dev.demo --once"), ([], "-m infra.dev.demo")):
        assert make("--dry-run", "demo", *given).stdout.splitlines()[-1].strip().endswith(module)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A run that ended after the story, with every service its own."""
    running = start(tmp_path_factory.mktemp("once"), "--once")
    running.read_until(UP)
    assert running.end() == 0, "\n".join(running.output)
    return running


def test_the_main_job_is_played_to_its_end(once: Demonstration) -> None:
    figures = json.loads(once.output[-1])
    assert figures.keys() == {"accepted_ms", "first_page_ms", "slots", "escalations", "clocks", "leaks"}
    assert figures["slots"] == {"paediatrician": "acknowledged", "sio": "acknowledged"}
    assert figures["escalations"] >= 1
    assert figures["clocks"] >= 1
    assert figures["leaks"] == 0
    assert figures["accepted_ms"] > 0
    assert figures["first_page_ms"] > 0


def test_no_process_and_no_data_is_left_behind(once: Demonstration) -> None:
    assert len(once.started) >= 9, "servers, processes of the product and the guard"
    assert once.leaves_nothing()


def test_each_step_is_told_in_a_sentence_with_its_moment(once: Demonstration) -> None:
    told = once.output[:-1]
    assert len(told) >= 10
    assert all(re.match(r" *\d+\.\d\d s  \S", line) for line in told), told


@pytest.fixture
async def staying(services: DevelopmentServices, template: str, tmp_path: Path) -> AsyncIterator[Demonstration]:
    """One that stays up, on the suite's servers where it can be given any."""
    shared = {name: value for name, value in services.environment.items() if name.startswith(("S3", "AWS", "OIDC"))}
    async with databases.copy_of(template, services.environment["POSTGRES_ADMIN_URL"]) as name:
        running = start(tmp_path, **shared, **databases.urls(services.environment, name))
        yield running
        running.process.kill()
        running.end()


def keeps_the_time(url: str) -> bool:
    """Whether the database's clock is that of its machine."""

    async def asked() -> bool:
        connection = await asyncpg.connect(url)
        try:
            return bool(await connection.fetchval("SELECT app.now() = now()"))
        finally:
            await connection.close()

    return asyncio.run(asked())


def test_it_stays_up_until_ctrl_c_which_ends_everything(staying: Demonstration, tmp_path: Path) -> None:
    staying.read_until("It stays up until Ctrl-C.")
    staying.read_until("-d '{")
    told = "\n".join(staying.output)
    (api,) = re.findall(r"curl -s (\S+)/graphql", told)
    (token,) = re.findall(r"Authorization: Bearer (\S+)'", told)
    (query,) = re.findall(r"-d '(.+)'", told)
    answer = httpx.post(f"{api}/graphql", json=json.loads(query), headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["data"]["me"]["person"]["name"] == "Dr Juniper Blythe"

    variables = tmp_path / ".dev" / "demo" / "environment"
    assert f"  . {variables.relative_to(tmp_path)}" in staying.output
    assert variables.stat().st_mode & 0o077 == 0, "it holds passwords"
    (database,) = re.findall(r"^export DATABASE_URL=(\S+)$", variables.read_text(), re.MULTILINE)
    assert not keeps_the_time(database), "the story moves the clock on"
    asked = f'. {variables} && "{sys.executable}" -m backend.cli clocks --partnership hertfordshire --format csv'
    table = subprocess.run(["sh", "-c", asked], env=COMMAND_ENVIRONMENT, capture_output=True, text=True, check=True)
    assert table.stdout.startswith("pathway,start_event,value,unit,")

    second = start(tmp_path)
    assert second.end() == 1
    assert len(second.output) == 1
    assert second.output[0].startswith("The demonstration could not start: the development services already run in ")

    staying.process.send_signal(signal.SIGINT)
    assert staying.end() == 0
    assert staying.output[-1] == "Stopped."
    assert not variables.exists()
    assert keeps_the_time(database), "a server that was there before is left as it was"
    assert "Traceback" not in told
    assert len(staying.started) >= 6
    assert staying.leaves_nothing()
    with pytest.raises(httpx.ConnectError):
        httpx.get(api)


def test_a_server_that_cannot_be_reached_is_one_sentence(services: DevelopmentServices, tmp_path: Path) -> None:
    given = {**services.environment, "DATABASE_URL": NOWHERE, "DATABASE_OWNER_URL": NOWHERE, "NOTIFY_BASE_URL": ""}
    running = start(tmp_path, "--once", **given)
    assert running.end() == 1
    assert running.output[-1].startswith("The demonstration could not start: safeguard migrate up failed: ")
    assert "PostgreSQL cannot be reached" in running.output[-1]
    assert "Traceback" not in "".join(running.output)
    assert "secret-word" not in "".join(running.output)


def test_a_provider_whose_messages_nobody_can_read_is_one_sentence(
    services: DevelopmentServices, tmp_path: Path
) -> None:
    running = start(tmp_path, "--once", **services.environment)
    assert running.end() == 1
    assert running.output == [
        "The demonstration could not start: it reads the messages that the stand-in gets; leave NOTIFY_BASE_URL unset"
    ]


def test_a_service_that_cannot_start_is_one_sentence_and_the_others_end(
    services: DevelopmentServices, tmp_path: Path
) -> None:
    """Where the broker would write its log there is a folder."""
    given = {name: value for name, value in services.environment.items() if name != "BROKER_URL"}
    folder = tmp_path / ".dev" / "demo"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "valkey.log").mkdir()
    running = start(tmp_path, "--once", **given)
    assert running.end() == 1
    assert len(running.output) == 1
    assert running.output[0].startswith("The demonstration could not start: ")
    assert "valkey.log" in running.output[0]
