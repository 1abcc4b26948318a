"""Actors of the clocks."""

from backend.clocks import firing, recomputing, recounting
from backend.kit.actors import register_once
from tenants.calendars.bank_holidays import RECOUNT

register_once(recomputing.CLOCK_TIMER, firing.fire)
register_once(RECOUNT, recounting.recount)
register_once(recounting.RECOUNT_CASE, recounting.recount_case)
register_once(recounting.RECOUNT_RUN, recounting.recount_run)
