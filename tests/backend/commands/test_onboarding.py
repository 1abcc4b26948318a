"""One command from files to a running partnership: repeatable, and it says what is still unset."""

import json
from pathlib import Path

import pytest

from support.command_line import CommandLine

SERVICES = """service,name,organisation,organisation_name,topics,visibility,kind,value,point_visibility
desk,Referral desk,care,Care,referral,public,phone,01632 960500,public
"""
LEVELS = """title: Levels
edition: First
citation: Board minute 3
levels:
  - {code: low, name: Low, description: Low need., citation: Board minute 3}
  - {code: high, name: High, description: High need., citation: Board minute 3}
"""


def create(run: CommandLine, environment: dict[str, str], *options: str) -> tuple[int, str, str]:
    given = ["partnership", "create", "north", "--archetype", "hertfordshire", *options]
    done = run.run(given, environment)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    services, levels = tmp_path / "services.csv", tmp_path / "levels.yaml"
    services.write_text(SERVICES)
    levels.write_text(LEVELS)
    return services, levels


def test_from_files_to_a_partnership_and_again(
    command_line: CommandLine, environment: dict[str, str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    services, levels = files
    options = ("--contacts", str(services), "--thresholds", str(levels), "--agency", "dv-organisation")
    code, said, _ = create(command_line, environment, *options)
    assert code == 0
    assert "north: added" in said
    assert "things are unset; see: safeguard partnership readiness north" in said
    code, again, _ = create(command_line, environment, *options)
    assert code == 0
    assert [line for line in again.splitlines() if "added" in line or "changed" in line] == []
    shown = command_line.run(["partnership", "readiness", "north", "--format", "json"], environment)
    gaps = json.loads(shown.stdout)
    assert [gap for gap in gaps if gap["kind"] == "thresholds"] == []
    assert "desk: phone" in [gap["subject"] for gap in gaps]
    out = tmp_path / "out.csv"
    exported = command_line.run(["directory", "export", "--partnership", "north", str(out)], environment)
    assert exported.returncode == 0
    assert "01632 960500" in out.read_text()
    imported = command_line.run(["directory", "import", "--partnership", "north", str(out)], environment)
    assert imported.stdout == "north: directory: nothing to do\n"


def test_a_fault_in_any_file_leaves_nothing_behind(
    command_line: CommandLine, environment: dict[str, str], files: tuple[Path, Path]
) -> None:
    services, levels = files
    services.write_text(SERVICES.replace("01632 960500", "ring us"))
    code, said, error = create(command_line, environment, "--contacts", str(services), "--thresholds", str(levels))
    assert (code, said) == (2, "")
    assert f"{services}:2: value must be a telephone number" in error
    shown = command_line.run(["partnership", "readiness", "north"], environment)
    assert "There is no partnership north" in shown.stderr
