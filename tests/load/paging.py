"""B1 to B3: how fast a report is accepted, and how soon both people's first page leaves."""

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from load.figures import percentile
from load.world import REPORTERS, Sample, World

PEOPLE = 2  # an on-call paediatrician and an on-call investigating officer


def first_pages(samples: list[Sample], found: dict[str, dict[str, list[int]]]) -> list[float]:
    """Milliseconds from the answer until both slots' first page had arrived, an alert each."""
    return [
        (max(min(times) for times in found[s.reference].values()) - s.answered_ns) / 1e6
        for s in samples
        if len(found.get(s.reference, {})) >= PEOPLE
    ]


def figures(samples: list[Sample], found: dict[str, dict[str, list[int]]]) -> dict[str, Any]:
    accept, pages = [s.accept_ms for s in samples], first_pages(samples, found) or [float("nan")]
    return {
        "alerts": len(samples),
        "accept_ms_p50": round(statistics.median(accept), 1), "accept_ms_p95": round(percentile(accept, 0.95), 1),
        "first_page_ms_p50": round(statistics.median(pages), 1), "first_page_ms_p95": round(percentile(pages, 0.95), 1),
        "missing": PEOPLE * len(samples) - sum(min(PEOPLE, len(found.get(s.reference, {}))) for s in samples),
        "repeated": sum(len(times) - 1 for s in samples for times in found.get(s.reference, {}).values()),
    }  # fmt: skip


def at_fixed_times(world: World, count: int, each_second: float, subject: str | None = None) -> list[Sample]:
    """Reports sent at fixed instants, so that a stall shows in the ones that it held up."""
    begin = time.monotonic()
    samples = []
    for number in range(count):
        time.sleep(max(0.0, begin + number / each_second - time.monotonic()))
        samples.append(world.report(subject))
    return samples


def as_fast_as_possible(world: World, count: int, clients: int, subject: str | None = None) -> list[Sample]:
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(lambda _: world.report(subject), range(count)))


def unloaded(world: World) -> dict[str, Any]:
    """B1: one report at a time, two a second."""
    world.stand.clear()
    samples = at_fixed_times(world, world.options.alerts, 2)
    return figures(samples, world.stand.wait_for({s.reference for s in samples}, PEOPLE, 20))


def burst(world: World) -> dict[str, Any]:
    """B2: as fast as some clients at once can, until the last page has arrived.

    Twice with two provider calls an alert, a text message to each of two people: for the rate, and with
    many more for how long the last ones wait. Then as the partnerships have it, a push message as well.
    """
    count, clients = world.options.burst, world.options.clients
    with text_messages_alone(world):
        row, rate = _burst(world, count, clients)
        many, _ = _burst(world, world.options.great_burst, clients)
    configured, slower = _burst(world, count, clients)
    return {
        **row, "clients": clients, "alerts_per_s": rate,
        "floor_alerts_per_s": world.floor["alerts_per_s"],
        "times_slower_than_floor": round(world.floor["alerts_per_s"] / rate, 1),
        "great_burst": many["alerts"], "great_first_page_ms_p95": many["first_page_ms_p95"],
        "alerts_per_s_with_four_calls": slower, "calls_per_s_with_four": round(4 * slower, 1),
        "missing": row["missing"] + many["missing"] + configured["missing"],
        "repeated": row["repeated"] + many["repeated"] + configured["repeated"],
    }  # fmt: skip


def _burst(world: World, count: int, clients: int) -> tuple[dict[str, Any], float]:
    """The figures, and alerts a second until both of each one's people had been sent the first page."""
    world.stand.clear()
    began = time.time_ns()
    samples = as_fast_as_possible(world, count, clients)
    found = world.stand.wait_for({s.reference for s in samples}, PEOPLE, 120)
    last = max((min(times) for s in samples for times in found.get(s.reference, {}).values()), default=began)
    return figures(samples, found), round(count / ((last - began) / 1e9), 1)


@contextmanager
def text_messages_alone(world: World) -> Iterator[None]:
    """The joint response's people are sent a text message alone meanwhile."""
    with world.database() as run:
        before = run(_POLICIES)
        run(_TEXT_ALONE)
        yield
        for policy in before:
            run(_SAID_BEFORE, policy["id"], policy["slots"])


_POLICIES = "SELECT id, slots FROM alert_policy WHERE alert_type = 'child-death-joint-response' AND state = 'in_force'"
_TEXT_ALONE = """
    UPDATE alert_policy SET slots = (
        SELECT jsonb_agg(slot || jsonb_build_object('steps', (
            SELECT jsonb_agg(step || '{"channels": ["sms"]}') FROM jsonb_array_elements(slot -> 'steps') AS step)))
        FROM jsonb_array_elements(slots) AS slot)
    WHERE alert_type = 'child-death-joint-response' AND state = 'in_force'
"""
_SAID_BEFORE = "UPDATE alert_policy SET slots = $2 WHERE id = $1"


def noisy_neighbour(world: World) -> dict[str, Any]:
    """B3: one partnership reports without pause while another has one page a second."""
    noisy, quiet = REPORTERS
    world.stand.clear()
    noise: list[Sample] = []
    making = threading.Thread(
        target=lambda: noise.extend(as_fast_as_possible(world, world.options.noise, world.options.clients, noisy))
    )
    making.start()
    samples = []
    while making.is_alive():
        samples += at_fixed_times(world, 1, 1, quiet)
        time.sleep(1)
    making.join()
    found = world.stand.wait_for({s.reference for s in samples + noise}, PEOPLE, 120)
    others = figures(noise, found)
    return {**figures(samples, found), "noise": len(noise), "noise_missing": others["missing"]}
