"""What keeps a draft from being approved, and what its author should look at. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tenants.procedures.change_models import ProcedureAmendment
from tenants.procedures.link_models import ProcedureLink
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
)
from tenants.procedures.vocabulary import UNRANKED, Form, Kind, ReferenceKind
from tenants.procedures.working_models import ProcedureDoubt

# A relative reference ("see above") may have no place that could be looked up.
_MUST_LEAD: Final = frozenset({
    ReferenceKind.PROVISION, ReferenceKind.CHAPTER, ReferenceKind.APPENDIX, ReferenceKind.RANGE,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or to be looked at; ``address`` is where. A blocking one keeps a draft from approval."""

    code: str
    message: str
    address: str | None = None
    blocking: bool = True


@dataclass(frozen=True)
class Whole:
    """A draft with all that it holds.

    ``earlier`` are the addresses of the text that it is based on, ``agreed`` the amendments that it ought to have.
    """

    edition: ProcedureEdition
    provisions: list[ProcedureProvision]
    references: list[ProcedureReference] = field(default_factory=list)
    doubts: list[ProcedureDoubt] = field(default_factory=list)
    redirects: list[ProcedureRedirect] = field(default_factory=list)
    handbook: list[ProcedureHandbookEntry] = field(default_factory=list)
    earlier: frozenset[str] = frozenset()
    links: list[ProcedureLink] = field(default_factory=list)
    agreed: list[ProcedureAmendment] = field(default_factory=list)


def findings(whole: Whole) -> list[Finding]:
    """Everything found, what blocks approval first."""
    addresses = Counter(row.address for row in whole.provisions)
    found = [
        *_edition(whole),
        *_addresses(whole, addresses),
        *_references(whole.references, addresses),
        *_doubts(whole.doubts),
        *_handbook(whole),
        *_links(whole.links, addresses),
        *_left_out(whole, addresses),
        *_not_amended(whole),
        *_unranked(whole.provisions),
    ]
    return sorted(found, key=lambda one: not one.blocking)


def blocking(found: Iterable[Finding]) -> list[Finding]:
    return [one for one in found if one.blocking]


def _edition(whole: Whole) -> Iterator[Finding]:
    if not whole.provisions:
        yield Finding("empty", "The draft has no provisions; import its text or add them.")
    if whole.edition.law_as_at is None:
        yield Finding("law-as-at", "Set the date as at which the law is stated.")


def _addresses(whole: Whole, addresses: Counter[str]) -> Iterator[Finding]:
    for address, count in addresses.items():
        if count > 1:
            yield Finding("duplicate-address", f"{count} provisions have this address; renumber all but one.", address)
    for row in whole.provisions:
        if row.parent is not None and row.parent not in addresses:
            yield Finding("no-parent", f"It belongs to {row.parent}, which is not there; move it.", row.address)
        if row.form is not Form.HEADING and not (row.text.strip() or row.heading or row.cells):
            yield Finding("no-text", "It says nothing; write its text or remove it.", row.address, blocking=False)
    for redirect in whole.redirects:
        if redirect.new_address not in addresses:
            yield Finding(
                "dangling-redirect", f"{redirect.old_address} leads here, where nothing is.", redirect.new_address
            )


def _references(references: list[ProcedureReference], addresses: Counter[str]) -> Iterator[Finding]:
    for row in references:
        missing = [target for target in row.targets if target not in addresses]
        if row.kind in _MUST_LEAD and not row.targets:
            remedy = "say where it leads, or that it leads out of the manual"
            yield Finding("dangling-reference", f"“{row.wording}” leads nowhere; {remedy}.", row.address)
        elif row.kind in _MUST_LEAD and missing:
            named = ", ".join(missing)
            yield Finding("dangling-reference", f"“{row.wording}” leads to {named}, which is not there.", row.address)


def _doubts(doubts: list[ProcedureDoubt]) -> Iterator[Finding]:
    for row in doubts:
        if row.resolved_at is None:
            at = f" (line {row.line})" if row.line else ""
            yield Finding("open-doubt", f"{row.kind}{at}: {row.message}", blocking=row.blocking)


def _handbook(whole: Whole) -> Iterator[Finding]:
    kinds = {row.address: row.kind for row in whole.provisions}
    for entry in whole.handbook:
        if not entry.addresses:
            yield Finding("handbook-entry", f"“{entry.heading}” cites no provision.")
        for address in entry.addresses:
            if address not in kinds:
                yield Finding("handbook-entry", f"“{entry.heading}” cites this, which is not there.", address)
            elif kinds[address] is not Kind.PROCEDURE:
                yield Finding("handbook-entry", f"“{entry.heading}” may cite procedures only.", address)


def _links(links: list[ProcedureLink], addresses: Counter[str]) -> Iterator[Finding]:
    for row in links:
        if row.address is not None and row.address not in addresses:
            bound = f"{row.source} {row.place}" if row.source else f"{row.kind} {row.code} of {row.pathway}"
            yield Finding("dangling-link", f"{bound} is linked to this, which is not there.", row.address)


def _left_out(whole: Whole, addresses: Counter[str]) -> Iterator[Finding]:
    led_on = {row.old_address for row in whole.redirects}
    for address in sorted(whole.earlier - addresses.keys() - led_on):
        yield Finding("left-out", "It is in the text before and no longer here; nothing leads on.", address,
                      blocking=False)  # fmt: skip


def _not_amended(whole: Whole) -> Iterator[Finding]:
    """Of several amendments of one provision the last agreed counts."""
    led_on = {row.old_address: row.new_address for row in whole.redirects}
    texts = {row.address: row.text for row in whole.provisions}
    for address, one in {led_on.get(one.address, one.address): one for one in whole.agreed}.items():
        if texts.get(address) != one.new_text:
            yield Finding("not-amended", f"Its words are not those agreed ({one.minute}); set them, or see why not.",
                          address, blocking=False)  # fmt: skip


def _unranked(provisions: list[ProcedureProvision]) -> Iterator[Finding]:
    for row in provisions:
        if row.force is not None and row.force in UNRANKED:
            word = str(row.force.value).replace("_", " ")
            yield Finding("ungraded", f"“{word}” has no rank; say must, should or may, or leave it as worded.",
                          row.address, blocking=False)  # fmt: skip
