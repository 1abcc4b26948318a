"""What a person texted back, read strictly: when in doubt it is no answer, and the ladder climbs on. Pure."""

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers

_YES: Final = frozenset({"YES", "Y", "OK", "ACCEPT"})
_NO: Final = frozenset({"NO", "N", "CANNOT", "CANT", "DECLINE"})
_WORD: Final = re.compile(r"[A-Z]+|\d+")
_LONGEST: Final = 60  # a reply is a code and a word; anything longer was meant for somebody else
_STOP: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL"})


@dataclass(frozen=True, slots=True)
class Reply:
    """A four-digit code, and whether its sender comes."""

    code: str
    accepts: bool


def parse_reply(text: str) -> Reply | None:
    """``4821``, ``OK 4821`` and ``Yes, 4821!`` accept; ``NO 4821`` and ``4821 no`` decline; all else is None."""
    if len(text) > _LONGEST:
        return None
    words = _WORD.findall(text.upper().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", ""))
    codes = [word for word in words if word.isdigit()]
    said = {word for word in words if not word.isdigit()}
    if len(codes) != 1 or len(codes[0]) != 4 or not codes[0].isascii():
        return None
    if said <= _YES:
        return Reply(codes[0], accepts=True)
    return Reply(codes[0], accepts=False) if said <= _NO else None


def asks_to_stop(text: str) -> bool:
    """Whether it is a word by which networks let people refuse messages. On-call pages go on; a person is told."""
    return text.strip().upper().rstrip(".!") in _STOP


def normal_number(number: str) -> str | None:
    """E.164 of a number as a person or a network writes it: ``07700 900100`` or ``447700900100``; None if neither."""
    written = number.strip()
    if written.startswith("44"):
        written = f"+{written}"
    try:
        parsed = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
