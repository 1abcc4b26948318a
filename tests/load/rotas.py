"""B8: how many shifts a second ten rules of many kinds come to over five years.

Layers and adjustments are resolved as for shifts that are stored; nothing is written. Processor time counts,
so that the figure says something on a machine that is busy with other work.
"""

import time as stopwatch
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from notifications.rotas.resolution import Adjustment, AdjustmentKind, resolve
from notifications.rotas.rules import BankHolidays, Layer, Period, PeriodUnit, RotaRule, Rotation, Window
from tenants.calendars.working_days import Calendar, england_bank_holidays

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
UNTIL = BEGINS + timedelta(days=5 * 365 + 1)
ROUNDS = 5

_PEOPLE = tuple(UUID(int=number) for number in range(1, 9))
_EVERY_DAY, _WEEKDAYS = frozenset(range(7)), frozenset(range(5))
_ALWAYS = (Window(_EVERY_DAY, time(), time()),)
_OFFICE = (
    Window(_WEEKDAYS, time(9), time(17), BankHolidays.EXCEPT),
    Window(_EVERY_DAY, time(10), time(16), BankHolidays.ONLY),
)
_NIGHTS = (Window(_EVERY_DAY, time(20), time(8)),)
_KINDS = (
    (Period(PeriodUnit.WEEKS), _ALWAYS), (Period(PeriodUnit.DAYS), _ALWAYS), (Period(PeriodUnit.HOURS, 12), _ALWAYS),
    (Period(PeriodUnit.WORKING_DAYS), _OFFICE), (Period(PeriodUnit.MONTHS), _NIGHTS),
    (Period(PeriodUnit.WEEKS, 2), _OFFICE), (Period(PeriodUnit.DAYS), _NIGHTS), (Period(PeriodUnit.WEEKS), _OFFICE),
    (Period(PeriodUnit.HOURS, 8), _ALWAYS),
)  # fmt: skip


def rules() -> list[RotaRule]:
    """Nine rules of one layer, and one of two with a second on call."""
    first = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # a local wall time
    plain = [Layer("base", Rotation(_PEOPLE, first, period), cover) for period, cover in _KINDS]
    layered = (
        plain[0], Layer("nights", Rotation(_PEOPLE[:3], first, Period(PeriodUnit.DAYS)), _NIGHTS),
        Layer("second", Rotation(_PEOPLE[1:], first), _ALWAYS, 2),
    )  # fmt: skip
    return [*(RotaRule("Europe/London", (layer,)) for layer in plain), RotaRule("Europe/London", layered)]


def adjustments() -> list[Adjustment]:
    """A replacement of two days each quarter."""
    starts = [BEGINS + timedelta(days=91 * number) for number in range(20)]
    return [
        Adjustment(
            UUID(int=100 + number), AdjustmentKind.REPLACED, at, at + timedelta(days=2), 1, _PEOPLE[0], _PEOPLE[1]
        )
        for number, at in enumerate(starts)
    ]


def expansion() -> dict[str, Any]:
    """B8: rates of several rounds, slowest first."""
    calendar = Calendar("Europe/London", england_bank_holidays(range(2025, 2033)))
    made, rates, count = adjustments(), [], 0
    for _ in range(ROUNDS):
        began = stopwatch.process_time()
        count = sum(len(resolve(rule, made, BEGINS, UNTIL, calendar)) for rule in rules())
        rates.append(count / (stopwatch.process_time() - began))
    return {"rules": len(rules()), "shifts": count, "shifts_per_s": sorted(round(rate) for rate in rates)}
