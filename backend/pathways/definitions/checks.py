"""What one definition has to hold beyond its grammar: codes that exist, events that are recorded, ways out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

from backend.clocks.rules import FixedDate, Qualitative, RiskWindow, Rule, Target
from backend.pathways.definitions.definition import SECTIONS, Definition
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.flow import flow_faults
from backend.pathways.definitions.positions import Path
from backend.pathways.definitions.records import Kind as ItemKind
from backend.pathways.definitions.references import Reference, clock_references, references
from backend.pathways.definitions.shared import Source, citation_fault

Finding = tuple[Path, str, str]
_KEYS: Final = {called: section for section, called in SECTIONS.items()}
# Clocks that bind nobody in one case, so no duty has to name them.
_UNBOUND: Final = (Target, FixedDate, RiskWindow)


@dataclass(frozen=True, slots=True)
class Known:
    """What a definition may refer to outside itself."""

    roles: frozenset[str]
    agencies: frozenset[str]
    pathways: frozenset[str]
    sources: Mapping[str, Source] = field(default_factory=dict)


def findings(definition: Definition, known: Known) -> list[Finding]:
    """Place, fault and remedy of all that does not hold."""
    named = list(_all_references(definition))
    return [
        *_twice(definition),
        *_dangling(definition, named, known),
        *_never_recorded(definition),
        *_never_dated(definition),
        *_never_chosen(definition),
        *_unbound(definition, named),
        *_never_gone_through(definition, named),
        *_nowhere(definition),
        *flow_faults(definition),
    ]


def _twice(definition: Definition) -> Iterator[Finding]:
    for section, called in SECTIONS.items():
        seen: set[str] = set()
        for number, item in enumerate(getattr(definition, section)):
            if item.id in seen:
                yield (section, number, "id"), f"there are two {called}s called {item.id}", "rename or remove one"
            seen.add(item.id)
    for number, decision in enumerate(definition.decisions):
        ids = [option.id for option in decision.options]
        for place, option in enumerate(decision.options):
            if ids.index(option.id) != place:
                at = ("decisions", number, "options", place, "id")
                yield at, f"{decision.id} has two options called {option.id}", "rename or remove one"


def _all_references(definition: Definition) -> Iterator[Reference]:
    for name, info in Definition.model_fields.items():
        value, key = getattr(definition, name), info.alias or name
        if name == "clocks":
            for number, clock in enumerate(definition.clocks):
                yield from clock_references(clock, ("clocks", number))
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if not isinstance(item, str):
                    yield from references(item, (key, number))
        elif isinstance(value, BaseModel):
            yield from references(value, (key,))
    yield Reference("source", definition.citation, ("citation",))


def _dangling(definition: Definition, named: list[Reference], known: Known) -> Iterator[Finding]:
    ids = {called: {item.id for item in getattr(definition, section)} for called, section in _KEYS.items()}
    ids["setting"] |= clock_settings(definition)
    ids["clock"] |= {code for shared in definition.clocks_of for code in shared.clocks}
    ids |= {"role": set(known.roles), "agency": set(known.agencies), "pathway": set(known.pathways)}
    ids["transition"] = ids["event"] | ids["stage"]
    ids["variant"] = {variant.id for variant in definition.entry.variants}
    for reference in named:
        if reference.to == "source":
            if fault := citation_fault(reference.code, known.sources):
                yield reference.path, fault, _cited(reference.code, known)
        elif reference.code not in ids[reference.to]:
            called = "event or stage" if reference.to == "transition" else reference.to
            yield reference.path, f"there is no {called} {reference.code}", choose(reference.code, ids[reference.to])


def _cited(citation: str, known: Known) -> str:
    if any(citation.startswith(f"{title} ") for title in known.sources):
        return "correct the place"
    return "begin it with a title of sources.yaml: " + ", ".join(sorted(known.sources))


def clock_settings(definition: Definition) -> set[str]:
    """The settings that clocks name by themselves."""
    return {setting for clock in definition.clocks if (setting := _setting(clock))}


def _setting(clock: Rule) -> str | None:
    return clock.setting if isinstance(clock, Qualitative | FixedDate) else None


def _never_recorded(definition: Definition) -> Iterator[Finding]:
    started = {event for decision in definition.decisions for option in decision.options for event in option.starts}
    for number, event in enumerate(definition.events):
        if not event.recorded_by and event.id not in started:
            yield (
                ("events", number, "id"),
                f"nothing records the event {event.id}",
                "add recorded_by, or name it in the starts of an option",
            )


def _never_dated(definition: Definition) -> Iterator[Finding]:
    items = {item.id: item for item in definition.information}
    for number, event in enumerate(definition.events):
        item = items.get(event.moment or "")
        if item is None:
            continue
        forms = {by.form for by in event.recorded_by if by.form}
        if item.kind not in {ItemKind.INSTANT, ItemKind.DATE}:
            yield ("events", number, "moment"), f"{item.id} is no instant and no date", "name an item that is one"
        if not any(form.id in forms and item.id in form.information for form in definition.forms):
            yield (
                ("events", number, "moment"),
                f"no form that records {event.id} asks for {item.id}",
                "add the item to the form, or the form to recorded_by",
            )


def _never_chosen(definition: Definition) -> Iterator[Finding]:
    options = {(decision.id, option.id) for decision in definition.decisions for option in decision.options}
    for number, sign_off in enumerate(definition.sign_offs):
        for place, asked in enumerate(sign_off.asked_if):
            if (asked.decision, asked.option) not in options:
                own = {option for decision, option in options if decision == asked.decision}
                at: Path = ("sign_offs", number, "asked_if", place, "option")
                yield at, f"{asked.decision} has no option {asked.option}", choose(asked.option, own)


def never_spoken_of(definition: Definition) -> Iterator[Finding]:
    """Items of minutes that are to be filled from words which are on no agenda.

    No finding of a partnership that has an agenda of its own: what it does not speak of is left to whoever minutes.
    """
    known = {item.text.casefold(): item.text for meeting in definition.meetings for item in meeting.agenda}
    for number, item in enumerate(definition.information):
        for place, words in enumerate(item.from_meeting.agenda if item.from_meeting else ()):
            if words.casefold() not in known:
                at: Path = ("information", number, "from_meeting", "agenda", place)
                yield at, f"no agenda has the item {words!r}", choose(words, known.values())


def _unbound(definition: Definition, named: list[Reference]) -> Iterator[Finding]:
    bound = {reference.code for reference in named if reference.to == "clock"}
    for number, clock in enumerate(definition.clocks):
        if clock.id not in bound and not isinstance(clock, _UNBOUND):
            yield (
                ("clocks", number, "id"),
                f"no duty is bound to the clock {clock.id}",
                "name it in the clocks of an obligation, decision, meeting, form, notification or criterion",
            )


def _never_gone_through(definition: Definition, named: list[Reference]) -> Iterator[Finding]:
    """Gates that are said to block, and stand before nothing."""
    required = {reference.code for reference in named if reference.to == "gate"}
    for number, gate in enumerate(definition.gates):
        if gate.effect == "block" and gate.id not in required and not gate.holds_case:
            yield (
                ("gates", number, "id"),
                f"nothing goes through the gate {gate.id}",
                "name it in the requires of a stage, a form or an option, or set holds_case",
            )


def _nowhere(definition: Definition) -> Iterator[Finding]:
    """A register or an alert with stages says whether these are lived through on cases, and if not, where."""
    listed = definition.register_of or definition.alert
    if listed is not None and definition.stages and listed.on_cases == (listed.elsewhere is not None):
        key = "register" if definition.register_of else "alert"
        yield (key,), f"{definition.id} has stages, and nothing says where they run", "give on_cases: true or elsewhere"
