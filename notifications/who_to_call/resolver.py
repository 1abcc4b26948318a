"""Who answers now about a child of an age, in an area, about a topic: with the reason and the next fall-back. Pure.

A service of the area comes before one of all areas, the narrower age band before the wider. A service that is closed
hands on to its out-of-hours service, and so on; each is named once. What nobody may see is not there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from notifications.ladders.hours import Hours, covers
from notifications.who_to_call import opening
from tenants.contacts.service_models import PointKind, Visibility

_ALL_AGES: Final = 200


@dataclass(frozen=True, slots=True)
class Point:
    """A way to reach a service. Without an area it counts in all that the service serves, without hours always."""

    id: UUID
    kind: PointKind
    value: str
    label: str = ""
    area_id: UUID | None = None
    hours: tuple[Hours, ...] = ()
    visibility: Visibility = Visibility.PROFESSIONAL
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its ways in their order. Without areas it serves all of them; ages are whole years."""

    id: UUID
    code: str
    name: str
    organisation: str
    topics: frozenset[str]
    areas: frozenset[UUID] = frozenset()
    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility: str = ""
    visibility: Visibility = Visibility.PROFESSIONAL
    fallback_id: UUID | None = None
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """An entry of the directory that alerts are sent to, found by its role."""

    role: str
    name: str
    address: str
    area_id: UUID | None
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question: where, of what age (None: not known), about what, and when by the partnership's clocks."""

    area_id: UUID | None
    age: int | None
    about: str
    local: datetime
    holidays: frozenset[date]
    may_see: frozenset[Visibility]


@dataclass(frozen=True, slots=True)
class Call:
    """One way that is open now. ``value`` is the number or address; of a rota None, with the ``people`` on call."""

    service: Service
    point: Point
    value: str | None
    people: tuple[UUID, ...]
    why: tuple[str, ...]
    until: datetime | None
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A service that would be the one, but does not answer now; ``opens`` is None where that is not known."""

    service: Service
    opens: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom to call, the next fall-back after it, and what is closed."""

    calls: tuple[Call, ...]
    closed: tuple[Closed, ...]


OnCall = Callable[[str, UUID | None], Sequence[UUID]]


def who_to_call(
    asked: Asked, services: Mapping[UUID, Service], desks: Iterable[Desk], on_call: OnCall, areas: Mapping[UUID, str]
) -> Answer:
    """Everybody who may be called, in the order in which to try. ``areas`` are names by id."""
    held = tuple(desks)
    calls: list[Call] = []
    closed: list[Closed] = []
    named: set[UUID] = set()
    for chief in _fitting(asked, services.values()):
        previous: Service | None = None
        for service in _with_fallbacks(chief, asked, services):
            if service.id not in named:
                named.add(service.id)
                found = list(_open(asked, service, previous, held, on_call, areas))
                calls += found
                if not found:
                    closed.append(_closed(asked, service))
            previous = service
    return Answer(tuple(calls), tuple(closed))


def _fitting(asked: Asked, services: Iterable[Service]) -> list[Service]:
    found = [one for one in services if asked.about in one.topics and _serves(asked, one)]
    return sorted(found, key=lambda one: (not one.areas, _breadth(one), one.code))


def _serves(asked: Asked, service: Service) -> bool:
    here = not service.areas or asked.area_id is None or asked.area_id in service.areas
    return here and service.visibility in asked.may_see and _of_age(asked.age, service)


def _of_age(age: int | None, service: Service) -> bool:
    if age is None:
        return True
    return (service.minimum_age or 0) <= age <= (_ALL_AGES if service.maximum_age is None else service.maximum_age)


def _breadth(service: Service) -> int:
    return (_ALL_AGES if service.maximum_age is None else service.maximum_age) - (service.minimum_age or 0)


