"""Whether a form is filled in as the definition asks, and when what it tells of happened. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from backend.clocks.dates import FuzzyDate
from backend.clocks.limits import Force
from backend.kit.problems import FieldError
from backend.kit.texts import text_fault
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.entry import Event
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.records import Form, Information, Kind
from backend.pathways.following import told_by_form
from backend.pathways.moments import NOW, MomentTold, moment_fault

MOST_TEXT: Final = 10_000
MOST_ITEMS: Final = 100


@dataclass(frozen=True, slots=True)
class FormTold:
    """The answers to a form by item, and when the events happened that it tells of."""

    code: str
    answers: Mapping[str, Any]
    events: Mapping[str, MomentTold] = field(default_factory=dict)
    moment: MomentTold = NOW


def answer_faults(definition: Definition, form: Form, answers: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with the answers to a form, by item.

    An item that must be given, or that is never left empty, needs an answer: nothing found is typed in.
    """
    items = {one.id: one for one in definition.information if one.id in form.information}
    found = [
        FieldError(f"answers.{code}", f"is not asked for in this form; {choose(code, items)}")
        for code in answers
        if code not in items
    ]
    for code, item in items.items():
        value = answers.get(code)
        if is_empty(value):
            found += _left_empty(item)
        else:
            found += _value_faults(item, value)
    return found


def moments_told(definition: Definition, told: FormTold) -> dict[str, MomentTold]:
    """When the events happened of which the form says so: in the answer to the event's own item, or beside it."""
    return {**told.events, **{event.id: moment for event, moment in _answered(definition, told)}}


def moment_faults(definition: Definition, told: FormTold, now: datetime) -> list[FieldError]:
    """What is wrong with the moments that are told. An answer that does not fit its item tells none.

    What has happened does not lie ahead: a term that the law limits would be counted from a slip of the pen.
    """
    possible = told_by_form(definition, told.code)
    faults = [
        FieldError(f"events.{code}", f"is no event that this form records; {choose(code, possible)}")
        for code in told.events
        if code not in possible
    ]
    faults += [fault for code, moment in told.events.items() if (fault := moment_fault(moment, f"events.{code}", now))]
    for event, moment in _answered(definition, told):
        if fault := moment_fault(moment, "", now, ahead=event.ahead):
            faults.append(FieldError(f"answers.{event.moment}", fault.message))
        if told.events.get(event.id, moment) != moment:
            faults.append(FieldError(f"events.{event.id}", f"differs from the answer to {event.moment}; give one"))
    return faults


def _answered(definition: Definition, told: FormTold) -> Iterator[tuple[Event, MomentTold]]:
    """The events whose moment an answer gives."""
    kinds = {item.id: item.kind for item in definition.information}
    recorded = set(told_by_form(definition, told.code))
    for event in definition.events:
        answer = told.answers.get(event.moment or "")
        if event.id not in recorded or event.moment is None or not isinstance(answer, str) or is_empty(answer):
            continue
        if kinds[event.moment] is Kind.DATE and _is_date(None, answer):
            yield event, MomentTold(on=answer)
        elif kinds[event.moment] is Kind.INSTANT and _is_instant(None, answer):
            yield event, MomentTold(datetime.fromisoformat(answer))


def filled(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that say something."""
    return {code: value for code, value in answers.items() if not is_empty(value)}


def is_empty(value: Any) -> bool:  # JSON
    """Whether an answer says nothing. A no and a nought say something."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value == []


def _left_empty(item: Information) -> Iterator[FieldError]:
    if item.never_empty:
        yield FieldError(f"answers.{item.id}", "is never left empty; if there is nothing, write that nothing was found")
    elif item.force is Force.MUST:
        yield FieldError(f"answers.{item.id}", "must be given")


def _value_faults(item: Information, value: Any) -> Iterator[FieldError]:
    at = f"answers.{item.id}"
    if isinstance(value, str) and (fault := text_fault(at, value, MOST_TEXT)):
        yield fault
    elif not _FITS[item.kind](item, value):
        yield FieldError(at, _WANTED[item.kind].format(choices=", ".join(item.choices)))


def _is_text(_item: Information, value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(_item: Information, value: Any) -> bool:
    return _is_text(_item, value) or (
        isinstance(value, list)
        and len(value) <= MOST_ITEMS
        and all(isinstance(one, str) and text_fault("", one, 500) is None for one in value)
    )


def _is_chosen(item: Information, value: Any) -> bool:
    return isinstance(value, str) and value in item.choices


def _are_chosen(item: Information, value: Any) -> bool:
    return isinstance(value, list) and all(_is_chosen(item, one) for one in value) and len(set(value)) == len(value)


def _is_number(_item: Information, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _is_date(_item: Information | None, value: Any) -> bool:
    try:
        FuzzyDate.parse(value)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _is_instant(_item: Information | None, value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (ValueError, TypeError):
        return False


def _is_yes_or_no(_item: Information, value: Any) -> bool:
    return isinstance(value, bool)


_FITS: Final[Mapping[Kind, Callable[[Information, Any], bool]]] = {
    Kind.TEXT: _is_text, Kind.YES_NO: _is_yes_or_no, Kind.CHOICE: _is_chosen, Kind.CHOICES: _are_chosen,
    Kind.DATE: _is_date, Kind.INSTANT: _is_instant, Kind.NUMBER: _is_number, Kind.PERSON: _is_text,
    Kind.PEOPLE: _are_texts, Kind.AREA: _is_text, Kind.AGENCY: _is_text, Kind.FILE: _is_text,
}  # fmt: skip
_WANTED: Final[Mapping[Kind, str]] = {
    **dict.fromkeys(Kind, "must be text"),
    Kind.YES_NO: "must be true or false",
    Kind.CHOICE: "must be one of: {choices}",
    Kind.CHOICES: "must be a list of some of: {choices}",
    Kind.DATE: "must be a date, such as 2026-03-02, March 2026 or 2026",
    Kind.INSTANT: "must be an instant with an offset, such as 2026-03-02T09:30:00+00:00",
    Kind.NUMBER: "must be a number",
    Kind.PEOPLE: "must be text, or a list of at most 100 texts",
}
