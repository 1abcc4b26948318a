"""Actors of readiness."""

from backend.kit.actors import register_once
from notifications.readiness import service
from notifications.rotas.followers import follow

register_once(service.PLAN_DUTIES, service.plan)
register_once(service.CHECK_DUTY, service.check)
follow(service.PLAN_DUTIES)
