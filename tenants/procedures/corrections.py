"""Corrections to a draft: made by people, and recorded, to be made again when the file is read anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from tenants.procedures import correcting, drafting, repository
from tenants.procedures.correcting import DoesNotFit, Text
from tenants.procedures.link_models import ProcedureLink
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
    ProcedureTerm,
)
from tenants.procedures.vocabulary import CorrectionKind, ReferenceKind
from tenants.procedures.working_models import ProcedureCorrection, ProcedureDoubt

_MOST: Final = {"address": 300, "number": 60, "heading": 1_000, "text": 50_000, "area": 80, "parent": 300}


async def set_fields(
    session: TenantSession, edition_id: UUID, addresses: Sequence[str], given: Mapping[str, Any], by: UUID
) -> ProcedureEdition:
    """Set fields of one provision, or kind, force, audience and area of several.

    A new address leaves a redirect where the text before had the old one. Raises as ``opened``, ``Invalid`` and
    ``NotFound``.
    """
    edition, text = await _text(session, edition_id)
    single = {"address", "number", "heading", "text", "parent"} & given.keys()
    faults = _faults(given)
    if len(addresses) != 1 and single:
        faults.append(FieldError("addresses", f"name one provision to set its {', '.join(sorted(single))}"))
    if "address" in given and any(row.address == given["address"] for row in text.provisions):
        faults.append(FieldError("address", "another provision has it"))
    if faults:
        raise Invalid(faults)
    for address in addresses:
        row = _at(text, address)
        after = {name: value for name, value in given.items() if correcting.said(row, name) != value}
        if not after:
            continue
        before = {name: correcting.said(row, name) for name in after}
        correcting.change(text, CorrectionKind.SET, row.key, before, after)
        if "address" in after:
            await lead_on(session, edition, address, after["address"])
        await _record(session, edition, CorrectionKind.SET, row.key, before, after, by)
    await _store(session, text)
    return edition


async def merge(session: TenantSession, edition_id: UUID, addresses: Sequence[str], by: UUID) -> ProcedureEdition:
    """Let the first of several provisions have the words of all. Raises as ``opened``, ``Invalid``, ``NotFound``."""
    edition, text = await _text(session, edition_id)
    if len(addresses) < 2 or len(set(addresses)) != len(addresses):
        raise Invalid([FieldError("addresses", "name two or more provisions, each once")])
    first, *others = [_at(text, address) for address in addresses]
    after = {"absorbed": [row.key for row in others]}
    before = {"text": first.text}
    correcting.change(text, CorrectionKind.MERGE, first.key, before, after)
    for row in others:
        await lead_on(session, edition, row.address, first.address)
    await _record(session, edition, CorrectionKind.MERGE, first.key, before, after, by)
    await _store(session, text)
    return edition


async def split(
    session: TenantSession, edition_id: UUID, address: str, at: str, new_address: str, number: str | None, by: UUID
) -> ProcedureEdition:
    """Make a provision of its own from the words ``at`` on, which must stand in the text once.

    Raises as ``opened``, ``Invalid``, ``NotFound``.
    """
    edition, text = await _text(session, edition_id)
    row = _at(text, address)
    faults = [fault for fault in [text_fault("newAddress", new_address, 300)] if fault]
    if not at.strip() or row.text.count(at) != 1 or row.text.startswith(at):
        faults.append(FieldError("at", "must stand in the provision's text once, after its beginning"))
    if any(one.address == new_address for one in text.provisions):
        faults.append(FieldError("newAddress", "another provision has it"))
    if faults:
        raise Invalid(faults)
    place = row.text.index(at)
    before = {"text": row.text}
    after = {"head": row.text[:place].rstrip(), "rest": row.text[place:], "address": new_address, "number": number,
             "key": f"{row.key[:300]}+{uuid7().hex}"}  # fmt: skip
    correcting.change(text, CorrectionKind.SPLIT, row.key, before, after)
    await _record(session, edition, CorrectionKind.SPLIT, row.key, before, after, by)
    await _store(session, text)
    return edition


async def add(
    session: TenantSession, edition_id: UUID, fields: Mapping[str, Any], follows: str | None, by: UUID
) -> ProcedureEdition:
    """Add a provision after another, or at the end. Raises as ``opened``, ``Invalid``, ``NotFound``."""
    edition, text = await _text(session, edition_id)
    faults = _faults(fields)
    if any(row.address == fields["address"] for row in text.provisions):
        faults.append(FieldError("address", "another provision has it"))
    if not (fields.get("text") or fields.get("heading")):
        faults.append(FieldError("text", "give a text, a heading, or both"))
    if faults:
        raise Invalid(faults)
    after_key = _at(text, follows).key if follows else None
    key = f"added#{uuid7().hex}"
    after = {**fields, "follows": after_key}
    correcting.change(text, CorrectionKind.ADD, key, {}, after)
    await _record(session, edition, CorrectionKind.ADD, key, {}, after, by)
    await _store(session, text)
    return edition


async def remove(session: TenantSession, edition_id: UUID, address: str, by: UUID) -> ProcedureEdition:
    """Take a provision out of a draft. Raises as ``opened``, ``NotFound``, and ``Conflict`` while it has parts."""
    edition, text = await _text(session, edition_id)
    row = _at(text, address)
    before = {"text": row.text}
    try:
        correcting.change(text, CorrectionKind.REMOVE, row.key, before, {})
    except DoesNotFit as error:
        raise Conflict(f"This provision cannot be removed: {error}.") from error
    await _record(session, edition, CorrectionKind.REMOVE, row.key, before, {}, by)
    await _store(session, text)
    await drafting.drop_redirects(session, edition.id)
    return edition


async def set_reference(
    session: TenantSession, edition_id: UUID, address: str, wording: str, kind: ReferenceKind,
    targets: Sequence[str], by: UUID,
) -> ProcedureEdition:  # fmt: skip
    """Say where the cross-reference of this wording in a provision leads. Raises as ``opened``, ``NotFound``."""
    edition, text = await _text(session, edition_id)
    row = _at(text, address)
    after = {"wording": wording, "kind": kind.value, "targets": list(targets)}
    try:
        correcting.change(text, CorrectionKind.REFER, row.key, {}, after)
    except DoesNotFit as error:
        raise NotFound("There is no such cross-reference in this provision.") from error
    await _record(session, edition, CorrectionKind.REFER, row.key, {}, after, by)
    return edition


@dataclass(frozen=True, slots=True)
class TermTold:
    """A term; without a definition it is taken out. It means this until before ``effective_to``."""

    term: str
    definition: str | None
    aliases: tuple[str, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None


async def set_term(session: TenantSession, edition_id: UUID, told: TermTold, by: UUID) -> ProcedureEdition:
    """Put a term in a draft's glossary in place of the one before, or take it out.

    Raises as ``opened``, and ``Invalid``.
    """
    edition, text = await _text(session, edition_id)
    found = [fault for fault in [text_fault("term", told.term, 200)] if fault]
    found += text_faults(definition=(told.definition, 5_000))
    found += [fault for alias in told.aliases if (fault := text_fault("aliases", alias, 200))]
    if told.effective_from and told.effective_to and told.effective_from >= told.effective_to:
        found.append(FieldError("effectiveTo", "must be after effectiveFrom"))
    if found:
        raise Invalid(found)
    begin, end = (day.isoformat() if day else None for day in (told.effective_from, told.effective_to))
    after = {"term": told.term, "definition": told.definition, "aliases": list(told.aliases),
             "effective_from": begin, "effective_to": end}  # fmt: skip
    key = f"term#{told.term}"
    correcting.change(text, CorrectionKind.DEFINE, key, {}, after)
    await _record(session, edition, CorrectionKind.DEFINE, key, {}, after, by)
    await _store(session, text)
    return edition


async def resolve(
    session: TenantSession, doubt_id: UUID, resolution: str, by: UUID, *, of_its_kind: bool = False
) -> ProcedureEdition:
    """Say what has become of a doubt, and with ``of_its_kind`` of every open one of that kind in the draft.

    Raises ``NotFound``, ``Invalid``, and ``Conflict`` for one that is resolved.
    """
    doubt = await repository.row(session, ProcedureDoubt, doubt_id, "There is no such doubt in this partnership.")
    edition = await drafting.opened(session, doubt.edition_id)
    await session.refresh(doubt)
    if fault := text_fault("resolution", resolution, 2_000):
        raise Invalid([fault])
    if doubt.resolved_at is not None:
        raise Conflict("This doubt was resolved before.")
    others = await repository.parts(session, ProcedureDoubt, edition.id) if of_its_kind else []
    alike = [one for one in others if one.kind == doubt.kind and one.resolved_at is None and one.id != doubt.id]
    now = await session.now()
    for one in (doubt, *alike):
        one.resolution, one.resolved_by, one.resolved_at = resolution, by, now
        await _record(session, edition, CorrectionKind.RESOLVE, one.key, {}, {"resolution": resolution}, by)
    return edition


async def lead_on(session: TenantSession, edition: ProcedureEdition, old: str, new: str) -> None:
    """A redirect, where a text before has had the old address; those that led to it lead on."""
    for bound in await repository.parts(session, ProcedureLink, edition.id):
        if bound.address == old:
            bound.address = new
    known = await repository.parts(session, ProcedureRedirect, edition.id)
    for row in known:
        if row.new_address == old:
            row.new_address = new
        if row.old_address == row.new_address:
            await session.delete(row)  # it has its number back
    if edition.based_on_id is None or any(row.old_address == old for row in known):
        return
    if old in await repository.addresses(session, edition.based_on_id):
        session.append(ProcedureRedirect, edition_id=edition.id, old_address=old, new_address=new)


async def _text(session: TenantSession, edition_id: UUID) -> tuple[ProcedureEdition, Text]:
    edition = await drafting.opened(session, edition_id)
    return edition, Text(
        edition,
        await repository.parts(session, ProcedureProvision, edition_id),
        await repository.parts(session, ProcedureReference, edition_id),
        await repository.parts(session, ProcedureTerm, edition_id),
        await repository.parts(session, ProcedureHandbookEntry, edition_id),
    )


def _faults(given: Mapping[str, Any]) -> list[FieldError]:
    return [fault for name, most in _MOST.items() if given.get(name) and (fault := text_fault(name, given[name], most))]


def _at(text: Text, address: str) -> ProcedureProvision:
    found = next((row for row in text.provisions if row.address == address), None)
    if found is None:
        raise NotFound(repository.NO_PROVISION)
    return found


async def _store(session: TenantSession, text: Text) -> None:
    for gone in text.removed:
        await session.delete(gone)
    for made in text.added:
        session.insert(made)
    await session.flush()


async def _record(
    session: TenantSession, edition: ProcedureEdition, kind: CorrectionKind, key: str, before: Mapping[str, Any],
    after: Mapping[str, Any], by: UUID,
) -> None:  # fmt: skip
    session.append(ProcedureCorrection, edition_id=edition.id, kind=kind, key=key, before=dict(before),
                   after=dict(after), made_by=by, made_at=await session.now())  # fmt: skip
    drafting.record(session, edition, "procedure_edition.corrected", by, kind=kind.value)
