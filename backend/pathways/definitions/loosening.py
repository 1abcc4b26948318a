"""Whether a local rule asks for less than the national one. Nothing that must be done is loosened in silence."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from backend.clocks.limits import Force, Limit, Limits, LongerOf, ShorterOf, Span, Unit, each_limit
from backend.clocks.rules import AgreedDate, Deadline, Expiry, Qualitative, Rule
from backend.clocks.rules import Gate as ClockGate
from backend.pathways.definitions.definition import SECTIONS, Definition
from backend.pathways.definitions.records import AccessLimit, Information, Mask, Meeting
from backend.pathways.definitions.steps import Decision, Gate, Obligation, Permission, Prohibition, SignOff

_RANK: Final = {Force.MUST: 3, Force.SHOULD: 2, Force.MAY: 1}
_EFFECTS: Final = ("block", "warn", "remind")
_STRICTNESS: Final = {Permission.FORBIDDEN: 2, Permission.RESTRICTED: 1, Permission.ALLOWED: 0}
# How many days each unit is at the least and at the most; None where holidays may stretch it without end.
_DAYS: Final[dict[Unit, tuple[float, float | None]]] = {
    Unit.MINUTES: (1 / 1440, 1 / 1440), Unit.HOURS: (1 / 24, 1 / 24), Unit.CALENDAR_DAYS: (1, 1),
    Unit.WORKING_DAYS: (1, None), Unit.WEEKS: (7, 7), Unit.MONTHS: (28, 31), Unit.YEARS: (365, 366),
}  # fmt: skip
# Lists in which a missing member asks for less.
_GROWING: Final = (
    "requires", "forms", "information", "notifications", "meetings", "sign_offs", "clocks", "obligations", "decisions",
    "agenda", "attend", "circulation", "options", "copies_to", "hidden_from", "never",
)  # fmt: skip
PROHIBITION: Final = "the prohibition"
# By kind of item: what binds while it is set, and what excuses once it is set.
_FLAGS: Final[dict[type[Any], tuple[tuple[str, ...], tuple[str, ...]]]] = {
    Obligation: (("each",), ("when", "unless")),
    Gate: ((), ("unless", "authority")),
    SignOff: (("each",), ("own_work",)),
    Decision: (("authority",), ()),
    Information: (("never_empty", "mask"), ()),
    Meeting: (("quorum",), ("skipped_if",)),
    Mask: ((), ("until",)),
    AccessLimit: (("named_people", "only"), ()),
}


@dataclass(frozen=True, slots=True)
class Loosened:
    """``what`` is laxer in the item ``code`` of a section. ``bound`` items need an authority, others a ground."""

    section: str
    code: str
    what: str
    bound: bool
    refused: bool = False
    """No authority can do it: the stricter prohibition prevails."""


def loosened(national: Definition, local: Definition) -> Iterator[Loosened]:
    """Everything in ``local`` that asks for less than ``national``; added items cannot.

    A clock that is gone as a whole is not spoken of, nor the duties that have lost it.
    """
    gone = {clock.id for clock in national.clocks} - {clock.id for clock in local.clocks}
    for section in SECTIONS:
        mine = {item.id: item for item in getattr(local, section)}
        for item in getattr(national, section):
            own = mine.get(item.id)
            if own is None or own == item:
                continue
            bound = getattr(item, "force", None) is Force.MUST
            for what in _laxer(item, own, gone):
                refused = what == PROHIBITION
                yield Loosened(section, item.id, what, bound, refused)


def _laxer(national: Any, local: Any, gone: AbstractSet[str]) -> Iterator[str]:
    before, after = getattr(national, "force", None), getattr(local, "force", None)
    if weaker(before, after):
        yield f"the force, from {before} to {after or 'none'}"
    for name in _GROWING:
        members = [one for one in getattr(national, name, ()) if not (name == "clocks" and one in gone)]
        lost = [one for one in members if not _kept(one, getattr(local, name, ()))]
        if lost:
            yield f"{name}, which lose {', '.join(_called(one) for one in lost)}"
    for model, (binding, excusing) in _FLAGS.items():
        if isinstance(national, model):
            yield from _flags(national, local, on=binding, off=excusing)
    match national:
        case Gate(effect="block") if local.effect == "warn":
            yield "the gate, from block to warn"
        case Prohibition() if _STRICTNESS[local.permission] < _STRICTNESS[national.permission]:
            yield PROHIBITION
        case Mask():
            yield from _mask_laxer(national, local)
        case _ if is_clock(national):
            yield from _clock_laxer(national, local)
        case _:
            pass


def _mask_laxer(national: Mask, local: Mask) -> Iterator[str]:
    if set(local.shown_to) - set(national.shown_to):
        yield "the mask, which more people see through"
    if any(getattr(local, name) not in {None, getattr(national, name)} for name in ("unless", "lifted_if")):
        yield "the mask, which hides less"


def is_clock(item: Any) -> bool:
    """Whether ``item`` is a clock of whatever kind."""
    return hasattr(item, "action") and hasattr(item, "kind")


def weaker(national: Force | None, local: Force | None) -> bool:
    """Must ranks above should and should above may; "will" is not ranked and takes no must's place."""
    if national is None or national is local:
        return False
    if national is Force.MUST or local is None:
        return True
    ranks = _RANK.get(national), _RANK.get(local)
    return ranks[0] is not None and ranks[1] is not None and ranks[1] < ranks[0]


def _flags(national: Any, local: Any, *, on: Iterable[str], off: Iterable[str]) -> Iterator[str]:
    """What is set that binds and is set no more, and what is set that excuses and was not."""
    for name in on:
        if getattr(national, name) and not getattr(local, name):
            yield f"{name}, which falls away"
    for name in off:
        if getattr(local, name) and getattr(local, name) != getattr(national, name):
            yield f"{name}, which excuses more"


def _clock_laxer(national: Rule, local: Rule) -> Iterator[str]:
    if isinstance(national, Qualitative):
        return  # any figure is more than words without one
    if national.kind != local.kind:
        yield f"the kind, from {national.kind} to {local.kind}"
        return
    if local.condition and local.condition != national.condition:
        yield "the condition, which excuses more"
    if isinstance(national, ClockGate) and isinstance(local, ClockGate):
        yield from _flags(national, local, on=(), off=("exempt_if",))
        if _EFFECTS.index(local.effect) > _EFFECTS.index(national.effect):
            yield f"the gate, from {national.effect} to {local.effect}"
    if isinstance(national, AgreedDate) and isinstance(local, AgreedDate):
        yield from _flags(national, local, on=("before",), off=())
    if isinstance(national, Deadline) and isinstance(local, Deadline):
        yield from _flags(national, local, on=("recurs",), off=("soft", "pauses"))
    if isinstance(national, Deadline | Expiry) and isinstance(local, Deadline | Expiry):
        yield from _limits_laxer(national, local)


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


def _kept(one: Any, among: Iterable[Any]) -> bool:
    code = getattr(one, "id", None)
    return any(one == other or (code is not None and code == getattr(other, "id", None)) for other in among)


def _called(one: Any) -> str:
    return str(getattr(one, "id", None) or getattr(one, "text", None) or getattr(one, "what", None) or one)
