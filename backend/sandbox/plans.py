"""What happens in generated families: who, when, how far. Pure, and the same for the same seed.

A plan knows nothing of rows. ``playing`` carries it out by the same services as people's own work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final

from backend.cases.children.identity import Sex
from backend.child_deaths.models import Setting, Suspicion
from backend.kit.ids import SPOKEN
from backend.sandbox import names


class Do(StrEnum):
    """What a deed is. GO takes the run to a stage, by whatever steps its edition knows."""

    EVENT = "event"
    GO = "go"
    FORM = "form"
    NOTICE = "notice"
    MEETING = "meeting"
    DECIDE = "decide"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Deed:
    """One act in a run: of what kind, about what of the definition, when; the answers of a form or a decision.

    ``happened`` is when an event was that is only told of at ``at``.
    """

    do: Do
    code: str
    at: datetime
    options: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    happened: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A run of one pathway. One that another leg has opened goes on; else it begins here."""

    pathway: str
    begins: datetime
    criteria: tuple[str, ...]
    deeds: tuple[Deed, ...]
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """An invented child. ``place`` tells siblings apart; ``expected_on`` where the child is not born yet."""

    place: int
    name: str
    sex: Sex
    born: date | None
    nhs_number: str | None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class DeathPlan:
    """How an invented child died."""

    at: datetime
    setting: Setting
    suspicion: Suspicion
    anticipated: bool


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One case of a family: its runs, and whether the file is closed once none of them goes on.

    ``seed`` is for the small choices of whoever carries it out; ``departs`` asks for a recorded departure from the
    first limit that was not kept.
    """

    reference: str
    pathway: str
    opened_at: datetime
    children: tuple[int, ...]
    legs: tuple[Leg, ...]
    referrer: str
    organisation: str | None
    telephone: str
    seed: int
    departs: bool = False
    death: DeathPlan | None = None


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """Children of one household, where they live, and all cases about them, first to last."""

    number: int
    area: int
    address: str
    children: tuple[ChildPlan, ...]
    cases: tuple[CasePlan, ...]


# Referrals by month: they fall away while schools are shut.
_SEASON: Final = (9, 8, 9, 8, 9, 9, 7, 5, 9, 10, 10, 7)
_AREAS: Final = (5, 3, 2, 2, 1, 1)


def chance_of(seed: int, number: int, of: str = "") -> Random:
    """The random numbers ``of`` something in one family, whatever was drawn for the others."""
    return Random(f"{seed}:{number}:{of}")  # noqa: S311  # nothing here is a secret


def reference(chance: Random) -> str:
    """A case's reference, of the usual look."""
    letters = [chance.choice(SPOKEN) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def season(chance: Random, until: datetime) -> datetime:
    """An instant in the year before ``until``, mostly in working hours, by the season's weight."""
    while True:
        day = until - timedelta(days=chance.uniform(0.5, 365))
        if chance.random() * 10 < _SEASON[day.month - 1] and (day.weekday() < 5 or chance.random() < 0.15):
            at = day.replace(hour=chance.choice(_HOURS), minute=chance.randrange(60), second=0, microsecond=0)
            if at < until:  # the last day's hours are not all over
                return at


_HOURS: Final = (8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 15, 16, 16, 17, 18, 20, 22)


def children(chance: Random, day: date) -> tuple[ChildPlan, ...]:
    """Siblings of one last name on a day; one in thirty families expects a child."""
    last, number = chance.choice(names.LAST), chance.choices((1, 2, 3, 4), (55, 28, 12, 5))[0]
    found = []
    for place in range(number):
        unborn = place == number - 1 and chance.random() < 0.03
        age = timedelta(days=chance.uniform(0, 17) * 365)
        sex = chance.choice((Sex.FEMALE, Sex.MALE))
        found.append(
            ChildPlan(place, f"Unborn {last}", Sex.NOT_KNOWN, None, None, day + timedelta(days=chance.randint(60, 200)))
            if unborn
            else ChildPlan(place, names.person_name(chance, last), sex, day - age, names.nhs_number(chance))
        )  # fmt: skip
    return tuple(found)


def area(chance: Random, areas: int) -> int:
    """Which of the areas a family lives in: the first have the most people."""
    return chance.choices(range(areas), [_AREAS[min(place, len(_AREAS) - 1)] for place in range(areas)])[0]


def kept(legs: Iterator[Leg], until: datetime) -> tuple[Leg, ...]:
    """The legs as far as they have come by ``until``."""
    return tuple(
        Leg(leg.pathway, leg.begins, leg.criteria, tuple(deed for deed in leg.deeds if deed.at <= until), leg.variant)
        for leg in legs
        if leg.begins <= until
    )
