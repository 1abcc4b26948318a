"""Processes that a test looks at from outside: whether they run, what they started, what they wrote."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not yet reaped by init does not."""
    try:
        os.kill(pid, 0)
        told = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # gone meanwhile, unless the system has no such files
    return _after_the_name(told)[0] != "Z"


def descendants(pid: int) -> set[int]:
    """Whatever the process has started, directly or not, and still runs."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(_after_the_name(entry.read_text())[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether the condition comes about in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def _after_the_name(told: str) -> list[str]:
    """The fields of a ``stat`` after the name, which is in brackets and may hold anything: state, parent, …."""
    return told.rpartition(")")[2].split()
