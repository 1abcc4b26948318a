"""Actors of the clocks."""

from backend.clocks import recounting, service
from backend.kit.actors import register_once
from tenants.calendars.bank_holidays import RECOUNT

register_once(service.CLOCK_REMINDER, service.remind)
register_once(service.CLOCK_BREACH, service.breach)
register_once(RECOUNT, recounting.recount)
