"""What a field of a letter holds: as printed, and as data. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

NOT_SHOWN: Final = "Not shown in this copy."
LEAST_GUARDED: Final = 6
"""Letters and digits: what is shorter would be found in innocent words."""


@dataclass(frozen=True, slots=True)
class Value:
    """``text`` or, of a table, ``rows``; ``data`` is the same for machines. ``left_out``: not all is in this copy."""

    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    data: Any = None  # JSON
    left_out: bool = False

    @property
    def empty(self) -> bool:
        return not self.text.strip() and not self.rows and not self.left_out


EMPTY: Final = Value()
KEPT: Final = Value(NOT_SHOWN, left_out=True)


def said(text: str | None) -> Value:
    return Value(text, data=text) if text else EMPTY


def day(on: date | None) -> Value:
    return Value(f"{on.day} {on:%B %Y}", data=on.isoformat()) if on else EMPTY


def moment(at: datetime | None, zone: str) -> Value:
    """An instant by the partnership's clock."""
    if at is None:
        return EMPTY
    local = at.astimezone(ZoneInfo(zone))
    return Value(f"{local.day} {local:%B %Y} at {local:%H:%M}", data=local.isoformat())


def yes_or_no(value: bool | None) -> Value:  # noqa: FBT001  # it is the value that is told
    return EMPTY if value is None else Value("Yes" if value else "No", data=value)


def spaced(code: str) -> str:
    """A code as people read it."""
    return code.replace("_", " ").replace("-", " ").capitalize()


def coded(code: str | None) -> Value:
    return Value(spaced(code), data=code) if code else EMPTY


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, left_out: bool = False) -> Value:
    kept = tuple(tuple(row) for row in rows)
    return Value(rows=kept, data=[dict(zip(columns, row, strict=True)) for row in kept], left_out=left_out)


def answered(value: Any, zone: str) -> Value:  # JSON
    """An item of information as it was recorded: text, a list of texts, yes or no, a number, a date or an instant."""
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, list):
        return Value("; ".join(str(one) for one in value), data=value) if value else EMPTY
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value) if "T" in value else None
        except ValueError:
            at = None
        return moment(at, zone) if at is not None and at.tzinfo is not None else said(value)
    return EMPTY if value is None else Value(str(value), data=value)


def key(text: str) -> str:
    """Text as it is compared: letters and digits alone, without accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def guarded(value: Value, secrets: frozenset[str]) -> Value:
    """The value without anything in which one of the ``secrets``, as ``key`` has them, is worded."""
    if not secrets or value.empty:
        return value
    if value.rows:
        rows = tuple(tuple(NOT_SHOWN if _tells(cell, secrets) else cell for cell in row) for row in value.rows)
        if rows == value.rows:
            return value
        data = [dict(zip(one, row, strict=True)) for one, row in zip(value.data, rows, strict=True)]
        return Value(rows=rows, data=data, left_out=True)
    return KEPT if _tells(value.text, secrets) else value


def _tells(text: str, secrets: frozenset[str]) -> bool:
    plain = key(text)
    return any(one in plain for one in secrets)
