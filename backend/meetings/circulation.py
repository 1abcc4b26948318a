"""To whom minutes go, and who is still without them. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.meetings.models import MeetingInvitation, Part
from backend.meetings.record_models import Attendance
from backend.pathways.definitions.records import Circulation, Meeting

CAME: Final = frozenset({Attendance.ATTENDED, Attendance.DEPUTY})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left of one circulation: who has no copy yet, and the roles that nobody is named in."""

    circulation: Circulation
    invitations: tuple[UUID, ...]
    roles: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.invitations and not self.roles


def waiting(
    definition: Meeting, invitations: Iterable[MeetingInvitation], came: Collection[UUID], served: Collection[UUID]
) -> list[Waiting]:
    """What is left of each circulation, by who ``came`` and who was ``served``, both as ids of invitations."""
    people = list(invitations)
    return [_left(one, people, came, served) for one in definition.circulation]


def _left(
    one: Circulation, people: list[MeetingInvitation], came: Collection[UUID], served: Collection[UUID]
) -> Waiting:
    invited = [row for row in people if row.part is not Part.RECIPIENT]
    wanted = {
        "attended": {row.id for row in invited if row.id in came},
        "invited": {row.id for row in invited},
        "attended-and-invited": {row.id for row in invited},
        "named": set[UUID](),
    }[one.who]
    wanted |= {row.id for row in people if row.role in one.to}
    held = {row.role for row in people}
    left = tuple(row.id for row in people if row.id in wanted and row.id not in served)
    return Waiting(one, left, tuple(role for role in one.to if role not in held))
