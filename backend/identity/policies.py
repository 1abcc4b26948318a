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
    RAISE_ALERTS = "raise_alerts"
    ANSWER_ALERTS = "answer_alerts"
    CLOSE_ALERTS = "close_alerts"
    OVERRIDE_ALERTS = "override_alerts"
    VIEW_ALERT_POLICIES = "view_alert_policies"
    MANAGE_ALERT_POLICIES = "manage_alert_policies"
    RUN_DRILLS = "run_drills"
    OVERSEE_MESSAGES = "oversee_messages"
    MAKE_EVIDENCE = "make_evidence"
    VIEW_CASES = "view_cases"
    VIEW_CLOCKS = "view_clocks"
    COMPLETE_CLOCKS = "complete_clocks"
    EXPLAIN_CLOCKS = "explain_clocks"
    CHANGE_CLOCKS = "change_clocks"
    EXTEND_CLOCKS = "extend_clocks"
    ADD_DOCUMENTS = "add_documents"
    VIEW_DOCUMENTS = "view_documents"
    VIEW_ROTAS = "view_rotas"
    MANAGE_ROTAS = "manage_rotas"
    VIEW_PRINTED_ROTAS = "view_printed_rotas"
    VIEW_READINESS = "view_readiness"
    VIEW_CONTACT_ADDRESSES = "view_contact_addresses"
    VIEW_HANDOVERS = "view_handovers"
    WRITE_HANDOVERS = "write_handovers"
    VIEW_PEOPLE = "view_people"
    MANAGE_QUALIFICATIONS = "manage_qualifications"
    MANAGE_PEOPLE = "manage_people"
    VIEW_DIRECTORY = "view_directory"
    MANAGE_DIRECTORY = "manage_directory"
    MANAGE_INTEGRATIONS = "manage_integrations"
    MAKE_REFERRALS = "make_referrals"
    OPEN_CASES = "open_cases"
    EDIT_CASES = "edit_cases"
    MANAGE_CASES = "manage_cases"
    RESTRICT_CASES = "restrict_cases"
    BREAK_GLASS = "break_glass"
    HOLD_MEETINGS = "hold_meetings"
    ATTEND_MEETINGS = "attend_meetings"
    VIEW_ACCESS_LOGS = "view_access_logs"
    SEE_PROTECTED_IDENTITIES = "see_protected_identities"
    SEE_HIDDEN_ADDRESSES = "see_hidden_addresses"
    MANAGE_TEAMS = "manage_teams"
    VIEW_PATHWAYS = "view_pathways"
    DRAFT_PATHWAYS = "draft_pathways"
    APPROVE_PATHWAYS = "approve_pathways"
    AUTHORISE_DEPARTURES = "authorise_departures"
    VIEW_THRESHOLDS = "view_thresholds"
    DRAFT_THRESHOLDS = "draft_thresholds"
    APPROVE_THRESHOLDS = "approve_thresholds"
    VIEW_THRESHOLD_FIGURES = "view_threshold_figures"
    VIEW_STATISTICS = "view_statistics"
    SEE_SMALL_NUMBERS = "see_small_numbers"
    WRITE_PROCEDURES = "write_procedures"
    APPROVE_PROCEDURES = "approve_procedures"
    VIEW_TRANSFERS = "view_transfers"
    OFFER_TRANSFERS = "offer_transfers"
    ANSWER_TRANSFERS = "answer_transfers"
    VIEW_PLAN_REGISTER = "view_plan_register"
    KEEP_PLAN_REGISTER = "keep_plan_register"
    TAKE_ENQUIRIES = "take_enquiries"
    OVERSEE_ENQUIRIES = "oversee_enquiries"
    VIEW_DEATH_REGISTER = "view_death_register"
    KEEP_DEATH_REGISTER = "keep_death_register"


