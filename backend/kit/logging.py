"""Structured logs with allow-listed fields: what is not on the list never reaches a log.

A case holds children's names, so a field is kept only when its name is known to be harmless.
Exceptions are logged as their class and the place they were raised, never with their message.
"""

import logging
import sys
import traceback
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

ALLOWED = frozenset({
    "event", "level", "timestamp", "logger", "logged_at", "exception_class", "caused_by", "exception_at",
    "error", "correlation_id", "actor", "queue", "task_id", "tenant_id", "alert_id", "slot_id", "delivery_id",
    "clock_id", "case_id", "document_id", "channel", "provider", "state", "status", "method", "path", "seconds",
    "count", "port", "attempts", "role", "kind", "lag_seconds", "process",
})  # fmt: skip


def keep_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every field that is not on the list, and reduce an exception to class and place."""
    error: Any = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event.update(describe(error))
    return {key: value for key, value in event.items() if key in ALLOWED}


def describe(error: BaseException) -> dict[str, str]:
    """An exception's class and its first cause's, the file and line that raised it; its message may name a child."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown"
    first = error
    while first.__cause__ is not None:
        first = first.__cause__
    caused = {} if first is error else {"caused_by": type(first).__name__}
    return {"exception_class": type(error).__name__, "exception_at": place, **caused}


class _Foreign(logging.Handler):
    """Libraries' own records, by name, level and place only: their messages may quote values.

    An exception that a message quotes, such as that the broker is away, is told as one that was raised.
    """

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None and isinstance(record.args, tuple):
            error = next((one for one in record.args if isinstance(one, BaseException)), None)
        place = f"{record.filename}:{record.lineno}"
        structlog.get_logger().log(
            record.levelno, "library_message", logger=record.name, logged_at=place, exc_info=error
        )


SERVERS_OWN: Final[dict[str, Any]] = {
    "formatters": {}, "handlers": {}, "loggers": {"_granian": {"propagate": True}, "granian.access": {}},
}  # fmt: skip
"""The HTTP server's set-up of its log, so that it ends where all others do: its own writes exceptions in full."""


def configure(level: str) -> None:
    """Send every log line of this process to standard output as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Foreign()], level=logging.WARNING, force=True)
