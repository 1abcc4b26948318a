"""One command from files to a running partnership: repeatable, and it says what is still unset."""

import json
from datetime import date
from pathlib import Path

import pytest

from backend.kit.session import open_session
from backend.onboarding import service
from support.command_line import CommandLine
from support.environment import owner_engine
from tenants.procedures import repository

SERVICES = """service,name,organisation,organisation_name,topics,visibility,kind,value,point_visibility
desk,Referral desk,care,Care,referral,public,phone,01632 960500,public
"""
MANUAL = """Procedures of the North

1 Referral

1.1 Anybody who believes that a child may be at risk must refer the child.

1.2 The referrer should confirm in writing within 48 hours (see {see}).
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
    for name in ("out.csv", "out.json"):
        out = tmp_path / name
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


async def test_a_manual_and_the_national_pathways_come_in_by_the_same_command(
    command_line: CommandLine, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "north.txt"
    file.write_text(MANUAL.format(see="section 9.9"))
    options = (
        "--manual", str(file), "--manual-code", "local", "--manual-title", "Ways of the North", "--law-as-at",
        "2026-08-01", "--publish-manual", "Board, minute 3", "--adopt-baseline",
    )  # fmt: skip
    code, said, error = create(command_line, environment, *options)
    assert (code, error) == (0, "")
    assert "north: north.txt: read as edition 1 of local: " in said
    assert "north: local: edition 1 is a draft; 1 things keep it from approval: 1.2: " in said
    assert "pathway_edition" in said
    assert "north: local: edition 1 is a draft; 1 things" in create(command_line, environment, *options)[1]

    file.write_text(MANUAL.format(see="1.1"))
    code, said, _ = create(command_line, environment, *options)
    assert code == 0
    assert "north: local: edition 2 is in force from " in said
    code, again, _ = create(command_line, environment, *options)
    assert code == 0
    assert [line for line in again.splitlines() if "added" in line or "changed" in line or "edition" in line] == []
    async with open_session(await service.existing_id(owner_engine(), "north"), on=owner_engine()) as session:
        (row,) = await repository.in_force(session, await repository.today(session), "local")
    assert (row.title, row.law_as_at, row.authority) == ("Ways of the North", date(2026, 8, 1), "Board, minute 3")
    shown = command_line.run(["partnership", "readiness", "north", "--format", "json"], environment)
    gaps = json.loads(shown.stdout)
    kinds = {gap["kind"] for gap in gaps}
    assert ("procedures", "partnership") not in [(gap["kind"], gap["subject"]) for gap in gaps]
    assert "qualitative_clock" in kinds
    assert "not_adopted" not in kinds


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--law-as-at", "2026-13-01", "--manual", "m.txt"), 2, "Invalid value for '--law-as-at'"),
        (("--publish-manual", "Board, minute 3"), 2, "are about a --manual: name its file."),
        (("--manual-title", "Ways"), 2, "are about a --manual: name its file."),
        (("--manual", "lost.txt"), 1, "No such file or directory: 'lost.txt'"),
        (("--manual", "{folder}/manual.pdf"), 1, "manual.pdf: .pdf is not read. Save it as one of"),
    ],
)
def test_a_manual_that_cannot_be_read_is_one_line_and_no_partnership(
    command_line: CommandLine, environment: dict[str, str], tmp_path: Path, options: tuple[str, ...], code: int,
    said: str,
) -> None:  # fmt: skip
    (tmp_path / "manual.pdf").write_bytes(b"%PDF")
    left, out, error = create(command_line, environment, *(one.format(folder=tmp_path) for one in options))
    assert (left, out, len(error.splitlines())) == (code, "", 1)
    assert said in error
    listed = command_line.run(["partnership", "list", "--format", "json"], environment)
    assert "north" not in [one["slug"] for one in json.loads(listed.stdout)]
