"""Drafts: begun afresh, from an edition before or over a regional text; filled from a file; corrected by people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from tenants.procedures import changes, fuzzy, repository
from tenants.procedures.checks import Finding, Whole, findings
from tenants.procedures.link_models import ProcedureLink
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
    ProcedureReplacement,
)
from tenants.procedures.vocabulary import EditionState, Level
from tenants.procedures.working_models import ProcedureCorrection, ProcedureDoubt

_MANUAL: Final = "must be lower-case letters, digits and single hyphens, up to 80, such as child-protection"
_COPIED: Final = {
    "procedure_provision": "position, depth, parent, address, key, form, number, marker, heading, text, cells, kind,"
    " force, force_words, audience, area, basis, origin, source",
    "procedure_reference": "address, kind, wording, targets",
    "procedure_term": "term, aliases, definition, address, effective_from, effective_to",
    "procedure_handbook_entry": "position, heading, text, addresses",
    "procedure_link": "pathway, kind, code, source, place, address",
}  # fmt: skip
# A number that the text before has given to something else leads there no more.
_REDIRECTED: Final = text("""
    INSERT INTO procedure_redirect (tenant_id, id, edition_id, old_address, new_address)
    SELECT tenant_id, gen_random_uuid(), :into, old_address, new_address FROM procedure_redirect AS led
    WHERE tenant_id = :tenant AND edition_id = :source AND NOT EXISTS (
        SELECT FROM procedure_provision AS row WHERE row.tenant_id = led.tenant_id AND row.edition_id = led.edition_id
            AND row.address = led.old_address
    )
