"""Approval and withdrawal of editions: by a named role, from a day on; a text that is approved does not change."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from tenants.procedures import checks, drafting, fuzzy, repository
from tenants.procedures.difference import digest
from tenants.procedures.models import ProcedureEdition, ProcedureProvision
from tenants.procedures.vocabulary import EditionState, Form

# At most two years from the publication of an edition; amendments do not reset it (Hertfordshire manual 2006 ¶1.4.3).
LONGEST_YEARS: Final = 2
_SHOWN: Final = 50

# What is in a heading weighs most, then the words themselves, then the headings that they stand under.
_WORDS: Final = text("""
    INSERT INTO procedure_words (tenant_id, id, edition_id, position, words)
    SELECT tenant_id, row.id, edition_id, position,
        setweight(to_tsvector('english', concat_ws(' ', number, heading)), 'A')
        || setweight(to_tsvector('english', text), 'B') || setweight(to_tsvector('english', trail.text_of), 'C')
    FROM procedure_provision AS row JOIN unnest(CAST(:ids AS uuid[]), CAST(:trails AS text[])) AS trail(id, text_of)
        ON trail.id = row.id
    WHERE tenant_id = :tenant AND edition_id = :edition
""")
_POSTINGS: Final = text("""
    INSERT INTO procedure_posting (tenant_id, id, edition_id, lexeme, headed, positions)
    SELECT tenant_id, gen_random_uuid(), edition_id, lexeme,
        coalesce(array_agg(position ORDER BY position) FILTER (WHERE 'A' = ANY(weights)), '{}'),
        array_agg(position ORDER BY cardinality(positions) DESC, position)
    FROM procedure_words, unnest(words) AS word(lexeme, positions, weights)
    WHERE tenant_id = :tenant AND edition_id = :edition GROUP BY tenant_id, edition_id, lexeme
""")


async def approve(
    session: TenantSession, edition_id: UUID, by: UUID | None, *, role: str, in_force_from: date, authority: str
) -> ProcedureEdition:
    """Let a draft be in force from a day on, today or later.

    Raises ``NotFound``; ``Conflict`` for what is no draft; ``Forbidden`` for whoever wrote it; ``Invalid`` with
    everything that blocks it.
    """
    row = await drafting.opened(session, edition_id)
    if by is not None and row.made_by == by:
        raise Forbidden("Whoever writes an edition does not approve it. Ask somebody else who may.")
    faults = [fault for name, most in (("role", 80), ("authority", 300))
              if (fault := text_fault(name, {"role": role, "authority": authority}[name], most))]  # fmt: skip
    if in_force_from < await repository.today(session):
        faults.append(FieldError("inForceFrom", "must be today or later: cases since then have followed another text"))
    faults += _review(row, in_force_from)
    whole = await drafting.whole(session, row)
    found = checks.blocking(checks.findings(whole))
    faults += [FieldError(one.address or "edition", one.message) for one in found[:_SHOWN]]
    if len(found) > _SHOWN:
        faults.append(FieldError("edition", f"has {len(found) - _SHOWN} more faults; see its findings"))
    if faults:
        raise Invalid(faults)
    await _index(session, row, whole.provisions)
    row.digest = digest(whole.provisions)
    row.next_review = row.next_review or fuzzy.years_after(in_force_from, LONGEST_YEARS).isoformat()
    row.state, row.approved_at, row.approved_by = EditionState.APPROVED, await session.now(), by
    row.approved_role, row.authority, row.in_force_from = role, authority, in_force_from
    drafting.record(session, row, "procedure_edition.approved", by, role=role, digest=row.digest,
                    in_force_from=in_force_from.isoformat())  # fmt: skip
    await session.flush()
    return row


async def withdraw(session: TenantSession, edition_id: UUID, by: UUID | None, reason: str) -> ProcedureEdition:
    """Take an edition out of force from today, or give a draft up; it stays readable.

    Raises ``NotFound``, ``Invalid``, and ``Conflict`` for one that was withdrawn.
    """
    row = await repository.edition(session, edition_id, lock=True)
    if row.state is EditionState.WITHDRAWN:
        raise Conflict("This edition was withdrawn before.")
    if fault := text_fault("reason", reason, 1_000):
        raise Invalid([fault])
    row.state, row.withdrawn_at, row.withdrawn_by = EditionState.WITHDRAWN, await session.now(), by
    row.withdrawal_reason = reason
    drafting.record(session, row, "procedure_edition.withdrawn", by)
    await session.flush()
    return row


def _review(row: ProcedureEdition, in_force_from: date) -> list[FieldError]:
    """A review later than may be. An urgent amendment leaves it where it was."""
    span = fuzzy.span(row.next_review) if row.next_review else None
    if span is None or row.amendment:
        return []
    latest = fuzzy.years_after(in_force_from, LONGEST_YEARS)
    if span.first > latest:
        return [FieldError("nextReview", f"must be no later than {latest}, two years from when it comes in force")]
    return []


async def _index(session: TenantSession, row: ProcedureEdition, provisions: Sequence[ProcedureProvision]) -> None:
    """Make a text's words searchable."""
    await session.flush()
    above = trails(provisions)
    mine = {"tenant": session.tenant_id, "edition": row.id}
    ids = [one.id for one in provisions]
    await session.execute(_WORDS, mine | {"ids": ids, "trails": [above[one] for one in ids]})
    await session.execute(_POSTINGS, mine)


def trails(provisions: Sequence[ProcedureProvision]) -> Mapping[UUID, str]:
    """The headings that each provision stands under, outermost first, by its id."""
    by_address: dict[str, ProcedureProvision] = {}
    for row in provisions:
        by_address.setdefault(row.address, row)
    found = {}
    for row in provisions:
        headings: list[str] = []
        above, seen = row.parent, {row.address}
        while above is not None and above not in seen and (parent := by_address.get(above)):
            if parent.heading or parent.form is Form.HEADING:
                headings.append(parent.heading or "")
            seen.add(above)
            above = parent.parent
        found[row.id] = " ".join(reversed(headings))
    return found
