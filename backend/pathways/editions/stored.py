"""A compiled definition as it is kept in a row, and read back from one. Pure."""

import hashlib
import json
from typing import Any, Final

from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import Entry
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.merging import Mark
from backend.pathways.definitions.positions import Document
from backend.pathways.models import PathwayEdition

_MOST_KEPT: Final = 500
_read: dict[str, Effective] = {}


def values_of(one: Effective) -> dict[str, Any]:
    """The columns of an edition that hold the compiled definition, and the digest of all of them."""
    overlay = one.overlay.model_dump(mode="json", exclude_defaults=True) if one.overlay else None
    kept = {
        "definition": _plain(one.data),
        "marks": [
            {"path": list(path), "replaced": _plain(mark.replaced), "citation": mark.citation, "ground": mark.ground,
             "authority": mark.authority}
            for path, mark in one.marks.items()
        ],
        "overlay": overlay,
    }  # fmt: skip
    return {
        **kept,
        "pathway": one.definition.id, "kind": one.definition.kind.value, "title": one.definition.title,
        "family": one.national.family, "baseline_edition": one.definition.edition,
        "baseline_revision": one.definition.revision, "local_edition": one.overlay.edition if one.overlay else None,
        "digest": hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest(),
    }  # fmt: skip


def effective_of(row: PathwayEdition) -> Effective:
    """The compiled definition of an edition, whatever the shipped baseline says by now.

    Read once a process for the same content, for reading takes longer than most that is done with it.
    """
    found = _read.get(row.digest)
    if found is None:
        if len(_read) >= _MOST_KEPT:
            _read.clear()
        found = _read[row.digest] = _effective(row)
    return found


def _effective(row: PathwayEdition) -> Effective:
    definition = Definition.model_validate(row.definition)
    document = Document(f"edition {row.number} of {row.pathway}", row.definition, {})
    overlay = LocalOverlay.model_validate(row.overlay) if row.overlay is not None else None
    marks = {
        tuple(mark["path"]): Mark(mark["replaced"], mark["citation"], mark["ground"], mark["authority"])
        for mark in row.marks
    }
    return Effective(definition, Entry(definition, document, row.family), overlay, row.definition, marks)


def _plain(value: Any) -> Any:
    """As JSON has it: YAML reads a bare day as a date."""
    return json.loads(json.dumps(value, default=str))
