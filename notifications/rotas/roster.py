"""Who answers for a role at one instant, with the partnership's rule for uncovered hours. Pure."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Roster:
    """A snapshot of every rota: persons on duty by role, and the role that answers for an empty one."""

    on_duty: dict[str, list[UUID]]
    uncovered: dict[str, str | None]

    def find(self, role: str) -> tuple[list[UUID], str]:
        """Persons who answer for ``role`` and the role whose rota found them.

        An empty rota hands on to its role for uncovered hours, and that one to its own. A ring or
        an end without anybody gives no persons and the last role asked.
        """
        asked: list[str] = []
        current: str | None = role
        while current is not None and current not in asked:
            asked.append(current)
            if persons := self.on_duty.get(current):
                return persons, current
            current = self.uncovered.get(current)
        return [], asked[-1]
