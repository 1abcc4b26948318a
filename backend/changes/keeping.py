"""How long a phone may keep a copy of a thing while it is offline. Pure.

A client is assumed to encrypt what it keeps. The time runs from the answer that brought the copy; what the feed
tells again may be kept anew. It bounds what a lost or stolen phone holds, and what one that never comes online
again goes on showing.
"""

from datetime import timedelta
from typing import Final

from backend.cases.policies import Ties
from backend.changes.models import ChangeKind

KEEP: Final = {
    ChangeKind.ALERT: timedelta(hours=24),
    ChangeKind.CASE: timedelta(hours=12),
    ChangeKind.RUN: timedelta(hours=12),
    ChangeKind.TASK: timedelta(hours=72),
    ChangeKind.CLOCK: timedelta(hours=72),
    ChangeKind.MEETING: timedelta(hours=72),
    ChangeKind.DOCUMENT: timedelta(hours=12),
    ChangeKind.HANDOVER: timedelta(hours=24),
    ChangeKind.CONTACT_METHOD: timedelta(days=7),
}
NOT_AT_ALL: Final = timedelta()


def keep_for(kind: ChangeKind, case: Ties | None) -> timedelta:
    """For how long a copy may be kept. Nothing of a restricted case, or of one seen in an emergency alone, may be."""
    if case is not None and (case.restricted or (case.emergency and not case.listed)):
        return NOT_AT_ALL
    return KEEP[kind]
