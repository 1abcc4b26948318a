"""From lines to blocks: where each paragraph, item, heading, row and note begins, and which lines continue it."""

import re
from collections.abc import Callable
from itertools import zip_longest

from tenants.procedures.parsing import marks, notes, tables
from tenants.procedures.parsing.block import Block, Cover, Is, hyphen_dropped
from tenants.procedures.parsing.characters import as_read
from tenants.procedures.parsing.headings import Heading, Look, by_hand, heading, styled
from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.runs import Runs
from tenants.procedures.parsing.sequence import Sequence
from tenants.procedures.parsing.source import Line
from tenants.procedures.parsing.view import View, capitals, ended, has_verb

_EMPTY = frozenset("Â \u00a0\u00ad\ufeff")
_LONGEST_LABEL = 40
_ENTRY = re.compile(r"[A-Z][\w'\u2019/() ]{0,40}(?:: | [-\u2013] )\S")
"""Entries of a glossary, a line each; that two lines of prose on end begin so is not to be feared."""


class Layout:
    """Reads the lines in order; ``blocks`` and ``doubts`` are the result, and ``away`` grows by empty bullets."""

    def __init__(self, view: View, away: dict[int, Reason]) -> None:
        self.view = view
        self.blocks: list[Block] = []
        self.doubts: list[Doubt] = []
        self.empty: list[tuple[Cover, Reason]] = []
        self._rows = tables.tables(view.lines, frozenset(away))
        self._notes = notes.notes(view.lines, away)
        self._sequence = Sequence()
        self._runs = Runs(view)
        self._chapter: int | None = None

    def read(self, progress: Callable[[int], None]) -> None:
        """Read all lines; ``progress`` is told how many are done."""
        for index, line in enumerate(self.view.lines):
            if index not in self.view.away and not line.blank:
                self._line(index, line)
            if not index % 200:
                progress(index)
        self._close()

    def _line(self, index: int, line: Line) -> None:
        if index in self._rows or line.style.cells:
            self._row(index, line)
        elif (opening := self._notes.get(index)) is not None:
            last = self.blocks[-1] if self.blocks else None
            if last is None or last.note != opening.number or line.style.note is None:
                last = self._open(Is.NOTE, index, 0, marker=opening.marker)
                last.note, last.guessed = opening.number, opening.glued
            self._say(last, index, 0, len(line.content), opening.end)
        else:
            spans = self._runs.spans(index)
            for start, end, split in spans:
                if split:
                    told = f"run into the line, read as an item of its own: {line.content[start:end].strip()[:60]}"
                    self._doubt(index, DoubtKind.LIST_IN_TEXT, told)
                self._unit(index, start, end)

    def _unit(self, index: int, start: int, end: int) -> None:
        """A line, or the part of one that its neighbours were run into."""
        line = self.view.lines[index]
        text = line.content[start:end]
        if start == 0 and (found := self._heading(index, line)) is not None:
            self._heading_block(index, line, found)
            return
        mark = self._mark(index, text, run_in=start > 0)
        if mark is None:
            self._words(index, start, end, goes_on=marks.number_mark(text) is not None and not self.view.apart(index))
            return
        is_a = Is.NUMBERED if mark.shape is marks.Shape.DECIMAL else Is.ITEM
        marker = mark.marker or (line.style.label or "")
        block = self._open(is_a, index, start, marker=marker)
        block.mark = mark
        self._sequence.saw(mark)
        self._say(block, index, start, end, start + mark.end)

    def _heading(self, index: int, line: Line) -> Heading | None:
        if self.view.shape.styled or line.style.heading is not None:
            return styled(line) or by_hand(self.view, index)
        if self._continues_heading(index):
            return None
        return heading(self.view, index, self._chapter, self._sequence.listed)

    def _continues_heading(self, index: int) -> bool:
        """Whether the line is the second half of a title in capitals."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or last.is_a is not Is.HEADING or self.view.apart(index) or last.heading is None:
            return False
        text = self.view.text(index)
        if marks.mark(text) or marks.word(text) or last.heading.look is Look.SLIDE:
            return False
        untitled = last.heading.look is Look.WORD and last.silent
        return untitled or (capitals(text) and capitals(last.tail) and self.view.full(last.last_index))

    def _heading_block(self, index: int, line: Line, found: Heading) -> None:
        block = self._open(Is.HEADING, index, 0, marker=line.content[: found.end].strip())
        block.heading, block.mark = found, found.mark
        if not block.marker:
            block.marker = found.mark.marker if found.mark else found.word.marker if found.word else ""
        self._say(block, index, 0, len(line.content), found.end)
        if found.look is Look.SLIDE:
            block.parts[-1:] = marks.unglued(block.parts[-1])
        self._sequence.headed()
        if found.word is not None:
            self._chapter = None
        elif found.mark is not None and len(found.mark.parts) == 1:
            self._chapter = found.mark.parts[0]
        if not found.sure:
            self._doubt(index, DoubtKind.HEADING_GUESSED, f"taken for a heading: {block.tail.strip()[:80]}")

    def _mark(self, index: int, text: str, *, run_in: bool) -> marks.Mark | None:
        """The number or bullet that opens the text, unless it is rather a number in a broken sentence."""
        style = self.view.lines[index].style
        if style.label is not None:
            counted = marks.mark(f"{style.label} ")
            if counted is not None:
                return marks.Mark(counted.shape, "", counted.number, counted.parts, 0, counted.other)
        found = self._sequence.fitting(marks.mark(text))
        if found is not None and found.shape is marks.Shape.BULLET:
            numbered = self._sequence.fitting(marks.number_mark(text[found.end :]))
            if numbered is not None and (numbered.shape in (marks.Shape.DECIMAL, marks.Shape.INTEGER)):
                marker = text[: found.end + numbered.end].strip()
                found = marks.Mark(numbered.shape, marker, numbered.number, numbered.parts, found.end + numbered.end)
        if found is None:
            return marks.Mark(marks.Shape.BULLET, "", None, (), 0) if style.item is not None else None
        if run_in or style.paragraph or self.view.apart(index):
            return found
        last = self.blocks[-1] if self.blocks else None
        if self._sequence.plausible(found, last, full=last is not None and self._broken_off(last)):
            return found
        self._doubt(index, DoubtKind.NUMBER_IN_TEXT, f"read as a part of its sentence: {text.strip()[:60]}")
        return None

    def _broken_off(self, block: Block) -> bool:
        """Whether the block's last line was full, so that the next may be a part of its sentence."""
        return not self.view.shape.slides and self.view.full(block.last_index)

    def _words(self, index: int, start: int, end: int, *, goes_on: bool) -> None:
        """A line that nothing marks: it continues the last block, or is a paragraph.

        ``goes_on`` where its number was found to be a part of a sentence.
        """
        last = self.blocks[-1] if self.blocks else None
        if last is not None and last.is_a is Is.NOTE and self.view.gapped[index]:
            # The notes stand at the foot of the page before, and the text goes on over them.
            last = next((block for block in reversed(self.blocks) if block.is_a is not Is.NOTE), last)
        if last is not None and (start > 0 or goes_on or self._continues(last, index)):
            self._say(last, index, start, end, start)
            return
        block = self._open(Is.PARAGRAPH, index, start)
        self._say(block, index, start, end, start)

    def _continues(self, last: Block, index: int) -> bool:
        view, text = self.view, self.view.text(index)
        if view.lines[index].style.paragraph or last.is_a is Is.ROW:
            return False
        if view.shape.styled:
            return not view.parted[index]
        if last.is_a is Is.HEADING:
            goes_on = last.silent or view.full(last.last_index) or text[:1].islower()
            return self._continues_heading(index) or (not view.apart(index) and goes_on)
        return last.silent or self._goes_on(last, index, text)

    def _goes_on(self, last: Block, index: int, text: str) -> bool:
        """Whether a line is more of a sentence or an item, by how both look and what stands between."""
        view = self.view
        if _ENTRY.match(text) and _ENTRY.match(last.parts[0].lstrip()):
            return False
        small = text[:1].islower() or text[:1] in ",;)"
        if view.apart(index):
            if last.is_a is Is.NOTE or ended(last.tail) or last.tail.strip().endswith(":"):
                return False
            goes_on = small or (view.gapped[index] and view.full(last.last_index))
            if goes_on:
                self._doubt(index, DoubtKind.BREAK_JOINED, f"read as one sentence over a break: {text[:60]}")
            return goes_on
        return small or view.full(last.last_index) or text.startswith(("www.", "http")) or self._label(last)

    def _label(self, last: Block) -> bool:
        """Whether the last block is only a label, "Neglect:", of which this is the text."""
        if len(last.parts) > 1:
            return False
        said = last.tail.strip()
        short = len(said) <= _LONGEST_LABEL and len(said.split()) <= 5
        return last.is_a is Is.PARAGRAPH and said.endswith(":") and short and not has_verb(said)

    def _row(self, index: int, line: Line) -> None:
        row = self._rows.get(index)
        if row is None:
            cells = [_cell(line.content, line.offset(a), line.offset(b)) for a, b in line.style.cells]
            table = -1 - (line.style.table or 0)
            if not (line.style.adds and self._add(table, cells, line)):
                block = self._open(Is.ROW, index, 0)
                block.table, block.links, block.cells = table, list(line.links), cells
                block.covers.append(Cover(line.start, line.end, line.number))
            return
        cells = [_cell(line.content, a, b) for a, b in row.cells]
        if row.ruler:
            self.empty.append((Cover(line.start, line.end, line.number), Reason.RULE))
        elif not (row.continues and self._add(row.table, cells, line)):
            block = self._open(Is.ROW, index, 0)
            block.table, block.cells, block.guessed = row.table, cells, row.guessed
            block.covers.append(Cover(line.start, line.end, line.number))

    def _add(self, table: int, cells: list[str], line: Line) -> bool:
        """Let a line go on in the cells of the row before, where that is one of its table."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or last.is_a is not Is.ROW or last.table != table:
            return False
        last.cells = [f"{above} {below}".strip() for above, below in zip_longest(last.cells, cells, fillvalue="")]
        last.covers.append(Cover(line.start, line.end, line.number))
        last.last_line = line.number
        return True

    def _open(self, is_a: Is, index: int, start: int, *, marker: str = "") -> Block:
        self._close()
        line = self.view.lines[index]
        indent = line.indent if start == 0 else (self.blocks[-1].indent if self.blocks else 0)
        block = Block(is_a, line.number, line.number, indent, marker=marker, style=line.style, last_index=index)
        self.blocks.append(block)
        return block

    def _say(self, block: Block, index: int, start: int, end: int, text_from: int) -> None:
        """Give the block the part of the line from ``start`` to ``end``, whose words begin at ``text_from``."""
        line = self.view.lines[index]
        words = line.content[text_from:end]
        before = block.tail
        dropped = hyphen_dropped(before, words, self.view.shape.words) if block.parts else None
        if dropped is not None:
            shown = f"{before.rstrip().rsplit(None, 1)[-1]}{words.split()[0]}"
            self._doubt(index, DoubtKind.HYPHEN_JOINED, f"{'joined' if dropped else 'kept'}: {shown}")
            block.parts[-1] = f"{before.rstrip()[:-1] if dropped else before.rstrip()}\u00ad"
        block.parts.append(words)
        if len(block.parts) == 1 and line.style.strong is not None:
            block.lead = as_read(line.content[text_from : max(text_from, line.offset(line.style.strong))])
        source_start = line.start if start == 0 else line.at(start)
        source_end = line.end if end == len(line.content) else line.at(end)
        block.covers.append(Cover(source_start, source_end, line.number))
        block.links += [link for link in line.links if source_start <= link.start < source_end]
        block.last_line, block.last_index = line.number, index

    def _close(self) -> None:
        """Put the last block away if it turned out to be a bullet with nothing after it."""
        if not self.blocks:
            return
        last = self.blocks[-1]
        bare = last.is_a is Is.ITEM and last.mark is not None and last.mark.shape is marks.Shape.BULLET
        if bare and set("".join(last.parts)) <= _EMPTY | {" ", "\t"}:
            self.blocks.pop()
            self.empty += [(cover, Reason.EMPTY_BULLET) for cover in last.covers]
            self.doubts.append(Doubt(last.first_line, DoubtKind.EMPTY_BULLET, "a bullet with nothing after it"))

    def _doubt(self, index: int, kind: DoubtKind, text: str) -> None:
        self.doubts.append(Doubt(self.view.lines[index].number, kind, text))


def _cell(content: str, start: int, end: int) -> str:
    return as_read(" ".join(content[start:end].split()))
