"""What a statistic is asked for: a period, an area, ages. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.kit.problems import FieldError, Invalid

MOST_DAYS: Final = 3 * 366


class AgeBand(StrEnum):
    """Completed years, as the national returns have them."""

    UNDER_1 = "under_1"
    FROM_1_TO_4 = "1_to_4"
    FROM_5_TO_9 = "5_to_9"
    FROM_10_TO_15 = "10_to_15"
    FROM_16_TO_17 = "16_to_17"


YEARS: Final[dict[AgeBand, tuple[int, int]]] = {
    AgeBand.UNDER_1: (0, 1), AgeBand.FROM_1_TO_4: (1, 5), AgeBand.FROM_5_TO_9: (5, 10),
    AgeBand.FROM_10_TO_15: (10, 16), AgeBand.FROM_16_TO_17: (16, 18),
}  # fmt: skip
"""From which birthday on, and before which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A period from one day to before another, in the partnership's zone; one area or all; one age band or all."""

    from_on: date
    until_on: date
    area_id: UUID | None = None
    ages: AgeBand | None = None

    def check(self) -> None:
        """Raise ``Invalid`` for a period that is empty or over three years long."""
        if not timedelta(0) < self.until_on - self.from_on <= timedelta(days=MOST_DAYS):
            raise Invalid([FieldError("untilOn", f"must be 1 to {MOST_DAYS:,} days after fromOn")])

    def parameters(self, tenant_id: UUID, zone: str) -> dict[str, object]:
        """As the queries take them; ``since`` and ``until`` are the instants at which the two days begin."""
        years = YEARS[self.ages] if self.ages is not None else (None, None)
        return {
            "tenant": tenant_id, "zone": zone, "area": self.area_id, "age_from": years[0], "age_until": years[1],
            "since": _midnight(self.from_on, zone), "until": _midnight(self.until_on, zone),
        }  # fmt: skip


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone))
