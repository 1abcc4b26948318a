"""What follows from a step: the events it records, the notifications that go out, the duties that begin. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from backend.pathways.course import Course, Step, duty_keys, owed
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.entry import Event, Recorder
from backend.pathways.definitions.records import Notification
from backend.pathways.definitions.steps import Obligation
from backend.pathways.judging import options_of
from backend.pathways.models import ActionKind, Source


def events_of(definition: Definition, step: Step) -> list[tuple[str, Source]]:
    """The events that the step records by itself, each once, with what recorded them.

    A form records the event that it alone tells of (``recorded_alone``); of any other only those whose moments were
    told with it, for each happened at a time of its own.
    """
    found: list[tuple[str, Source]] = []
    if step.enters is not None:
        stages = _stages(definition, step)
        found += [(event.id, Source.STAGE) for event in definition.events if _by(event, "stage", stages)]
    match step.kind:
        case ActionKind.STARTED:
            found += _named(definition, "variant", step.more, Source.STAGE)
        case ActionKind.DECIDED | ActionKind.AUTHORISED if step.authority is None:
            found += [(code, Source.DECISION) for code in _of_decision(definition, step)]
        case ActionKind.FORM_COMPLETED:
            alone = recorded_alone(definition, step.code)
            found += [(alone, Source.FORM)] if alone is not None else []
        case ActionKind.NOTIFIED:
            found += _named(definition, "notification", (step.code,), Source.NOTIFICATION)
        case ActionKind.MEETING_HELD:
            found += _named(definition, "meeting", (step.code,), Source.MEETING)
        case ActionKind.SIGNED_OFF:
            found += _named(definition, "sign_off", (step.code,), Source.SIGN_OFF)
        case _:
            pass
    once = dict(reversed(found))
    return [(code, once.pop(code)) for code, _ in found if code in once]


def told_by_form(definition: Definition, form: str | None) -> list[str]:
    """The events that a form records."""
    return [event.id for event in _of_form(definition, form)]


def recorded_alone(definition: Definition, form: str | None) -> str | None:
    """The one event that a form records by being made. A day that may lie ahead is none: it has to be named."""
    told = _of_form(definition, form)
    return told[0].id if len(told) == 1 and not told[0].ahead else None


def _of_form(definition: Definition, form: str | None) -> list[Event]:
    return [event for event in definition.events if _by(event, "form", {form})]


def passed_on(definition: Definition, event: str, pathway: str) -> bool:
    """Whether a run of this definition takes over the event from a run of ``pathway`` on the same case."""
    return any(one.id == event and any(by.elsewhere == pathway for by in one.recorded_by) for one in definition.events)


def takes_from(definition: Definition, pathway: str) -> bool:
    """Whether a run of this definition takes over anything from runs of ``pathway``."""
    return any(by.elsewhere == pathway for event in definition.events for by in event.recorded_by)


def outgoing(definition: Definition, step: Step | None, events: Iterable[str]) -> list[Notification]:
    """The notifications that the step's answers or these events call for."""
    recorded = set(events)
    named = {code for option in (options_of(definition, step) if step else ()) for code in option.notifications}
    return [one for one in definition.notifications if one.id in named or (one.on is not None and one.on in recorded)]


def begun(definition: Definition, before: Course, after: Course) -> Sequence[Obligation]:
    """The duties that are owed now and were not before."""
    known = {one.id for one in owed(definition, before)} if before.started else set()
    return [one for one in owed(definition, after) if one.id not in known]


def owed_again(definition: Definition, step: Step) -> Sequence[Obligation]:
    """The duties that the step makes owed again."""
    return [one for one in definition.obligations if set(duty_keys(one)) & set(step.owes)]


def opened(definition: Definition, step: Step) -> tuple[str, ...]:
    """The pathways that the chosen answers open."""
    return tuple(dict.fromkeys(code for option in options_of(definition, step) for code in option.opens))


def _of_decision(definition: Definition, step: Step) -> Iterator[str]:
    """Events of the chosen answers, and those of the decision itself that no answer claims for its own."""
    started = {code for option in options_of(definition, step) for code in option.starts}
    decision = next(one for one in definition.decisions if one.id == step.code)
    claimed = {code for option in decision.options for code in option.starts}
    for event in definition.events:
        if event.id in started or (_by(event, "decision", {step.code}) and event.id not in claimed):
            yield event.id


def _named(definition: Definition, kind: str, codes: Iterable[str | None], source: Source) -> list[tuple[str, Source]]:
    return [(event.id, source) for event in definition.events if _by(event, kind, set(codes))]


def _stages(definition: Definition, step: Step) -> set[str | None]:
    """The stage that is entered; with the first one, those that run throughout begin."""
    throughout = {stage.id for stage in definition.stages if stage.throughout}
    return {step.enters} | (throughout if step.kind is ActionKind.STARTED else set())


def _by(event: Event, kind: str, codes: set[str | None]) -> bool:
    return any(_recorder(one, kind) in codes for one in event.recorded_by if _recorder(one, kind) is not None)


def _recorder(one: Recorder, kind: str) -> str | None:
    found: str | None = getattr(one, kind)
    return found
