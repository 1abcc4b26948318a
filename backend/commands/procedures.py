"""Commands on local procedure manuals. ``parse`` needs no service: it reads one file and says what it understood."""

import errno
import json
import os
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from backend.commands.progress import progress


@click.group()
def procedures() -> None:
    """Read local procedure manuals."""


@procedures.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the whole report, as JSON.")
@click.option("--provisions", type=click.Path(path_type=Path, dir_okay=False), help="Write every provision, as JSON.")
def parse(file: Path, report: Path | None, provisions: Path | None) -> None:
    """Read the manual in FILE: .docx, .odt, .html, .md or .txt, as it comes.

    Nothing is dropped: each character is in a provision, heading, table or note, or is reported with its reason. No
    service is needed and nothing is stored.
    """
    # Imported here: the other commands need no parser.
    from tenants.procedures.parsing import UnreadableManualError  # noqa: PLC0415
    from tenants.procedures.parsing import parse as read_manual  # noqa: PLC0415
    from tenants.procedures.parsing.reading.files import LARGEST  # noqa: PLC0415
    from tenants.procedures.parsing.report import figures, listed  # noqa: PLC0415

    data = _data(file, LARGEST + 1)
    began = time.perf_counter()
    try:
        with progress("Reading") as told_of:
            manual = read_manual(file.name, data, told_of)
    except UnreadableManualError as error:
        raise _Refused(f"{file}: {error}") from error
    understood = figures(manual)
    seconds = round(time.perf_counter() - began, 3)
    told = {"file": file.name, "sha256": sha256(data).hexdigest(), "seconds": seconds, **understood}
    wanted = {report: told} if report is not None else {}
    if provisions is not None:
        wanted[provisions] = {"file": file.name, "sha256": told["sha256"], **listed(manual)}
    _write(wanted)
    for line in _summary(told, report):
        click.echo(line)


class _Refused(click.ClickException):
    exit_code = 2


def _data(file: Path, most: int) -> bytes:
    """The first ``most`` bytes of a file: enough to see that it is too large."""
    try:
        if file.is_dir():
            raise _Refused(f"{file} is a folder. Name a file in it.")
        if file.exists() and not file.is_file():
            raise _Refused(f"{file} is no file. Save the manual in one and name that.")
        with file.open("rb") as opened:
            return opened.read(most)
    except FileNotFoundError as error:
        raise _Refused(f"{file} does not exist. Check its name and folder.") from error
    except OSError as error:
        raise _Refused(f"{file} cannot be read: {error.strerror}. Check who may read it.") from error


def _write(wanted: Mapping[Path, dict[str, Any]]) -> None:
    """Write all files or none; nobody finds one half written."""
    written: dict[Path, Path] = {}
    try:
        for path, content in wanted.items():
            aside = path.with_name(f".{path.name}.{os.getpid()}")
            written[aside] = path
            try:
                aside.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
                if path.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            except OSError as error:
                raise _Refused(f"{path} cannot be written: {error.strerror}. Name another file.") from error
        for aside, path in written.items():
            aside.replace(path)
    finally:
        for aside in written:
            aside.unlink(missing_ok=True)


def _summary(told: dict[str, Any], report: Path | None) -> list[str]:
    """What a person wants to know first."""
    reported = sum(told["characters_reported"].values())
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in told["characters_reported"].items())
    lines = [
        f"{told['file']}: {told['format']}, read in {told['seconds']} s",
        f"  {told['characters_total']:,} characters: {told['characters_placed']:,} placed, {reported:,} reported"
        + (f" ({reasons})" if reasons else ""),
        _counted(told, "provisions", "headings", "tables", "notes") + f", {len(told['glossary'])} terms",
        _counted(told, "must", "should", "may") + "; kept as worded: "
        + ", ".join(f"{word.replace('_', ' ')} {told['words'][word]}" for word in ("will", "is_to", "shall")),
        f"  {told['cross_references']} references, {told['dangling']} of them to places that are not there",
        *(f"  {fact['kind']}: {fact['text']}" for fact in told["facts"][:8]),
        f"  {len(told['doubts'])} doubts" + (": " if told["doubts"] else "")
        + ", ".join(f"{kind} {count}" for kind, count in told["doubts_by_kind"].items()),
    ]  # fmt: skip
    if told["doubts"] and report is None:
        lines.append("  Each doubt with its line: --report FILE")
    return lines


def _counted(told: dict[str, Any], *names: str) -> str:
    return "  " + ", ".join(f"{name} {told[name]}" for name in names)
