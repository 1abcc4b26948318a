"""Which reader reads a file, and what no reader is given: too much, too little, or a trap."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePath
from typing import Final

from tenants.procedures.parsing.reading.text import read_text
from tenants.procedures.parsing.source import Source, UnreadableManualError

LARGEST: Final = 20 * 1024 * 1024
LARGEST_UNPACKED: Final = 200 * 1024 * 1024
MOST_FOLDED: Final = 200
"""How many times its size in the archive a part may have: text folds 20 times, a trap a thousand."""

_ENTITY: Final = re.compile(rb"<\x00?!\x00?E\x00?N\x00?T\x00?I\x00?T\x00?Y")
_OLE: Final = b"\xd0\xcf\x11\xe0"
_FORMATS: Final = ".docx, .odt, .html, .htm, .md, .txt"


def read(name: str, data: bytes) -> Source:
    """The source in a file of this name. Raises UnreadableManualError, whose message says what would help."""
    if len(data) > LARGEST:
        raise UnreadableManualError("It is larger than 20 MB. Take its pictures out, or import it chapter by chapter.")
    if not data.strip():
        raise UnreadableManualError("It is empty. Export the manual again.")
    suffix = PurePath(name).suffix.lower()
    reader = _reader(suffix)
    if reader is None:
        raise UnreadableManualError(
            f"{suffix or 'A file without an ending'} is not read. Save it as one of {_FORMATS}."
        )
    if suffix in (".docx", ".odt"):
        _look_at_archive(data, suffix)
    source = reader(data)
    if not source.text.strip():
        raise UnreadableManualError(
            "There is no text in it. If its pages are pictures, have their text recognised first."
        )
    return source


def _reader(suffix: str) -> Callable[[bytes], Source] | None:
    """Imported when asked for: each brings a library that the others do not need."""
    if suffix in (".txt", ".text", ""):
        return read_text if suffix else None
    if suffix in (".md", ".markdown"):
        from tenants.procedures.parsing.reading.markdown import read_markdown  # noqa: PLC0415

        return read_markdown
    if suffix in (".html", ".htm", ".xhtml"):
        from tenants.procedures.parsing.reading.html import read_html  # noqa: PLC0415

        return read_html
    if suffix == ".docx":
        from tenants.procedures.parsing.reading.docx import read_docx  # noqa: PLC0415

        return read_docx
    if suffix == ".odt":
        from tenants.procedures.parsing.reading.odt import read_odt  # noqa: PLC0415

        return read_odt
    return None


def _look_at_archive(data: bytes, suffix: str) -> None:
    """Before anything is unpacked: is it an archive, is it encrypted, how large would it be."""
    if data.startswith(_OLE):
        raise UnreadableManualError(
            "It is encrypted, or of an old Word. Open it, and save it as .docx without a password."
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_traps(archive, parts)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        told = f"It is damaged: no {suffix} can be unpacked from it. Open it in its own program and save it again."
        raise UnreadableManualError(told) from error


def _refuse_traps(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableManualError("It is encrypted. Save it again without a password.")
    size = sum(part.file_size for part in parts)
    folded = any(part.file_size > 1024 * 1024 and part.file_size > MOST_FOLDED * part.compress_size for part in parts)
    if size > LARGEST_UNPACKED or folded:
        raise UnreadableManualError("It unpacks to far more than a manual holds, and was not unpacked. Save it again.")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and _ENTITY.search(archive.read(part)):
            raise UnreadableManualError("It defines entities of its own, which no manual needs, and was not read.")
