"""Fill a sandbox by several processes, each with families of its own."""

import asyncio
import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.queues import Queue
from typing import Final

from backend.kit.database import make_engine
from backend.kit.problems import Problem
from backend.sandbox.service import Wanted, fill

_SPAWN: Final = multiprocessing.get_context("spawn")  # a fork would share the parent's connections


class Failed(Exception):
    """What went wrong in one of the processes; what the others had written by then stays, and may be gone on with."""


def fill_together(url: str, slug: str, wanted: Wanted, processes: int, progress: Callable[[int], None]) -> int:
    """As ``fill``, by ``processes`` processes at once, on the owner's database ``url``.

    Returns how many cases are there in the end. Raises ``Failed``.
    """
    told: Queue[int | str | None] = _SPAWN.Queue()
    parts = [replace(wanted, part=part, parts=processes) for part in range(processes)]
    running = [_SPAWN.Process(target=_fill_part, args=(url, slug, part, told), daemon=True) for part in parts]
    for process in running:
        process.start()
    there, ended = 0, 0
    try:
        while ended < processes:
            said = told.get()
            if isinstance(said, str):
                raise Failed(said)
            ended += said is None
            there += said or 0
            progress(said or 0)
    finally:
        for process in running:
            if ended < processes:
                process.terminate()
            process.join()
    return there


def _fill_part(url: str, slug: str, wanted: Wanted, told: "Queue[int | str | None]") -> None:
    async def run() -> None:
        engine = make_engine(url, pool_size=1)
        try:
            await fill(engine, slug, wanted, told.put)
        finally:
            await engine.dispose()

    try:
        asyncio.run(run())
    except Problem as problem:
        told.put(problem.message)
    except Exception as error:  # the parent is waiting for a word, which must not hold what a statement held
        told.put(f"{type(error).__name__}.")
    else:
        told.put(None)
