"""What a database that dies costs: refused reports and seconds, and never a page that was promised."""

from pathlib import Path

import httpx

from infra.dev.product import Product, load, process_environment, product
from infra.dev.services import DevelopmentServices, development_services
from support.burst import Burst, Received, wait_until

FIRST_PAGES = 4
REPORTS = 40


def test_a_database_killed_in_mid_burst_loses_nothing_that_was_accepted(
    services: DevelopmentServices, tmp_path: Path
) -> None:
    shared = {name: value for name, value in services.environment.items() if name.startswith(("S3", "AWS", "OIDC"))}
    with development_services(tmp_path, environment=shared) as private:
        load(process_environment(private, tmp_path))
        with product(private, tmp_path) as running:
            _crash(running)


def _crash(running: Product) -> None:
    assert running.services.carrier_url is not None
    received, burst = Received(running.services.carrier_url), Burst(running)
    refused: list[str] = []

    def kill() -> None:
        running.supervisor.kill("postgres")
        wait_until(lambda: len(refused) > 0, seconds=60)
        running.supervisor.restart("postgres")

    names = [f"Invented Child {number}" for number in range(REPORTS)]
    burst.report_many(names, after=REPORTS // 4, then=kill, refused=refused)
    assert refused, "no report met the database's absence, so nothing was proved"
    wait_until(lambda: httpx.get(f"{running.api_url}/health/ready").is_success, seconds=60)
    burst.report("One After The Crash")
    wait_until(lambda: all(count >= FIRST_PAGES for count in received.first_pages(burst.accepted).values()), seconds=60)
    assert received.repeated() == []
