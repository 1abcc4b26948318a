"""What readers without the right to see small numbers are shown instead. Pure.

A count of one to five is kept back, as is any figure worked out from so few. All other counts are rounded to the
nearest five: were they exact, what is kept back could be worked out from a total, or from two periods that overlap.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from backend.statistics.definitions import Measure, Unit

FEWEST: Final = 6
ROUNDED_TO: Final = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, None where there is none to give; ``kept_back`` says that it is because it is small."""

    value: float | None
    kept_back: bool = False


def exact(values: Mapping[str, float | None], measures: Iterable[Measure]) -> dict[str, Figure]:
    """Figures as they are, by measure."""
    return {one.code: Figure(values[one.code]) for one in measures}


def guarded(values: Mapping[str, float | None], measures: Iterable[Measure]) -> dict[str, Figure]:
    """The same figures for a reader who may not see small numbers. A nought is shown."""
    return {one.code: _guarded(one, values) for one in measures}


def _guarded(one: Measure, values: Mapping[str, float | None]) -> Figure:
    value = values[one.code]
    if one.unit is Unit.DAYS:
        few = 0 < (values[str(one.of)] or 0) < FEWEST
        return Figure(None if few or value is None else float(round(value)), kept_back=few)
    if value is None or value == 0:
        return Figure(value)
    if value < FEWEST:
        return Figure(None, kept_back=True)
    return Figure(float(ROUNDED_TO * int(value / ROUNDED_TO + 0.5)))