""")
_TAKEN_OVER: Final = text(
    "UPDATE procedure_provision SET basis = 'taken_over', origin = left(:origin || address, 300)"
    " WHERE tenant_id = :tenant AND edition_id = :into"
)


@dataclass(frozen=True, slots=True)
class DraftTold:
    """What is told of a draft. ``based_on_id`` copies an edition's text; with ``over`` it is taken over, not owned.

    ``replaces`` are the texts that it replaces, by id where they are kept here, and else by title.
    """

    manual: str
    title: str
    level: Level = Level.LOCAL
    law_as_at: date | None = None
    next_review: str | None = None
    summary: str | None = None
    based_on_id: UUID | None = None
    over: bool = False
    replaces: tuple[tuple[UUID | None, str | None], ...] = ()


def faults(told: DraftTold) -> list[FieldError]:
    words = told.manual.split("-")
    plain = all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    found = [] if plain and len(told.manual) <= 80 else [FieldError("manual", _MANUAL)]
    found += [fault for fault in [text_fault("title", told.title, 300)] if fault]
    found += text_faults(summary=(told.summary, 10_000))
    if told.next_review is not None and (fault := fuzzy.fault("nextReview", told.next_review)):
        found.append(fault)
    if told.over and told.based_on_id is None:
        found.append(FieldError("over", "name the edition that it lies over as basedOnId"))
    for number, (replaced_id, title) in enumerate(told.replaces):
        if replaced_id is None and (fault := text_fault(f"replaces.{number}.title", title or "", 300)):
            found.append(fault)
    return found


async def draft(session: TenantSession, told: DraftTold, by: UUID | None, edition_id: UUID) -> ProcedureEdition:
    """A new draft, numbered. Raises ``Invalid``, and ``NotFound`` for an edition that is not there."""
    if found := faults(told):
        raise Invalid(found)
    base = await repository.edition(session, told.based_on_id) if told.based_on_id else None
    row = ProcedureEdition(
        tenant_id=session.tenant_id, id=edition_id, manual=told.manual,
        number=await repository.next_number(session, told.manual), level=told.level, title=told.title,
        law_as_at=told.law_as_at, next_review=told.next_review, summary=told.summary, based_on_id=told.based_on_id,
        made_at=await session.now(), made_by=by,
    )  # fmt: skip
    session.insert(row)
    for replaced_id, title in told.replaces:
        kept = await repository.edition(session, replaced_id) if replaced_id else None
        session.append(ProcedureReplacement, edition_id=edition_id, replaced_id=replaced_id,
                       title=title or (name(kept) if kept else ""))  # fmt: skip
    await session.flush()
    if base is not None:
        await copy(session, base.id, edition_id)
        if told.over:
            await session.execute(_TAKEN_OVER, {"tenant": session.tenant_id, "into": edition_id,
                                                "origin": f"{name(base)[:200]}: "})  # fmt: skip
    record(session, row, "procedure_edition.drafted", by)
    return row


def name(edition: ProcedureEdition) -> str:
    """How an edition is cited: its title, number and amendment level."""
    amended = f", amendment {edition.amendment}" if edition.amendment else ""
    return f"{edition.title}, edition {edition.number}{amended}"


async def copy(session: TenantSession, source_id: UUID, into_id: UUID) -> None:
    """Give a draft the whole text of an edition, and its corrections."""
    for table, columns in _COPIED.items():
        await session.execute(
            text(
                f"INSERT INTO {table} (tenant_id, id, edition_id, {columns})"  # noqa: S608  # our own names
                f" SELECT tenant_id, gen_random_uuid(), :into, {columns} FROM {table}"
                " WHERE tenant_id = :tenant AND edition_id = :source"
            ),
            {"tenant": session.tenant_id, "source": source_id, "into": into_id},
        )
    await carry_corrections(session, source_id, into_id)
    await carry_redirects(session, source_id, into_id)


async def carry_redirects(session: TenantSession, source_id: UUID, into_id: UUID) -> None:
    """Let what was renumbered in an edition, or before, lead on in the next."""
    await session.execute(_REDIRECTED, {"tenant": session.tenant_id, "source": source_id, "into": into_id})


async def drop_redirects(session: TenantSession, edition_id: UUID) -> None:
    """Let no redirect of a draft lead to what is not there any more."""
    there = await repository.addresses(session, edition_id)
    for row in await repository.parts(session, ProcedureRedirect, edition_id):
        if row.new_address not in there:
            await session.delete(row)
    await session.flush()


async def carry_corrections(session: TenantSession, source_id: UUID, into_id: UUID) -> None:
    """Let what was corrected and settled in an edition hold for every file that is read into the next."""
    for one in await repository.parts(session, ProcedureCorrection, source_id):
        session.append(ProcedureCorrection, edition_id=into_id, kind=one.kind, key=one.key, before=one.before,
                       after=one.after, made_by=one.made_by, made_at=one.made_at)  # fmt: skip


async def opened(session: TenantSession, edition_id: UUID) -> ProcedureEdition:
    """The draft, locked, to be changed. Raises ``NotFound``, and ``Conflict`` for what is no draft."""
    row = await repository.edition(session, edition_id, lock=True)
    if row.state is not EditionState.DRAFT:
        raise Conflict(f"This edition is {row.state.value} and does not change; draft another.")
    return row


async def set_heading(session: TenantSession, edition_id: UUID, told: Mapping[str, Any], by: UUID) -> ProcedureEdition:
    """Change what a draft says of itself: title, law_as_at, next_review, summary. Raises as ``opened``, ``Invalid``."""
    row = await opened(session, edition_id)
    proposed = DraftTold(
        row.manual, told.get("title", row.title), law_as_at=told.get("law_as_at", row.law_as_at),
        next_review=told.get("next_review", row.next_review), summary=told.get("summary", row.summary),
    )  # fmt: skip
    if found := faults(proposed):
        raise Invalid(found)
    row.title, row.law_as_at = proposed.title, proposed.law_as_at
    row.next_review, row.summary = proposed.next_review, proposed.summary
    record(session, row, "procedure_edition.changed", by)
    return row


async def whole(session: TenantSession, edition: ProcedureEdition) -> Whole:
    """An edition with all that its checks look at."""
    return Whole(
        edition,
        await repository.parts(session, ProcedureProvision, edition.id),
        await repository.parts(session, ProcedureReference, edition.id),
        await repository.parts(session, ProcedureDoubt, edition.id),
        await repository.parts(session, ProcedureRedirect, edition.id),
        await repository.parts(session, ProcedureHandbookEntry, edition.id),
        await repository.addresses(session, edition.based_on_id) if edition.based_on_id else frozenset(),
        await repository.parts(session, ProcedureLink, edition.id),
        await changes.agreed_words(session, edition),
    )


async def found(session: TenantSession, edition: ProcedureEdition) -> list[Finding]:
    """What keeps a draft from approval, then what its author should look at."""
    return findings(await whole(session, edition))


def record(session: TenantSession, row: ProcedureEdition, action: str, by: UUID | None, **detail: Any) -> None:
    session.audit_entries.append(
        Entry(action, "procedure_edition", row.id, by,
              {"manual": row.manual, "number": row.number, "amendment": row.amendment, **detail})
    )  # fmt: skip
