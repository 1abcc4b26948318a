"""Hours as people write them in a cell: ``Mon-Fri 09:00-17:00 except bank holidays; Sat 10:00-12:00``. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from typing import Final

from notifications.ladders.hours import Hours
from notifications.rotas.rules import BankHolidays

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WORDS: Final = {
    "": BankHolidays.REGARDLESS, "except bank holidays": BankHolidays.EXCEPT, "only bank holidays": BankHolidays.ONLY,
}  # fmt: skip
_PART: Final = re.compile(r"(?P<days>[A-Za-z,\- ]+?) (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)(?P<holidays>[a-z ]*)")


def read_hours(text: str) -> tuple[Hours, ...]:
    """The hours in a cell; none for an empty one, which means always. Raises ``ValueError`` that says how to write."""
    return tuple(_part(one.strip()) for one in text.split(";") if one.strip())


def _part(text: str) -> Hours:
    found = _PART.fullmatch(text)
    word = found["holidays"].strip() if found else ""
    if found is None or word not in _WORDS:
        message = f"{text!r} is not hours; write them as Mon-Fri 09:00-17:00 except bank holidays"
        raise ValueError(message)
    try:
        start, end = time.fromisoformat(found["start"]), time.fromisoformat(found["end"])
    except ValueError as error:
        message = f"{text!r} has no such time; write 00:00 to 23:59"
        raise ValueError(message) from error
    return Hours(weekdays=_days(found["days"]), start=start, end=end, bank_holidays=_WORDS[word])


def _days(text: str) -> tuple[int, ...]:
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = (word.strip().title()[:3] for word in part.partition("-"))
        known = [first, last] if dash else [first]
        if any(word not in DAYS for word in known):
            message = f"{part.strip()!r} is no day; write {', '.join(DAYS)}, or Mon-Fri"
            raise ValueError(message)
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        days += [day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)]
    return tuple(sorted(set(days)))


def written_hours(hours: Iterable[Hours]) -> str:
    """The cell from which ``read_hours`` reads the same."""
    words = {rule: word for word, rule in _WORDS.items()}
    parts = [f"{_named(one.weekdays)} {one.start:%H:%M}-{one.end:%H:%M} {words[one.bank_holidays]}" for one in hours]
    return "; ".join(part.strip() for part in parts)


def _named(weekdays: Sequence[int]) -> str:
    """Mon-Fri for days in a row, otherwise each by name."""
    days = sorted(weekdays)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ",".join(DAYS[day] for day in days)
