"""Every table, imported once: what migrations compare the database with."""

from sqlmodel import SQLModel

from backend.cases import models as cases
from backend.cases.access import models as case_access
from backend.cases.children import models as children
from backend.cases.chronology import models as chronology
from backend.cases.drafts import models as drafts
from backend.cases.people import models as case_people
from backend.changes import models as changes
from backend.child_deaths import models as child_deaths
from backend.clocks import models as clocks
from backend.documents import models as documents
from backend.identity import models as identity
from backend.kit import audit, idempotency, tasks
from backend.letters import models as letters
from backend.meetings import models as meetings
from backend.meetings import record_models as meeting_records
from backend.pathways import casework_models as pathway_casework
from backend.pathways import models as pathways
from backend.referrals import models as referrals
from backend.registers.deaths import models as death_register
from backend.registers.enquiries import models as enquiries
from backend.registers.plans import models as plan_register
from backend.sharing import models as transfers
from backend.thresholds import models as threshold_casework
from notifications.alerts import models as alerts
from notifications.answers import models as answers
from notifications.channels import models as channels
from notifications.coverage import models as coverage
from notifications.deliveries import models as deliveries
from notifications.feeds import models as feeds
from notifications.handovers import models as handovers
from notifications.ladders import models as ladders
from notifications.printed_rotas import models as printed_rotas
from notifications.readiness import models as readiness
from notifications.rotas import models as rotas
from notifications.verifications import models as verifications
from notifications.watch import models as watch
from notifications.webhooks import models as webhooks
from tenants.applications import models as applications
from tenants.calendars import models as calendars
from tenants.contacts import models as contacts
from tenants.contacts import service_models as services
from tenants.partnerships import models as partnerships
from tenants.procedures import change_models as procedure_changes
from tenants.procedures import link_models as procedure_links
from tenants.procedures import models as procedures
from tenants.procedures import print_models as procedure_prints
from tenants.procedures import register_models as procedure_registers
from tenants.procedures import working_models as procedure_work
from tenants.qualifications import models as qualifications
from tenants.thresholds import models as thresholds

__all__ = [
    "alerts", "answers", "applications", "audit", "calendars", "case_access", "case_people", "cases", "changes",
    "channels", "child_deaths", "children", "chronology", "clocks", "contacts", "coverage", "death_register",
    "deliveries", "documents", "drafts", "enquiries", "feeds", "handovers", "idempotency", "identity", "ladders",
    "letters", "meeting_records", "meetings", "metadata", "partnerships", "pathway_casework", "pathways",
    "plan_register", "printed_rotas", "procedure_changes", "procedure_links", "procedure_prints",
    "procedure_registers", "procedure_work", "procedures", "qualifications", "readiness", "referrals", "rotas",
    "services", "tasks", "threshold_casework", "thresholds", "transfers", "verifications", "watch", "webhooks",
]  # fmt: skip

metadata = SQLModel.metadata
