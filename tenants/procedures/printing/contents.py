"""What is printed of an edition, in order, with the places that its words lead to. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tenants.procedures.models import (
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
    ProcedureTerm,
)
from tenants.procedures.subjects import Subject
from tenants.procedures.vocabulary import INTERNAL, Form, Kind

DEEPEST: Final = 5
"""Of headings under the title: HTML has six levels."""
_NOT_OF_AN_ANCHOR: Final = re.compile(r"[^A-Za-z0-9.-]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Run:
    """Words, and the anchor of this printout that they lead to."""

    text: str
    to: str | None = None


@dataclass(slots=True)
class Block:
    """A provision. ``level`` is its heading's, from 1, never more than one below that of the heading before.

    ``also`` are anchors that lead to it by an earlier number. ``row_anchors`` are those of a table's rows by index.
    """

    anchor: str
    form: Form
    depth: int
    marker: str = ""
    heading: str | None = None
    level: int = 0
    lines: list[list[Run]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    row_anchors: dict[int, str] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """Of the index, the glossary or the list of earlier numbers: a name, and labelled places or a definition."""

    name: str
    places: tuple[Run, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands before the text: whose it is, and how it stands."""

    partnership: str
    title: str
    lines: tuple[str, ...]


@dataclass(slots=True)
class Printout:
    """A whole work. Every ``Run.to`` is the anchor of a block, of a row or of an ``also``."""

    cover: Cover
    blocks: list[Block] = field(default_factory=list)
    terms: list[Entry] = field(default_factory=list)
    index: list[Entry] = field(default_factory=list)
    moved: list[Entry] = field(default_factory=list)

    @property
    def headings(self) -> list[Block]:
        return [block for block in self.blocks if block.heading]


@dataclass(frozen=True, slots=True)
class Text:
    """The rows of an edition."""

    provisions: Sequence[ProcedureProvision]
    references: Sequence[ProcedureReference] = ()
    terms: Sequence[ProcedureTerm] = ()
    redirects: Sequence[ProcedureRedirect] = ()
    handbook: Sequence[ProcedureHandbookEntry] = ()
    subjects: Sequence[Subject] = ()


def manual(cover: Cover, text: Text) -> Printout:
    """All of an edition: its text, glossary and index, and where earlier numbers stand now."""
    anchors = _Anchors(text.provisions)
    made = Printout(cover, _blocks(text.provisions, text.references, anchors))
    _lead_on(made, text.redirects, anchors)
    made.terms = [
        Entry(clean(f"{one.term} ({', '.join(one.aliases)})" if one.aliases else one.term), text=clean(one.definition))
        for one in sorted(text.terms, key=lambda one: one.term.casefold())
    ]
    made.index = [Entry(clean(one.subject), places) for one in text.subjects if (places := anchors.places(one))]
    return made


def handbook(cover: Cover, text: Text) -> Printout:
    """What practitioners carry: short words, each with the provisions that it cites as they are worded."""
    by_address = {one.address: one for one in text.provisions}
    cited = [[by_address[each] for each in one.addresses if each in by_address] for one in text.handbook]
    first = {one.address: number for number, group in reversed(list(enumerate(cited))) for one in group}
    anchors = _Anchors([one for number, group in enumerate(cited) for one in group if first[one.address] == number])
    made = Printout(cover)
    for number, (entry, group) in enumerate(zip(text.handbook, cited, strict=True)):
        head = Block(f"entry-{number + 1}", Form.HEADING, 1, heading=clean(entry.heading), level=1)
        head.lines = [[Run(line)] for line in _lines(entry.text)]
        made.blocks.append(head)
        inner = [one for one in group if first[one.address] == number]
        blocks = _blocks(inner, text.references, anchors, before=1)
        again = [Run(_label(one), anchors.of(one.address)) for one in group if first[one.address] != number]
        made.blocks += blocks
        if again:
            see = [
                Run("See also "),
                *(run for n, each in enumerate(again) for run in ([Run(", ")] if n else []) + [each]),
            ]
            made.blocks.append(Block(f"entry-{number + 1}-see", Form.PARAGRAPH, 1, lines=[see]))
    return made


def anchor_of(address: str) -> str:
    """The name of a place in the printout: the same for the same address, and different ones for different ones."""
    return "p-" + _NOT_OF_AN_ANCHOR.sub(lambda one: f"_{ord(one[0]):x}_", address)


def clean(text: str) -> str:
    """Text without characters that neither HTML nor PDF can hold."""
    return _UNPRINTABLE.sub("", text)


