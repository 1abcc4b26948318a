"""What the parser has understood of a manual, as the rows of a draft. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID

from tenants.procedures.fuzzy import SEASONS
from tenants.procedures.models import ProcedureProvision, ProcedureReference, ProcedureTerm
from tenants.procedures.parsing import manual as parsed
from tenants.procedures.parsing.manual import DoubtKind, FactKind, Precision
from tenants.procedures.vocabulary import Force, Form, Kind, ReferenceKind
from tenants.procedures.working_models import ProcedureDoubt

# Text may be missing, doubled or mixed up: somebody has to look before it is approved. The others are for the author;
# what dangles in the end is found by the checks, whoever wrote it.
BLOCKING: Final = frozenset({
    DoubtKind.ENCODING, DoubtKind.NUMBER_REPEATED, DoubtKind.UNCLEAR_FORCE, DoubtKind.DELETED_TEXT,
    DoubtKind.INSERTED_TEXT, DoubtKind.HIDDEN_TEXT, DoubtKind.STRUCK_TEXT, DoubtKind.EMBEDDED, DoubtKind.COLUMNS,
    DoubtKind.TERM_REPEATED, DoubtKind.NO_PROVISIONS,
})  # fmt: skip
_SEASON: Final[Mapping[int, str]] = {month: name for name, month in SEASONS.items()}


@dataclass
class Content:
    """The rows of a draft, in order, and what the manual says of itself."""

    provisions: list[ProcedureProvision] = field(default_factory=list)
    references: list[ProcedureReference] = field(default_factory=list)
    terms: list[ProcedureTerm] = field(default_factory=list)
    doubts: list[ProcedureDoubt] = field(default_factory=list)
    law_as_at: date | None = None
    next_review: str | None = None
    replaces: list[str] = field(default_factory=list)

    def report(self) -> dict[str, int]:
        """How much was found, by what it is."""
        forms = Counter(f"{row.form.value}s" for row in self.provisions)
        return dict(forms) | {
            "provisions": len(self.provisions), "references": len(self.references), "terms": len(self.terms),
            "doubts": len(self.doubts), "blocking_doubts": sum(row.blocking for row in self.doubts),
        }  # fmt: skip


def content(manual: parsed.Manual, tenant_id: UUID, edition_id: UUID) -> Content:
    """The rows of a draft with everything that the manual holds; the notes come after the provisions."""
    cells = {table.address: [list(row) for row in table.rows] for table in manual.tables}
    made = Content()
    for position, one in enumerate(manual.provisions, 1):
        made.provisions.append(_provision(one, cells.get(one.address), position, tenant_id, edition_id))
        made.references += [
            ProcedureReference(
                tenant_id=tenant_id, edition_id=edition_id, address=one.address[:300],
                kind=reference_kind(reference.kind), wording=reference.text[:500],
                targets=[] if reference.dangling else list(reference.targets),
            )
            for reference in one.references
        ]  # fmt: skip
    for note in manual.notes:
        row = _note(note, len(made.provisions) + 1, tenant_id, edition_id)
        made.provisions.append(row)
    made.terms = [_term(one, tenant_id, edition_id) for one in manual.terms]
    made.doubts = _doubts(manual, tenant_id, edition_id)
    _facts(manual.facts, made)
    return made


def _provision(
    one: parsed.Provision, cells: list[list[str]] | None, position: int, tenant_id: UUID, edition_id: UUID
) -> ProcedureProvision:
    return ProcedureProvision(
        tenant_id=tenant_id, edition_id=edition_id, position=position, depth=one.depth, parent=one.parent,
        address=one.address[:300], key=one.key[-340:], form=Form(one.kind.value),
        number=one.number[:60] if one.number else None, marker=one.marker[:60], heading=one.title[:1000] or None,
        text=one.text, cells=cells, force=force(one.force), force_words=[word.value for word in one.ungraded],
        source=f"lines {one.first_line} to {one.last_line}",
    )  # fmt: skip


def force(found: parsed.Force | None) -> Force | None:
    """The same word in the database's spelling."""
    return Force(found.value.replace(" ", "_")) if found else None


def reference_kind(found: parsed.ReferenceKind) -> ReferenceKind:
    """The same kind in the database's spelling, where a web address is a link like any other."""
    return ReferenceKind.LINK if found is parsed.ReferenceKind.WEB else ReferenceKind(found.value)


def _note(note: parsed.Note, position: int, tenant_id: UUID, edition_id: UUID) -> ProcedureProvision:
    digest = sha256(note.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return ProcedureProvision(
        tenant_id=tenant_id, edition_id=edition_id, position=position, address=note.address[:300],
        parent=note.marked_in[0][:300] if note.marked_in else None, key=f"{note.address[:300]}#{digest}",
        form=Form.NOTE, marker=note.marker[:60], text=note.text, kind=Kind.GUIDANCE,
        source=f"lines {note.first_line} to {note.last_line}",
    )  # fmt: skip


def _term(one: parsed.Term, tenant_id: UUID, edition_id: UUID) -> ProcedureTerm:
    return ProcedureTerm(
        tenant_id=tenant_id, edition_id=edition_id, term=one.term[:200], definition=one.definition,
        aliases=[one.abbreviation] if one.abbreviation else [], address=one.address[:300] or None,
    )  # fmt: skip


def _doubts(manual: parsed.Manual, tenant_id: UUID, edition_id: UUID) -> list[ProcedureDoubt]:
    """A doubt's key names it through readings: the words beside it, which of several alike it is, and what it says."""
    begun = sorted(((one.first_line, one.digest) for one in manual.provisions), key=lambda pair: pair[0])
    alike: Counter[str] = Counter()
    made = []
    for one in manual.doubts:
        place = bisect_right(begun, one.line, key=lambda pair: pair[0])
        beside = begun[place - 1][1] if place else ""
        said = sha256(f"{one.kind.value} {one.text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        alike[beside + said] += 1
        row = ProcedureDoubt(
            tenant_id=tenant_id, edition_id=edition_id, key=f"{beside}~{alike[beside + said]}#{said}",
            kind=one.kind.value, blocking=one.kind in BLOCKING, line=one.line, message=one.text[:1000],
        )  # fmt: skip
        made.append(row)
    return made


def _facts(facts: tuple[parsed.Fact, ...], made: Content) -> None:
    for one in facts:
        match one.kind:
            case FactKind.LAW_AS_AT if one.precision is Precision.DAY and made.law_as_at is None:
                made.law_as_at = one.value
            case FactKind.NEXT_REVIEW if one.value and one.precision and made.next_review is None:
                made.next_review = _fuzzy(one.value, one.precision)
            case FactKind.REPLACES:
                made.replaces.append(one.text[:300])
            case _:
                pass


def _fuzzy(day: date, precision: Precision) -> str | None:
    match precision:
        case Precision.DAY:
            return day.isoformat()
        case Precision.MONTH:
            return f"{day:%Y-%m}"
        case Precision.SEASON:
            return f"{day.year}-{_SEASON[day.month]}"
        case Precision.YEAR:
            return str(day.year)
