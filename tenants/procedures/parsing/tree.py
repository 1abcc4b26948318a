"""From blocks to a tree: what belongs under what, and where numbering skips, repeats or starts afresh."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.addresses import ROOT, Addresses, under
from tenants.procedures.parsing.block import Block, Is
from tenants.procedures.parsing.headings import Look
from tenants.procedures.parsing.levels import Levels
from tenants.procedures.parsing.manual import Doubt, DoubtKind, Kind
from tenants.procedures.parsing.numbering import Numbering
from tenants.procedures.parsing.wording import opens_list

_NUMBERED_RANK: Final = 20
_LIST_RANK: Final = 40
_USUAL_DEPTH: Final = {
    marks.Shape.DECIMAL: 0,
    marks.Shape.BARE: 0,
    marks.Shape.INTEGER: 1,
    marks.Shape.BRACKETED: 2,
    marks.Shape.LETTER: 3,
    marks.Shape.BRACKETED_LETTER: 3,
    marks.Shape.ROMAN: 4,
    marks.Shape.BRACKETED_ROMAN: 4,
    marks.Shape.BULLET: 5,
}
"""Which list stands within which, where the indent does not say."""

_LABELLED = re.compile(r"[^:]{1,40}:\s?[\u2018\u201c\"']")


@dataclass(slots=True)
class Node:
    """A block in its place. A table has no block of its own: its rows are its ``children``."""

    address: str
    kind: Kind
    block: Block | None
    parent: "Node | None"
    rank: int
    number: str | None = None
    depth: int = 0
    children: "list[Node]" = field(default_factory=list)

    @property
    def parts(self) -> tuple[int, ...]:
        return self.block.mark.parts if self.block is not None and self.block.mark is not None else ()


class Tree:
    """Puts the blocks of a manual under one another, in order. ``nodes`` is the result, notes apart."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.nodes: list[Node] = []
        self.notes: list[tuple[str, Block]] = []
        self.doubts: list[Doubt] = []
        self._root = Node(ROOT, Kind.HEADING, None, None, 0)
        self._open: list[Node] = [self._root]
        self._addresses = Addresses()
        self._numbering = Numbering(self.doubts)
        self._levels = Levels(blocks)
        self._table: tuple[int, Node] | None = None
        self._lists: dict[tuple[str, marks.Shape], tuple[int, ...]] = {}
        self._afresh: dict[str, bool] = {}
        for place, block in enumerate(blocks):
            self._place(place, block)

    def _place(self, place: int, block: Block) -> None:
        if block.is_a is not Is.ROW:
            self._table = None
        if block.is_a is Is.NOTE:
            self.notes.append((self._addresses.item(ROOT, f"note-{block.note}"), block))
        elif block.is_a is Is.HEADING:
            self._heading(place, block)
        elif block.is_a is Is.NUMBERED:
            self._numbered(block)
        elif block.is_a is Is.ITEM:
            self._item(block)
        elif block.is_a is Is.ROW:
            self._row(block)
        else:
            parent = self._holder_of_paragraph(block)
            self._add(Kind.PARAGRAPH, block, parent, _LIST_RANK, self._addresses.counted(parent.address, "p"))

    def _heading(self, place: int, block: Block) -> None:
        level = self._levels.of(place)
        while self._open[-1].rank >= level and self._open[-1] is not self._root:
            self._open.pop()
        parent = self._open[-1]
        heading, mark = block.heading, block.mark
        number: str | None = None
        if heading is not None and heading.word is not None:
            number = heading.word.number
            name = f"{heading.word.word}-{number.lower()}"
            self._numbering.chapter(heading.word.number, block.marker)
            address = self._addresses.item(parent.address if "-" in parent.address else ROOT, name)
        elif heading is not None and heading.look is Look.SLIDE and mark is not None:
            number = mark.number
            address = self._addresses.item(ROOT, f"slide-{number}")
        elif mark is not None and mark.number is not None:
            number = mark.number
            within = len(mark.parts) == 1 and self._levels.within(place)
            address = self._addresses.item(parent.address, number) if within else self._by_number(block, number)
        else:
            address = self._addresses.titled(parent.address, block.text)
        self._add(Kind.HEADING, block, parent, level, address, number)

    def _numbered(self, block: Block) -> None:
        parts = block.mark.parts if block.mark is not None else ()
        while not (self._open[-1].rank < _NUMBERED_RANK or self._above(self._open[-1], parts)):
            self._open.pop()
        number = block.mark.number if block.mark is not None else None
        address = self._by_number(block, number or "")
        self._add(Kind.PARAGRAPH, block, self._open[-1], _NUMBERED_RANK + len(parts), address, number)

    @staticmethod
    def _above(node: Node, parts: tuple[int, ...]) -> bool:
        """Whether the node is the paragraph 4.2 over a paragraph 4.2.1."""
        numbered = _NUMBERED_RANK < node.rank < _LIST_RANK
        return numbered and len(node.parts) < len(parts) and node.parts == parts[: len(node.parts)]

    def _by_number(self, block: Block, number: str) -> str:
        """The address of a number that counts through the manual, or through a chapter."""
        container = self._container(number)
        repeated = self._addresses.taken(under(container, number))
        address = self._addresses.numbered(number, container)
        parts = block.mark.parts if block.mark is not None else ()
        self._numbering.through(number, parts, container, block.first_line, address if repeated else None)
        return address

    def _container(self, number: str) -> str:
        """The chapter under which a number has to be said: one whose numbers do not begin with its own.

        The first number in the chapter tells.
        """
        first = number.split(".", maxsplit=1)[0]
        worded = ((node.address, node.block.worded) for node in self._open if node.block is not None)
        address, own = next(((address, own) for address, own in worded if own is not None), (ROOT, first))
        afresh = self._afresh.setdefault(address, own.lower() != first.lower())
        return address if afresh else ROOT

    def _item(self, block: Block) -> None:
        mark = block.mark
        if mark is None:
            raise AssertionError("an item has its mark")
        sibling = self._sibling(block, mark)
        if sibling is not None and sibling.parent is not None:
            while self._open[-1] is not sibling.parent:
                self._open.pop()
            before = sibling.parts
        else:
            self._leave_closed_paragraphs(block)
            before = self._lists.get((self._open[-1].address, mark.shape), ())
            before = before if mark.parts > before else ()
        parent = self._open[-1]
        self._lists[parent.address, mark.shape] = mark.parts
        if mark.number is None:
            address = self._addresses.counted(parent.address, "b")
        else:
            wanted = under(parent.address, mark.number)
            again = self._addresses.taken(wanted)
            address = self._addresses.item(parent.address, mark.number)
            self._numbering.list_item(mark, before, block.first_line, address if again else None)
        self._add(Kind.ITEM, block, parent, _LIST_RANK, address, mark.number)

    def _sibling(self, block: Block, mark: marks.Mark) -> Node | None:
        """The open item that this one follows in its list."""
        if block.style.item is not None:
            return self._styled_sibling(block.style.item, mark)
        for node in reversed(self._open):
            if node.rank != _LIST_RANK:
                return None
            other = node.block.mark if node.block is not None and node.kind is Kind.ITEM else None
            if other is None or other.shape is not mark.shape or node.block is None:
                continue
            if mark.number is None:
                if _bulleted_alike(node.block, block):
                    # Conversions that lose the indent set a list and the item that opens it alike.
                    return None if node is self._open[-1] and opens_list(node.block) else node
            elif mark.parts > other.parts or not opens_list(self._open[-1].block):
                return node
        return None

    def _styled_sibling(self, depth: int, mark: marks.Mark) -> Node | None:
        """The format says how deep an item is; another shape, or a number that starts afresh, is another list."""
        for node in reversed(self._open):
            if node.rank != _LIST_RANK:
                return None
            style = node.block.style.item if node.block is not None and node.kind is Kind.ITEM else None
            if style is not None and style < depth:
                return None
            if style == depth and node.block is not None and node.block.mark is not None:
                return node if node.block.mark.shape is mark.shape else None
        return None

    def _leave_closed_paragraphs(self, block: Block) -> None:
        """A list stands under the paragraph or item that opens it, not under one that only comes before."""
        while self._open[-1].rank == _LIST_RANK:
            top = self._open[-1]
            depth = top.block.style.item if top.block is not None and top.kind is Kind.ITEM else None
            if block.style.item is not None and depth is not None:
                if depth < block.style.item:
                    return
                self._open.pop()
                continue
            if top.kind is Kind.PARAGRAPH and _has_other_list(top, block):
                self._open.pop()
                continue
            if opens_list(top.block) or (top.kind is Kind.ITEM and self._nests(top, block)):
                return
            self._open.pop()

    @staticmethod
    def _nests(top: Node, block: Block) -> bool:
        """Whether an item of another shape is a list within the item before: set in further, or of bullets."""
        if top.block is None or top.block.mark is None or block.mark is None:
            return False
        shape, above = block.mark.shape, top.block.mark.shape
        deeper = _USUAL_DEPTH[shape] > _USUAL_DEPTH[above] and block.mark.parts in ((), (1,))
        level = shape is marks.Shape.BULLET and block.indent >= top.block.indent - 1
        return deeper or block.indent > top.block.indent + 1 or level

    def _holder_of_paragraph(self, block: Block) -> Node:
        """The heading or numbered paragraph, or the item that it is set in under."""
        labelled = _LABELLED.match(block.text[:60]) is not None
        while self._open[-1].rank == _LIST_RANK:
            top = self._open[-1]
            item = top.block if top.kind is Kind.ITEM else None
            if item is not None and labelled and opens_list(item):
                return top
            inside = block.style.inside is not None and item is not None and item.style.item == block.style.inside
            if item is not None and (inside or (block.style.inside is None and block.indent > item.indent + 1)):
                return top
            self._open.pop()
        return self._open[-1]

    def _row(self, block: Block) -> None:
        if self._table is None or self._table[0] != block.table:
            while self._open[-1].rank == _LIST_RANK and not opens_list(self._open[-1].block):
                self._open.pop()
            parent = self._open[-1]
            node = Node(self._addresses.counted(parent.address, "t"), Kind.TABLE, None, parent, _LIST_RANK)
            node.depth = parent.depth + 1
            self.nodes.append(node)
            self._table = block.table, node
            if block.guessed:
                told = "read as a table: its columns are only kept apart by spaces"
                self.doubts.append(Doubt(block.first_line, DoubtKind.TABLE_GUESSED, told))
        table = self._table[1]
        row = Node(
            self._addresses.counted(table.address, "r"), Kind.ROW, block, table, _LIST_RANK, None, table.depth + 1
        )
        table.children.append(row)
        self.nodes.append(row)

    def _add(self, kind: Kind, block: Block, parent: Node, rank: int, address: str, number: str | None = None) -> None:
        node = Node(address, kind, block, parent, rank, number, parent.depth + (parent is not self._root))
        parent.children.append(node)
        self._open.append(node)
        self.nodes.append(node)


def _has_other_list(paragraph: Node, block: Block) -> bool:
    """Whether the list that a paragraph opens is over: this is the first item of another."""
    shapes = [
        item.block.mark.shape for item in paragraph.children if item.block is not None and item.block.mark is not None
    ]
    return bool(shapes) and block.mark is not None and shapes[-1] is not block.mark.shape


def _bulleted_alike(one: Block, other: Block) -> bool:
    if one.mark is None or other.mark is None or one.mark.number is not None:
        return False
    if one.style.item is not None or other.style.item is not None:
        return one.style.item == other.style.item
    return one.mark.marker == other.mark.marker and abs(one.indent - other.indent) <= 1
