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
    RAISE_ALERTS = "raise_alerts"
    CLOSE_ALERTS = "close_alerts"
    OVERRIDE_ALERTS = "override_alerts"
    VIEW_ALERT_POLICIES = "view_alert_policies"
    MANAGE_ALERT_POLICIES = "manage_alert_policies"
    RUN_DRILLS = "run_drills"


# What a duty manager or an administrator may do, and nobody by being a responder.
_IN_CHARGE: Final = frozenset({
    Permission.OVERRIDE_ALERTS, Permission.MANAGE_ALERT_POLICIES, Permission.RUN_DRILLS,
})  # fmt: skip
_RESPONDER: Final = frozenset(Permission) - _IN_CHARGE
_REPORTER: Final = frozenset({
    Permission.REPORT_CHILD_DEATH, Permission.VIEW_CHILD_DEATHS, Permission.VIEW_ALERTS, Permission.VIEW_CASES,
    Permission.ADD_DOCUMENTS, Permission.VIEW_ROTAS, Permission.RAISE_ALERTS,
})  # fmt: skip

ROLES: Final[dict[str, frozenset[Permission]]] = {
    "clinician": _REPORTER,
    "paediatrician": _RESPONDER,
    "designated_doctor": _RESPONDER,
    "sio": _RESPONDER,
    "detective_superintendent": _RESPONDER,
    "social_worker": _RESPONDER - {Permission.ANSWER_ALERTS, Permission.CLOSE_ALERTS},
    "cdop_manager": _RESPONDER - {Permission.ANSWER_ALERTS, Permission.CLOSE_ALERTS, Permission.REPORT_CHILD_DEATH},
    "duty_manager": _RESPONDER | {Permission.OVERRIDE_ALERTS, Permission.RUN_DRILLS},
    # Sets the partnership up; sees no child's record.
    "administrator": frozenset(
        {
            Permission.VIEW_ROTAS,
            Permission.VIEW_ALERT_POLICIES,
            Permission.MANAGE_ALERT_POLICIES,
            Permission.RUN_DRILLS,
        }
    ),
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
