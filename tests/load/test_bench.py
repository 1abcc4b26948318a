"""``make bench`` runs and tells each row with what it is held to. The figures are the machine's, and not judged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from load import bench

from infra.dev.services import DevelopmentServices
from support import databases

REPOSITORY = Path(__file__).parents[2]
SHARED = ("POSTGRES", "S3", "AWS", "OIDC")


async def test_chosen_rows_are_measured_printed_with_their_targets_and_told_as_json(
    services: DevelopmentServices, template: str, tmp_path: Path
) -> None:
    """On the suite's servers, which are of the same kind as those that it would start."""
    path = os.pathsep.join(str(folder) for folder in (REPOSITORY / "tests", REPOSITORY))
    shared = {name: services.environment[name] for name in services.environment if name.startswith(SHARED)}
    few = ["--alerts", "2", "--burst", "4", "--clients", "2", "--receipts-after", "0.5", "--folder", str(tmp_path)]
    async with databases.copy_of(template, services.environment["POSTGRES_ADMIN_URL"]) as name:
        given = {**shared, **databases.urls(services.environment, name), "PATH": os.environ["PATH"], "PYTHONPATH": path}
        done = subprocess.run(  # noqa: ASYNC221  # nothing else runs in this loop
            [sys.executable, "-m", "load.bench", "--only", "B1,B8", *few],
            cwd=tmp_path, env=given, timeout=300, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    told = {}
    for name in ("B1", "B8"):
        row = bench.ROWS[name]
        (told[name],) = [line for line in lines if line.startswith(f"{name} {row.title} ({row.target}): ")]
    assert "accept_ms_p50" in told["B1"]
    assert "missing 0" in told["B1"]
    results = json.loads(lines[-1])
    assert results.keys() == {"machine", "floor", "B1", "B8"}
    assert results["B1"]["alerts"] == 2


def test_a_row_that_is_not_there_is_refused_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "B1,B99"])
    with pytest.raises(SystemExit) as left:
        bench.parse()
    assert left.value.code == 2
    (said,) = [line for line in capsys.readouterr().err.splitlines() if "error:" in line]
    assert "no row B99; there are B1, B2" in said


def test_rows_may_be_named_in_small_letters_and_with_spaces() -> None:
    assert bench.chosen(" b1, B2 ") == ["B1", "B2"]
