"""Actors of the rotas' notices."""

from backend.kit.actors import register_once
from notifications.rota_notices import service
from notifications.rotas.swaps import SWAP_AGREED

register_once(SWAP_AGREED, service.tell_of_swap)
