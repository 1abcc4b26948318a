"""Who a child is: numbers, names and ages compared. Pure."""

import re
import unicodedata
from datetime import date
from enum import StrEnum


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    INDETERMINATE = "indeterminate"
    NOT_KNOWN = "not_known"


def age_at(born: date, day: date) -> int:
    """Completed years on ``day``; somebody born on 29 February has a birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_nhs_number(text: str) -> bool:
    """Ten digits whose last is the modulus 11 check of the others."""
    if not re.fullmatch(r"[0-9]{10}", text):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return (11 - remainder) % 11 == int(text[9])


def same_name(one: str, other: str) -> bool:
    """Whether two names may be one child's: same letters, or a first and a last word in common.

    Wide on purpose: what it finds is shown to a person and blocks nothing.
    """
    first, second = (re.findall(r"[^\W\d_]+", name.casefold()) for name in (one, other))
    if not first or not second:
        return False
    return first == second or (first[0] == second[0] and first[-1] == second[-1]) or set(first) == set(second)


def search_key(*names: str) -> str:
    """Names as they are searched for: without case, accents and punctuation, a space around each word."""
    plain = unicodedata.normalize("NFKD", " ".join(names)).casefold()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    words = re.findall(r"\w+", letters)
    return f" {' '.join(words)} " if words else ""


def address_key(address: str) -> str:
    """An address as it is compared: letters and digits alone, so that commas and line breaks do not count."""
    return "".join(re.findall(r"\w+", address.casefold()))[:200]
