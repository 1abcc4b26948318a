"""What a crash costs: seconds, and never a page. Real processes, real signals, real HTTP."""

import contextlib

import httpx
import pytest

from infra.dev.product import WORKERS, Product
from support.burst import Burst, Received, wait_until

RECOVERY_SECONDS = 60
"""Of a busy machine, on which a worker alone takes ten to start."""
FIRST_PAGES = 4
"""Two people, each by push and SMS."""


@pytest.fixture
def received(own: Product) -> Received:
    """What the stand-in has got since the test began."""
    assert own.services.carrier_url is not None
    httpx.delete(f"{own.services.carrier_url}/dev/messages").raise_for_status()
    return Received(own.services.carrier_url)


def all_paged(received: Received, burst: Burst) -> bool:
    return all(count >= FIRST_PAGES for count in received.first_pages(burst.accepted).values())


def test_workers_killed_in_mid_burst_lose_no_page_and_repeat_none(own: Product, received: Received) -> None:
    burst = Burst(own)

    def kill() -> None:
        for worker in WORKERS:
            own.supervisor.kill(worker)

    burst.report_many([f"Invented Child {n}" for n in range(60)], after=20, then=kill)
    assert len(set(burst.accepted)) == 60
    assert not all_paged(received, burst), "the workers were killed too late to prove anything"
    for worker in WORKERS:
        own.supervisor.restart(worker)
    wait_until(lambda: all_paged(received, burst), seconds=RECOVERY_SECONDS)
    assert received.repeated() == []
    assert set(received.first_pages(burst.accepted).values()) == {FIRST_PAGES}
    # A push cannot be asked for; a repeat replaces the first on the device. Only what was in flight may repeat.
    pushes = [count for (channel, _, _), count in received.pages().items() if channel == "push"]
    assert max(pushes) <= 2


def test_the_api_killed_after_its_answer_loses_nothing(own: Product, received: Received) -> None:
    burst = Burst(own)
    burst.report("Invented Child")
    own.supervisor.kill("api")
    wait_until(lambda: all_paged(received, burst), seconds=RECOVERY_SECONDS)
    own.supervisor.restart("api")
    assert received.repeated() == []
    burst.report("Another Invented Child")
    assert len(set(burst.accepted)) == 2


def test_reports_are_accepted_and_every_page_leaves_while_the_broker_is_away(own: Product, received: Received) -> None:
    burst = Burst(own)
    own.services.stop_valkey()
    try:
        burst.report_many([f"Invented Child {n}" for n in range(10)])
        assert len(burst.accepted) == 10
        wait_until(lambda: all_paged(received, burst), seconds=RECOVERY_SECONDS)
    finally:
        own.services.start_valkey()
    burst.report("Another Invented Child")
    wait_until(lambda: all_paged(received, burst), seconds=RECOVERY_SECONDS)
    assert received.repeated() == []
    assert set(received.first_pages(burst.accepted).values()) == {FIRST_PAGES}


def test_a_broker_wiped_in_mid_burst_costs_latency_only(own: Product, received: Received) -> None:
    burst = Burst(own)

    def wipe() -> None:
        own.services.stop_valkey()
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: len(burst.accepted) >= 20, seconds=10)
        own.services.start_valkey()

    burst.report_many([f"Invented Child {n}" for n in range(30)], after=10, then=wipe)
    assert len(set(burst.accepted)) == 30
    wait_until(lambda: all_paged(received, burst), seconds=RECOVERY_SECONDS)
    assert received.repeated() == []
    assert set(received.first_pages(burst.accepted).values()) == {FIRST_PAGES}
