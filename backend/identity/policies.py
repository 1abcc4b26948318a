"""What each role may do. Verbs on resources; a service asks before it acts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.kit.problems import Forbidden


class Permission(StrEnum):
    REPORT_CHILD_DEATH = "report_child_death"
    VIEW_CHILD_DEATHS = "view_child_deaths"
    VIEW_ALERTS = "view_alerts"
    ANSWER_ALERTS = "answer_alerts"
    VIEW_CASES = "view_cases"
    VIEW_CLOCKS = "view_clocks"
    COMPLETE_CLOCKS = "complete_clocks"
    ADD_DOCUMENTS = "add_documents"
    VIEW_DOCUMENTS = "view_documents"
    VIEW_ROTAS = "view_rotas"
    OVERSEE_MESSAGES = "oversee_messages"
    MAKE_EVIDENCE = "make_evidence"


_OVERSEER: Final = frozenset({Permission.OVERSEE_MESSAGES, Permission.MAKE_EVIDENCE})
_RESPONDER: Final = frozenset(Permission) - _OVERSEER
_REPORTER: Final = frozenset({
    Permission.REPORT_CHILD_DEATH, Permission.VIEW_CHILD_DEATHS, Permission.VIEW_ALERTS, Permission.VIEW_CASES,
    Permission.ADD_DOCUMENTS, Permission.VIEW_ROTAS,
})  # fmt: skip

ROLES: Final[dict[str, frozenset[Permission]]] = {
    "clinician": _REPORTER,
    "paediatrician": _RESPONDER,
    "designated_doctor": _RESPONDER,
    "sio": _RESPONDER,
    "detective_superintendent": _RESPONDER,
    "social_worker": _RESPONDER - {Permission.ANSWER_ALERTS},
    "cdop_manager": (_RESPONDER - {Permission.ANSWER_ALERTS, Permission.REPORT_CHILD_DEATH})
    | {Permission.MAKE_EVIDENCE},
    "duty_manager": _RESPONDER | _OVERSEER,
    # Sets the partnership up; sees no child's record.
    "administrator": frozenset({Permission.VIEW_ROTAS, Permission.OVERSEE_MESSAGES}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, where, and what they may do. Made from a verified token and a membership."""

    tenant_id: UUID
    partnership: str
    person_id: UUID
    roles: tuple[str, ...]

    def may(self, permission: Permission) -> bool:
        return any(permission in ROLES.get(role, frozenset()) for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden``, naming the permission and the remedy, unless one of the roles has it."""
        if not self.may(permission):
            wanted = permission.value.replace("_", " ")
            raise Forbidden(f"Your roles do not let you {wanted}. Ask your partnership's administrator.")
