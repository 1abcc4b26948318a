"""Processes start ready, fail with a sentence, stop in order, and never outlive their supervisor."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.dev.supervisor import ServiceError, Supervisor, free_port
from support.processes import alive, eventually

REPOSITORY = Path(__file__).parents[2]
# Forks a child, notes both process ids, and stays; the argument names the file.
FAMILY = """
import os, pathlib, sys, time
child = os.fork()
if child:
    pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child}")
while True:
    time.sleep(60)
"""
# A program of its own that supervises a family and is then killed by the test.
VICTIM = """
import pathlib, sys, time
from infra.dev.supervisor import Supervisor
folder = pathlib.Path(sys.argv[1])
with Supervisor(folder) as supervisor:
    pids = folder / "pids"
    supervisor.start("family", [sys.executable, "-c", sys.argv[2], str(pids)], ready=pids.exists)
    print("started", flush=True)
    time.sleep(60)
"""
# Ignores the request to stop.
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
# Notes its name when asked to stop.
POLITE = """
import pathlib, signal, sys
def stop(*_):
    with open(sys.argv[1], "a") as order:
        order.write(sys.argv[2] + " ")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
pathlib.Path(sys.argv[1] + sys.argv[2]).touch()
signal.pause()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(tmp_path, grace=0.5) as running:
        yield running


def pids_in(file: Path) -> list[int]:
    return [int(pid) for pid in file.read_text().split()]


def start_family(supervisor: Supervisor, pids: Path) -> list[int]:
    supervisor.start("family", [sys.executable, "-c", FAMILY, str(pids)], ready=lambda: len(text(pids)) > 0)
    return pids_in(pids)


def text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def test_start_returns_once_the_service_answers(supervisor: Supervisor, tmp_path: Path) -> None:
    calls: list[bool] = []

    def third_time() -> bool:
        calls.append(True)
        return len(calls) == 3

    process = supervisor.start("slow", ["sleep", "60"], ready=third_time)

    assert process.running()
    assert len(calls) == 3


def test_a_service_that_dies_first_is_named_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    argv = [sys.executable, "-c", "import sys; print('disk is full'); sys.exit(3)"]
    with pytest.raises(ServiceError) as failure:
        supervisor.start("store", argv, ready=lambda: False)
    assert str(failure.value) == (
        "store stopped with exit code 3 before it was ready; the end of its log: disk is full"
    )


def test_a_program_that_does_not_exist_is_a_sentence_too(supervisor: Supervisor) -> None:
    with pytest.raises(ServiceError, match=r"^ghost stopped with exit code 127 .* cannot run /no/such/program"):
        supervisor.start("ghost", ["/no/such/program"], ready=lambda: False)


def test_a_service_that_never_answers_is_given_up(supervisor: Supervisor) -> None:
    with pytest.raises(ServiceError, match=r"^mute was not ready within 0\.2 seconds; its log is empty$"):
        supervisor.start("mute", ["sleep", "60"], ready=lambda: False, ready_timeout=0.2)


def test_a_refused_connection_means_not_yet(supervisor: Supervisor) -> None:
    answers = iter([ConnectionRefusedError(), None])

    def ready() -> bool:
        if error := next(answers):
            raise error
        return True

    assert supervisor.start("late", ["sleep", "60"], ready=ready).running()


def test_processes_stop_in_reverse_order_of_start(tmp_path: Path) -> None:
    order = tmp_path / "order"
    with Supervisor(tmp_path) as supervisor:
        for name in ("first", "second", "third"):
            mark = Path(f"{order}{name}")
            supervisor.start(name, [sys.executable, "-c", POLITE, str(order), name], ready=mark.exists)
    assert order.read_text().split() == ["third", "second", "first"]


def test_a_process_that_ignores_the_request_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "stubborn.log"
    process = supervisor.start("stubborn", [sys.executable, "-c", STUBBORN], ready=lambda: "up" in text(log))
    supervisor.stop("stubborn")
    assert not process.running()


def test_kill_takes_the_children_along(supervisor: Supervisor, tmp_path: Path) -> None:
    family = start_family(supervisor, tmp_path / "pids")
    assert all(alive(pid) for pid in family)
    supervisor.kill("family")
    assert eventually(lambda: not any(alive(pid) for pid in family))


def test_restart_gives_a_new_process_even_after_a_kill(supervisor: Supervisor) -> None:
    before = supervisor.start("broker", ["sleep", "60"])
    supervisor.kill("broker")
    after = supervisor.restart("broker")
    assert after.running()
    assert after.pid != before.pid


def test_a_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    with victim(tmp_path) as killed:
        family = pids_in(tmp_path / "pids")
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert eventually(lambda: not any(alive(pid) for pid in family))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_supervisor_stops_everything_before_it_exits(tmp_path: Path, number: signal.Signals) -> None:
    with victim(tmp_path) as asked:
        family = pids_in(tmp_path / "pids")
        asked.send_signal(number)
        assert asked.wait(60) != 0
        assert not any(alive(pid) for pid in family)


def victim(folder: Path) -> "subprocess.Popen[str]":
    """A supervising program whose family is up."""
    argv = [sys.executable, "-c", VICTIM, str(folder), FAMILY]
    process = subprocess.Popen(argv, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    assert eventually(lambda: len(text(folder / "pids")) > 0)
    return process


def test_a_free_port_can_be_bound_by_who_names_it_and_is_given_to_nobody_else() -> None:
    ports = [free_port() for _ in range(500)]
    assert all(1024 < port < 65536 for port in ports)
    assert len(set(ports)) == len(ports)
    with ExitStack() as open_ones:
        others = [open_ones.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(500)]
        assert not {other.getsockname()[1] for other in others} & set(ports)
    socket.create_server(("127.0.0.1", ports[0])).close()
