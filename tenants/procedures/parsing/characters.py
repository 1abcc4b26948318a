"""Characters that nobody sees, that stand for others, or that show that a file was spoilt before it came."""

import re
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.parsing.source import Source

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+"
)
"""Control characters, which fonts leave behind, and marks without width: joints, directions, a byte-order mark where
chapters were put end to end."""

_AS_READ: Final = str.maketrans({
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
    "\u2010": "-", "\u2011": "-", "\u00ad": "",
})  # fmt: skip

_SPOILT: Final = (
    (
        re.compile(
            "\u00e2\u20ac[\u2122\u02dc\u0153\u009d\u201c\u201d\u00a6\u00a2]?|\u00c3[\u00a0-\u00bf]|\u00c2[\u00a0-\u00bf]"
        ),
        "read in the wrong encoding when it was made, as \u00e2\u20ac\u2122 for \u2019: export it again as UTF-8",
    ),
    (re.compile("\ufffd"), "lost when it was made, and only \ufffd stands for them: look them up in the original"),
    (re.compile(r"\(cid:\d{1,5}\)"), "not known to the font it was drawn from, and only numbered: recognise its text"),
)


def as_read(text: str) -> str:
    """The text with its ligatures spelt out, its hyphens plain and its soft hyphens gone, as it is searched for."""
    return text if text.isascii() else text.translate(_AS_READ)


def spoilt(source: Source) -> list[Doubt]:
    """A doubt for each way in which characters were lost before the file came, on the first line that shows it."""
    found: list[Doubt] = []
    for pattern, told in _SPOILT:
        counts = [(line, many) for line in source.lines if (many := len(pattern.findall(line.content)))]
        if counts:
            first, many = counts[0][0], sum(many for _, many in counts)
            said = f"{many} characters were {told}. First in: {first.content.strip()[:60]}"
            found.append(Doubt(first.number, DoubtKind.ENCODING, said))
    return found
