"""The ``safeguard`` command in processes of its own that need not load the program anew each time.

One process for the whole run has loaded it, and forks for each command: arguments, variables, standard
streams, exit code and everything that the command keeps in memory are its own, as if it had been started.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from backend.kit.loading import loading

REPOSITORY = Path(__file__).parents[2]
GROUPS = (
    "alerts",
    "applications",
    "calendar",
    "clocks",
    "directory",
    "partnerships",
    "pathways",
    "procedures",
    "providers",
    "sandbox",
)
LOADED = (
    "backend.cli", *(f"backend.commands.{group}" for group in GROUPS), "alembic.command", "alembic.config",
    "tenants.procedures.parsing.report", "graphql_api.schema",
)  # fmt: skip
OUTPUT = ("stdout", "stderr")
SECONDS = 60
"""What takes longer is killed by SIGALRM, which its exit code then shows."""


@dataclass(frozen=True)
class CommandLine:
    """Runs commands one after another."""

    server: "subprocess.Popen[str]"

    def run(self, arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run ``safeguard`` to its end, with these variables and no others."""
        with tempfile.TemporaryDirectory() as folder:
            request = {"arguments": list(arguments), "environment": dict(environment), "folder": folder}
            print(json.dumps(request), file=_open(self.server.stdin), flush=True)
            code = int(_open(self.server.stdout).readline())
            said = [(Path(folder) / name).read_text() for name in OUTPUT]
        return subprocess.CompletedProcess(["safeguard", *arguments], code, *said)


@contextmanager
def command_line() -> Iterator[CommandLine]:
    """Start the process that forks; it ends with the block."""
    path = os.pathsep.join(str(REPOSITORY / folder) for folder in ("", "graphql", "tests"))
    argv = [sys.executable, "-c", "from support.command_line import serve; serve()"]
    with subprocess.Popen(
        argv, env={"PATH": os.environ["PATH"], "PYTHONPATH": path}, cwd=REPOSITORY, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as server:  # fmt: skip
        yield CommandLine(server)
        _open(server.stdin).close()


def serve() -> None:
    """Run the command of each line of standard input in a process of its own; answer its exit code."""
    with loading():  # what is never looked through is never copied
        for name in LOADED:
            importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(**json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(arguments: list[str], environment: dict[str, str], folder: str) -> NoReturn:
    signal.alarm(SECONDS)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, name in enumerate(OUTPUT, start=1):
        os.dup2(os.open(Path(folder) / name, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    code = 1
    try:
        importlib.import_module("backend.cli").main(arguments)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        if isinstance(left.code, str):  # which the interpreter would print
            sys.stderr.write(f"{left.code}\n")
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by way of the interpreter's end: taking apart a program that was only borrowed takes a second.
    os._exit(code)


def _open(stream: IO[Any] | None) -> IO[Any]:
    assert stream is not None
    return stream
