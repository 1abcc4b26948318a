"""Wordings that the engine itself chooses. All are fixed: they say what to do, never what it is about."""

from typing import Final

from notifications.alerts.models import Ending
from notifications.ladders.policy import SlotPolicy

OFFER: Final = "slot-offer"
DRILL_PAGE: Final = "drill-page"
DRILL_NOTICE: Final = "drill-notice"
DRILL_ENDED: Final = "drill-ended"
DESK: Final = "urgent-notice"
_ENDED: Final = {Ending.CANCELLED: "alert-cancelled", Ending.STOOD_DOWN: "alert-stood-down"}


def of_drill(plan: SlotPolicy) -> SlotPolicy:
    """The same ladder in words that say it is a drill."""
    return plan.model_copy(update={"template": DRILL_PAGE if plan.needs_answer else DRILL_NOTICE})


def to_desk(plan: SlotPolicy, *, drill: bool) -> str:
    """The wording for a desk, which nobody can answer for: where people would be asked to accept, to sign in."""
    if not plan.needs_answer:
        return plan.template
    return DRILL_NOTICE if drill else DESK


def ended(ending: Ending, *, drill: bool) -> str:
    """The wording that tells those who were called of the end."""
    return DRILL_ENDED if drill else _ENDED[ending]
