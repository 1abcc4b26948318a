"""Actors of the pathways."""

from backend.clocks.firing import CLOCK_PASSED
from backend.kit.actors import register_once
from backend.pathways import clockwork, going_up, leaving
from tenants.contacts.changes import PERSON_LEFT

__all__ = ["clockwork"]

register_once(CLOCK_PASSED, going_up.go_up)
register_once(PERSON_LEFT, leaving.pass_on)
