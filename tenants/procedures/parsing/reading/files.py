"""Which reader reads a file, and what no reader is given: too much, too little, or a trap."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from tenants.procedures.parsing.characters import spoilt
from tenants.procedures.parsing.reading.archives import look_at_archive
from tenants.procedures.parsing.reading.broken import as_printed
from tenants.procedures.parsing.reading.text import read_text
from tenants.procedures.parsing.source import Source, UnreadableManualError

LARGEST: Final = 20 * 1024 * 1024
_LOOKED_AT: Final = 200
_SIGNS: Final = (
    (b"{\\rtf", "It is rich text (RTF). Open it in Word and save it as .docx."),
    (b"%pdf-", "It is a PDF. Save the document it was made from as .docx, or draw its text out into a .txt."),
    (b"pk\x03\x04", "It is packed, as .docx and .odt are. Give its name the ending of what it is, or unpack it."),
    (b"mime-version:", "It is a web archive. Open it in a browser and save the page as HTML only."),
    (b"from: <saved by", "It is a web archive. Open it in a browser and save the page as HTML only."),
)
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
        look_at_archive(data, suffix)
    elif (remedy := _in_truth(data, suffix)) is not None:
        raise UnreadableManualError(remedy)
    source = as_printed(reader(data))
    if not source.text.strip():
        raise UnreadableManualError(
            "There is no text in it. If its pages are pictures, have their text recognised first."
        )
    return replace(source, doubts=(*source.doubts, *spoilt(source)))


def _in_truth(data: bytes, suffix: str) -> str | None:
    """What would help with a file that is of another kind than its ending says; None where it may be what it says."""
    begin = data[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    found = next((remedy for sign, remedy in _SIGNS if begin.startswith(sign)), None)
    if found is None and suffix not in (".html", ".htm", ".xhtml") and begin.startswith((b"<!doctype html", b"<html")):
        return "It is a web page. Give its name the ending .html."
    return found


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
