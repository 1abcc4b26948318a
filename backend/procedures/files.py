"""Which files can be read as manuals, and the reading of one."""

from typing import Final

from tenants.procedures.parsing import Progress, UnreadableManualError, parse, silent
from tenants.procedures.parsing.manual import Manual
from tenants.procedures.parsing.reading.files import LARGEST

__all__ = ["CONTENT_TYPES", "LARGEST", "Unreadable", "parsed"]

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


def parsed(data: bytes, file_name: str, progress: Progress = silent) -> Manual:
    """What is understood of a manual's file; ``progress`` is told how much is done. Raises ``Unreadable``."""
    try:
        return parse(file_name, data, progress)
    except UnreadableManualError as error:
        raise Unreadable(str(error)) from error
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError) as error:
        # Files come from many hands: one that the reader stumbles over must not be read for ever.
        raise Unreadable(f"It could not be read ({type(error).__name__}). Save it anew, or as another kind.") from error
