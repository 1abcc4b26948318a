"""Actors of the clocks."""

from backend.clocks import service
from backend.kit.actors import register_once

register_once(service.CLOCK_REMINDER, service.remind)
register_once(service.CLOCK_BREACH, service.breach)
