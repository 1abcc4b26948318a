"""Whether a local clock asks for less than the national one, by its limit, its start or what meets it. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from backend.clocks.criteria import Counted, Lasting, Sized, Test
from backend.clocks.limits import Limit, Limits, LongerOf, ShorterOf, Span, Unit, each_limit
from backend.clocks.rules import (
    AgreedDate,
    Criterion,
    Deadline,
    Expiry,
    Gate,
    LookBack,
    MinimumTerm,
    Qualitative,
    RiskWindow,
    Rule,
)

_EFFECTS: Final = ("block", "warn", "remind")
# How many days each unit is at the least and at the most; None where holidays may stretch it without end.
_DAYS: Final[dict[Unit, tuple[float, float | None]]] = {
    Unit.MINUTES: (1 / 1440, 1 / 1440), Unit.HOURS: (1 / 24, 1 / 24), Unit.CALENDAR_DAYS: (1, 1),
    Unit.WORKING_DAYS: (1, None), Unit.WEEKS: (7, 7), Unit.MONTHS: (28, 31), Unit.YEARS: (365, 366),
}  # fmt: skip


def laxer_clock(national: Rule, local: Rule) -> Iterator[str]:
    """What of a clock asks for less than the national one does, in words."""
    if isinstance(national, Qualitative):
        return  # any figure is more than words without one
    if national.kind != local.kind:
        yield f"the kind, from {national.kind} to {local.kind}"
        return
    if local.condition and local.condition != national.condition:
        yield "the condition, which excuses more"
    if getattr(national, "met_by", None) not in {None, getattr(local, "met_by", None)}:
        yield "met_by, which another event meets"
    match national, local:
        case Gate(), Gate():
            yield from _gate_laxer(national, local)
        case AgreedDate(), AgreedDate():
            yield from flags(national, local, on=("before",), off=())
        case Deadline(), Deadline():
            yield from flags(national, local, on=("recurs",), off=("soft", "pauses"))
            if national.fall_back and not _falls_back_within(national, local):
                yield "the fall-back, which may give more time"
            yield from _limits_laxer(national, local)
        case Expiry(), Expiry():
            yield from flags(national, local, on=(), off=("ended_by",))
            yield from _limits_laxer(national, local)
        case _:
            yield from _covers_less(national, local)


def _gate_laxer(national: Gate, local: Gate) -> Iterator[str]:
    yield from flags(national, local, on=(), off=("exempt_if",))
    if _EFFECTS.index(local.effect) > _EFFECTS.index(national.effect):
        yield f"the gate, from {national.effect} to {local.effect}"


def _falls_back_within(national: Deadline, local: Deadline) -> bool:
    old, new = national.fall_back, local.fall_back
    return old == new or (isinstance(old, Limit) and isinstance(new, Limit) and _within(new, old))


def _covers_less(national: Rule, local: Rule) -> Iterator[str]:
    """What covers less once it is shorter, as a term or a watch, or harder, as a criterion.

    What a look-back finds may bind or excuse, so either way counts.
    """
    if isinstance(national, MinimumTerm | RiskWindow | LookBack) and isinstance(local, type(national)):
        old, new = _as_limits(national.limit), _as_limits(local.limit)
        if old != new if isinstance(national, LookBack) else _longer(new, old):
            yield f"the span, from {_limit(old)} to {_limit(new)}"
        if not national.start.unstated and local.start != national.start:
            yield "the start, which covers another time"
    if isinstance(national, LookBack) and isinstance(local, LookBack) and local.looks_for != national.looks_for:
        yield "looks_for, which finds something else"
    if isinstance(national, Criterion) and isinstance(local, Criterion) and _harder(national.test, local.test):
        yield "the test, which may find less"


def _as_limits(span: Span | Limits) -> Limits:
    if isinstance(span, Limit | ShorterOf | LongerOf):
        return span
    return Limit.model_construct(value=span.value, unit=span.unit)


def _harder(national: Test, local: Test) -> bool:
    """Whether the local test may find less. What cannot be compared counts as harder."""
    match national, local:
        case Counted(at_least=int(least)), Counted(at_least=int(own)):
            more = own > least
        case (Lasting(at_least=old), Lasting(at_least=new)) | (Sized(at_least=old), Sized(at_least=new)):
            more = _longer(_as_limits(old), _as_limits(new))
        case _:
            return national.at_least is not None  # any number is more than words without one
    return more or national.model_copy(update={"at_least": local.at_least}) != local


def _limits_laxer(national: Deadline | Expiry, local: Deadline | Expiry) -> Iterator[str]:
    if _longer(national.limit, local.limit):
        yield f"the limit, from {_limit(national.limit)} to {_limit(local.limit)}"
    if local.extension and local.extension != national.extension:
        yield "the extension, which excuses more"
    if not national.start.unstated and local.start != national.start:
        yield "the start, which may come later"


def _longer(national: Limits, local: Limits) -> bool:
    """Whether the local limit may give more time. What cannot be compared counts as longer."""
    if national == local:
        return False
    if isinstance(national, Limit) and isinstance(local, Limit):
        return not _within(local, national)
    if isinstance(local, ShorterOf) and isinstance(national, Limit):
        return not any(_within(limit, national) for limit in local.shorter_of)
    if type(local) is not type(national) or isinstance(local, LongerOf):
        return True
    pairs = zip(each_limit(national), each_limit(local), strict=False)
    return any(not _within(mine, theirs) for theirs, mine in pairs)


def _within(local: Limit, national: Limit) -> bool:
    """Whether ``local`` surely gives no more time than ``national``. Before an event, more is stricter."""
    if local.direction != national.direction or (local.start or national.start) != national.start:
        return False
    mine, theirs = (national, local) if local.direction == "before" else (local, national)
    if mine.unit is theirs.unit:
        return mine.value <= theirs.value
    most, least = _days(mine)[1], _days(theirs)[0]
    return most is not None and most <= least


def _days(span: Span) -> tuple[float, float | None]:
    if span.unit is Unit.SAME_DAY:
        return 0, 1
    least, most = _DAYS[span.unit]
    return least * span.value, None if most is None else most * span.value


def _limit(limits: Limits) -> str:
    return " or ".join(str(limit) for limit in each_limit(limits))


def flags(national: Any, local: Any, *, on: Iterable[str], off: Iterable[str]) -> Iterator[str]:
    """What is set that binds and is set no more, and what is set that excuses and was not."""
    for name in on:
        if getattr(national, name) and not getattr(local, name):
            yield f"{name}, which falls away"
    for name in off:
        if getattr(local, name) and getattr(local, name) != getattr(national, name):
            yield f"{name}, which excuses more"
