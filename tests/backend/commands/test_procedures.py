"""``safeguard procedures parse`` reads a manual with no service running, and fails in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.manuals import manual


def parse(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """In a process of its own, with no setting at all: no database, no broker."""
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "procedures", "parse", *map(str, arguments)],
        env={}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_manual_is_read_without_any_service_and_reported_to_files(tmp_path: Path) -> None:
    text, truth = manual(seed=3, chapters=4)
    file, report, provisions = tmp_path / "manual.txt", tmp_path / "report.json", tmp_path / "provisions.json"
    file.write_text(text)
    done = parse(file, "--report", report, "--provisions", provisions)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(report.read_text())
    assert told.keys() >= {
        "file", "format", "sha256", "seconds", "characters_total", "characters_placed", "characters_reported",
        "provisions", "must", "should", "words", "cross_references", "dangling", "doubts",
    }  # fmt: skip
    assert (
        told["characters_total"] == len(text) == told["characters_placed"] + sum(told["characters_reported"].values())
    )
    assert (told["must"], told["should"], told["dangling"]) == (truth.must, truth.should, truth.dangling)
    assert all(doubt.keys() == {"line", "kind", "text"} for doubt in told["doubts"])
    listed = json.loads(provisions.read_text())["provisions"]
    assert sum(one["kind"] not in ("heading", "table") for one in listed) == told["provisions"]
    assert {"address", "number", "title", "text", "force", "lines", "parent", "cross_references", "key"} <= listed[
        0
    ].keys()
    assert f"must {truth.must}, should {truth.should}" in done.stdout
    assert f"{len(told['doubts'])} doubts" in done.stdout


def test_the_same_file_is_reported_alike_twice(tmp_path: Path) -> None:
    file = tmp_path / "manual.txt"
    file.write_text("1.1 The nurse must ring. See 4.4.\n")
    reports = []
    for name in ("one.json", "two.json"):
        assert parse(file, "--report", tmp_path / name).returncode == 0
        reports.append(json.loads((tmp_path / name).read_text()) | {"seconds": 0})
    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("lost.txt", None, "lost.txt does not exist. Check its name and folder."),
        ("manual.pdf", b"%PDF", "manual.pdf: .pdf is not read. Save it as one of"),
        ("manual.txt", b"", "manual.txt: It is empty. Export the manual again."),
        ("manual.docx", b"PK", "manual.docx: It is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_code_2(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = parse(tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_report_that_cannot_be_written_is_one_line_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "manual.txt").write_text("1.1 The nurse rings.\n")
    done = parse(tmp_path / "manual.txt", "--report", tmp_path / "no" / "report.json")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_parser_is_loaded_without_the_server(tmp_path: Path) -> None:
    (tmp_path / "manual.txt").write_text("1.1 The nurse rings.\n")
    code = (
        "import sys\nfrom backend.cli import main\n"
        f"try: main(['procedures', 'parse', {str(tmp_path / 'manual.txt')!r}])\n"
        "except SystemExit as left: code = left.code\n"
        "server = {'sqlmodel', 'dramatiq', 'strawberry', 'litestar', 'boto3', 'docx', 'odfdo', 'lxml'}\n"
        "loaded = server & set(sys.modules)\n"
        "assert not code and not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_is_left_half_written_where_one_of_two_files_cannot_be(tmp_path: Path) -> None:
    file, report, lost = tmp_path / "manual.txt", tmp_path / "report.json", tmp_path / "nowhere" / "provisions.json"
    file.write_text("1.1 The nurse must ring.\n")
    report.write_text("what was there before")
    done = parse(file, "--report", report, "--provisions", lost)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"safeguard: {lost} cannot be written: No such file or directory. Name another file.\n"
    assert report.read_text() == "what was there before"
    assert {one.name for one in tmp_path.iterdir()} == {"manual.txt", "report.json"}
