"""Why somebody cannot come, to choose from. No free text goes with a message, so that no child can be named."""

from typing import Final

REASONS: Final = {
    "busy": "I am at another call",
    "far": "I cannot get there in time",
    "unwell": "I am unwell",
    "not-on-call": "I am not on call",
    "other": "Another reason",
}
"""By the word that the page's form sends."""

BY_TEXT: Final = "by text"
