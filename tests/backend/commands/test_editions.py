"""Editions from the command line: published, approved, withdrawn, and what is then in force for whoever asks."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest

from support.command_line import CommandLine
from support.partnership import Partnership

LONDON = ZoneInfo("Europe/London")
DEATH = "child-death-joint-agency-response"
HERE = ("--partnership", "cambs-peterborough")
OVERLAY = f"""
pathway: {DEATH}
partnership: cambs-peterborough
edition: A test's own text
words_stand: Board minute 12
settings: {{acknowledge-alert-within: {{value: 2, unit: minutes}}}}
starts: {{child-death-scene-visit: death-confirmed}}
change:
  clocks:
    child-death-coroner-report:
      limit: {{value: 21}}
      citation: Working Together 2005 ¶5.38
"""
Run: TypeAlias = Callable[..., str]


@pytest.fixture
def safeguard(cambs: Partnership, environment: dict[str, str], command_line: CommandLine) -> Run:
    """What a command prints in an installation with a partnership; its standard error where it fails."""

    def run(*arguments: str, code: int = 0) -> str:
        done = command_line.run(arguments, environment)
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    return run


@pytest.fixture
def overlay(tmp_path: Path) -> str:
    file = tmp_path / "overlay.yaml"
    file.write_text(OVERLAY, "utf-8")
    return str(file)


def coroners_days(safeguard: Run) -> str:
    table = csv.DictReader(io.StringIO(safeguard("clocks", *HERE, "--pathway", DEATH, "--format", "csv")))
    (row,) = [row for row in table if row["action"].startswith("Report to the coroner")]
    return row["value"]


def approve(safeguard: Run, day: datetime) -> str:
    given = ("--from", f"{day:%Y-%m-%d}", "--role", "partnership-chair", "--authority", "Board minute 12")
    return safeguard("pathway", "approve", DEATH, *HERE, *given)


def test_what_the_board_signs_is_what_is_in_force_today(safeguard: Run, overlay: str) -> None:
    assert coroners_days(safeguard) == "28"
    assert "edition 2 of" in safeguard("pathway", "publish", DEATH, *HERE, "--overlay", overlay)
    assert coroners_days(safeguard) == "28", "it is checked, and nobody has approved it"
    approve(safeguard, datetime.now(LONDON) + timedelta(days=3))
    assert coroners_days(safeguard) == "28", "in force from a day to come"
    safeguard("pathway", "publish", DEATH, *HERE, "--overlay", overlay)
    approve(safeguard, datetime.now(LONDON) + timedelta(days=0))
    assert coroners_days(safeguard) == "21"
    safeguard("pathway", "withdraw", DEATH, *HERE, "--reason", "Published by mistake.")
    assert coroners_days(safeguard) == "28", "the edition before it is in force again"


def test_the_other_commands_ask_for_what_is_in_force_too(safeguard: Run, overlay: str) -> None:
    safeguard("pathway", "publish", DEATH, *HERE, "--overlay", overlay)
    approve(safeguard, datetime.now(LONDON))
    differs = json.loads(safeguard("pathway", "diff", DEATH, *HERE, "--format", "json"))
    place = "clocks.child-death-coroner-report.limit.value"
    assert [(one["before"], one["after"]) for one in differs if one["path"] == place] == [(28, 21)]
    shown = json.loads(safeguard("pathway", "show", DEATH, *HERE, "--format", "json"))["values"]
    (value,) = [one for one in shown if one["path"] == place]
    assert (value["origin"], value["edition"], value["replaced"]) == ("local", "A test's own text", 28)
    said = safeguard("pathway", "simulate", DEATH, *HERE, "--start", "death=2026-12-24T16:30", "--format", "json")
    (due,) = [one for one in json.loads(said) if one["clock"] == "child-death-coroner-report"]
    assert due["last_day"] == "2027-01-14"
    assert safeguard("pathway", "draw", DEATH, *HERE).startswith("<svg")
    assert f"{DEATH}: valid" in safeguard("pathway", "validate", DEATH, *HERE)


def test_open_choices_and_wrong_states_are_refused_in_a_line(safeguard: Run, overlay: str) -> None:
    assert "acknowledge-alert-within" in safeguard("pathway", "publish", DEATH, *HERE, code=1)
    safeguard("pathway", "publish", DEATH, *HERE, "--overlay", overlay)
    day = f"{datetime.now(LONDON) - timedelta(days=2):%Y-%m-%d}"
    given = ("--role", "partnership-chair", "--authority", "Board minute 12")
    late = safeguard("pathway", "approve", DEATH, *HERE, "--from", day, *given, code=1)
    assert "must be today or later" in late
    approve(safeguard, datetime.now(LONDON))
    today = f"{datetime.now(LONDON):%Y-%m-%d}"
    again = safeguard("pathway", "approve", DEATH, *HERE, "--from", today, *given, code=1)
    assert "only a checked one" in again
    assert all(said.count("\n") == 1 for said in (late, again))
