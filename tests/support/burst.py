"""Many reports over HTTP at once, and what reached the phones because of them."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx

from infra.dev.client import REPORT, Caller, invented_death
from infra.dev.product import Product
from support.scene import PAGE, template_names

SIGNED_IN_AS = "juniper.blythe"
CLIENTS = 4


@dataclass
class Burst:
    """Reports that got their 2xx, by the reference of the alert that each set off."""

    product: Product
    accepted: list[str] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)

    def report(self, name: str) -> None:
        """Report one death; raises unless it was accepted."""
        with closing(Caller(self.product.api_url, self._token)) as caller:
            given = invented_death(name, "cambridgeshire", "coroner-north")
            answer = caller.run(REPORT, input=given)["reportChildDeath"]
        if answer["__typename"] != "ReportChildDeathPayload":
            raise RuntimeError(str(answer))
        self.accepted.append(answer["alert"]["reference"])
        self.answered_at.append(time.monotonic())

    def report_many(
        self, names: Iterable[str], *, after: int = 0, then: Callable[[], None] | None = None,
        refused: list[str] | None = None,
    ) -> None:  # fmt: skip
        """Report from several threads; once ``after`` of them are accepted call ``then`` meanwhile.

        With a list for them, reports that are not accepted are put there; without one they raise.
        """

        def report(name: str) -> None:
            try:
                self.report(name)
            except (RuntimeError, OSError, ValueError):
                if refused is None:
                    raise
                refused.append(name)

        with ThreadPoolExecutor(CLIENTS + 1) as threads:
            done = [threads.submit(report, name) for name in names]
            if then is not None:
                wait_until(lambda: len(self.accepted) >= after, seconds=60)
                then()
            for one in done:
                one.result()

    def __post_init__(self) -> None:
        self._token = self.product.token(SIGNED_IN_AS)


def wait_until(holds: Callable[[], bool], *, seconds: float) -> float:
    """Wait for something that other processes do; returns how long it took. Raises when it does not come."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"it has not come about within {seconds:g} seconds")
        time.sleep(0.05)
    return time.monotonic() - started


@dataclass
class Received:
    """What reached the provider stand-in, for the alerts of some references."""

    carrier_url: str

    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self.carrier_url}/dev/messages").json()
        return found

    def pages(self) -> Counter[tuple[str, str, str]]:
        """Channel, address and spoken reference of each page, and how often it came."""
        counted: Counter[tuple[str, str, str]] = Counter()
        for message in self.messages():
            if message["channel"] == "push":
                counted["push", message["to"], message["reference"]] += 1
            elif template_names().get(message["template_id"]) == PAGE:
                counted[message["channel"], message["to"], message["body"].split()[3].rstrip(".")] += 1
        return counted

    def first_pages(self, references: Iterable[str]) -> Counter[str]:
        """How many of an alert's four first pages (two people, push and SMS) arrived, by its reference."""
        arrived = Counter(reference for channel, _, reference in self.pages() if channel in {"push", "sms"})
        return Counter({reference: arrived[reference] for reference in references})

    def repeated(self) -> list[str]:
        """References of text messages and emails that came twice. Each delivery has one of its own."""
        counted = Counter(m["reference"] for m in self.messages() if m["channel"] != "push")
        return [reference for reference, times in counted.items() if times > 1]
