"""Actors of the cases."""

from backend.cases.access import service as access
from backend.cases.children import changes
from backend.cases.drafts import service as drafts
from backend.kit.actors import register_once

register_once(access.TELL_OF_BROKEN_GLASS, access.tell_of_broken_glass)
register_once(changes.CHILD_DATES_CHANGED, changes.DATE_FOLLOWERS.tell)
register_once(drafts.FORGET_DRAFT, drafts.forget)
