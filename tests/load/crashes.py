"""B4: what a crash in mid-burst costs: workers, the API, the database, the broker, each killed in turn."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from load.paging import PEOPLE
from load.world import Sample, World

from infra.dev.product import WORKERS

AWAY = 2.0
"""Seconds between the kill and the restart."""


def crashes(world: World) -> dict[str, Any]:
    supervisor, services = world.product.supervisor, world.product.services

    def workers() -> None:
        for worker in WORKERS:
            supervisor.kill(worker)
        time.sleep(AWAY)
        for worker in WORKERS:
            supervisor.restart(worker)

    def one(name: str) -> Callable[[], None]:
        def crash() -> None:
            supervisor.kill(name)
            time.sleep(AWAY)
            supervisor.restart(name)

        return crash

    def broker() -> None:
        services.stop_valkey()
        time.sleep(AWAY)
        services.start_valkey()

    row: dict[str, Any] = {"missing": 0, "repeated": 0}
    for name, crash in {"workers": workers, "api": one("api"), "database": one("postgres"), "broker": broker}.items():
        missing, repeated, seconds = _crashed(world, crash)
        row["missing"] += missing
        row["repeated"] += repeated
        row[f"{name}_recovered_s"] = seconds
    return row


def _crashed(world: World, crash: Callable[[], None]) -> tuple[int, int, float]:
    """Missing pages, repeated texts, and seconds from the restart until the last page, of a burst with a crash."""
    world.stand.clear()
    count = world.options.crash
    accepted: list[Sample] = []
    restarted: list[float] = []

    def report(_: int) -> None:
        try:
            accepted.append(world.report())
        except (OSError, RuntimeError, httpx.HTTPError, ValueError):
            world.own.__dict__.clear()  # not accepted, so nothing is owed; the connection may be gone

    def at_a_fifth() -> None:
        while len(accepted) < count // 5:
            time.sleep(0.02)
        crash()
        restarted.append(time.monotonic())

    killer = threading.Thread(target=at_a_fifth)
    killer.start()
    with ThreadPoolExecutor(world.options.clients) as pool:
        list(pool.map(report, range(count)))
    killer.join()
    found = world.stand.wait_for({s.reference for s in accepted}, PEOPLE, 60)
    seconds = round(time.monotonic() - restarted[0], 1)
    missing = sum(PEOPLE - min(PEOPLE, len(found.get(s.reference, {}))) for s in accepted)
    return missing, _repeated(world), seconds


def _repeated(world: World) -> int:
    """Texts and emails that came twice under one reference; a push replaces the one before it on the device."""
    seen: set[str] = set()
    twice = 0
    for message in world.stand.http.get("/dev/messages").json():
        if message["channel"] != "push":
            twice += message["reference"] in seen
            seen.add(message["reference"])
    return twice
