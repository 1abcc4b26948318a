"""The families of a generated year, one after another. Pure: each follows from the seed and its own number."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from backend.child_deaths.models import Setting, Suspicion
from backend.sandbox import names
from backend.sandbox.journeys import (
    ALLEGATION,
    REFERRAL,
    RESPONSE,
    allegation_case,
    at_work,
    death_case,
    referral_case,
)
from backend.sandbox.plans import (
    CasePlan,
    ChildPlan,
    DeathPlan,
    FamilyPlan,
    Leg,
    area,
    chance_of,
    children,
    kept,
    reference,
    season,
)

_DEATHS: Final = 0.012
_ALLEGATIONS: Final = 0.035
_AGAIN: Final = 0.2
_BEFORE: Final = 0.05
"""How many families were known before the year began, on a plan that was long."""
_SETTINGS: Final = (Setting.EMERGENCY_DEPARTMENT, Setting.HOME, Setting.WARD, Setting.COMMUNITY)


def families(seed: int, cases: int, until: datetime, areas: int) -> Iterator[FamilyPlan]:
    """Families with ``cases`` cases in all, in the year that ends at ``until``. The last may have fewer than it would.

    ``until`` must carry a zone. The same arguments give the same families.
    """
    number, left = 0, cases
    while left > 0:
        found = family(seed, number, until, areas)
        yield replace(found, cases=found.cases[:left])
        left -= len(found.cases)
        number += 1


def family(seed: int, number: int, until: datetime, areas: int) -> FamilyPlan:
    """One family, with at least one case."""
    # How often a day is drawn anew hangs on the year; nothing but the day shall.
    chance, first = chance_of(seed, number), season(chance_of(seed, number, "when"), until)
    born = children(chance, first.date() - timedelta(days=1))
    kind = chance.random()
    if kind < _DEATHS and born[0].born is not None:
        found = [_death(chance, first, until)]
    elif kind < _DEATHS + _ALLEGATIONS:
        found = [_case(chance, ALLEGATION, first, until, (0,), allegation_case(chance, first))]
    else:
        found = list(_referrals(chance, first, until, born))
    return FamilyPlan(number, area(chance, areas), names.address(chance), born, tuple(found))


def _referrals(chance: Random, first: datetime, until: datetime, born: tuple[ChildPlan, ...]) -> Iterator[CasePlan]:
    everybody = tuple(child.place for child in born)
    before = at_work(chance, until - timedelta(days=chance.uniform(370, 1100)), 0)
    there = tuple(child.place for child in born if child.born is not None and child.born < before.date())
    if chance.random() < _BEFORE and there:
        legs = referral_case(chance, before, escalates=0.9, lasts=chance.uniform(400, 1100))
        yield _case(chance, REFERRAL, before, until, there, legs)
    at = first
    while at < until:
        yield _case(chance, REFERRAL, at, until, everybody, referral_case(chance, at))
        if chance.random() > _AGAIN:
            return
        at = at_work(chance, at, chance.uniform(25, 330))


def _case(
    chance: Random, pathway: str, at: datetime, until: datetime, about: tuple[int, ...], legs: Iterator[Leg],
    death: DeathPlan | None = None,
) -> CasePlan:  # fmt: skip
    done = kept(legs, until)
    return CasePlan(
        reference(chance), pathway, at, about, done, names.person_name(chance),
        chance.choice(names.SCHOOLS) if chance.random() < 0.4 else None, names.telephone(chance),
        chance.getrandbits(32), departs=chance.random() < 0.03, death=death,
    )  # fmt: skip


def _death(chance: Random, at: datetime, until: datetime) -> CasePlan:
    anticipated = chance.random() < 0.35
    suspicion = chance.choices((Suspicion.NONE, Suspicion.ABUSE_OR_NEGLECT, Suspicion.CRIME), (90, 6, 4))[0]
    death = DeathPlan(at - timedelta(minutes=40), chance.choice(_SETTINGS), suspicion, anticipated)
    legs = iter(()) if anticipated else death_case(chance, death.at, at)
    return _case(chance, RESPONSE, at, until, (0,), legs, death)
