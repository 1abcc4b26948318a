"""What was understood, as figures and lists that go to JSON; and the line of account that they must satisfy."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tenants.procedures.parsing import wording
from tenants.procedures.parsing.manual import (
    CrossReference,
    Fact,
    Force,
    Kind,
    Manual,
    Provision,
    Reason,
    Term,
)

COUNTING: Final[Mapping[str, str]] = {
    "characters": "Every character of the source is counted, white space too; characters_total is characters_placed "
    "plus the sum of characters_reported. A line break goes where its line goes. Of .docx, .odt and .html the "
    "source is the text drawn out, a line for each paragraph, a tab between cells; of .txt and .md the file itself.",
    "provisions": "Paragraphs, items of lists, rows of tables and definitions. Headings, tables and notes are counted "
    "apart.",
    "must and should": "Provisions that hold a statement governed by the word. A statement is a sentence or an item. "
    "The items of a lead-in such as 'Staff must:' count once each and the lead-in itself does not. Not counted: words "
    "in quotations, headings and notes, questions, 'should have been', 'Should a child die'; of may, what is only "
    "possible, such as 'a child may be at risk'.",
    "words": "How often each word stands in the text that was placed, whatever it does there; the month of May, a "
    "will and a must apart. is_to holds 'is to' and 'are to'.",
    "lines": "Lines count as in an editor, from 1; of .docx and .odt, paragraphs.",
}
_SHOWN: Final = 2000


def figures(manual: Manual) -> dict[str, Any]:
    """The report, without the file's name, digest and seconds, which the caller knows. JSON types only."""
    placed, reported = _characters(manual)
    solid, solid_reported = _characters(manual, solid=True)
    said = [one for one in manual.provisions if one.kind not in (Kind.HEADING, Kind.TABLE)]
    references = [found for one in manual.provisions for found in one.references]
    dangling = [found for found in references if found.dangling]
    return {
        "format": manual.format,
        "characters_total": len(manual.text),
        "characters_placed": placed,
        "characters_reported": reported,
        "characters_without_white_space": {
            "total": solid + sum(solid_reported.values()), "placed": solid, "reported": solid_reported,
        },
        "provisions": len(said),
        "headings": sum(one.kind is Kind.HEADING for one in manual.provisions),
        "tables": len(manual.tables),
        "notes": len(manual.notes),
        "must": sum(Force.MUST in one.statements for one in said),
        "should": sum(Force.SHOULD in one.statements for one in said),
        "may": sum(Force.MAY in one.statements for one in said),
        "statements": _named(_added(one.statements for one in said)),
        "words": _named(Counter(word for text in _placed_texts(manual) for word in wording.words(text))),
        "cross_references": len(references),
        "cross_references_by_kind": dict(Counter(found.kind.value for found in references)),
        "dangling": len(dangling),
        "dangling_references": [{"line": found.line, "text": found.text} for found in dangling],
        "facts": [_fact(fact) for fact in manual.facts],
        "glossary": [_term(term) for term in manual.terms],
        "doubts": [{"line": doubt.line, "kind": doubt.kind.value, "text": doubt.text} for doubt in manual.doubts],
        "doubts_by_kind": dict(Counter(doubt.kind.value for doubt in manual.doubts).most_common()),
        "reported": list(_reported(manual)),
        "counting": dict(COUNTING),
    }  # fmt: skip


def listed(manual: Manual) -> dict[str, Any]:
    """Every provision, table and note, for a person to look through. JSON types only."""
    return {
        "provisions": [_provision(one) for one in manual.provisions],
        "tables": [
            {"address": table.address, "lines": [table.first_line, table.last_line],
             "rows": [list(row) for row in table.rows]}
            for table in manual.tables
        ],
        "notes": [
            {"address": note.address, "marker": note.marker, "text": note.text,
             "lines": [note.first_line, note.last_line], "marked_in": list(note.marked_in),
             "characters": [list(pair) for pair in note.characters]}
            for note in manual.notes
        ],
    }  # fmt: skip


def _characters(manual: Manual, *, solid: bool = False) -> tuple[int, dict[str, int]]:
    """How many were placed, and how many reported for each reason; ``solid`` leaves white space out."""
    placed = 0
    reported: Counter[str] = Counter()
    for piece in manual.pieces:
        count = piece.end - piece.start
        if solid:
            count = len("".join(manual.text[piece.start : piece.end].split()))
        if piece.reason is None:
            placed += count
        elif count:
            reported[piece.reason.value] += count
    return placed, dict(sorted(reported.items()))


def _placed_texts(manual: Manual) -> Iterable[str]:
    for one in manual.provisions:
        yield f"{one.title} {one.text}"
    for note in manual.notes:
        yield note.text


def _reported(manual: Manual) -> Iterable[dict[str, Any]]:
    """Everything that was reported but the white space, as printed; what is very long is shown in part."""
    for piece in manual.pieces:
        text = manual.text[piece.start : piece.end]
        if piece.reason is not None and piece.reason is not Reason.WHITE_SPACE and text.strip():
            yield {
                "line": piece.line, "reason": piece.reason.value, "start": piece.start, "end": piece.end,
                "text": _named_signs(text) if piece.reason is Reason.INVISIBLE else text.strip()[:_SHOWN],
            }  # fmt: skip


def _named_signs(text: str) -> str:
    return " ".join(f"U+{ord(sign):04X}" for sign in text[:20])


def _added(counts: Iterable[Mapping[Force, int]]) -> Counter[Force]:
    total: Counter[Force] = Counter()
    for count in counts:
        total.update(count)
    return total


def _named(counts: Mapping[Force, int]) -> dict[str, int]:
    return {force.name.lower(): counts.get(force, 0) for force in Force}


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "kind": fact.kind.value, "text": fact.text, "line": fact.line,
        "value": fact.value.isoformat() if fact.value else None,
        "precision": fact.precision.value if fact.precision else None,
    }  # fmt: skip


def _term(term: Term) -> dict[str, Any]:
    return {
        "term": term.term, "abbreviation": term.abbreviation, "definition": term.definition, "address": term.address,
        "line": term.line,
    }  # fmt: skip


def _provision(one: Provision) -> dict[str, Any]:
    return {
        "address": one.address, "key": one.key, "kind": one.kind.value, "number": one.number, "marker": one.marker,
        "title": one.title, "text": one.text, "parent": one.parent, "depth": one.depth,
        "lines": [one.first_line, one.last_line], "characters": [list(pair) for pair in one.characters],
        "force": one.force.value if one.force else None, "inherited": one.inherited, "lead_in": one.lead_in,
        "statements": {force.value: count for force, count in one.statements.items()},
        "ungraded": [force.value for force in one.ungraded],
        "cross_references": [_reference(found) for found in one.references],
    }  # fmt: skip


def _reference(found: CrossReference) -> dict[str, Any]:
    return {
        "kind": found.kind.value, "text": found.text, "line": found.line, "targets": list(found.targets),
        "dangling": found.dangling,
    }  # fmt: skip
