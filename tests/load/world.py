"""The running product that the rows of the benchmark measure, and what has reached the stand-in."""

import argparse
import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx

from infra.dev.client import REPORT, Caller, invented_death
from infra.dev.product import Product
from notifications.alerts.attendance import CONFIRMATION_DUE
from notifications.alerts.paging import PAGE_AGAIN
from notifications.deliveries.service import PAGE_ENDED

CHILDREN = "Testchild"
"""Part of every name that the rows report: what must be found nowhere outside the database."""
_STAND_DOWN = (
    "UPDATE alert SET state = 'closed', closed_as = 'stood_down', closed_at = app.now() WHERE state <> 'closed'",
    "UPDATE alert_slot SET state = 'cancelled' WHERE state IN ('paging', 'exhausted')",
    "UPDATE page SET answer = 'expired', answered_at = app.now() WHERE answer IS NULL",
)
_TIMERS = [actor.name for actor in (PAGE_ENDED, PAGE_AGAIN, CONFIRMATION_DUE)]
SETTLES_WITHIN, QUIET_SECONDS, FEW_COMMITS = 180, 3, 30
REPORTERS = {
    "juniper.blythe": ("cambridgeshire", "coroner-north"),
    "clover.ashdown": ("hertfordshire", None),
}


@dataclass(frozen=True)
class Sample:
    """One report: how long its answer took, when it came (Unix nanoseconds), and the alert's slots by role."""

    reference: str
    accept_ms: float
    answered_ns: int
    slots: dict[str, str]


class Stand:
    """What has reached the provider stand-in since it was cleared, read on from where it was left off."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=60)
        self._found: dict[str, dict[str, list[int]]] = {}
        self._last = 0

    def clear(self) -> None:
        self.http.delete("/dev/messages").raise_for_status()
        self._found = {}

    def receipts_due(self) -> int:
        """How many receipts are still to come."""
        due: int = self.http.get("/dev/receipts").raise_for_status().json()["due"]
        return due

    def pages(self) -> dict[str, dict[str, list[int]]]:
        """Arrival times by alert reference and address, of SMS pages."""
        for message in self.http.get("/dev/messages", params={"since": self._last}).raise_for_status().json():
            self._last = message["received_ns"]
            if message["channel"] == "sms" and (reference := _reference(message["body"])):
                arrivals = self._found.setdefault(reference, {}).setdefault(message["to"], [])
                arrivals.append(message["received_ns"])
        return self._found

    def wait_for(self, references: set[str], people: int, seconds: float) -> dict[str, dict[str, list[int]]]:
        """Poll until each alert has reached ``people`` addresses, or the time is up."""
        until = time.monotonic() + seconds
        while True:
            found = self.pages()
            if all(len(found.get(r, {})) >= people for r in references) or time.monotonic() > until:
                return found
            time.sleep(0.25)


TIDY = ("VACUUM (ANALYZE)", "CHECKPOINT")
"""What the database does by itself within minutes of a great load: not while something is measured."""


async def tidy(connection: asyncpg.Connection) -> None:
    for statement in TIDY:
        await connection.execute(statement)


def _reference(body: str) -> str | None:
    words = body.replace(".", " ").replace(",", " ").split()
    return next((word for word in words if len(word) == 9 and word[4] == "-"), None)


@dataclass
class World:
    """What a row works on. ``number`` makes every reported child another one."""

    product: Product
    stand: Stand
    options: argparse.Namespace
    floor: dict[str, Any]
    number: int = 0
    own: threading.local = field(default_factory=threading.local)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def caller(self, subject: str) -> Caller:
        """The person's client on a connection of this thread's own."""
        callers: dict[str, Caller] = self.own.__dict__.setdefault("callers", {})
        if subject not in callers:
            callers[subject] = Caller(self.product.api_url, self.token(subject))
        return callers[subject]

    def token(self, subject: str) -> str:
        with self.counting:
            tokens: dict[str, str] = self.__dict__.setdefault("tokens", {})
            if subject not in tokens:
                tokens[subject] = self.product.token(subject)
            return tokens[subject]

    def sign_in_anew(self) -> None:
        """Ask for tokens anew: they live for ten minutes, longer than a row takes and shorter than all of them."""
        self.own = threading.local()
        self.__dict__.pop("tokens", None)

    @property
    def admin_url(self) -> str:
        """The product's database, past every rule."""
        admin = urlsplit(self.product.environment["POSTGRES_ADMIN_URL"])
        return admin._replace(path=urlsplit(self.product.environment["DATABASE_URL"]).path).geturl()

    def tenant(self) -> UUID:
        """The partnership whose tables rows fill."""
        with self.database() as run:
            return UUID(str(run("SELECT id FROM routing.partnership WHERE slug = 'cambs-peterborough'")[0]["id"]))

    @contextmanager
    def database(self) -> Iterator[Callable[..., list[Any]]]:
        """Runs statements on the product's database, past every rule, and gives their rows."""
        with asyncio.Runner() as runner:
            connection = runner.run(asyncpg.connect(self.admin_url))
            yield lambda statement, *values: list(runner.run(connection.fetch(statement, *values)))
            runner.run(connection.close())

    def settle(self) -> None:
        """Stand everybody down and wait for what is under way: timers and late receipts would slow the next row."""
        with self.database() as run:
            for statement in _STAND_DOWN:
                run(statement)
            run("DELETE FROM routing.task WHERE actor = ANY ($1)", _TIMERS)
        self.wait_until_quiet()

    def wait_until_quiet(self) -> None:
        """Wait for what is under way, such as all that reports lead to: the last are their receipts."""
        with self.database() as run:
            until, quiet = time.monotonic() + SETTLES_WITHIN, 0
            while quiet < QUIET_SECONDS and time.monotonic() < until:
                before = _commits(run)
                time.sleep(1)
                still = _commits(run) - before < FEW_COMMITS and not self.stand.receipts_due()
                quiet = quiet + 1 if still else 0

    def report(self, subject: str | None = None) -> Sample:
        """Report an unexpected death; without a subject the two partnerships take turns."""
        with self.counting:
            self.number += 1
            number = self.number
        subject = subject or list(REPORTERS)[number % len(REPORTERS)]
        # Children differ, as they would: otherwise each report is compared with all the others.
        born = date(2010, 1, 1) + timedelta(days=number * 37 % 5800)
        name = f"{_letters(number)} {CHILDREN}-{_letters(number * 7919)}"
        given = invented_death(name, *REPORTERS[subject], dateOfBirth=born.isoformat())
        caller = self.caller(subject)
        began = time.perf_counter()
        told = caller.run(REPORT, input=given)["reportChildDeath"]
        took, answered = (time.perf_counter() - began) * 1000, time.time_ns()
        if told["__typename"] != "ReportChildDeathPayload":
            raise RuntimeError(f"refused: {told}")
        slots = {slot["role"]: slot["id"] for slot in told["alert"]["slots"]}
        return Sample(told["alert"]["reference"], took, answered, slots)


def _commits(run: Callable[..., list[Any]]) -> int:
    (row,) = run("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    return int(row["xact_commit"])


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(4)).capitalize()


@dataclass(frozen=True)
class Row:
    """A line of the benchmark: what it is held to, and how it is measured."""

    title: str
    target: str
    run: Callable[[World], dict[str, Any]]
