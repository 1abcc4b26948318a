"""Actors of the hand-overs."""

from backend.kit.actors import register_once
from notifications.handovers import changes, service
from notifications.rotas.followers import ROTA_FOLLOWERS

register_once(changes.CHANGE_OF_TURN, changes.look)
register_once(changes.REMIND_HANDOVER, service.remind)
ROTA_FOLLOWERS.add(changes.CHANGE_OF_TURN)
