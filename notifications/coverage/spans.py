"""Half-open spans of instants, ``[begins, until)``, and the few sums that rotas need. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

Span: TypeAlias = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as ``spans``, in order, with neither overlap nor touching spans nor empty ones."""
    result: list[Span] = []
    for begins, until in sorted(spans):
        if result and begins <= result[-1][1]:
            result[-1] = (result[-1][0], max(until, result[-1][1]))
        elif begins < until:
            result.append((begins, until))
    return result


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """The time that lies in both, in order."""
    left, right = merged(one), merged(other)
    result: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        begins, until = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if begins < until:
            result.append((begins, until))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return result


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The time of ``spans`` that is not in ``taken``, in order."""
    held = merged(taken)
    result: list[Span] = []
    done = 0
    for begins, until in merged(spans):
        reached = begins
        while done < len(held) and held[done][1] <= reached:
            done += 1
        for start, end in held[done:]:
            if start >= until:
                break
            if start > reached:
                result.append((reached, start))
            reached = max(reached, end)
        if reached < until:
            result.append((reached, until))
    return result


def length(spans: Iterable[Span]) -> timedelta:
    """Elapsed time of ``spans``, overlaps counted once."""
    return sum((until - begins for begins, until in merged(spans)), timedelta())
