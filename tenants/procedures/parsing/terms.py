"""The manual's own vocabulary: entries of a glossary, words defined where they stand, abbreviations explained."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Kind, Term
from tenants.procedures.parsing.tree import Node

_GLOSSARY = re.compile(
    r"\b(?:glossary|terminology|definitions?|abbreviations?|acronyms?|terms used|key terms|interpretation)\b",
    re.IGNORECASE,
)
_FOLLOWING_TERMS = re.compile(
    r"\b(?:following (?:terms|definitions|words)|terms? (?:is|are) (?:used|defined)|definitions of)\b", re.IGNORECASE
)
_ENTRY = re.compile(r"([A-Z][^:;.\n]{0,70}?)(?:\s*:\s+|\s+[-\u2013\u2014]\s+|\s{3,}|\s+\|\s+)(?=\S)")
_VERB_ENTRY = re.compile(
    r"([A-Z][\w\u2019' &/()-]{0,60}?)\s+(?=(?:to (?:refer|describe|mean)|refers? to|means?|describes?|is used to)\b)"
)
_BRACKETED = re.compile(r"\s*\(([A-Z][A-Za-z&/]{1,11})\)\s*$")
_ABBREVIATED = re.compile(r"\(([A-Z][A-Za-z&]{1,9})\)")
_WORD = re.compile(r"[A-Za-z][\w\u2019'&-]*")
_SMALL: Final = frozenset(["of", "and", "the", "for", "in", "on", "to", "with", "&"])
_AHEAD: Final = 110


def terms(nodes: Sequence[Node], texts: dict[str, str]) -> tuple[list[Term], list[Doubt]]:
    """Terms in the order of the manual; one that is defined again in other words is a doubt."""
    found: dict[str, Term] = {}
    doubts: list[Doubt] = []
    for node in nodes:
        text = texts.get(node.address, "")
        entry = _entry(node, text)
        for term in (*((entry,) if entry else ()), *_abbreviations(node, text)):
            key = (term.abbreviation if not term.definition else term.term) or term.term
            before = found.setdefault(key.casefold(), term)
            if before is not term and term.definition and before.definition and before.definition != term.definition:
                told = f"{term.term} is defined before in other words: {before.definition[:80]}"
                doubts.append(Doubt(term.line, DoubtKind.TERM_REPEATED, told))
    return list(found.values()), doubts


def _entry(node: Node, text: str) -> Term | None:
    """The term that a provision defines: in a glossary, after "the following terms", or as a label of a quotation."""
    block = node.block
    if block is None or node.kind is Kind.HEADING:
        return None
    listed = _in_glossary(node)
    name, definition = "", ""
    if block.cells and listed:
        name, definition = (block.cells[0], " ".join(block.cells[1:])) if len(block.cells) > 1 else ("", "")
    elif block.lead.strip() and listed:
        name = " ".join(block.lead.split()).strip(" :-\u2013")
        definition = text[len(" ".join(block.lead.split())) :]
    elif (label := _label(text)) is not None:
        name, definition = label, text[len(label) + 1 :]
    elif listed and (entry := _ENTRY.match(text) or _VERB_ENTRY.match(text)) is not None:
        name, definition = entry[1], text[entry.end() :]
    definition = definition.strip(" :-\u2013\u2014|")
    if not name or not definition or len(name.split()) > 9 or name.strip().lower() in ("term", "abbreviation", "word"):
        return None
    bracketed = _BRACKETED.search(name)
    if bracketed is not None and not bracketed[1][:2].isupper():
        bracketed = None
    full = name[: bracketed.start()] if bracketed else name
    return Term(full.strip(), definition, node.address, block.first_line, bracketed[1] if bracketed else None)


def _in_glossary(node: Node) -> bool:
    """Whether it stands under a heading or a lead-in that announces terms."""
    at = node.parent
    while at is not None:
        if at.block is not None:
            if at.kind is Kind.HEADING:
                return (_GLOSSARY.search(at.block.text) is not None and at.number is None) or _titled_glossary(at)
            if _FOLLOWING_TERMS.search(at.block.text):
                return True
        at = at.parent
    return False


def _titled_glossary(heading: Node) -> bool:
    text = heading.block.text if heading.block is not None else ""
    return (
        len(text.split()) <= 5
        and re.match(r"\W*(?:glossary|abbreviations|acronyms|definitions)", text, re.IGNORECASE) is not None
    )


def _label(text: str) -> str | None:
    """A label whose text is a quotation: a definition taken from elsewhere."""
    label, colon, rest = text[:60].partition(":")
    return (
        label if colon and rest.strip()[:1] in "\u2018\u201c\"'" and rest.strip() and len(label.split()) <= 5 else None
    )


def _abbreviations(node: Node, text: str) -> Iterator[Term]:
    """Abbreviations in brackets after the words whose initials they are."""
    if node.block is None:
        return
    for found in _ABBREVIATED.finditer(text):
        full = _spelt_out(found[1], text[max(0, found.start() - _AHEAD) : found.start()])
        if full:
            yield Term(full, "", node.address, node.block.first_line, found[1])


def _spelt_out(short: str, before: str) -> str | None:
    """The last words before whose capitals spell the abbreviation, small words apart."""
    initials = [letter.lower() for letter in short.rstrip("s") if letter.isupper()]
    words = [(found[0], found.start()) for found in _WORD.finditer(before)]
    if len(initials) < 2:
        return None
    place = len(words)
    for initial in reversed(initials):
        place -= 1
        while place >= 0 and words[place][0].lower() in _SMALL and not words[place][0].lower().startswith(initial):
            place -= 1
        if place < 0 or not words[place][0].lower().startswith(initial):
            return None
    return " ".join(before[words[place][1] :].split())
