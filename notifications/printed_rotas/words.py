"""Rotas, ladders and hours in words for paper. Pure."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from notifications.rotas.expansion import BankHolidays, Window

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BANK_HOLIDAYS: Final = {
    BankHolidays.REGARDLESS: "",
    BankHolidays.EXCEPT: ", not on bank holidays",
    BankHolidays.ONLY: ", on bank holidays only",
}
_SPELT: Final = {"childrens": "children's", "gp": "GP", "oncall": "on-call", "sio": "SIO", "uk": "UK"}
"""What codes cannot spell."""

ALWAYS: Final = "Every day all day and night"


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Such as ``Mon 23 Nov 09:00``; in a repeated hour of autumn with the zone's letters, or it names two."""
    local = instant.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%a} {local.day} {local:%b %H:%M}" + (f" {local:%Z}" if twice else "")


def date_and_time(instant: datetime, zone: ZoneInfo) -> str:
    """Such as ``Monday 23 November 2026, 09:00``."""
    local = instant.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"


def hours(windows: Iterable[Window]) -> list[str]:
    """Hours of cover, such as ``Monday to Friday 09:00 to 17:00, not on bank holidays``."""
    return list(dict.fromkeys(_window(window) for window in windows))


def _window(window: Window) -> str:
    days = _days(sorted(window.weekdays))
    when = f"{window.start:%H:%M} to {window.end:%H:%M}"
    if window.start == window.end == time(0):
        when = "all day and night"
    elif window.end <= window.start:
        when += " the next day"
    return f"{days} {when}{_BANK_HOLIDAYS[window.bank_holidays]}"


def _days(weekdays: list[int]) -> str:
    if len(weekdays) == 7:
        return "Every day"
    if len(weekdays) > 2 and weekdays == list(range(weekdays[0], weekdays[-1] + 1)):
        return f"{_DAYS[weekdays[0]]} to {_DAYS[weekdays[-1]]}"
    names = [_DAYS[day] for day in weekdays]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def waiting(seconds: int | None) -> str:
    """How long to wait for an answer, such as ``2 minutes``."""
    if seconds is None:
        return "-"
    if seconds % 60:
        return f"{seconds} seconds"
    minutes = seconds // 60
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def telephone(number: str) -> str:
    """A British mobile number in the groups it is read out in; any other as it is."""
    digits = number.replace(" ", "").replace("+44", "0", 1)
    return f"{digits[:5]} {digits[5:8]} {digits[8:]}" if len(digits) == 11 and digits.startswith("07") else number


def readable(code: str) -> str:
    """A code of ours as words: ``child-death-joint-response`` is ``Child death joint response``."""
    spelt = " ".join(_SPELT.get(word, word) for word in code.replace("_", "-").split("-"))
    return spelt[:1].upper() + spelt[1:]


def listed(names: Iterable[str]) -> str:
    """Names in a row: ``A``, ``A or B``, ``A, B or C``."""
    given = list(names)
    return given[0] if len(given) == 1 else f"{', '.join(given[:-1])} or {given[-1]}" if given else ""
