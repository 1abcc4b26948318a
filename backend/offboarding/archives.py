"""Whether an archive that an export wrote is whole. Needs nothing but the archive."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from backend.offboarding.export import FORMAT, MANIFEST, READ_ME

_CHUNK: Final = 1 << 20


class NotAnArchiveError(RuntimeError):
    """No export wrote this file, or one of another format did."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive says it is, with a line in ``faults`` for each part of it that is not as it says."""

    partnership_id: UUID
    slug: str
    at: datetime
    records: int
    files: int
    faults: tuple[str, ...]


def check(path: Path, told: Callable[[int, int], None]) -> Archive:
    """Read the whole archive; ``told`` hears how many of how many parts are read. Raises ``NotAnArchiveError``."""
    try:
        with ZipFile(path) as archive:
            about = json.loads(archive.read(MANIFEST))
            if about["format"] != FORMAT:
                raise NotAnArchiveError(f"{path} is of format {about['format']}; this reads {FORMAT}.")
            parts = [*about["tables"], *about["files"]]
            faults = [f"{part} was not in storage when it was exported" for part in about["absent"]]
            faults += [f"{part} was not what had been stored when it was exported" for part in about["altered"]]
            faults += [] if about["audit_holds"] else ["the audit log did not hold when it was exported"]
            unnamed = set(archive.namelist()) - {part["path"] for part in parts} - {MANIFEST, READ_ME}
            faults += [f"{name} is not in the manifest" for name in sorted(unnamed)]
            faults += _faults(archive, parts, told)
            return Archive(
                UUID(about["partnership"]["id"]), about["partnership"]["slug"], datetime.fromisoformat(about["at"]),
                sum(part["count"] for part in about["tables"]), len(about["files"]), tuple(faults),
            )  # fmt: skip
    except (BadZipFile, KeyError, TypeError, ValueError) as error:
        raise NotAnArchiveError(f"{path} is not an archive that safeguard partnership export wrote.") from error


def _faults(archive: ZipFile, parts: list[Any], told: Callable[[int, int], None]) -> Iterator[str]:
    for number, part in enumerate(parts, 1):
        size, digest = 0, hashlib.sha256()
        try:
            with archive.open(part["path"]) as member:
                while chunk := member.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except KeyError:
            yield f"{part['path']} is missing"
        except BadZipFile:
            yield f"{part['path']} is damaged"
        else:
            if (size, digest.hexdigest()) != (part["size"], part["sha256"]):
                yield f"{part['path']} is not what was exported"
        told(number, len(parts))
