"""Actors of readiness."""

from backend.kit.actors import register_once
from notifications.readiness import service
from notifications.rotas.followers import ROTA_FOLLOWERS

register_once(service.PLAN_DUTIES, service.plan)
register_once(service.CHECK_DUTY, service.check)
ROTA_FOLLOWERS.add(service.PLAN_DUTIES)
