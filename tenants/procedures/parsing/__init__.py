"""Reads a manual as it comes and says what was understood, and every doubt. Pure: no database, no clock, no network."""

from tenants.procedures.parsing.assembling import Progress, assemble, silent
from tenants.procedures.parsing.manual import Manual
from tenants.procedures.parsing.reading.files import read
from tenants.procedures.parsing.source import UnreadableManualError

__all__ = ["Manual", "Progress", "UnreadableManualError", "parse", "silent"]


def parse(name: str, data: bytes, progress: Progress = silent) -> Manual:
    """Read the manual in a file called ``name``, whose ending says its format.

    Raises UnreadableManualError where it cannot be read at all, with a line that says what would help.
    """
    return assemble(read(name, data), progress)
