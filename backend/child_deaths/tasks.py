"""Actors of the child deaths."""

from backend.child_deaths import service
from backend.kit.actors import register_once

register_once(service.NOTIFY_AGENCIES, service.notify_agencies)
