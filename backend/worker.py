"""A Dramatiq worker process: every actor, on the broker."""

import asyncio

import uvloop
from dramatiq import Broker

from backend import models  # keys between tables are looked up by name
from backend.applications import tasks as applications
from backend.cases import tasks as cases
from backend.child_deaths import tasks as child_deaths
from backend.clocks import tasks as clocks
from backend.directory import tasks as directory
from backend.kit.actors import RUNS, declare
from backend.kit.broker import broker
from backend.kit.logging import configure
from backend.kit.metrics import serve
from backend.kit.settings import settings
from backend.kit.standby import Standby
from backend.meetings import calling_off as meetings  # a run that ends in a worker ends its meetings too
from backend.pathways import tasks as pathways
from backend.procedures import tasks as procedures
from backend.referrals import tasks as referrals
from backend.sharing import tasks as sharing
from notifications.alerts import tasks as alerts
from notifications.coverage import tasks as coverage
from notifications.deliveries import tasks as deliveries
from notifications.handovers import tasks as handovers
from notifications.printed_rotas import tasks as printed_rotas
from notifications.readiness import tasks as readiness
from notifications.rota_notices import tasks as rota_notices
from notifications.rotas import tasks as rotas
from notifications.webhooks import tasks as webhooks

__all__ = [
    "alerts", "applications", "cases", "child_deaths", "clocks", "coverage", "deliveries", "directory", "handovers",
    "meetings", "models", "pathways", "printed_rotas", "procedures", "readiness", "referrals", "rota_notices", "rotas",
    "sharing", "start", "webhooks",
]  # fmt: skip


def start() -> Broker:
    """The broker with every actor on it, in a process that logs as the product does."""
    configure(settings().log_level)
    # Dramatiq makes the loop of its asynchronous actors itself; this makes it a fast one.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    serve(settings().metrics_port)
    made = broker()
    declare(made)
    made.add_middleware(Standby(RUNS))
    return made
