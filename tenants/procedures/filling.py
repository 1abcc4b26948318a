"""A draft is given what was read of a file, and every correction of it is made again."""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from backend.kit.session import TenantSession
from tenants.procedures import correcting, corrections, drafting, repository
from tenants.procedures.correcting import DoesNotFit, Text
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureProvision,
    ProcedureReference,
    ProcedureReplacement,
    ProcedureTerm,
)
from tenants.procedures.reading import Content
from tenants.procedures.vocabulary import CorrectionKind
from tenants.procedures.working_models import ProcedureCorrection, ProcedureDoubt

_READ: Final[tuple[type[Any], ...]] = (ProcedureReference, ProcedureDoubt, ProcedureTerm, ProcedureProvision)


async def fill(session: TenantSession, edition: ProcedureEdition, read: Content) -> int:
    """Give a draft what was read of a file. Returns how many corrections still fit. The draft must be locked.

    Those that do not are doubts of the draft. One that was made in it blocks its approval; of those carried over from
    the edition before, the file may well have other words. A doubt that was settled stays settled.
    """
    text = Text(edition, read.provisions, read.references, read.terms)
    fitting = 0
    for one in await repository.parts(session, ProcedureCorrection, edition.id):
        if one.kind is CorrectionKind.RESOLVE:
            _settle(read.doubts, one)
            fitting += 1
            continue
        try:
            _again(text, one)
            fitting += 1
        except DoesNotFit as error:
            read.doubts.append(_unfit(edition, one, error))
    text.count()
    await repository.empty(session, edition.id, _READ)
    edition.law_as_at = edition.law_as_at or read.law_as_at
    edition.next_review = edition.next_review or read.next_review
    known = {row.title for row in await repository.parts(session, ProcedureReplacement, edition.id)}
    for title in dict.fromkeys(read.replaces):
        if title not in known:
            session.append(ProcedureReplacement, edition_id=edition.id, title=title)
    for row in (*text.provisions, *text.references, *text.terms, *read.doubts):
        session.insert(row)
    await session.flush()
    await _lead_on_renumbered(session, edition, text.provisions)
    await drafting.drop_redirects(session, edition.id)
    return fitting


def _again(text: Text, one: ProcedureCorrection) -> None:
    try:
        correcting.change(text, one.kind, one.key, one.before, one.after)
    except DoesNotFit:
        if not correcting.done(text, one.kind, one.key, one.after):
            raise


def _settle(doubts: Sequence[ProcedureDoubt], one: ProcedureCorrection) -> None:
    """Settle the doubt that was settled before; beside other words, where no other says the same.

    One that the file no longer raises needs no resolution.
    """
    found = [doubt for doubt in doubts if doubt.key == one.key]
    alike = [] if found else [doubt for doubt in doubts if correcting.words(doubt.key) == correcting.words(one.key)]
    for doubt in found or (alike if len(alike) == 1 else ()):
        doubt.resolution, doubt.resolved_by, doubt.resolved_at = one.after["resolution"], one.made_by, one.made_at


def _unfit(edition: ProcedureEdition, one: ProcedureCorrection, error: DoesNotFit) -> ProcedureDoubt:
    said = json.dumps([one.kind, one.key, one.after], sort_keys=True).encode()
    message = f"A correction ({one.kind.value}) to {one.key.split('#')[0]} no longer fits: {error}. Make it again."
    return ProcedureDoubt(
        tenant_id=edition.tenant_id, edition_id=edition.id, key=f"correction#{sha256(said).hexdigest()[:16]}",
        kind="correction does not fit", message=message[:1000], blocking=one.made_at >= edition.made_at,
    )  # fmt: skip


async def _lead_on_renumbered(
    session: TenantSession, edition: ProcedureEdition, rows: list[ProcedureProvision]
) -> None:
    """Leave a redirect for each provision of the text before that stands elsewhere now in the same words."""
    if edition.based_on_id is None:
        return
    before = await repository.parts(session, ProcedureProvision, edition.based_on_id)
    here = {row.address for row in rows}
    words = Counter(_words_of(row) for row in rows)
    now = {_words_of(row): row.address for row in rows if words[_words_of(row)] == 1}
    for row in before:
        if row.address not in here and (place := now.get(_words_of(row))):
            await corrections.lead_on(session, edition, row.address, place)


def _words_of(row: ProcedureProvision) -> str:
    return f"{row.form} {row.heading or ''} {row.text}"
