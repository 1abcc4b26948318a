"""Actors of the child deaths."""

from backend.child_deaths import response, service
from backend.kit.actors import register_once

register_once(service.NOTIFY_AGENCIES, service.notify_agencies)
register_once(response.BEGIN_RESPONSE, response.begin_late)
