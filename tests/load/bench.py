"""Speed and safety of the main job on this machine: ``make bench``, or ``make bench ONLY=B1,B2 PEERS=1``.

Everything is real and on loopback: PostgreSQL with synchronous commit, Valkey, two API processes, the
workers, the provider stand-in, and the load itself on the same cores. Delivery receipts come after
half a minute, so that they fall outside a burst, as a carrier's mostly would. Latency to the first
page is measured at the stand-in, from the moment at which the client has the answer. Each row is
printed with what it is held to; the last line is all of it as JSON. Exits with 1 when a page was
missing or repeated, a rung early or after an answer, or anything leaked.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from load import (
    clocks,
    crashes,
    ladders,
    leaks,
    manuals,
    mobile,
    on_call,
    paging,
    peers,
    rotas,
    searches,
    slow_link,
    statistics,
    storm,
    trouble,
    who_to_call,
)  # fmt: skip
from load.floor import bare_transactions, python_loop
from load.floor import measure as measure_floor
from load.world import Row, Stand, World

from infra.dev.product import load, process_environment, product
from infra.dev.services import development_services

ROWS = {
    "B1": Row("unloaded", "accept ≤ 20/45 ms, both first pages ≤ 8/25 ms after it, none missing", paging.unloaded),
    "B2": Row("burst", "≥ 120 alerts/s of two calls each, p95 ≤ 4 s at 1,000, none missing or repeated", paging.burst),
    "B3": Row("noisy neighbour", "the quiet partnership's first page p95 ≤ 250 ms", paging.noisy_neighbour),
    "B4": Row("crashes", "none missing, none repeated, recovered within 15 s", crashes.crashes),
    "B5": Row("provider trouble", "a page by the other provider ≤ 5 s, ≤ 1 repeat", trouble.trouble),
    "B6": Row("ladders", "rungs late ≤ 0.3/1 s, none early, none after an answer", ladders.ladders),
    "B7": Row(
        "who is on call",
        "≥ 400/s and p95 ≤ 40 ms at 8, ≥ 800/s by URL, slowdown < 20 % when crowded",
        on_call.who_is_on_call,
    ),
    "B8": Row("rota expansion", "≥ 20,000 shifts/s", lambda _: rotas.expansion()),
    "B9": Row("clocks", "≥ 50,000 deadlines/s; 100,000 open: a sweep ≤ 2 s, due list p95 ≤ 15 ms", clocks.clocks),
    "B10": Row("acknowledge storm", "p95 ≤ 150 ms, one winner a slot", storm.acknowledge_storm),
    "B11": Row("leaks", "none", leaks.leaks),
    "B12": Row(
        "manual import", "650,000 characters: ≤ 20 s, ≤ 300 MB, all of it read right", lambda _: manuals.reading()
    ),
    "B13": Row("search in manuals", "20 of 650 KB in force: p95 ≤ 30 ms", searches.searching),
    "B14": Row("phones", "each of the five ≥ 150/s and p95 ≤ 250 ms at 16 connections", mobile.phones),
    "B15": Row(
        "slow link", "the alert screen ≤ 4 KB, ≤ 700 ms on an open connection of 400 ms", slow_link.alert_screen
    ),
    "B16": Row("statistics", "each over a generated year of 10,000 cases ≤ 500 ms", statistics.statistics),
    "B17": Row("who to call", "200 services, areas, hours and rotas: p95 ≤ 20 ms at 1", who_to_call.who_to_call),
}
FAULTS = ("missing", "repeated", "early", "after_an_answer", "double", "leaks", "noise_missing", "too_many")
QUOTED = """Measured elsewhere on a 2-core machine, for unlike work: GOV.UK Notify 7 to 9 / 19 ms to the first message
and 39 to 51 messages/s; Grafana OnCall 1.3 s and 2.5 alerts/s; LinkedIn oncall 175 to 246 look-ups/s."""


def main() -> None:
    options = parse()
    with development_services(options.folder, environment=os.environ) as services:
        load(process_environment(services, options.folder))
        # A few people ask here for what thousands would: no throttle stands between.
        load_settings = {"THROTTLING": "false"}
        after = options.receipts_after
        with product(services, options.folder, processes=2, receipts_after=after, **load_settings) as running:
            admin = running.environment["POSTGRES_ADMIN_URL"]
            results: dict[str, dict[str, Any]] = {"machine": asyncio.run(bare_transactions(admin)) | python_loop()}
            results["floor"] = measure_floor(admin, options.burst, options.clients)
            show("machine", results["machine"])
            show("floor: the least that could be called an alert, two messages each", results["floor"])
            if options.peers:
                compare(results, options)
            assert running.services.carrier_url is not None
            world = World(running, Stand(running.services.carrier_url), options, results["floor"])
            for _ in range(20):  # the first reports fill caches and open connections
                world.report()
            for name in options.only:
                world.settle()
                world.sign_in_anew()
                results[name] = ROWS[name].run(world)
                show(f"{name} {ROWS[name].title} ({ROWS[name].target})", results[name])
    print(QUOTED)
    print(json.dumps(results))
    sys.exit(1 if any(row.get(fault) for row in results.values() for fault in FAULTS) else 0)


def show(title: str, figures: dict[str, Any]) -> None:
    print(f"{title}: " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)


def compare(results: dict[str, dict[str, Any]], options: argparse.Namespace) -> None:
    """Run what peers are installed, before our own load."""
    found = peers.alertmanager(options.burst, options.clients)
    if found is None:
        print("Alertmanager: not installed here (Debian: prometheus-alertmanager)", flush=True)
    else:
        results["Alertmanager"] = found
        show("Alertmanager, in memory, one message each", found)
    print("irisapi and oncall: not run, they need a MySQL server", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add(
        "--only",
        type=chosen,
        default=list(ROWS),
        help=f"rows to measure, such as B1,B2 (default all: {','.join(ROWS)})",
    )
    add("--peers", action="store_true", help="run other systems beside ours, where they are installed")
    add("--folder", type=Path, default=Path(".dev/bench"), help="where the services keep their data")
    add("--alerts", type=int, default=40, help="B1: reports (default 40)")
    add("--burst", type=int, default=200, help="B2: reports in the burst (default 200)")
    add("--receipts-after", type=float, default=30, help="seconds until a message's receipt comes (default 30)")
    add("--great-burst", type=int, default=1000, help="B2: reports in the greater burst (default 1000)")
    add("--clients", type=int, default=8, help="B2 to B4: clients (default 8)")
    add("--noise", type=int, default=1000, help="B3: reports of the noisy partnership (default 1000)")
    add("--crash", type=int, default=100, help="B4: reports around each crash (default 100)")
    add("--trouble", type=int, default=4, help="B5: reports for each way of failing (default 4)")
    add("--ladders", type=int, default=2000, help="B6: ladders at once (default 2000)")
    add("--seconds", type=float, default=8, help="B7, B14, B17: length of each loop (default 8)")
    add("--partnerships", type=int, default=2000, help="B7: partnerships when crowded (default 2000)")
    add("--clocks", type=int, default=100_000, help="B9: open clocks (default 100,000)")
    add("--manuals", type=int, default=20, help="B13: manuals in force (default 20)")
    add("--cases", type=int, default=10_000, help="B16: generated cases (default 10,000)")
    add("--storm", type=int, default=500, help="B10: acknowledgements (default 500)")
    return parser.parse_args()


def chosen(text: str) -> list[str]:
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in ROWS]:
        raise argparse.ArgumentTypeError(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    return names


if __name__ == "__main__":
    main()
