"""What reaches a log: fields on the list. Each test reads the lines of a process that logs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.partnership import CHILD, HOME

ROOT = Path(__file__).parents[3]
START = """
import logging, structlog
from structlog.contextvars import bound_contextvars
from backend.kit.logging import configure
configure({level!r})
log = structlog.get_logger("test")
CHILD, HOME = {child!r}, {home!r}
"""


def lines(code: str, level: str = "INFO") -> list[dict[str, Any]]:
    """What a process that runs ``code`` logs. Nothing of it names the child, and all of it is JSON."""
    start = START.format(level=level, child=CHILD, home=HOME)
    done = subprocess.run(
        [sys.executable, "-c", start + code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    for seeded in (CHILD, *CHILD.split(), HOME):
        assert seeded not in done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_only_listed_fields_are_kept() -> None:
    (line,) = lines("log.info('alert_sent', alert_id='a-1', count=2, child_name=CHILD, body={'name': CHILD})")
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "alert_sent", "level": "info", "alert_id": "a-1", "count": 2}


@pytest.mark.parametrize(
    "call",
    [
        "log.warning('failed', exc_info=True)", "log.warning('failed', exc_info=error)",
        "log.exception('failed')", "log.warning('failed', exc_info=(type(error), error, error.__traceback__))",
    ],
)  # fmt: skip
def test_an_exception_is_its_class_and_place_and_its_causes_class(call: str) -> None:
    """Its message may quote what a client sent, and so may its traceback and its cause's."""
    (line,) = lines(f"""
def find():
    try:
        raise KeyError(CHILD)
    except KeyError as cause:
        raise LookupError(f"no child {{CHILD}} at {{HOME}}") from cause
try:
    find()
except LookupError as error:
    {call}
""")
    assert line.pop("exception_at").startswith("<string>:")
    assert (line["event"], line["exception_class"], line["caused_by"]) == ("failed", "LookupError", "KeyError")
    assert line.keys() == {"event", "exception_class", "caused_by", "level", "timestamp"}


def test_a_librarys_message_loses_its_text_and_keeps_its_name() -> None:
    (line,) = lines("logging.getLogger('some.library').error('cannot store %s', CHILD, extra={'home': HOME})")
    assert line.pop("timestamp")
    assert line.pop("logged_at").startswith("<string>:")
    assert line == {"event": "library_message", "level": "error", "logger": "some.library"}


def test_an_exception_that_a_library_quotes_is_its_class_and_cause() -> None:
    (line,) = lines("""
try:
    try:
        raise OSError(HOME)
    except OSError as cause:
        raise ConnectionError(CHILD) from cause
except ConnectionError as error:
    logging.getLogger('some.library').critical('cannot reach %s: %s', CHILD, error)
""")
    assert (line["level"], line["exception_class"], line["caused_by"]) == ("critical", "ConnectionError", "OSError")


def test_a_librarys_exception_is_its_class_and_place() -> None:
    (line,) = lines("""
try:
    raise ValueError(CHILD)
except ValueError:
    logging.getLogger('some.library').exception('about %s', CHILD)
""")
    assert (line["event"], line["exception_class"]) == ("library_message", "ValueError")
    assert line["exception_at"].startswith("<string>:")


def test_libraries_say_only_what_is_a_warning() -> None:
    code = "logging.getLogger('l').info(CHILD); logging.getLogger('l').debug(CHILD); logging.warning(CHILD)"
    assert [line["level"] for line in lines(code, "DEBUG")] == ["warning"]


def test_warnings_of_the_interpreter_and_earlier_handlers_say_nothing() -> None:
    code = """
logging.getLogger().addHandler(logging.StreamHandler())
configure("INFO")
logging.warning(CHILD)
"""
    assert [line["event"] for line in lines(code)] == ["library_message"]


@pytest.mark.parametrize(
    ("level", "events"), [("DEBUG", ["d", "i", "w"]), ("INFO", ["i", "w"]), ("WARNING", ["w"]), ("ERROR", [])]
)
def test_the_level_is_the_one_configured(level: str, events: list[str]) -> None:
    found = lines("log.debug('d'); log.info('i'); log.warning('w')", level)
    assert [line["event"] for line in found] == events


def test_the_correlation_id_of_a_request_is_on_each_of_its_lines() -> None:
    """And nothing else that was bound to the request is."""
    found = lines("""
with bound_contextvars(correlation_id="c-1", child=CHILD):
    log.info("inside")
    logging.getLogger("some.library").warning("about %s", CHILD)
log.info("outside")
""")
    assert [(line["event"], line.get("correlation_id")) for line in found] == [
        ("inside", "c-1"), ("library_message", "c-1"), ("outside", None),
    ]  # fmt: skip
