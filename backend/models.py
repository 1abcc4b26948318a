"""Every table, imported once: what migrations compare the database with."""

from sqlmodel import SQLModel

from backend.cases import models as cases
from backend.child_deaths import models as child_deaths
from backend.clocks import models as clocks
from backend.documents import models as documents
from backend.identity import models as identity
from backend.kit import audit, idempotency, tasks
from notifications.alerts import models as alerts
from notifications.channels import models as channels
from notifications.deliveries import models as deliveries
from notifications.ladders import models as ladders
from notifications.rotas import models as rotas
from tenants.contacts import models as contacts
from tenants.partnerships import models as partnerships

__all__ = [
    "alerts", "audit", "cases", "channels", "child_deaths", "clocks", "contacts", "deliveries", "documents",
    "idempotency", "identity", "ladders", "metadata", "partnerships", "rotas", "tasks",
]  # fmt: skip

metadata = SQLModel.metadata
