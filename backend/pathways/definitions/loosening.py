"""Whether a local rule asks for less than the national one. Nothing that must be done is loosened in silence."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from backend.clocks.limits import Force
from backend.pathways.definitions.definition import SECTIONS, Definition
from backend.pathways.definitions.loosening_clocks import flags, laxer_clock
from backend.pathways.definitions.records import AccessLimit, Information, Mask, Meeting, Quorum
from backend.pathways.definitions.steps import Decision, Gate, Obligation, Permission, Prohibition, SignOff

_RANK: Final = {Force.MUST: 3, Force.SHOULD: 2, Force.MAY: 1}
_STRICTNESS: Final = {Permission.FORBIDDEN: 2, Permission.RESTRICTED: 1, Permission.ALLOWED: 0}
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
            yield from flags(national, local, on=binding, off=excusing)
    yield from laxer_clock(national, local) if is_clock(national) else _laxer_of_kind(national, local)


def _laxer_of_kind(national: Any, local: Any) -> Iterator[str]:
    match national:
        case Gate(effect="block") if local.effect == "warn":
            yield "the gate, from block to warn"
        case Prohibition() if _STRICTNESS[local.permission] < _STRICTNESS[national.permission]:
            yield PROHIBITION
        case Mask():
            yield from _mask_laxer(national, local)
        case Meeting(quorum=Quorum() as quorum) if local.quorum and _made_by_fewer(quorum, local.quorum):
            yield "the quorum, which fewer make up"
        case Decision():
            yield from _answers_laxer(national, local)
        case AccessLimit() if national.only and set(local.only) - set(national.only):
            yield "only, which lets more people in"
        case _:
            pass


def _answers_laxer(national: Decision, local: Decision) -> Iterator[str]:
    """What an answer that both have no longer asks for or brings about."""
    mine = {option.id: option for option in local.options}
    for option in national.options:
        own = mine.get(option.id, option)
        for name in ("requires", "opens", "starts", "forms", "notifications"):
            if lost := set(getattr(option, name)) - set(getattr(own, name)):
                yield f"the answer {option.id}, whose {name} lose {', '.join(sorted(lost))}"
        if option.authority and not own.authority:
            yield f"the answer {option.id}, whose authority falls away"
        if own.closes and not option.closes:
            yield f"the answer {option.id}, which ends the work"


def _made_by_fewer(national: Quorum, local: Quorum) -> bool:
    excused = local.fewer_if is not None and local.fewer_if != national.fewer_if
    missing = set(national.agencies) - set(local.agencies)
    return excused or bool(missing) or (local.at_least or 0) < (national.at_least or 0)


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


def _kept(one: Any, among: Iterable[Any]) -> bool:
    code = getattr(one, "id", None)
    return any(one == other or (code is not None and code == getattr(other, "id", None)) for other in among)


def _called(one: Any) -> str:
    return str(getattr(one, "id", None) or getattr(one, "text", None) or getattr(one, "what", None) or one)
