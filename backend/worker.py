"""What a Dramatiq worker process imports: every actor, and the settings of the process."""

from prometheus_client import multiprocess  # noqa: F401  # metrics of all processes share one folder

from backend.clocks import tasks as clocks
from backend.kit.broker import broker
from backend.kit.logging import configure
from backend.kit.settings import settings
from notifications.alerts import tasks as alerts
from notifications.deliveries import tasks as deliveries
from notifications.rotas import tasks as rotas

__all__ = ["alerts", "broker", "clocks", "deliveries", "rotas"]

configure(settings().log_level)
