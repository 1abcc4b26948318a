"""Which files can be read as manuals, and the reading of one."""

from pathlib import PurePath
from typing import Final

from tenants.procedures.parsing.manual import Kind as Form
from tenants.procedures.parsing.manual import Manual, Provision

CONTENT_TYPES: Final = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".html": "text/html",
    ".htm": "text/html",
    ".md": "text/markdown",
    ".txt": "text/plain",
}
"""What can be read, by the ending of its name."""


class Unreadable(Exception):
    """The file is not what its name says, or cannot be read. The message is for whoever sent it."""


def parsed(data: bytes, file_name: str) -> Manual:
    """What is understood of a manual's file. Raises ``Unreadable``."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"{PurePath(file_name).name} is no text in UTF-8.") from error
    rows = []
    for line, said in enumerate(text.splitlines(), 1):
        number, _, words = said.partition(" ")
        if said.strip():
            rows.append(Provision(number, Form.PARAGRAPH, number, number, "", words, None, 1, line, line, ()))
    return Manual("text", text, tuple(rows), (), (), (), (), (), ())
