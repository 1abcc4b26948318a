"""Speed of the main job on this machine: ``make bench``.

Everything is real and on loopback: PostgreSQL with synchronous commit, Valkey, the workers, the
provider stand-in. Its delivery receipts come after half a minute, so that they fall outside the
burst, as a carrier's mostly would. Latency to the first page is measured at the stand-in, from the
moment at which the client has the answer. What is printed is what was
measured; peers' figures are quoted with where they come from.
"""

import argparse
import asyncio
import json
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from load.floor import bare_transactions

from infra.dev.client import REPORT, Caller, invented_death
from infra.dev.product import Product, load, process_environment, product
from infra.dev.services import development_services

REPORTERS = {
    "juniper.blythe": ("cambridgeshire", "coroner-north"),
    "clover.ashdown": ("hertfordshire", None),
}
PEERS = """Measured elsewhere on a 2-core machine, unlike work: GOV.UK Notify 7 to 9 / 19 ms to the first message,
39 to 51 messages/s; Grafana OnCall 1.3 s, 2.5 alerts/s."""


@dataclass(frozen=True)
class Sample:
    """One report: how long its answer took, and when it came (Unix nanoseconds)."""

    reference: str
    accept_ms: float
    answered_ns: int


def report(caller: Caller, number: int, authority: str, coroner: str | None) -> Sample:
    # Children differ, as they would: otherwise each report is compared with all the others.
    born = date(2010, 1, 1) + timedelta(days=number * 37 % 5800)
    name = f"{_letters(number)} Testchild-{_letters(number * 7919)}"
    given = invented_death(name, authority, coroner, dateOfBirth=born.isoformat())
    began = time.perf_counter()
    told = caller.run(REPORT, input=given)["reportChildDeath"]
    took, answered = (time.perf_counter() - began) * 1000, time.time_ns()
    if told["__typename"] != "ReportChildDeathPayload":
        raise RuntimeError(f"refused: {told}")
    return Sample(told["alert"]["reference"], took, answered)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(4)).capitalize()


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


class Stand:
    """What has reached the provider stand-in."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)

    def clear(self) -> None:
        self.http.delete("/dev/messages").raise_for_status()

    def pages(self) -> dict[str, dict[str, list[int]]]:
        """Arrival times by alert reference and address, of SMS pages."""
        found: dict[str, dict[str, list[int]]] = {}
        for message in self.http.get("/dev/messages").raise_for_status().json():
            if message["channel"] == "sms":
                reference = next(
                    word for word in message["body"].replace(".", " ").split() if len(word) == 9 and word[4] == "-"
                )
                found.setdefault(reference, {}).setdefault(message["to"], []).append(message["received_ns"])
        return found

    def wait_for(self, references: set[str], people: int, seconds: float) -> dict[str, dict[str, list[int]]]:
        """Poll until each alert has reached ``people`` addresses, or the time is up."""
        until = time.monotonic() + seconds
        while True:
            found = self.pages()
            if all(len(found.get(r, {})) >= people for r in references) or time.monotonic() > until:
                return found
            time.sleep(0.25)


def first_pages(samples: list[Sample], found: dict[str, dict[str, list[int]]]) -> list[float]:
    """Milliseconds from the answer until both slots' first page had arrived, an alert each."""
    return [
        (max(min(times) for times in found[s.reference].values()) - s.answered_ns) / 1e6
        for s in samples
        if len(found.get(s.reference, {})) >= 2
    ]


def unloaded(callers: list[Any], stand: Stand, count: int) -> dict[str, Any]:
    """B1: one report at a time, two a second, at fixed times."""
    stand.clear()
    samples = []
    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begin + number / 2 - time.monotonic()))
        caller, areas = callers[number % len(callers)]
        samples.append(report(caller, number, *areas))
    found = stand.wait_for({s.reference for s in samples}, 2, 20)
    pages = first_pages(samples, found)
    accept = [s.accept_ms for s in samples]
    return {
        "alerts": count,
        "accept_ms_p50": round(statistics.median(accept), 1), "accept_ms_p95": round(percentile(accept, 0.95), 1),
        "first_page_ms_p50": round(statistics.median(pages), 1), "first_page_ms_p95": round(percentile(pages, 0.95), 1),
        "missing": 2 * count - sum(min(2, len(found.get(s.reference, {}))) for s in samples),
    }  # fmt: skip


def burst(callers: list[Any], stand: Stand, count: int, clients: int) -> dict[str, Any]:
    """B2: as fast as ``clients`` at once can, until the last page has arrived."""
    stand.clear()
    own = threading.local()

    def one(number: int) -> Sample:
        caller, areas = callers[number % len(callers)]
        if not hasattr(own, "callers"):
            own.callers = {}
        mine = own.callers.setdefault(id(caller), Caller(caller.api_url, caller.token))
        return report(mine, 1000 + number, *areas)

    began = time.time_ns()
    with ThreadPoolExecutor(clients) as pool:
        samples = list(pool.map(one, range(count)))
    found = stand.wait_for({s.reference for s in samples}, 2, 60)
    arrivals = [min(times) for s in samples for times in found.get(s.reference, {}).values()]
    pages = first_pages(samples, found)
    accept = [s.accept_ms for s in samples]
    repeated = sum(len(times) - 1 for s in samples for times in found.get(s.reference, {}).values())
    return {
        "alerts": count, "clients": clients,
        "accepted_per_s": round(count / ((max(s.answered_ns for s in samples) - began) / 1e9), 1),
        "alerts_per_s": round(count / ((max(arrivals) - began) / 1e9), 1),
        "accept_ms_p95": round(percentile(accept, 0.95), 1),
        "first_page_ms_p50": round(statistics.median(pages), 1), "first_page_ms_p95": round(percentile(pages, 0.95), 1),
        "missing": 2 * count - len(arrivals), "repeated": repeated,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".dev/bench"), help="where the services keep their data")
    parser.add_argument("--alerts", type=int, default=40, help="unloaded reports (default 40)")
    parser.add_argument("--burst", type=int, default=200, help="reports in the burst (default 200)")
    parser.add_argument("--clients", type=int, default=8, help="clients of the burst (default 8)")
    arguments = parser.parse_args()
    with development_services(arguments.folder) as services:
        load(process_environment(services, arguments.folder))
        with product(services, arguments.folder, api_processes=2, receipts_after=30.0) as running:
            results = measure(running, arguments)
    print(PEERS)
    print(json.dumps(results))
    lost = sum(row.get("missing", 0) + row.get("repeated", 0) for row in results.values())
    sys.exit(1 if lost else 0)


def measure(running: Product, arguments: argparse.Namespace) -> dict[str, Any]:
    callers = [(Caller(running.api_url, running.token(subject)), areas) for subject, areas in REPORTERS.items()]
    assert running.services.carrier_url is not None
    stand = Stand(running.services.carrier_url)
    for number in range(20):  # the first reports fill caches and open connections
        caller, areas = callers[number % len(callers)]
        report(caller, 9000 + number, *areas)
    time.sleep(2)
    floor = asyncio.run(bare_transactions(running.environment["POSTGRES_ADMIN_URL"]))
    rows: dict[str, dict[str, Any]] = {"machine": floor}
    rows |= {"B1 unloaded": unloaded(callers, stand, arguments.alerts)}
    time.sleep(2)
    rows["B2 burst"] = burst(callers, stand, arguments.burst, arguments.clients)
    rows["machine"]["alerts_per_bare_transaction"] = round(
        rows["B2 burst"]["alerts_per_s"] / floor["bare_transactions_per_s"], 3
    )
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items()))
    return rows


if __name__ == "__main__":
    main()
