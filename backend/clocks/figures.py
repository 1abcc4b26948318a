"""The figures in a rule, each with what it counts from and whence it comes; words that need none. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from backend.clocks.criteria import Counted, Lasting, Sized
from backend.clocks.limits import Limit, Span, Start, Unit, each_limit
from backend.clocks.rules import (
    Criterion,
    Deadline,
    Expiry,
    LookBack,
    MinimumTerm,
    Qualitative,
    Range,
    RiskWindow,
    Rule,
    Target,
)

_AT_ONCE: Final = re.compile(r"\b(immediate(ly)?|at once|forthwith)\b", re.IGNORECASE)


def limits_of(rule: Rule) -> tuple[Limit, ...]:
    """The figures in a rule, each with its start, citation, force and confidence filled in; none for words.

    A range gives its earliest before its latest; what an extension adds and the limit of a fall-back stand after
    the limit that they change. A criterion gives the days or the window that it counts.
    """
    match rule:
        case Deadline() | Expiry():
            found = [*each_limit(rule.limit), *_further(rule)]
        case MinimumTerm():
            found = list(each_limit(rule.limit))
        case Range():
            found = [_limit(span) for span in (rule.earliest, rule.latest) if span is not None]
        case LookBack():
            found = [_limit(rule.limit).model_copy(update={"direction": "before"})]
        case RiskWindow() | Target():
            found = [_limit(rule.limit)]
        case Criterion():
            found = list(_tested(rule.test))
        case _:
            return ()
    own = {"start": getattr(rule, "start", None), "citation": rule.citation}
    own |= {"force": rule.force, "confidence": rule.confidence}
    return tuple(
        limit.model_copy(update={name: value for name, value in own.items() if getattr(limit, name) is None})
        for limit in found
    )


def _further(rule: Deadline | Expiry) -> Iterator[Limit]:
    if rule.extension and rule.extension.limit:
        yield _limit(rule.extension.limit, Start(event=rule.extension.granted))
    if isinstance(rule, Deadline) and isinstance(rule.fall_back, Limit):
        yield rule.fall_back


def _tested(test: Lasting | Counted | Sized) -> Iterator[Limit]:
    match test:
        case Lasting():
            yield _limit(test.at_least, Start(event=test.begins))
        case Sized():
            yield _limit(test.at_least, Start(event=test.fact))
        case Counted(by="days", at_least=int(days)):
            yield Limit(value=days, unit=Unit.CALENDAR_DAYS, start=Start(event=test.event))
        case Counted(within=Span() as window):
            yield _limit(window, Start(event=test.event))


def _limit(span: Span, start: Start | None = None) -> Limit:
    return Limit(value=span.value, unit=span.unit, start=start)


def means_at_once(rule: Rule | None) -> bool:
    """Whether the words of a rule are a limit in themselves: done when it starts, or late."""
    return isinstance(rule, Qualitative) and rule.needs != "interval" and bool(_AT_ONCE.search(rule.wording))
