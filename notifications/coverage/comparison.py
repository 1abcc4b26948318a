"""What is new, what is still so and what is over, between what is found now and what was open before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from notifications.coverage.findings import Finding, WarningKind

# Of these a rota may have several at different times; of the others one for each subject.
TIMED: Final = frozenset({WarningKind.UNCOVERED, WarningKind.DOUBLE_BOOKING, WarningKind.SHORT_REST})


@dataclass(frozen=True, slots=True)
class Known:
    """A warning that is open, by its id."""

    id: UUID
    finding: Finding
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """``new`` is what nobody has been told of. ``parts`` are remainders of a known warning, with its first sight.

    ``same`` are known warnings as they are found now. ``mended`` were to come and are no longer found;
    ``passed`` are over without having been mended.
    """

    new: list[Finding] = field(default_factory=list)
    parts: list[tuple[Finding, datetime]] = field(default_factory=list)
    same: list[tuple[Known, Finding]] = field(default_factory=list)
    mended: list[Known] = field(default_factory=list)
    passed: list[Known] = field(default_factory=list)


def compare(found: Sequence[Finding], known: Sequence[Known], now: datetime) -> Comparison:
    """Match findings to open warnings: by subject, and for a timed kind by overlapping or touching time.

    So a gap that is shortened, or that the horizon moves on over, stays the one warning that it was, and
    of a gap that is filled in the middle neither end is news.
    """
    result = Comparison()
    left = sorted(known, key=lambda warning: (warning.first_seen_at, warning.id))
    taken: set[UUID] = set()
    for finding in found:
        alike = [warning for warning in left if _same(finding, warning.finding)]
        free = next((warning for warning in alike if warning.id not in taken), None)
        if free is not None:
            taken.add(free.id)
            result.same.append((free, finding))
        elif alike:
            result.parts.append((finding, alike[0].first_seen_at))
        else:
            result.new.append(finding)
    for warning in left:
        if warning.id not in taken:
            over = warning.finding.until is not None and warning.finding.until <= now
            (result.passed if over else result.mended).append(warning)
    return result


def _same(one: Finding, other: Finding) -> bool:
    if one != other:  # the subject: times are left out of it
        return False
    if one.kind not in TIMED:
        return True
    if one.begins is None or one.until is None or other.begins is None or other.until is None:
        return False
    return one.begins <= other.until and other.begins <= one.until
