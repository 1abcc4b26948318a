"""Actors of the rotas."""

from backend.kit.actors import register_once
from notifications.rotas import service

register_once(service.EXTEND_ROTA, service.extend)