class _Anchors:
    """The anchors of provisions, each once even where a draft has an address twice."""

    def __init__(self, provisions: Iterable[ProcedureProvision]) -> None:
        self._first: dict[str, ProcedureProvision] = {}
        self._of_row: dict[int, str] = {}
        taken: set[str] = set()
        for one in provisions:
            wanted = anchor = anchor_of(one.address)
            number = 1
            while anchor in taken:
                number += 1
                anchor = f"{wanted}--{number}"
            taken.add(anchor)
            self._of_row[id(one)] = anchor
            self._first.setdefault(one.address, one)

    def of_row(self, one: ProcedureProvision) -> str:
        return self._of_row[id(one)]

    def of(self, address: str) -> str | None:
        found = self._first.get(address)
        return self._of_row[id(found)] if found is not None else None

    def label(self, address: str) -> str:
        found = self._first.get(address)
        return _label(found) if found is not None else clean(address)

    def places(self, one: Subject) -> tuple[Run, ...]:
        return tuple(Run(self.label(each), to) for each in one.addresses if (to := self.of(each)) is not None)


def _label(one: ProcedureProvision) -> str:
    return clean(one.number or one.heading or one.address)


def _blocks(
    provisions: Sequence[ProcedureProvision], references: Iterable[ProcedureReference], anchors: _Anchors, *,
    before: int = 0,
) -> list[Block]:  # fmt: skip
    """Blocks in order. ``before`` is the level of the heading that stands before them."""
    links = _links(references, anchors)
    made: list[Block] = []
    tables: dict[str, Block] = {}
    above: list[int] = []  # depths of the headings that the present one stands under
    for one in provisions:
        if one.form is Form.ROW and one.parent in tables:
            _row(tables[one.parent], anchors.of_row(one))
            continue
        block = Block(anchors.of_row(one), one.form, max(1, min(one.depth, 9)), clean(one.marker), notes=_notes(one))
        block.rows = _even(one.cells or [])
        block.lines = [_runs(line, links.get(one.address, [])) for line in ([] if block.rows else _lines(one.text))]
        if one.heading and one.heading.strip():
            while above and above[-1] >= one.depth:
                above.pop()
            above.append(one.depth)
            block.heading, block.level = clean(one.heading), min(before + len(above), DEEPEST)
        if block.rows:
            tables[one.address] = block
        made.append(block)
    return made


def _row(table: Block, anchor: str) -> None:
    if len(table.row_anchors) < len(table.rows):
        table.row_anchors[len(table.row_anchors)] = anchor
    else:
        table.also.append(anchor)


def _notes(one: ProcedureProvision) -> list[str]:
    """What a reader has to know of a provision beside its words; of a procedure for everybody, nothing."""
    found = [] if one.kind is Kind.PROCEDURE else [f"{one.kind.value.capitalize()}."]
    found += [f"Holds in {clean(one.area)}."] if one.area else []
    return found + ([f"For {clean(', '.join(one.audience))}."] if one.audience else [])


def _links(references: Iterable[ProcedureReference], anchors: _Anchors) -> dict[str, list[tuple[str, str]]]:
    """The wordings that lead somewhere in the printout, with the anchor, by the provision they stand in."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in references:
        if one.kind in INTERNAL and one.targets and (to := anchors.of(one.targets[0])) is not None:
            found.setdefault(one.address, []).append((clean(one.wording), to))
    return found


def _runs(line: str, links: Sequence[tuple[str, str]]) -> list[Run]:
    """A line cut at the wordings that lead somewhere, each at its first place that is not taken."""
    cuts: list[tuple[int, int, str]] = []
    for wording, to in links:
        at = line.find(wording) if wording else -1
        while at >= 0 and any(at < end and begin < at + len(wording) for begin, end, _ in cuts):
            at = line.find(wording, at + 1)
        if at >= 0:
            cuts.append((at, at + len(wording), to))
    made, done = [], 0
    for begin, end, to in sorted(cuts):
        made += [Run(line[done:begin])] if begin > done else []
        made.append(Run(line[begin:end], to))
        done = end
    return made + ([Run(line[done:])] if done < len(line) else [])


def _lines(text: str) -> list[str]:
    return [line.strip() for line in clean(text).split("\n") if line.strip()]


def _even(cells: Sequence[Sequence[str]]) -> list[list[str]]:
    """A table's cells, every row as long as the longest."""
    width = max((len(row) for row in cells), default=0)
    return [[clean(cell) for cell in row] + [""] * (width - len(row)) for row in cells] if width else []


def _lead_on(made: Printout, redirects: Iterable[ProcedureRedirect], anchors: _Anchors) -> None:
    """Let earlier numbers lead to where their text stands now, unless another provision has the number by now."""
    blocks: Mapping[str, Block] = {block.anchor: block for block in made.blocks}
    taken = set(blocks)
    for one in sorted(redirects, key=lambda one: one.old_address):
        to = anchors.of(one.new_address)
        if to is None:
            continue
        made.moved.append(Entry(clean(one.old_address), (Run(anchors.label(one.new_address), to),)))
        old = anchor_of(one.old_address)
        if to in blocks and old not in taken and anchors.of(one.old_address) is None:
            taken.add(old)
            blocks[to].also.append(old)
