"""From a source to a manual: the stages in order, and the account of where every character went."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from tenants.procedures.parsing import contents, facts, notes, wording
from tenants.procedures.parsing.block import Block, Cover
from tenants.procedures.parsing.furniture import furniture
from tenants.procedures.parsing.layout import Layout
from tenants.procedures.parsing.manual import (
    CrossReference,
    Doubt,
    DoubtKind,
    Fact,
    FactKind,
    Force,
    Kind,
    Manual,
    Note,
    Piece,
    Provision,
    Reason,
    Table,
)
from tenants.procedures.parsing.references import References
from tenants.procedures.parsing.shape import measure
from tenants.procedures.parsing.source import Cut, Source
from tenants.procedures.parsing.terms import terms
from tenants.procedures.parsing.tree import Node, Tree
from tenants.procedures.parsing.view import View

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""

_OF_ALL = 100


def silent(done: int, of_all: int) -> None:
    """The progress of whoever does not look."""


def assemble(source: Source, progress: Progress = silent) -> Manual:
    """Read a source. Never fails: what cannot be understood is a paragraph, or is reported with its reason."""
    away, doubts = furniture(source)
    progress(20, _OF_ALL)
    layout = Layout(View(source.lines, away, measure(source, away), _listed(source, away)), away)
    count = max(1, len(source.lines))
    layout.read(lambda done: progress(20 + 40 * done // count, _OF_ALL))
    tree = Tree(layout.blocks)
    progress(65, _OF_ALL)
    anchors = _anchors(tree)
    references = References(tree.nodes, anchors)
    provisions, told = _provisions(tree.nodes, references, lambda done: progress(65 + done, _OF_ALL))
    texts = {provision.address: provision.text for provision in provisions}
    known, repeated = terms(tree.nodes, texts)
    said, fuzzy = facts.facts([(one.first_line, one.text or one.title) for one in provisions])
    footnotes, unmarked = _notes(tree, provisions)
    defined = {term.address for term in known if term.definition}
    provisions = [replace(one, kind=Kind.DEFINITION) if _defines(one, defined) else one for one in provisions]
    all_doubts = [
        *source.doubts, *doubts, *layout.doubts, *tree.doubts, *references.doubts, *told, *repeated, *fuzzy, *unmarked,
        *facts.figures_missing(provisions),
    ]  # fmt: skip
    if not any(one.kind is not Kind.HEADING for one in provisions):
        all_doubts.append(Doubt(1, DoubtKind.NO_PROVISIONS, "nothing in it reads as a provision"))
    progress(_OF_ALL, _OF_ALL)
    return Manual(
        format=source.format,
        text=source.text,
        provisions=tuple(provisions),
        tables=tuple(_tables(tree.nodes)),
        notes=tuple(footnotes),
        terms=tuple(known),
        facts=tuple(_title(provisions) + said),
        doubts=tuple(sorted(dict.fromkeys(all_doubts), key=lambda doubt: doubt.line)),
        pieces=tuple(sorted(_pieces(source, away, layout, tree), key=lambda piece: piece.start)),
    )


def _listed(source: Source, away: dict[int, Reason]) -> frozenset[str]:
    """The titles that the contents pages name."""
    pages = (source.lines[index].content for index, reason in away.items() if reason is Reason.CONTENTS_PAGE)
    return frozenset(contents.title(text) for text in pages) - {"", "contents", "page"}


def _anchors(tree: Tree) -> dict[str, str]:
    """Where the names by which links know a place are; of the same name twice the first, as browsers have it."""
    placed = [*((node.address, node.block) for node in tree.nodes), *tree.notes]
    return {
        anchor: address for address, block in reversed(placed) if block is not None for anchor in block.style.anchors
    }


def _defines(provision: Provision, defined: set[str]) -> bool:
    return provision.address in defined and provision.kind in (Kind.ITEM, Kind.PARAGRAPH)


def _provisions(
    nodes: Sequence[Node], references: References, progress: Callable[[int], None]
) -> tuple[list[Provision], list[Doubt]]:
    """The nodes with their words read; a lead-in's items inherit its force."""
    made: list[Provision] = []
    doubts: list[Doubt] = []
    passed: dict[str, Force] = {}
    count = max(1, len(nodes))
    for place, node in enumerate(nodes):
        if not place % 200:
            progress(30 * place // count)
        text = node.block.text if node.block is not None else ""
        base = _base(node, text)
        if node.kind is Kind.TABLE:
            made.append(base)
            continue
        heading = node.kind is Kind.HEADING
        made.append(base if heading else _worded(node, base, references.of(node, text), passed, doubts))
    return made, doubts


def _base(node: Node, text: str) -> Provision:
    block = node.block
    heading = node.kind is Kind.HEADING
    rows = [row.block for row in node.children if row.block is not None] if block is None else [block]
    return Provision(
        address=node.address,
        kind=node.kind,
        number=node.number,
        marker=block.marker if block is not None else "",
        title=text if heading else "",
        text="" if heading else text,
        parent=node.parent.address or None if node.parent is not None else None,
        depth=node.depth,
        first_line=rows[0].first_line,
        last_line=rows[-1].last_line,
        characters=tuple((cover.start, cover.end) for cover in block.covers) if block is not None else (),
    )


def _worded(
    node: Node, base: Provision, found: tuple[CrossReference, ...], passed: dict[str, Force], doubts: list[Doubt]
) -> Provision:
    leads = any(child.kind is Kind.ITEM for child in node.children)
    reading = wording.read(base.text, leads=leads)
    line = base.first_line
    if reading.passed_on is not None:
        passed[node.address] = reading.passed_on
    doubts += [
        Doubt(line, DoubtKind.QUOTED_FORCE, f"in quotation, not counted: {said[:90]}") for said in reading.quoted
    ]
    doubts += [Doubt(line, DoubtKind.UNCLEAR_FORCE, said) for said in reading.unclear]
    if reading.ungraded:
        named = ", ".join(dict.fromkeys(reading.ungraded))
        doubts.append(Doubt(line, DoubtKind.UNGRADED_WORD, f"{named}: kept as worded, not graded: {base.text[:70]}"))
    given = passed.get(base.parent or "") if node.kind is Kind.ITEM else None
    force, inherited, statements = reading.force, False, dict(reading.statements)
    if given is not None and _outweighs(given, force):
        inherited, force = True, given
        if not statements.get(given):
            statements = {given: 1, **{word: count for word, count in statements.items() if word is Force.MUST}}
    return replace(
        base,
        force=force if force is not None else reading.passed_on,
        inherited=inherited,
        lead_in=reading.passed_on is not None,
        statements=statements,
        ungraded=reading.ungraded,
        references=found,
    )


def _outweighs(given: Force, own: Force | None) -> bool:
    """Whether the lead-in's word governs the item: all but a stronger word of the item's own."""
    if own is Force.MUST or (own is Force.SHOULD and given is not Force.MUST):
        return False
    return own is not given


def _tables(nodes: Iterable[Node]) -> Iterable[Table]:
    for node in nodes:
        if node.kind is Kind.TABLE:
            blocks = [row.block for row in node.children if row.block is not None]
            cells = tuple(tuple(block.cells) for block in blocks)
            yield Table(node.address, cells, blocks[0].first_line, blocks[-1].last_line)


def _notes(tree: Tree, provisions: Sequence[Provision]) -> tuple[list[Note], list[Doubt]]:
    """Notes, each with the provision that refers to it: the last up to it, or failing one the first after it."""
    marked: dict[str, list[Provision]] = {}
    for provision in provisions:
        for marker in notes.markers(provision.text or provision.title):
            marked.setdefault(marker, []).append(provision)
    made: list[Note] = []
    doubts: list[Doubt] = []
    for address, block in tree.notes:
        number = block.note or ""
        referring = _nearest(provisions if block.guessed else marked.get(number, []), block)
        if block.guessed:
            run_in = notes.glued(number)
            referring = (one for one in referring if run_in.search(one.text or one.title))
            told = f"taken for the note {number}, whose marker is run into the word before it: {block.text[:60]}"
            doubts.append(Doubt(block.first_line, DoubtKind.NOTE_GUESSED, told))
        whom = tuple(one.address for one in islice(referring, 1))
        if not whom:
            doubts.append(Doubt(block.first_line, DoubtKind.NOTE_UNMARKED, f"nothing refers to the note {number}"))
        covers = tuple((cover.start, cover.end) for cover in block.covers)
        made.append(Note(address, block.marker, block.text, block.first_line, block.last_line, whom, covers))
    known = {block.note for _, block in tree.notes}
    for marker, where in marked.items():
        if marker not in known and marker.isdigit():
            told = f"there is no note {marker}"
            doubts.append(Doubt(where[0].first_line, DoubtKind.MARKER_WITHOUT_NOTE, told))
    return made, doubts


def _nearest(provisions: Sequence[Provision], note: Block) -> Iterator[Provision]:
    """From the note's line upwards, then from there downwards."""
    place = bisect_right(provisions, note.first_line, key=lambda one: one.first_line)
    return chain(reversed(provisions[:place]), provisions[place:])


def _title(provisions: Sequence[Provision]) -> list[Fact]:
    first = next((one for one in provisions if one.title or one.text), None)
    if first is None:
        return []
    return [Fact(FactKind.TITLE, (first.title or first.text)[:200], first.first_line)]


def _pieces(source: Source, away: dict[int, Reason], layout: Layout, tree: Tree) -> Iterable[Piece]:
    """Every character once, as it is read: what a line cuts out is reported, the rest is where its block went."""
    placed: dict[int, list[tuple[Cover, str]]] = {}
    for node in tree.nodes:
        for cover in node.block.covers if node.block is not None else ():
            placed.setdefault(cover.start, []).append((cover, node.address))
    for address, block in tree.notes:
        for cover in block.covers:
            placed.setdefault(cover.start, []).append((cover, address))
    empty = {cover.start: (cover.end, reason) for cover, reason in layout.empty}
    for index, line in enumerate(source.lines):
        place = line.start
        reason = away.get(index)
        while place < line.end:
            if reason is None and place in placed:
                cover, address = placed[place][0]
                yield from _without_cuts(cover, address, line.cuts)
                place = cover.end
                continue
            end, why = (line.end, reason) if reason is not None else empty.get(place, (line.end, None))
            whole = Cover(place, end, line.number)
            yield from _without_cuts(whole, why or _blank_reason(source, place, end), line.cuts if why is None else ())
            place = end


def _blank_reason(source: Source, start: int, end: int) -> Reason:
    return Reason.PAGE_BREAK if "\f" in source.text[start:end] else Reason.WHITE_SPACE


def _without_cuts(cover: Cover, where: str | Reason, cuts: Iterable[Cut]) -> Iterable[Piece]:
    reason = where if isinstance(where, Reason) else None
    address = None if isinstance(where, Reason) else where
    place = cover.start
    for cut in cuts:
        if cover.start <= cut.start < cover.end:
            if place < cut.start:
                yield Piece(place, cut.start, cover.line, address, reason)
            yield Piece(cut.start, cut.end, cover.line, reason=cut.reason)
            place = cut.end
    if place < cover.end:
        yield Piece(place, cover.end, cover.line, address, reason)
