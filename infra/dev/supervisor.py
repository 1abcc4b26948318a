"""Starts processes, waits until they answer, and leaves none behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

GUARD = Path(__file__).with_name("guard.py")
POLL_SECONDS = 0.02
LOG_LINES_IN_ERROR = 8


class ServiceError(RuntimeError):
    """A service could not be brought up; the message is one sentence for a person."""


def free_port() -> int:
    """A loopback TCP port nobody listens on, which the system gives to nobody else for a minute.

    A connection to it is made and ended from its side. It then waits out its time, and only who names the port, as
    the service does, can have it meanwhile: one that was merely looked at may be given to the next who asks.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            probe.accept()[0].close()
    return port


def always_ready() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What it takes to start a process, and to start it again."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None
    user: str | None
    ready: Callable[[], bool]
    ready_timeout: float
    stop_signal: signal.Signals


@dataclass(frozen=True)
class Process:
    """A started process. `pid` is the service itself and leads its own process group."""

    recipe: Recipe
    log: Path
    popen: "subprocess.Popen[bytes]" = field(repr=False)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def running(self) -> bool:
        return self.popen.poll() is None

    def wait_ready(self) -> None:
        """Return as soon as the service answers.

        Raises ServiceError when it dies first or takes longer than its time; it is then still
        supervised, so leaving the supervisor cleans it up.
        """
        deadline = time.monotonic() + self.recipe.ready_timeout
        while not self._answers():
            if not self.running():
                code = self.popen.returncode
                raise ServiceError(
                    f"{self.recipe.name} stopped with exit code {code} before it was ready{self._tail()}"
                )
            if time.monotonic() > deadline:
                seconds = f"{self.recipe.ready_timeout:g}"
                raise ServiceError(f"{self.recipe.name} was not ready within {seconds} seconds{self._tail()}")
            time.sleep(POLL_SECONDS)

    def _answers(self) -> bool:
        # A port that refuses, resets or stays silent is the normal state of a service that is starting.
        try:
            return self.running() and self.recipe.ready()
        except OSError:
            return False

    def _tail(self) -> str:
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return f"; the end of its log: {' | '.join(lines[-LOG_LINES_IN_ERROR:])}" if lines else "; its log is empty"


class Supervisor:
    """Context manager that owns child processes; logs go to `folder/logs/<name>.log`.

    On leaving the block, and on SIGTERM or SIGINT (which unwind the block), every process is asked to
    stop in reverse order of start and killed with its whole group after `grace` seconds. If this
    process is itself killed, the guard does the same from outside.
    """

    def __init__(self, folder: Path, *, grace: float = 10.0) -> None:
        self._logs = folder / "logs"
        self._grace = grace
        self._recipes: dict[str, Recipe] = {}
        self._processes: dict[str, Process] = {}
        self._restore: Callable[[], object] = always_ready

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        reading, self._pipe = os.pipe()
        try:
            self._guard = subprocess.Popen(
                [*self._script(), "watch", str(reading)], pass_fds=[reading], start_new_session=True, cwd="/"
            )
        finally:
            os.close(reading)
        if threading.current_thread() is threading.main_thread():
            previous = signal.signal(signal.SIGTERM, _unwind)
            self._restore = lambda: signal.signal(signal.SIGTERM, previous)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for name in reversed(tuple(self._processes)):
                self.stop(name)
        finally:
            # Should a second Ctrl-C interrupt the loop, closing the pipe makes the guard finish it.
            os.close(self._pipe)
            self._guard.wait()
            self._restore()

    def pid(self, name: str) -> int:
        """The process started under ``name``, which leads a process group of its own."""
        return self._processes[name].pid

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        ready: Callable[[], bool] = always_ready,
        ready_timeout: float = 90.0,
        stop_signal: signal.Signals = signal.SIGTERM,
        wait: bool = True,
    ) -> Process:
        """Start `argv` under `name` and wait until `ready()` is true.

        `env` replaces the environment; `user` needs root. With `wait=False` the caller starts more
        before it calls `wait_ready` on each. Raises ServiceError as `Process.wait_ready` does.
        """
        if name in self._processes:
            raise ValueError(f"{name} is already started")
        recipe = Recipe(
            name=name,
            argv=tuple(argv),
            env=env,
            user=user,
            ready=ready,
            ready_timeout=ready_timeout,
            stop_signal=stop_signal,
        )
        return self._launch(recipe, wait=wait)

    def stop(self, *names: str) -> None:
        """Ask the processes to stop, all at once; after the grace time kill them. Nothing of their groups survives.

        Does nothing to a process already stopped or killed here.
        """
        stopping = {name: self._processes[name] for name in names if name in self._processes}
        for process in stopping.values():
            with contextlib.suppress(ProcessLookupError):
                process.popen.send_signal(process.recipe.stop_signal)
        deadline = time.monotonic() + self._grace
        for name, process in stopping.items():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.popen.wait(max(0.0, deadline - time.monotonic()))
            self.kill(name)

    def kill(self, name: str) -> None:
        """SIGKILL the process and its children at once, as a machine that fails would."""
        process = self._processes[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.popen.wait()
        os.write(self._pipe, f"- {process.pid} 0\n".encode())
        del self._processes[name]

    def restart(self, name: str) -> Process:
        """Start the process again as it was, after stopping it if it still runs."""
        self.stop(name)
        return self._launch(self._recipes[name], wait=True)

    def process(self, name: str) -> Process:
        return self._processes[name]

    def logs(self) -> list[Path]:
        """The log of everything that was ever started."""
        return sorted(self._logs.glob("*.log"))

    def _launch(self, recipe: Recipe, *, wait: bool) -> Process:
        log = self._logs / f"{recipe.name}.log"
        command = [*self._script(), "run", str(self._pipe), str(int(recipe.stop_signal)), recipe.user or ""]
        with log.open("ab") as output:
            popen = subprocess.Popen(
                [*command, *recipe.argv],
                env=recipe.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[self._pipe],
                start_new_session=True,
                cwd="/",
            )
        process = Process(recipe, log, popen)
        self._recipes[recipe.name] = recipe
        self._processes[recipe.name] = process
        if wait:
            process.wait_ready()
        return process

    @staticmethod
    def _script() -> list[str]:
        # -I -S: no site-packages and no user settings, which makes the detour cost about 10 ms.
        return [sys.executable, "-I", "-S", str(GUARD)]


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    # Once is enough: a second SIGTERM must not interrupt the clean-up the first one began.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + number)
