"""Where a number, a chapter or an appendix named in the text is to be found; near the one who names it first."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.manual import Kind
from tenants.procedures.parsing.tree import Node

_ANY: Final = "number"


class Places:
    """The manual's places by word and number."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._by: dict[tuple[str, str], list[Node]] = defaultdict(list)
        self._order = {node.address: place for place, node in enumerate(nodes)}
        for node in nodes:
            for key in _keys(node):
                self._by[key].append(node)

    def has(self, number: str) -> bool:
        return (_ANY, number) in self._by or ("section", number) in self._by

    def named(self, word: str, number: str, asking: Node) -> list[str]:
        """Addresses of what is so called: one where it is plain, several where the manual has it more than once."""
        stem, _, rest = number.partition("(")
        low = stem.lower()
        if word.startswith(("chapter", "part")):
            found = self._first(("chapter", low), ("part", low), ("whole", low))
        elif word.startswith(("append", "annex")):
            found = self._first(("appendix", low), ("annex", low), ("appended", low))
        elif "." in stem:
            found = self._first((_ANY, low))
        else:
            found = self._first(("section", low), ("whole", low), (_ANY, low))
        nearest = self._nearest(found, asking)
        if rest and nearest:
            wanted = "/".join([nearest[0], *rest.rstrip(")").split(")(")])
            return [wanted] if wanted in self._order else []
        return nearest

    def near(self, number: str, asking: Node, *, before: bool) -> list[str]:
        """The closest item or heading so numbered, above or below the one who asks."""
        here = self._order[asking.address]
        found = self._by.get((_ANY, number.lower()), [])
        on_side = [node for node in found if (self._order[node.address] < here) is before and node is not asking]
        return [node.address for node in sorted(on_side, key=lambda node: abs(self._order[node.address] - here))]

    def _first(self, *keys: tuple[str, str]) -> list[Node]:
        return next((self._by[key] for key in keys if key in self._by), [])

    def _nearest(self, found: Sequence[Node], asking: Node) -> list[str]:
        """Those in the same chapter where there are any; headings of slides that go on count once."""
        if len(found) > 1:
            chapter = _chapter(asking)
            found = [node for node in found if _chapter(node) is chapter and chapter is not None] or found
        if len(found) > 1 and all(node.address.startswith("slide-") for node in found):
            found = found[:1]
        return [node.address for node in found]


def _keys(node: Node) -> list[tuple[str, str]]:
    """Under what a place can be named."""
    block = node.block
    if block is None:
        return []
    keys: list[tuple[str, str]] = []
    word = block.heading.word if block.heading is not None else None
    if word is None and node.kind is Kind.HEADING:
        word = marks.word(block.text)
    if word is not None:
        keys.append((word.word, word.number.lower()))
        value = marks.roman(word.number) if word.word in ("chapter", "part") else None
        keys += [(word.word, str(value))] if value else []
    if node.number is None or node.address.startswith("slide-") or (word is not None and node.kind is Kind.HEADING):
        return keys
    keys.append((_ANY, node.number.lower()))
    if node.kind is Kind.HEADING and "." not in node.number:
        keys.append(("whole", node.number.lower()))
    parent = node.parent.block if node.parent is not None else None
    if node.kind is Kind.ITEM and parent is not None and "appendi" in parent.text[-200:].lower():
        keys.append(("appended", node.number.lower()))
    return keys


def _chapter(node: Node) -> Node | None:
    """The heading at the top, under which a node stands."""
    top: Node | None = None
    at: Node | None = node
    while (at is not None and at.block is not None) or (at is not None and at.kind is Kind.TABLE):
        top = at if at.kind is Kind.HEADING else top
        at = at.parent
    return top
