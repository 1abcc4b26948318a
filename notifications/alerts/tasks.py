"""Actors of the alerts."""

from backend.kit.actors import register_once
from notifications.alerts import service
from notifications.deliveries.service import PAGE_ENDED

register_once(PAGE_ENDED, service.escalate)
