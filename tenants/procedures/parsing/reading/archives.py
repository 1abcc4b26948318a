"""What is looked at before a .docx or .odt is unpacked: whether it is one, is encrypted, or is a trap."""

import re
import zipfile
from io import BytesIO
from typing import Final

from tenants.procedures.parsing.source import UnreadableManualError

LARGEST_UNPACKED: Final = 200 * 1024 * 1024
LARGEST_PARSED: Final = 40 * 1024 * 1024
"""Of all parts in XML together: parsed they take ten times the room. A manual of 650 KB has 5 to 15 MB of them."""

MOST_FOLDED: Final = 200
"""How many times its size in the archive a part may have: text folds 20 times, a trap a thousand."""

_ENTITY: Final = re.compile(rb"<\x00?!\x00?E\x00?N\x00?T\x00?I\x00?T\x00?Y")
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "It is encrypted. Save it again without a password."
_BODIES: Final = {".docx": "[Content_Types].xml", ".odt": "content.xml"}
_TOO_MUCH: Final = "It unpacks to far more than a manual holds, and was not unpacked. Save it again."


def look_at_archive(data: bytes, suffix: str) -> None:
    """Raises UnreadableManualError for what is not to be unpacked."""
    if data.startswith(_OLE):
        raise UnreadableManualError(
            "It is encrypted, or of an old Word. Open it, and save it as .docx without a password."
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_traps(archive, parts)
            _refuse_others(archive, {part.filename for part in parts}, suffix)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        told = f"It is damaged: no {suffix} can be unpacked from it. Open it in its own program and save it again."
        raise UnreadableManualError(told) from error


def _refuse_traps(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableManualError(_ENCRYPTED)
    written = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
    folded = any(part.file_size > 1024 * 1024 and part.file_size > MOST_FOLDED * part.compress_size for part in parts)
    if folded or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise UnreadableManualError(_TOO_MUCH)
    if sum(part.file_size for part in written) > LARGEST_PARSED:
        raise UnreadableManualError("It holds more text than a manual. Import it chapter by chapter.")
    for part in written:
        if _ENTITY.search(archive.read(part)):
            raise UnreadableManualError("It defines entities of its own, which no manual needs, and was not read.")


def _refuse_others(archive: zipfile.ZipFile, names: set[str], suffix: str) -> None:
    """An archive that is another than its name says; an OpenDocument text that is encrypted part by part."""
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in archive.read(manifest):
        raise UnreadableManualError(_ENCRYPTED)
    other = next(one for one in _BODIES if one != suffix)
    if _BODIES[suffix] not in names and _BODIES[other] in names:
        raise UnreadableManualError(f"It is no {suffix}. Give its name the ending {other}, which it is.")
