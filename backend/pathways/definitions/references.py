"""Codes that name something else: found wherever the grammar marks them, with their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from backend.clocks.criteria import Counted, Lasting, Sized
from backend.clocks.limits import Condition, Extension, Limit, OtherClock, OtherSetting, OwnFallBack, Pause, Start
from backend.clocks.rules import AgreedDate, Criterion, Deadline, Expiry, Gate, LookBack, Rule
from backend.pathways.definitions.positions import Path
from backend.pathways.definitions.vocabulary import Refers


@dataclass(frozen=True, slots=True)
class Reference:
    """``code`` at ``path`` has to be something of the kind ``to``."""

    to: str
    code: str
    path: Path


def references(value: BaseModel, path: Path = ()) -> Iterator[Reference]:
    """Every marked code in ``value``, save those that are its own ids."""
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name)
        if name != "id" and inner is not None:
            yield from _within(inner, field.annotation, tuple(field.metadata), (*path, field.alias or name))


def _within(value: Any, annotation: Any, metadata: tuple[Any, ...], path: Path) -> Iterator[Reference]:
    if isinstance(value, BaseModel):
        yield from references(value, path)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            inner, marks = _unwrapped(get_args(annotation)[0])
            yield from _within(item, inner, marks, (*path, number))
    elif isinstance(value, str):
        marks = metadata or _unwrapped(annotation)[1]
        for mark in marks:
            if isinstance(mark, Refers):
                yield Reference(mark.to, value, path)


@cache
def _unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """An annotation without what is annotated to it, and that; of an optional one, the part that is not None."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return inner, tuple(marks)
    for argument in get_args(annotation):
        if get_origin(argument) is Annotated:
            return _unwrapped(argument)
    return annotation, ()


def clock_references(clock: Rule, path: Path) -> Iterator[Reference]:
    """The same for a clock, whose grammar marks nothing."""
    yield Reference("role", clock.role, (*path, "role"))
    yield Reference("source", clock.citation, (*path, "citation"))
    yield from _events(clock, path)
    match clock:
        case Deadline(tell_on_breach=str(role)):
            yield Reference("role", role, (*path, "tell_on_breach"))
        case Gate():
            yield Reference("transition", clock.before, (*path, "before"))
            if clock.exempt_if:
                yield Reference("information", clock.exempt_if, (*path, "exempt_if"))
        case AgreedDate(before=str(before)):
            yield Reference("transition", before, (*path, "before"))
        case Expiry(ended_by=str(event)):
            yield Reference("event", event, (*path, "ended_by"))
        case LookBack():
            yield Reference("event", clock.looks_for, (*path, "looks_for"))
        case Criterion():
            yield from _tested(clock, path)
        case _:
            pass


def _tested(clock: Criterion, path: Path) -> Iterator[Reference]:
    """What a criterion tests, and what it opens."""
    if clock.opens:
        yield Reference("pathway", clock.opens, (*path, "opens"))
    match clock.test:
        case Lasting() as test:
            yield Reference("event", test.begins, (*path, "test", "begins"))
            yield Reference("event", test.ends, (*path, "test", "ends"))
        case Counted() as test:
            yield Reference("event", test.event, (*path, "test", "event"))
            if test.setting:
                yield Reference("setting", test.setting, (*path, "test", "setting"))
        case Sized() as test:
            yield Reference("information", test.fact, (*path, "test", "fact"))


def _events(value: BaseModel, path: Path) -> Iterator[Reference]:
    """Events, facts and clocks that any part of a clock names."""
    yield from _named(value, path)
    for name in type(value).model_fields:
        inner, at = getattr(value, name), (*path, name)
        if name == "met_by" and inner is not None:
            yield Reference("event", inner, at)
        elif isinstance(inner, BaseModel):
            yield from _events(inner, at)
        elif isinstance(inner, tuple):
            for number, item in enumerate(inner):
                if isinstance(item, BaseModel):
                    yield from _events(item, (*at, number))


def _named(value: BaseModel, path: Path) -> Iterator[Reference]:
    """What one part of a clock names by itself."""
    match value:
        case Start():
            yield Reference("event", value.event, (*path, "event"))
            for number, event in enumerate(value.or_events):
                yield Reference("event", event, (*path, "or_events", number))
        case AgreedDate():
            yield Reference("event", value.event, (*path, "event"))
        case Pause():
            yield from (Reference("event", getattr(value, end), (*path, end)) for end in ("begins", "ends"))
        case Extension():
            ends = {"granted": value.granted, "until": value.until}
            yield from (Reference("event", event, (*path, end)) for end, event in ends.items() if event)
        case Condition():
            yield Reference("information", value.fact, (*path, "fact"))
        case OtherClock():
            yield Reference("clock", value.clock, (*path, "clock"))
        case OtherSetting() | OwnFallBack():
            yield Reference("setting", value.setting, (*path, "setting"))
        case Limit(citation=str(citation)):
            yield Reference("source", citation, (*path, "citation"))
        case _:
            pass
