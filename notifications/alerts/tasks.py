"""Actors of the alerts."""

from backend.kit.actors import register_once
from notifications.alerts import attendance, drills, escalation, offers, paging
from notifications.deliveries.service import PAGE_ENDED

register_once(PAGE_ENDED, escalation.escalate)
register_once(paging.PAGE_AGAIN, escalation.page_again)
register_once(attendance.CONFIRMATION_DUE, attendance.lapse)
register_once(offers.OFFER_ENDED, offers.expire)
register_once(drills.HOLD_DRILL, drills.hold)