# What keeping the rotas, being in charge and watching over the messages need, and nobody by being a responder.
_KEEPS_ROTAS: Final = frozenset({
    Permission.MANAGE_ROTAS, Permission.VIEW_READINESS, Permission.VIEW_CONTACT_ADDRESSES, Permission.VIEW_PEOPLE,
    Permission.MANAGE_QUALIFICATIONS, Permission.MANAGE_DIRECTORY,
})  # fmt: skip
_OVERSEES: Final = frozenset({Permission.OVERSEE_MESSAGES, Permission.MAKE_EVIDENCE})
# Which cases a role's verbs reach, and what of a case stays masked, is said in ``backend.cases.policies``.
_SEES_MASKED: Final = frozenset({Permission.SEE_PROTECTED_IDENTITIES, Permission.SEE_HIDDEN_ADDRESSES})
_LEADS_CASES: Final = frozenset({
    Permission.RESTRICT_CASES, Permission.VIEW_ACCESS_LOGS, Permission.MANAGE_TEAMS, Permission.AUTHORISE_DEPARTURES,
    Permission.EXTEND_CLOCKS, Permission.MANAGE_CASES, Permission.VIEW_THRESHOLD_FIGURES, Permission.VIEW_STATISTICS,
    Permission.ANSWER_TRANSFERS,
}) | _SEES_MASKED  # fmt: skip
# Who answers at any hour whether a child is known, and who keeps the register that they look in (¶4.125-4.127).
_ANSWERS_ENQUIRIES: Final = frozenset({Permission.VIEW_PLAN_REGISTER, Permission.TAKE_ENQUIRIES})
_KEEPS_PLANS: Final = _ANSWERS_ENQUIRIES | {Permission.KEEP_PLAN_REGISTER, Permission.OVERSEE_ENQUIRIES}
_KEEPS_DEATHS: Final = frozenset({Permission.VIEW_DEATH_REGISTER, Permission.KEEP_DEATH_REGISTER})
# Whoever delivers the report to the coroner says that it needs longer (Working Together 2005 ¶5.38).
_DELIVERS_REPORTS: Final = frozenset({Permission.EXTEND_CLOCKS})
# Who counts for the partnership: of few children everybody could tell which, so small numbers are a right of their own.
_COUNTS: Final = frozenset({Permission.VIEW_STATISTICS, Permission.SEE_SMALL_NUMBERS})
# Anybody can be called: on call, put on a case whose limit passes, named in a policy, asked to take a call over. So
# everybody may answer, and see what they were called for; nobody answers who was not called.
_CALLED: Final = frozenset({Permission.ANSWER_ALERTS})
_PRACTITIONER: Final = frozenset({
    Permission.VIEW_CASES, Permission.OPEN_CASES, Permission.EDIT_CASES, Permission.BREAK_GLASS,
    Permission.VIEW_CLOCKS, Permission.COMPLETE_CLOCKS, Permission.EXPLAIN_CLOCKS, Permission.CHANGE_CLOCKS,
    Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS, Permission.VIEW_ALERTS, Permission.RAISE_ALERTS,
    Permission.VIEW_ROTAS, Permission.VIEW_DIRECTORY, Permission.VIEW_PATHWAYS, Permission.HOLD_MEETINGS,
    Permission.ATTEND_MEETINGS, Permission.VIEW_THRESHOLDS, Permission.VIEW_TRANSFERS, Permission.OFFER_TRANSFERS,
    Permission.MAKE_REFERRALS,
})  # fmt: skip
_RESPONDER: Final = _PRACTITIONER | {
    Permission.REPORT_CHILD_DEATH, Permission.VIEW_CHILD_DEATHS, Permission.CLOSE_ALERTS,
    Permission.VIEW_ALERT_POLICIES, Permission.VIEW_PRINTED_ROTAS, Permission.VIEW_HANDOVERS,
    Permission.WRITE_HANDOVERS,
}  # fmt: skip
_REPORTER: Final = frozenset({
    Permission.REPORT_CHILD_DEATH, Permission.VIEW_CHILD_DEATHS, Permission.VIEW_ALERTS, Permission.VIEW_CASES,
    Permission.ADD_DOCUMENTS, Permission.VIEW_ROTAS, Permission.RAISE_ALERTS, Permission.BREAK_GLASS,
    Permission.VIEW_PATHWAYS, Permission.ATTEND_MEETINGS, Permission.VIEW_THRESHOLDS, Permission.VIEW_DIRECTORY,
    Permission.MAKE_REFERRALS,
})  # fmt: skip
_ROTA_MANAGER: Final = _KEEPS_ROTAS | {
    Permission.VIEW_ROTAS, Permission.VIEW_PRINTED_ROTAS, Permission.VIEW_HANDOVERS, Permission.VIEW_DIRECTORY,
}  # fmt: skip