def _with_fallbacks(chief: Service, asked: Asked, services: Mapping[UUID, Service]) -> Iterator[Service]:
    """The service and those that answer out of its hours, each once however they point to each other."""
    seen: set[UUID] = set()
    current: Service | None = chief
    while current is not None and current.id not in seen:
        seen.add(current.id)
        if _serves(asked, current):
            yield current
        current = services.get(current.fallback_id) if current.fallback_id is not None else None


def _open(
    asked: Asked, service: Service, before: Service | None, desks: Sequence[Desk], on_call: OnCall,
    areas: Mapping[UUID, str],
) -> Iterator[Call]:  # fmt: skip
    for point in _points(asked, service):
        if not covers(point.hours, asked.local, asked.holidays):
            continue
        until = opening.ends(point.hours, asked.local, asked.holidays) if point.hours else None
        why = _why(asked, service, before, until, areas)
        stands_in = before.name if before is not None else None
        if point.kind is PointKind.ROTA:
            if people := tuple(on_call(point.value, asked.area_id)):
                yield Call(service, point, None, people, (*why, "On call now, by the rota."), until, stands_in)
        elif point.kind is PointKind.DESK:
            for desk in _at_desk(asked, point.value, desks):
                ends = opening.ends(desk.hours, asked.local, asked.holidays) if desk.hours else until
                yield Call(service, point, desk.address, (), (*why, f"Reached at {desk.name}."), ends, stands_in)
        else:
            yield Call(service, point, point.value, (), why, until, stands_in)


def _points(asked: Asked, service: Service) -> list[Point]:
    """Those of the area before those of all areas; otherwise in their order."""
    seen = [one for one in service.points if one.visibility in asked.may_see]
    here = [one for one in seen if one.area_id is not None and one.area_id == asked.area_id]
    return here + [one for one in seen if one.area_id is None or (asked.area_id is None and one.area_id is not None)]


def _at_desk(asked: Asked, role: str, desks: Sequence[Desk]) -> list[Desk]:
    """Desks whose hours cover the present; else those that are always there, as alerts find them."""
    named = [
        one for one in desks
        if one.role == role and (one.area_id is None or asked.area_id is None or one.area_id == asked.area_id)
    ]  # fmt: skip
    in_hours = [one for one in named if one.hours and covers(one.hours, asked.local, asked.holidays)]
    return in_hours or [one for one in named if not one.hours]


def _why(
    asked: Asked, service: Service, before: Service | None, until: datetime | None, areas: Mapping[UUID, str]
) -> tuple[str, ...]:
    area = areas.get(asked.area_id) if asked.area_id is not None and service.areas else None
    where = f"in {area}" if area is not None else "in all areas"
    said = [f"{service.name} answers {where}{_ages(asked, service)}."]
    if asked.about in service.topics:
        said[0] = f"{service.name} answers about {asked.about} {where}{_ages(asked, service)}."
    if before is not None:
        said.append(f"It stands in for {before.name} out of its hours.")
    if until is not None:
        said.append(f"It is there until {until:%A %H:%M}.")
    if service.eligibility:
        said.append(f"It takes: {service.eligibility}")
    return tuple(said)


def _ages(asked: Asked, service: Service) -> str:
    if service.minimum_age is None and service.maximum_age is None:
        return ""
    band = f"{service.minimum_age or 0}"
    band += f" to {service.maximum_age}" if service.maximum_age is not None else " and over"
    unknown = "; the child's age was not given" if asked.age is None else ""
    return f" for ages {band}{unknown}"


def _closed(asked: Asked, service: Service) -> Closed:
    """When it opens next: the first of its ways that has hours. One without hours that answers not has nobody there."""
    points = _points(asked, service)
    if not points:
        return Closed(service, None, "no way to reach it is entered")
    opens = [at for one in points if one.hours and (at := opening.begins(one.hours, asked.local, asked.holidays))]
    if opens and not any(covers(one.hours, asked.local, asked.holidays) for one in points):
        return Closed(service, min(opens), f"opens {min(opens):%A %H:%M}")
    return Closed(service, None, "nobody is on call for it, or no desk of its role is entered")
