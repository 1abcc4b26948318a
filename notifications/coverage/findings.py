"""What is wrong with rotas over a time ahead. Pure: duties and facts in, findings out.

Every finding names its subject, so that the same fault found again tomorrow is known to be the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from notifications.coverage.spans import Span, common, without

# Eleven consecutive hours' rest in each 24 hours (Working Time Regulations 1998, regulation 10).
MINIMUM_REST: Final = timedelta(hours=11)


class WarningKind(StrEnum):
    NO_ROTA = "no_rota"
    EMPTY_ROTA = "empty_rota"
    UNCOVERED = "uncovered"
    UNREACHABLE_PERSON = "unreachable_person"
    UNQUALIFIED_PERSON = "unqualified_person"
    OUT_OF_AREA = "out_of_area"
    DOUBLE_BOOKING = "double_booking"
    SHORT_REST = "short_rest"


@dataclass(frozen=True, slots=True)
class Duty:
    """A person's time on call for a rota, reachable in [begins, until)."""

    rota_id: UUID
    person_id: UUID
    begins: datetime
    until: datetime
    position: int = 1

    @property
    def span(self) -> Span:
        return self.begins, self.until


@dataclass(frozen=True, slots=True)
class RotaFacts:
    """What must hold for one rota.

    ``cover`` is the time ahead in which somebody must answer, by position: 1 is first on call, 2 second.
    ``members`` are those who take turns by its rules. ``qualified`` says until when each person is qualified,
    with None for always; it is itself None where the rota asks for no qualification. ``together_with`` are the
    rotas that one person may be on at the same time, as a consultant on call for two sites may be.
    ``elsewhere`` are those who do not work in every area that the rota serves.
    """

    rota_id: UUID
    cover: Mapping[int, Sequence[Span]]
    members: frozenset[UUID]
    qualified: Mapping[UUID, datetime | None] | None = None
    together_with: frozenset[UUID] = frozenset()
    elsewhere: frozenset[UUID] = frozenset()

    def is_qualified(self, duty: Duty) -> bool:
        """Whether the person is qualified for the whole of the duty."""
        if self.qualified is None:
            return True
        ends = self.qualified.get(duty.person_id, duty.begins)
        return ends is None or ends >= duty.until


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, its subject, and from when until when it matters; both None where time has no part in it."""

    kind: WarningKind
    rota_id: UUID | None = None
    person_id: UUID | None = None
    other_rota_id: UUID | None = None
    position: int | None = None
    begins: datetime | None = field(default=None, compare=False)
    until: datetime | None = field(default=None, compare=False)


def findings(
    rotas: Sequence[RotaFacts], duties: Iterable[Duty], reachable: frozenset[UUID], begins: datetime, until: datetime
) -> list[Finding]:
    """Every fault of ``rotas`` in [begins, until), whatever its kind.

    ``reachable`` are the persons who have not left and have a verified contact method in use. ``duties`` may
    lie outside the time asked for, as the rest before a turn may have begun before it; a fault that lies wholly
    outside it is left out. A partnership without
    any rota is a fault of its own, and so is a rota that has no members or nobody on call.
    """
    ordered = sorted(duties, key=lambda duty: (duty.begins, duty.until, duty.rota_id))
    within = [duty for duty in ordered if duty.begins < until and duty.until > begins]
    if not rotas:
        return [Finding(WarningKind.NO_ROTA)]
    found: list[Finding] = []
    for facts in rotas:
        own = [duty for duty in within if duty.rota_id == facts.rota_id]
        found += _of_rota(facts, own, reachable, begins, until)
    by_rota = {facts.rota_id: facts for facts in rotas}
    for person_duties in _by_person(ordered).values():
        found += _double_bookings(person_duties, by_rota, begins, until)
        found += _short_rests(person_duties, begins, until)
    return found


def _of_rota(
    facts: RotaFacts, own: Sequence[Duty], reachable: frozenset[UUID], begins: datetime, until: datetime
) -> Iterator[Finding]:
    if not own:
        # One warning says it all: every hour of cover being uncovered besides would only hide it.
        yield Finding(WarningKind.EMPTY_ROTA, facts.rota_id)
        return
    # A rota without members may still have turns that were put in by hand; they end.
    if not facts.members:
        yield Finding(WarningKind.EMPTY_ROTA, facts.rota_id)
    for position, wanted in facts.cover.items():
        answered = [duty.span for duty in own if duty.position == position]
        for start, end in without(common(wanted, [(begins, until)]), answered):
            yield Finding(WarningKind.UNCOVERED, facts.rota_id, position=position, begins=start, until=end)
    for person, held in _by_person(own).items():
        faulty = {
            WarningKind.UNREACHABLE_PERSON: [] if person in reachable else held,
            WarningKind.UNQUALIFIED_PERSON: [duty for duty in held if not facts.is_qualified(duty)],
            WarningKind.OUT_OF_AREA: held if person in facts.elsewhere else [],
        }
        for kind, duties in faulty.items():
            if duties:
                last = max(duty.until for duty in duties)
                yield Finding(kind, facts.rota_id, person, begins=duties[0].begins, until=last)


def _by_person(duties: Iterable[Duty]) -> dict[UUID, list[Duty]]:
    """Duties by person, in the order given."""
    held: dict[UUID, list[Duty]] = {}
    for duty in duties:
        held.setdefault(duty.person_id, []).append(duty)
    return held


def _double_bookings(
    held: Sequence[Duty], rotas: Mapping[UUID, RotaFacts], begins: datetime, until: datetime
) -> Iterator[Finding]:
    """Time that one person has on two rotas at once, unless each of the two allows the other."""
    spans: dict[UUID, list[Span]] = {}
    for duty in held:
        if duty.rota_id in rotas:
            spans.setdefault(duty.rota_id, []).append(duty.span)
    order = sorted(spans)
    for number, one in enumerate(order):
        for other in order[number + 1 :]:
            if other in rotas[one].together_with and one in rotas[other].together_with:
                continue
            for start, end in common(common(spans[one], spans[other]), [(begins, until)]):
                yield Finding(WarningKind.DOUBLE_BOOKING, one, held[0].person_id, other, begins=start, until=end)


class _Stretch(NamedTuple):
    """Duty without rest: from which turn, until when, and the rotas whose turns end it."""

    first: Duty
    until: datetime
    ends_on: frozenset[UUID]


def _short_rests(held: Sequence[Duty], begins: datetime, until: datetime) -> Iterator[Finding]:
    """Rests of under ``MINIMUM_REST`` of elapsed time between two stretches of duty, on whichever rotas.

    Turns that overlap, or that follow on at once on the same rota, are one stretch: somebody who holds a
    rota alone has one stretch without end, which is for the rota's members to mend and not for its hours.
    The span of a finding is the rest itself, empty where one rota's turn begins as another's ends.
    """
    stretches: list[_Stretch] = []
    for duty in held:
        last = stretches[-1] if stretches else None
        if last and (duty.begins < last.until or (duty.begins == last.until and duty.rota_id in last.ends_on)):
            on = last.ends_on if duty.until <= last.until else frozenset[UUID]()
            if duty.until >= last.until:
                stretches[-1] = _Stretch(last.first, duty.until, on | {duty.rota_id})
        else:
            stretches.append(_Stretch(duty, duty.until, frozenset({duty.rota_id})))
    for before, after in pairwise(stretches):
        turn = after.first
        if turn.begins - before.until < MINIMUM_REST and before.until < until and turn.begins >= begins:
            yield Finding(
                WarningKind.SHORT_REST, turn.rota_id, turn.person_id, min(before.ends_on),
                begins=before.until, until=turn.begins,
            )  # fmt: skip
