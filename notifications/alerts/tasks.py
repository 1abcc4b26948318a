"""Actors of the alerts."""

from backend.kit.actors import register_once
from notifications.alerts import service

register_once(service.PAGE_ENDED, service.escalate)
