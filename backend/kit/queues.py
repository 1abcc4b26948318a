"""The queues of work, by name alone: what only names one need not load what fills it."""

from typing import Final

PAGES: Final = "pages"
"""First pages and escalations: woken at once, by whoever committed them."""

NOTICES: Final = "notices"
"""All else: woken by the scheduler, which lets pages go first."""
