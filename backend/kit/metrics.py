"""Prometheus metrics. Labels are roles, states and providers; never a person, case or partnership."""

import contextlib
import os

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    multiprocess,
    start_http_server,
)

FIRST_PAGE_SECONDS = Histogram(
    "safeguard_accept_to_first_page_seconds",
    "From an alert's acceptance until a message of a slot's first page is handed over to its provider",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
DELIVERIES = Counter("safeguard_deliveries_total", "Deliveries that entered a state", ["channel", "state"])
PROVIDER_SENDS = Counter(
    "safeguard_provider_sends_total", "Calls to a provider and what came of them", ["channel", "provider", "outcome"]
)
PROVIDER_SECONDS = Histogram(
    "safeguard_provider_seconds", "Time that a provider took to answer", ["channel", "provider"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5),
)  # fmt: skip
PROVIDER_DEGRADED = Gauge(
    "safeguard_provider_degraded", "1 while a channel avoids the provider", ["channel", "provider"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
# What drills do is real to providers and to nobody else: it stands apart from every figure above and below.
DRILL_DELIVERIES = Counter(
    "safeguard_drill_deliveries_total", "Deliveries of drills that entered a state", ["channel", "state"]
)
DRILL_SENDS = Counter(
    "safeguard_drill_provider_sends_total", "Calls to a provider for drills, and what came of them",
    ["channel", "provider", "outcome"],
)  # fmt: skip
DRILL_ALARMS = Counter(
    "safeguard_drill_configuration_alarms_total", "Slots of drills that resolved to nobody", ["kind"]
)
DRILL_ANSWERS = Counter(
    "safeguard_drill_message_answers_total", "Links fetched or used and texts received in drills", ["via", "outcome"]
)
TIMER_LAG_SECONDS = Histogram(
    "safeguard_timer_lag_seconds",
    "How late a task was woken after it fell due",
    ["queue"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600),
)
TASKS_OWED = Gauge("safeguard_tasks_due", "Tasks that are due and not done", ["queue"], multiprocess_mode="mostrecent")
OLDEST_TASK_SECONDS = Gauge(
    "safeguard_oldest_due_task_seconds",
    "Age of the oldest task that is due",
    ["queue"],
    multiprocess_mode="mostrecent",
)
CONFIGURATION_ALARMS = Counter("safeguard_configuration_alarms_total", "Slots that resolved to nobody", ["kind"])
ROTA_WARNINGS = Gauge(
    "safeguard_rota_warnings_open", "Open warnings about rotas, over all partnerships", ["kind"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
ANSWERS = Counter("safeguard_message_answers_total", "Links fetched or used and texts received", ["via", "outcome"])
FINDINGS = Counter("safeguard_watch_findings_total", "Faults that the auditor found", ["kind"])
REPAIRS = Counter("safeguard_watch_repairs_total", "Faults that the auditor put right", ["kind"])
OPEN_FINDINGS = Gauge(
    "safeguard_watch_open_findings", "Faults that the last pass saw", ["kind"], multiprocess_mode="mostrecent"
)
AUDITED_AT = Gauge(
    "safeguard_watch_finished_timestamp_seconds", "When an audit last came to its end", multiprocess_mode="mostrecent"
)
AUDIT_SECONDS = Histogram(
    "safeguard_watch_seconds", "Time that one audit of every partnership took", buckets=(0.05, 0.1, 0.5, 1, 5, 15, 60)
)
HEARTBEATS = Counter("safeguard_heartbeats_total", "Heartbeats sent, or why one was not", ["outcome"])
REQUESTS = Histogram(
    "safeguard_graphql_seconds", "Time to answer a GraphQL request", ["status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip


def count_delivery(channel: str, state: str, *, drill: bool) -> None:
    """A delivery has entered a state."""
    (DRILL_DELIVERIES if drill else DELIVERIES).labels(channel, state).inc()


def count_send(channel: str, provider: str, outcome: str, seconds: float, *, drill: bool) -> None:
    """A provider was called, and answered after ``seconds``."""
    if drill:
        DRILL_SENDS.labels(channel, provider, outcome).inc()
        return
    PROVIDER_SENDS.labels(channel, provider, outcome).inc()
    PROVIDER_SECONDS.labels(channel, provider).observe(seconds)


def count_alarm(kind: str, *, drill: bool) -> None:
    """A slot resolved to nobody."""
    (DRILL_ALARMS if drill else CONFIGURATION_ALARMS).labels(kind).inc()


def count_answer(via: str, outcome: str, *, drill: bool = False) -> None:
    """Somebody did something with a message's link or code, or nobody whom we know."""
    (DRILL_ANSWERS if drill else ANSWERS).labels(via, outcome).inc()


def registry() -> CollectorRegistry:
    """This process's metrics, or those of all that share ``PROMETHEUS_MULTIPROC_DIR`` where it is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def serve(port: int | None) -> None:
    """Serve the metrics of a process that has no HTTP of its own.

    Of several on one host the first to come has the port, and speaks for all.
    """
    if port is not None:
        with contextlib.suppress(OSError):
            start_http_server(port, registry=registry())
