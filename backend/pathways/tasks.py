"""Actors of the pathways."""

from backend.cases.children import changes
from backend.clocks.firing import CLOCK_PASSED
from backend.kit.actors import register_once
from backend.pathways import childrens_dates, clockwork, going_up, leaving
from tenants.contacts.changes import PERSON_LEFT

__all__ = ["clockwork"]

register_once(CLOCK_PASSED, going_up.go_up)
register_once(PERSON_LEFT, leaving.pass_on)
register_once(childrens_dates.RECORD_DATES, childrens_dates.follow)
changes.DATE_FOLLOWERS.add(childrens_dates.RECORD_DATES)
