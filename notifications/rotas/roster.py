"""Who answers for a role at one instant, with the partnership's rule for uncovered hours. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Seat:
    """A position of one rota: the areas it serves (none named: all of them) and who is in it, latest first."""

    role: str
    position: int
    areas: frozenset[UUID]
    persons: tuple[UUID, ...]
    uncovered_role: str | None = None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who is on call, as others know them."""

    id: UUID
    name: str
    post: str
    active: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """A snapshot of every rota: persons on duty by role, and the role that answers for an empty one.

    ``on_duty`` and ``uncovered`` are those of first on call in the rotas that serve all areas.
    ``seats`` are all others: second on call and further, and the rotas of some areas only. ``people``
    tells who those on duty are.
    """

    on_duty: dict[str, list[UUID]]
    uncovered: dict[str, str | None]
    seats: tuple[Seat, ...] = ()
    people: Mapping[UUID, OnDuty] = field(default_factory=dict)

    def find(self, role: str, *, position: int = 1, areas: Iterable[UUID] = ()) -> tuple[list[UUID], str]:
        """Persons who answer for ``role`` and the role whose rota found them.

        A rota of one of ``areas`` answers before one that serves all of them; asked without an
        area, rotas of some areas answer, all together, when no rota serves all. ``position`` 2 is
        second on call. An empty rota hands on to its role for uncovered hours, at the same
        position, and that one to its own. Where that finds nobody for the areas, it is asked for
        without one: somebody from elsewhere is better than nobody. A ring or an end without anybody
        gives no persons and the last role asked.
        """
        wanted = frozenset(areas)
        found = self._along(role, position, wanted)
        return found if found[0] or not wanted else self._along(role, position, frozenset())

    def _along(self, role: str, position: int, wanted: frozenset[UUID]) -> tuple[list[UUID], str]:
        asked: list[str] = []
        current: str | None = role
        while current is not None and current not in asked:
            asked.append(current)
            if persons := self._persons(current, position, wanted):
                return persons, current
            current = self._next(current, wanted)
        return [], asked[-1]

    def _persons(self, role: str, position: int, areas: frozenset[UUID]) -> list[UUID]:
        own = [seat for seat in self._local(role, areas) if seat.position == position]
        everywhere = self.on_duty.get(role, []) if position == 1 else []
        others = [seat for seat in self.seats if seat.role == role and seat.position == position]
        everywhere = everywhere or _seated(seat for seat in others if not seat.areas)
        anywhere = [] if areas else others
        return _seated(own) or list(dict.fromkeys(everywhere)) or _seated(anywhere)

    def _next(self, role: str, areas: frozenset[UUID]) -> str | None:
        named = [seat.uncovered_role for seat in self._local(role, areas) if seat.uncovered_role]
        return named[0] if named else self.uncovered.get(role)

    def _local(self, role: str, areas: frozenset[UUID]) -> Iterator[Seat]:
        return (seat for seat in self.seats if seat.role == role and seat.areas & areas)


def _seated(seats: Iterable[Seat]) -> list[UUID]:
    return list(dict.fromkeys(person for seat in seats for person in seat.persons))
