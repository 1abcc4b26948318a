"""Whether a child on record may be the one who is asked about, and why. Pure.

Names reach us by telephone and dates from memory, so that much is found which is not the child: it is shown to
somebody who has been told who they are speaking to, and who asks further.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from backend.cases.children.identity import address_key, search_key

ALIKE: Final = 0.45
"""From which likeness on, by trigrams, a name is taken for a misspelling of another."""
_NEAR: Final = timedelta(days=31)


class Why(StrEnum):
    """In what a child on record is like the one who is asked about."""

    NAME = "name"
    NAME_ALIKE = "name_alike"
    DATE_OF_BIRTH = "date_of_birth"
    DATE_OF_BIRTH_NEAR = "date_of_birth_near"
    ADDRESS = "address"


_WEIGHT: Final = {
    Why.NAME: 4, Why.NAME_ALIKE: 3, Why.DATE_OF_BIRTH: 3, Why.DATE_OF_BIRTH_NEAR: 2, Why.ADDRESS: 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """Who is asked about: names, a date of birth and an address, as far as they are known."""

    names: tuple[str, ...]
    date_of_birth: date | None = None
    address: str | None = None

    @property
    def spoken(self) -> list[str]:
        """The names as they are compared."""
        return [key for name in self.names if (key := search_key(name).strip())]

    @property
    def address_key(self) -> str:
        return address_key(self.address) if self.address else ""


def dates_like(born: date) -> list[date]:
    """Dates that are mistaken for this one: day and month exchanged, or a year too many or too few."""
    found = {born}
    for year, month, day in (
        (born.year, born.day, born.month), (born.year - 1, born.month, born.day), (born.year + 1, born.month, born.day),
    ):  # fmt: skip
        try:
            found.add(date(year, month, day))
        except ValueError:  # there is no such day
            continue
    return sorted(found)


def is_near(one: date, other: date) -> bool:
    """Whether one of two dates may stand for the other."""
    return abs(one - other) <= _NEAR or one in dates_like(other)


def likeness(
    terms: Terms, *, search_name: str, name_alike: float, born: date | None, address_keys: Collection[str]
) -> tuple[Why, ...]:
    """In what a child is like the one who is asked about; nothing for one who is not.

    ``name_alike`` is the trigrams' likeness of the names, from 0 to 1.
    """
    found: list[Why] = []
    if any(all(f" {word} " in search_name for word in name.split()) for name in terms.spoken):
        found.append(Why.NAME)
    elif name_alike >= ALIKE:
        found.append(Why.NAME_ALIKE)
    if born is not None and terms.date_of_birth is not None:
        if born == terms.date_of_birth:
            found.append(Why.DATE_OF_BIRTH)
        elif is_near(born, terms.date_of_birth):
            found.append(Why.DATE_OF_BIRTH_NEAR)
    if terms.address_key and terms.address_key in address_keys:
        found.append(Why.ADDRESS)
    return tuple(found)


def may_be_the_child(why: Collection[Why], *, births_known: bool) -> bool:
    """Whether the child is worth showing: a like name, or a birthday at the same address.

    With both dates of birth known and far apart, a name that is only alike is somebody else's.
    """
    named = Why.NAME in why or Why.NAME_ALIKE in why
    born = Why.DATE_OF_BIRTH in why or Why.DATE_OF_BIRTH_NEAR in why
    if named:
        return Why.NAME in why or born or Why.ADDRESS in why or not births_known
    return born and Why.ADDRESS in why


def is_likely(why: Collection[Why]) -> bool:
    """Whether it would be wrong to answer that the child is not known without having looked at this one."""
    named = Why.NAME in why or Why.NAME_ALIKE in why
    born = Why.DATE_OF_BIRTH in why or Why.DATE_OF_BIRTH_NEAR in why
    return (named and (born or Why.ADDRESS in why)) or (born and Why.ADDRESS in why)


def weight(why: Collection[Why]) -> int:
    """By which the likest are shown first."""
    return sum(_WEIGHT[one] for one in why)
