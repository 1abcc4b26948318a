"""B13: search in twenty manuals of 650 KB each, all in force in one partnership, by every kind of question.

The texts are made of a safeguarding vocabulary whose words come as often as words do (the n-th most frequent 1/n as
often as the first), so that a search meets words that nearly every provision has and words that few have. Measured is
what a resolver does: the texts in force, the candidates, their ranks and highlights.
"""

import asyncio
import itertools
import random
import time as stopwatch
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from load.figures import percentile
from load.world import TIDY, World

from backend.kit.database import make_engine
from backend.kit.session import TenantSession, open_session
from support.procedures import approved, drafted, manual, said
from tenants.procedures import repository, search
from tenants.procedures.parsing.manual import Kind, Manual, Provision, Term

MANUALS: Final = 20
CHARACTERS: Final = 650_000
ROUNDS: Final = 12
FREQUENT: Final = (
    "child", "the", "of", "and", "to", "protection", "police", "social", "care", "worker", "must", "should",
    "referral", "conference", "enquiry", "family", "parent", "strategy", "discussion", "assessment", "health",
    "agency", "harm", "risk", "information", "plan", "review", "medical", "record", "paediatrician", "significant",
    "carer", "decision", "manager", "school", "hospital", "emergency", "team", "lead", "meeting", "coroner",
    "death", "senior", "officer", "investigating", "disability", "neglect", "abuse", "sexual", "exploitation",
    "missing", "allegation", "staff", "supervision", "training",
)  # fmt: skip
PHRASES: Final = (
    "child protection conference", "strategy discussion", "senior investigating officer", "significant harm",
    "core assessment",
)  # fmt: skip


def vocabulary(random_of: random.Random) -> list[str]:
    """Eight thousand words, the frequent ones first."""
    letters = "bcdfghjklmnprstvw", "aeiou"
    made = {
        "".join(random_of.choice(letters[place % 2]) for place in range(random_of.randint(4, 11))) for _ in range(9_000)
    }
    return [*FREQUENT, *sorted(made)[:8_000]]


def provisions(words: list[str], random_of: random.Random) -> Iterator[Provision]:
    """Chapters of numbered provisions, until the manual is as large as it shall be."""
    odds = list(itertools.accumulate(1 / place for place in range(1, len(words) + 1)))
    size = 0
    for chapter in itertools.count(1):
        yield said(f"{chapter}", "", title=" ".join(random_of.choices(words, cum_weights=odds, k=4)).capitalize(),
                   kind=Kind.HEADING)  # fmt: skip
        for number in range(1, 25):
            said_here = random_of.choices(words, cum_weights=odds, k=random_of.randint(30, 90))
            if random_of.random() < 0.2:
                said_here.insert(len(said_here) // 2, random_of.choice(PHRASES))
            text = f"{' '.join(said_here).capitalize()}."
            size += len(text)
            yield said(f"{chapter}.{number}", text, parent=f"{chapter}")
            if size > CHARACTERS:
                return


def one(number: int, words: list[str]) -> Manual:
    random_of = random.Random(number)  # noqa: S311  # no secret is made
    terms = [Term("senior investigating officer", "A police officer.", "1.1", 1, "SIO")]
    return manual(*provisions(words, random_of), terms=terms)


def questions(words: list[str]) -> list[str]:
    """Words frequent and rare, several at once, phrases, numbers, another name of a term, and none."""
    rare = words[2_000:8_000:600]
    return [
        "child", "police", "the", "referral", "child protection", "child police conference", "significant harm",
        '"child protection conference"', '"strategy discussion"', '"protection child"', "SIO", "sio meeting", "4.2",
        "17", "12.11", "unicorn", *rare, *(f"child {word}" for word in rare[:5]),
    ]  # fmt: skip


async def fill(session: TenantSession, manuals: int = MANUALS) -> list[float]:
    """Put the manuals in force. Returns how long each took, in seconds."""
    words, took = vocabulary(random.Random(0)), []  # noqa: S311
    for number in range(manuals):
        began = stopwatch.perf_counter()
        await approved(session, await drafted(session, None, one(number, words), name=f"manual-{number}"))
        took.append(stopwatch.perf_counter() - began)
        session.expunge_all()
    return took


async def ask(session: TenantSession, rounds: int = ROUNDS) -> dict[str, Any]:
    """Times of all questions in milliseconds, and of the slowest one."""
    asked, times = questions(vocabulary(random.Random(0))), dict[str, list[float]]()  # noqa: S311
    hits = 0
    for _, text in itertools.product(range(rounds), asked):
        began = stopwatch.perf_counter()
        day = await repository.today(session)
        ids = [row.id for row in await repository.in_force(session, day)]
        found = await search.search(session, text, ids, day, 20)
        times.setdefault(text, []).append((stopwatch.perf_counter() - began) * 1000)
        hits += len(found)
        session.expunge_all()
    every = [time for each in times.values() for time in each]
    slowest = max(times, key=lambda text: percentile(times[text], 0.5))
    return {
        "questions": len(every), "hits": hits, "ms_p50": round(percentile(every, 0.5), 1),
        "ms_p95": round(percentile(every, 0.95), 1), "slowest": slowest,
        "slowest_ms_p50": round(percentile(times[slowest], 0.5), 1),
    }  # fmt: skip


def searching(world: World) -> dict[str, Any]:
    """B13: times of questions, and how long a manual took to be drafted, checked, approved and indexed."""
    url, tenant = world.product.environment["DATABASE_URL"], world.tenant()
    took = asyncio.run(_filled(url, tenant, world.options.manuals))
    with world.database() as run:
        for statement in TIDY:
            run(statement)
    row = asyncio.run(_asked(url, tenant))
    return {"manuals": world.options.manuals, "manual_s_p50": round(percentile(took, 0.5), 1), **row}


# Both as the application's own role, so that row-level security costs what it costs.
async def _filled(url: str, tenant: UUID, manuals: int) -> list[float]:
    engine = make_engine(url, 1)
    try:
        async with open_session(tenant, on=engine) as session:
            took = await fill(session, manuals)
            await session.commit()
    finally:
        await engine.dispose()
    return took


async def _asked(url: str, tenant: UUID) -> dict[str, Any]:
    engine = make_engine(url, 1)
    try:
        async with open_session(tenant, on=engine) as session:
            await ask(session, 1)
            return await ask(session)
    finally:
        await engine.dispose()