_OF_ROLES: Final[dict[str, frozenset[Permission]]] = {
    "clinician": _REPORTER,
    "paediatrician": _RESPONDER,
    "designated_doctor": _RESPONDER | _DELIVERS_REPORTS | {Permission.VIEW_DEATH_REGISTER},
    "sio": _RESPONDER | {Permission.SEE_HIDDEN_ADDRESSES},
    "detective_superintendent": _RESPONDER | {Permission.SEE_HIDDEN_ADDRESSES},
    "social_worker": _RESPONDER - {Permission.CLOSE_ALERTS} | _SEES_MASKED | _ANSWERS_ENQUIRIES,
    # Works on the cases that are theirs, and sees nobody else's.
    "practitioner": _PRACTITIONER,
    "team_manager": _PRACTITIONER | _LEADS_CASES,
    # The named professional of an agency.
    "agency_lead": _PRACTITIONER | _LEADS_CASES,
    # Keeps the list of children with plans, and the log of enquiries about children (Working Together 2005 ¶4.125).
    "designated_manager": _PRACTITIONER | _LEADS_CASES | _KEEPS_PLANS,
    "cdop_manager": (
        _RESPONDER - {Permission.CLOSE_ALERTS, Permission.REPORT_CHILD_DEATH}
        | {Permission.MAKE_EVIDENCE, Permission.ANSWER_TRANSFERS} | _KEEPS_DEATHS
    ),
    "duty_manager": (
        _RESPONDER | _KEEPS_ROTAS | _OVERSEES | _LEADS_CASES | _KEEPS_PLANS
        | {Permission.OVERRIDE_ALERTS, Permission.RUN_DRILLS, Permission.APPROVE_PATHWAYS,
           Permission.APPROVE_THRESHOLDS, Permission.APPROVE_PROCEDURES}
    ),
    # Returns the partnership's figures; sees no child's record.
    "performance_officer": _COUNTS | {Permission.VIEW_PATHWAYS, Permission.VIEW_THRESHOLDS,
                                      Permission.VIEW_THRESHOLD_FIGURES},
    # Write the manual of procedures, and agree to it: whoever writes an edition is not whoever approves it. They see
    # no child's record.
    "procedures_author": frozenset({Permission.WRITE_PROCEDURES, Permission.VIEW_DIRECTORY, Permission.VIEW_PATHWAYS}),
    "procedures_approver": frozenset({Permission.APPROVE_PROCEDURES, Permission.VIEW_PATHWAYS}),
    # Keeps the rotas; sees no child's record.
    "rota_manager": _ROTA_MANAGER,
    # Sets the partnership up; sees no child's record and nobody's number.
    "administrator": _ROTA_MANAGER - {Permission.VIEW_CONTACT_ADDRESSES, Permission.VIEW_HANDOVERS} | {
        Permission.VIEW_ALERT_POLICIES, Permission.MANAGE_ALERT_POLICIES, Permission.RUN_DRILLS,
        Permission.OVERSEE_MESSAGES, Permission.MANAGE_PEOPLE, Permission.VIEW_PATHWAYS, Permission.DRAFT_PATHWAYS,
        Permission.VIEW_THRESHOLDS, Permission.DRAFT_THRESHOLDS, Permission.VIEW_THRESHOLD_FIGURES,
        Permission.VIEW_STATISTICS, Permission.MANAGE_INTEGRATIONS,
        Permission.WRITE_PROCEDURES,
    },
}  # fmt: skip
ROLES: Final[dict[str, frozenset[Permission]]] = {role: own | _CALLED for role, own in _OF_ROLES.items()}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, where, and what they may do. Made from a verified token and a membership.

    For an application, ``application_scopes`` is what it was granted, None for a person. It has no role but
    the ``permissions`` of its scopes, and its ``person_id`` is its own id: nobody's, so nothing is theirs.
    """

    tenant_id: UUID
    partnership: str
    person_id: UUID
    roles: tuple[str, ...]
    application_scopes: frozenset[str] | None = None
    permissions: frozenset[Permission] = frozenset()

    @property
    def is_application(self) -> bool:
        """Whether it is a program of a third party that asks, for which nobody signed in."""
        return self.application_scopes is not None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions or any(permission in ROLES.get(role, ()) for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden``, naming the permission and the remedy, unless one of the roles has it."""
        if not self.may(permission):
            wanted = permission.value.replace("_", " ")
            if self.application_scopes is not None:
                raise Forbidden(f"What your application was granted does not let it {wanted}.")
            raise Forbidden(f"Your roles do not let you {wanted}. Ask your partnership's administrator.")
