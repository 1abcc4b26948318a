"""Actors of the rotas."""

from backend.kit.actors import register_once
from notifications.rotas import followers, service, swaps

register_once(service.EXTEND_ROTA, service.extend)
register_once(followers.ROTA_CHANGED, followers.ROTA_FOLLOWERS.tell)
register_once(swaps.EXPIRE_SWAP, swaps.expire)
