"""Changes that a person makes to a draft, so that they can be made again once its file has been read anew. Pure.

A change names provisions by key: the same words at the same address have the same key in every reading. Words that
stand once only are found wherever a newer file has them. A change that finds something else than it was made on does
not fit, and is left to a person; unless the file has it by now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureReference,
    ProcedureTerm,
)
from tenants.procedures.vocabulary import Basis, CorrectionKind, Force, Form, Kind, ReferenceKind

_MAKE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": Kind, "force": lambda value: Force(value) if value else None, "form": Form,
}  # fmt: skip
SETTABLE: Final = frozenset({
    "address", "number", "heading", "text", "kind", "force", "audience", "area", "parent", "depth",
})  # fmt: skip
_SPAN: Final = ("effective_from", "effective_to")
# What makes a provision that was taken over the partnership's own wording.
_WORDING: Final = frozenset({"heading", "text", "force"})


class DoesNotFit(Exception):
    """What the change was made on is not there, or reads otherwise by now."""


@dataclass
class Text:
    """A draft's text in order. ``added`` and ``removed`` are the rows that changes have made and taken away."""

    edition: ProcedureEdition
    provisions: list[ProcedureProvision]
    references: list[ProcedureReference]
    terms: list[ProcedureTerm]
    handbook: list[ProcedureHandbookEntry] = field(default_factory=list)
    added: list[ProcedureProvision | ProcedureTerm] = field(default_factory=list)
    removed: list[ProcedureProvision | ProcedureReference | ProcedureTerm] = field(default_factory=list)

    def place(self, key: str) -> int:
        """Where the provision with a key stands, or else the only one of the same words. Raises ``DoesNotFit``."""
        for place, row in enumerate(self.provisions):
            if row.key == key:
                return place
        moved = [place for place, row in enumerate(self.provisions) if words(row.key) == words(key)]
        if len(moved) == 1:
            return moved[0]
        raise DoesNotFit("the provision that it was made on is not there, or has other words")

    def count(self) -> None:
        """Number the rows in the order they are in."""
        for position, row in enumerate(self.provisions, 1):
            if row.position != position:
                row.position = position


def words(key: str) -> str:
    """What of a key stands for the words, wherever they are."""
    return key.rpartition("#")[2]


def change(text: Text, kind: CorrectionKind, key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Make one change, of any kind but RESOLVE. Raises ``DoesNotFit`` and then has changed nothing."""
    match kind:
        case CorrectionKind.ADD:
            _add(text, key, after)
        case CorrectionKind.REFER:
            _refer(text, key, after)
        case CorrectionKind.DEFINE:
            _define(text, after)
        case _:
            _change(text, kind, text.place(key), before, after)
    text.count()


def _change(text: Text, kind: CorrectionKind, place: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    row = text.provisions[place]
    for name, value in before.items():
        if said(row, name) != value:
            raise DoesNotFit(f"its {name} reads otherwise by now")
    match kind:
        case CorrectionKind.SET:
            _set(text, row, after)
        case CorrectionKind.MERGE:
            _merge(text, row, after["absorbed"])
        case CorrectionKind.SPLIT:
            _split(text, place, after)
        case _:
            _remove(text, row)


def done(text: Text, kind: CorrectionKind, key: str, after: Mapping[str, Any]) -> bool:
    """Whether the text is already as the change would leave it: a newer file may have it."""
    address = key.rpartition("#")[0]
    at = {row.address: row for row in reversed(text.provisions)}
    match kind:
        case CorrectionKind.SET:
            return _reads(at.get(after.get("address", address)), after)
        case CorrectionKind.SPLIT:
            return _reads(at.get(address), {"text": after["head"]}) and _reads(
                at.get(after["address"]), {"text": after["rest"]}
            )
        case CorrectionKind.ADD:
            return _reads(at.get(after["address"]), {name: after.get(name) or "" for name in ("heading", "text")})
        case CorrectionKind.REMOVE:
            return address not in at and all(words(row.key) != words(key) for row in text.provisions)
        case _:
            return False


def _reads(row: ProcedureProvision | None, fields: Mapping[str, Any]) -> bool:
    return row is not None and all((said(row, name) or "") == (value or "") for name, value in fields.items())


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


def _merge(text: Text, row: ProcedureProvision, absorbed: list[str]) -> None:
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


def _words(row: ProcedureProvision) -> str:
    return "\n".join(part for part in (row.heading, row.text) if part)


def _split(text: Text, place: int, after: Mapping[str, Any]) -> None:
    row = text.provisions[place]
    rest = _like(row, after["key"], address=after["address"], number=after.get("number"), text=after["rest"])
    row.text = after["head"]
    if row.basis is Basis.TAKEN_OVER:
        row.basis = rest.basis = Basis.REPLACED
    text.provisions.insert(place + 1, rest)
    text.added.append(rest)


def _add(text: Text, key: str, after: Mapping[str, Any]) -> None:
    follows = after["follows"]
    place = text.place(follows) if follows else len(text.provisions) - 1
    fields: dict[str, Any] = {
        name: _MAKE[name](value) if name in _MAKE else value for name, value in after.items() if name != "follows"
    }
    of = text.edition
    made = ProcedureProvision(tenant_id=of.tenant_id, edition_id=of.id, position=0, key=key, **fields)
    text.provisions.insert(place + 1, made)
    text.added.append(made)


def _refer(text: Text, key: str, after: Mapping[str, Any]) -> None:
    """The wording may stand in other words at the same address by now."""
    try:
        address = text.provisions[text.place(key)].address
    except DoesNotFit:
        address = key.rpartition("#")[0]
    found = [row for row in text.references if (row.address, row.wording) == (address, after["wording"])]
    if not found:
        raise DoesNotFit("the cross-reference is not there")
    for row in found:
        row.kind, row.targets = ReferenceKind(after["kind"]), list(after["targets"])


def _define(text: Text, after: Mapping[str, Any]) -> None:
    for term in [one for one in text.terms if one.term == after["term"]]:
        text.terms.remove(term)
        text.removed.append(term)
    if after["definition"] is not None:
        begin, end = (date.fromisoformat(day) if (day := after[name]) else None for name in _SPAN)
        made = ProcedureTerm(
            tenant_id=text.edition.tenant_id, edition_id=text.edition.id, term=after["term"],
            definition=after["definition"], aliases=list(after["aliases"]), effective_from=begin, effective_to=end,
        )  # fmt: skip
        text.terms.append(made)
        text.added.append(made)


def _remove(text: Text, row: ProcedureProvision) -> None:
    if any(one.parent == row.address for one in text.provisions):
        raise DoesNotFit("other provisions belong to it; remove or move them first")
    for reference in [one for one in text.references if one.address == row.address]:
        text.references.remove(reference)
        text.removed.append(reference)
    _drop(text, row)


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
