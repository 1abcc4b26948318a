"""What follows a change of a child's dates: whatever counts back from an expected date, or on from a birth.

A birth, a corrected date of either kind and an unborn child who becomes a subject are such changes.
"""

from typing import Final

from backend.kit.followers import Followers
from backend.kit.tasks import NOTICES, Actor

CHILD_DATES_CHANGED: Final = Actor("child_dates_changed", NOTICES)
DATE_FOLLOWERS: Final = Followers()
