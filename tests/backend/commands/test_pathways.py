"""The commands on definitions, from the files alone: no service runs and no settings are given."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from backend.pathways.definitions.archetypes import overlays
from support.command_line import CommandLine

ROOT = Path(__file__).parents[3]
REFERRAL = "referral-to-childrens-social-care"
Run: TypeAlias = Callable[..., str]


@pytest.fixture
def safeguard(command_line: CommandLine) -> Run:
    """What the command prints; its standard error where it fails."""

    def run(*arguments: str, code: int = 0) -> str:
        done = command_line.run(arguments, {"PATH": ""})
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    return run


def test_clocks_prints_the_table_as_csv(safeguard: Run) -> None:
    rows = list(
        csv.DictReader(io.StringIO(safeguard("clocks", "--archetype", "cambs-peterborough", "--format", "csv")))
    )
    assert list(rows[0]) == [
        "pathway", "start_event", "value", "unit", "direction", "recurring", "action", "role", "force", "citation",
        "origin", "confidence",
    ]  # fmt: skip
    (confirmed,) = [row for row in rows if (row["pathway"], row["start_event"]) == (REFERRAL, "referral-telephoned")]
    assert (confirmed["value"], confirmed["unit"], confirmed["origin"]) == ("24", "hours", "local")
    assert {row["unit"] for row in rows} <= {"", "hours", "calendar_days", "working_days", "weeks", "months", "years"}


def test_the_same_from_the_baseline(safeguard: Run) -> None:
    rows = json.loads(safeguard("clocks", "--archetype", "baseline", "--format", "json"))
    assert {row["origin"] for row in rows} == {"baseline"}


def test_validate_is_content_and_lists_what_blocks_publication(safeguard: Run) -> None:
    found = json.loads(safeguard("pathway", "validate", "--archetype", "hertfordshire", "--format", "json"))
    assert REFERRAL in found["valid"]
    own = {file.overlay.pathway for file in overlays("hertfordshire")}
    blocked = [one for one in found["blocks_publication"] if one["pathway"] in own]
    assert blocked == [], (
        "the partnership has chosen what the national text leaves open, where it has a text of its own"
    )
    found = json.loads(safeguard("pathway", "validate", "--archetype", "baseline", "--format", "json"))
    assert {"pathway", "setting", "clock", "wording"} == set(found["blocks_publication"][0])
    assert found["sections_covered"].keys() >= {"child-death", "child-protection"}, "nothing is absent in silence"
    assert "block publication" in safeguard("pathway", "validate", "--for-publication", code=2)


def test_a_faulty_file_is_refused_with_code_2_and_a_line_each(safeguard: Run, tmp_path: Path) -> None:
    text = (ROOT / f"tenants/baseline/referral-and-assessment/{REFERRAL}.yaml").read_text("utf-8")
    file = tmp_path / "draft.yaml"
    file.write_text(
        text.replace("working_days", "workign_days", 1).replace("force: should", "force: shoud", 1), "utf-8"
    )
    lines = safeguard("pathway", "validate", str(file), code=2).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(f"{file}:")
        assert "did you mean" in line


def test_two_editions_are_compared(safeguard: Run, tmp_path: Path) -> None:
    text = (ROOT / f"tenants/baseline/referral-and-assessment/{REFERRAL}.yaml").read_text("utf-8")
    file = tmp_path / "next.yaml"
    file.write_text(text.replace("{value: 48, unit: hours}", "{value: 36, unit: hours}"), "utf-8")
    assert "limit.value: 48 -> 36" in safeguard("pathway", "diff", REFERRAL, str(file))
    assert safeguard("pathway", "diff", REFERRAL, REFERRAL) == "They do not differ.\n"


def test_draw_simulate_show_and_schema(safeguard: Run) -> None:
    assert safeguard("pathway", "draw", REFERRAL).startswith("<svg")
    assert "flowchart TD" in safeguard("pathway", "draw", REFERRAL, "--format", "mermaid")
    said = safeguard("pathway", "simulate", REFERRAL, "--start", "referral-telephoned=2026-10-24T20:00")
    assert "Mon 26 Oct 2026 19:00" in said, "48 elapsed hours over the end of summer time"
    shown = json.loads(safeguard("pathway", "show", REFERRAL, "--archetype", "cambs-peterborough", "--format", "json"))
    (value,) = [one for one in shown["values"] if one["path"] == "clocks.referral-confirmed-in-writing.limit.value"]
    assert (value["origin"], value["value"], value["replaced"]) == ("local", 24, 48)
    assert json.loads(safeguard("pathway", "schema"))["title"] == "Definition"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pathway", "show", "referral"], "there is no definition of referral"),
        (["clocks", "--archetype", "cambs"], "there is no reference partnership cambs; did you mean"),
        (["clocks", "--archetype", "baseline", "--partnership", "x"], "not both"),
        (["pathway", "simulate", REFERRAL, "--start", "x"], "is not EVENT=INSTANT"),
        (["pathway", "simulate", REFERRAL, "--start", "referral-recieved=2026-01-01"], "`referral-received`?"),
        (["pathway", "simulate", REFERRAL, "--start", "referral-received=soon"], "is not an instant"),
        (["pathway", "validate", "nowhere.yaml"], "the file cannot be read"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_code_2(safeguard: Run, arguments: list[str], said: str) -> None:
    (line,) = safeguard(*arguments, code=2).splitlines()
    assert said in line
