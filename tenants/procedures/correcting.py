"""Changes that a person makes to a draft, so that they can be made again once its file has been read anew. Pure.

A change names provisions by key: the same words at the same address have the same key in every reading. Words that
stand once only are found wherever a newer file has them. A change that finds something else than it was made on does
not fit, and is left to a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from tenants.procedures.models import ProcedureHandbookEntry, ProcedureProvision, ProcedureReference
from tenants.procedures.vocabulary import Basis, CorrectionKind, Force, Form, Kind

_MAKE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": Kind, "force": lambda value: Force(value) if value else None, "form": Form,
}  # fmt: skip
SETTABLE: Final = frozenset({
    "address", "number", "heading", "text", "kind", "force", "audience", "area", "parent", "depth",
})  # fmt: skip
# What makes a provision that was taken over the partnership's own wording.
_WORDING: Final = frozenset({"heading", "text", "force"})


class DoesNotFit(Exception):
    """What the change was made on is not there, or reads otherwise by now."""


@dataclass
class Text:
    """A draft's text in order. ``added`` and ``removed`` are the rows that changes have made and taken away."""

    provisions: list[ProcedureProvision]
    references: list[ProcedureReference] = field(default_factory=list)
    handbook: list[ProcedureHandbookEntry] = field(default_factory=list)
    added: list[ProcedureProvision] = field(default_factory=list)
    removed: list[ProcedureProvision | ProcedureReference] = field(default_factory=list)

    def place(self, key: str) -> int:
        """Where the provision with a key stands, or else the only one of the same words. Raises ``DoesNotFit``."""
        for place, row in enumerate(self.provisions):
            if row.key == key:
                return place
        words = key.rpartition("#")[2]
        moved = [place for place, row in enumerate(self.provisions) if row.key.rpartition("#")[2] == words]
        if len(moved) == 1:
            return moved[0]
        raise DoesNotFit("the provision that it was made on is not there, or has other words")

    def count(self) -> None:
        """Number the rows in the order they are in."""
        for position, row in enumerate(self.provisions, 1):
            if row.position != position:
                row.position = position


def change(
    text: Text, kind: CorrectionKind, key: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> ProcedureProvision:
    """Make one change; all but SET give the rows new positions. Raises ``DoesNotFit`` and then has changed nothing.

    Returns the provision that it left behind; of a removal the removed one.
    """
    if kind is CorrectionKind.ADD:
        made = _add(text, key, after)
    else:
        place = text.place(key)
        row = text.provisions[place]
        for name, value in before.items():
            if said(row, name) != value:
                raise DoesNotFit(f"its {name} reads otherwise by now")
        match kind:
            case CorrectionKind.SET:
                _set(text, row, after)
                return row
            case CorrectionKind.MERGE:
                made = _merge(text, row, after["absorbed"])
            case CorrectionKind.SPLIT:
                made = _split(text, place, after)
            case _:
                made = _remove(text, row)
    text.count()
    return made


def said(row: ProcedureProvision, name: str) -> Any:
    """A field as JSON has it."""
    value = getattr(row, name)
    return value.value if isinstance(value, (Kind, Force, Form)) else value


def _set(text: Text, row: ProcedureProvision, after: Mapping[str, Any]) -> None:
    if "address" in after:
        _readdress(text, row, after["address"])
    for name, value in after.items():
        setattr(row, name, _MAKE[name](value) if name in _MAKE else value)
    if row.basis is Basis.TAKEN_OVER and _WORDING & after.keys():
        row.basis = Basis.REPLACED


def _readdress(text: Text, row: ProcedureProvision, address: str) -> None:
    """Whatever cites the provision goes on citing it. Where several have its address, the first is the one cited."""
    old = row.address
    if next(one for one in text.provisions if one.address == old) is not row:
        return
    for one in text.provisions:
        if one.parent == old:
            one.parent = address
    for reference in text.references:
        if reference.address == old:
            reference.address = address
        if old in reference.targets:
            reference.targets = [address if target == old else target for target in reference.targets]
    for entry in text.handbook:
        if old in entry.addresses:
            entry.addresses = [address if one == old else one for one in entry.addresses]


def _merge(text: Text, row: ProcedureProvision, absorbed: list[str]) -> ProcedureProvision:
    others = [text.provisions[text.place(key)] for key in absorbed]
    row.text = "\n".join(part for part in (row.text, *(_words(one) for one in others)) if part)
    for one in others:
        for child in text.provisions:
            if child.parent == one.address:
                child.parent = row.address
        for reference in text.references:
            if reference.address == one.address:
                reference.address = row.address
            if one.address in reference.targets:
                reference.targets = [row.address if to == one.address else to for to in reference.targets]
        _drop(text, one)
    if row.basis is Basis.TAKEN_OVER:
        row.basis = Basis.REPLACED
    return row


def _words(row: ProcedureProvision) -> str:
    return "\n".join(part for part in (row.heading, row.text) if part)


def _split(text: Text, place: int, after: Mapping[str, Any]) -> ProcedureProvision:
    row = text.provisions[place]
    rest = _like(row, after["key"], address=after["address"], number=after.get("number"), text=after["rest"])
    row.text = after["head"]
    if row.basis is Basis.TAKEN_OVER:
        row.basis = rest.basis = Basis.REPLACED
    text.provisions.insert(place + 1, rest)
    text.added.append(rest)
    return rest


def _add(text: Text, key: str, after: Mapping[str, Any]) -> ProcedureProvision:
    fields = dict(after)
    follows = fields.pop("follows")
    place = text.place(follows) if follows else len(text.provisions) - 1
    tenant, edition = UUID(fields.pop("tenant_id")), UUID(fields.pop("edition_id"))
    more: dict[str, Any] = {name: _MAKE[name](value) if name in _MAKE else value for name, value in fields.items()}
    made = ProcedureProvision(tenant_id=tenant, edition_id=edition, position=0, key=key, **more)
    text.provisions.insert(place + 1, made)
    text.added.append(made)
    return made


def _remove(text: Text, row: ProcedureProvision) -> ProcedureProvision:
    if any(one.parent == row.address for one in text.provisions):
        raise DoesNotFit("other provisions belong to it; remove or move them first")
    for reference in [one for one in text.references if one.address == row.address]:
        text.references.remove(reference)
        text.removed.append(reference)
    _drop(text, row)
    return row


def _drop(text: Text, row: ProcedureProvision) -> None:
    text.provisions.remove(row)
    if row in text.added:
        text.added.remove(row)
    else:
        text.removed.append(row)


def _like(row: ProcedureProvision, key: str, **changed: Any) -> ProcedureProvision:
    return ProcedureProvision(**{
        "tenant_id": row.tenant_id, "edition_id": row.edition_id, "position": 0, "depth": row.depth,
        "parent": row.parent, "key": key, "form": row.form, "kind": row.kind, "force": row.force,
        "audience": list(row.audience), "area": row.area, "basis": row.basis, "origin": row.origin,
        "source": row.source, **changed,
    })  # fmt: skip
