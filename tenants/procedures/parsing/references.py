"""References: to places of the manual by number, chapter, appendix, link or "above"; to statutes, other documents."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tenants.procedures.parsing.manual import CrossReference, Doubt, DoubtKind, ReferenceKind
from tenants.procedures.parsing.places import Places
from tenants.procedures.parsing.tree import Node

_ID = (
    r"(?:\d{1,3}(?:\.\d{1,3}){0,5}(?:\([a-z]{1,4}\)){0,2}|[A-Z]\.\d{1,3}(?:\.\d{1,3})*|[A-Z]\d{0,2}(?![\w'\u2019])"
    r"|[IVX]{1,5}(?!\w))"
)
_JOINT = r"\s*(?:,|;|&|\band\b|\bor\b|\bto\b|[-\u2013\u2014])\s*(?:and\s+)?"
_NAMED = re.compile(
    r"\b([Ss]ections?|SECTIONS?|[Pp]aragraphs?|[Pp]aras?\.?|[Cc]hapters?|CHAPTERS?|Parts?|[Aa]ppendi(?:x|ces)|APPENDIX"
    rf"|[Aa]nnex(?:es|e)?|\u00b6)\s*({_ID}(?:{_JOINT}{_ID}){{0,6}})"
)
_NUMBERED = re.compile(
    r"(?:\b(?:see|refer to|cited in|set out in|in line with|under|in|with|at|of)\s+|\((?:see\s+)?)"
    r"(\d{1,3}(?:\.\d{1,3}){1,5})(?![\d%.]*\d|%|\s*(?:am|pm|million|per cent|hours))",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\((\d{1,2}|[a-z])\)\s+(above|below)\b")
_RELATIVE = re.compile(
    r"\b(?:as|see|described|set out|outlined|given|listed|mentioned|defined|detailed|referred to|provided)"
    r"\s+(?:\w+\s+){0,1}(above|below|overleaf)\b",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?:https?://|www\.)[^\s<>\"()\[\]]{3,300}")
_SPLIT = re.compile(_JOINT)
_RANGE = re.compile(r"\s*(?:\bto\b|[-\u2013\u2014])\s*")
_ENACTMENT = re.compile(
    r"\s*(?:\([^)]{0,20}\)\s*){0,3}(?:,|of|in|to)?\s*(?:the\s+)?"
    r"(?:(?:[A-Z][\w'\u2019&-]*|and|of|the|for|on|in|to|\([^)]{0,30}\))\s+){0,9}?"
    r"(Act\b|Acts\b|Regulations?\b|Order\b|Rules\b|Convention\b|Code\b|CA\s?\d{4}|Bill\b|Statute)"
)
_DOCUMENT = re.compile(
    r"\s*(?:,|of|in)?\s*(?:the\s+)?[*_'\u2018\u201c\"]{0,2}(?:[A-Z][\w'\u2019&-]*\s+){0,6}?"
    r"(Working Together|Guidance|Framework|Guide\b|Handbook|Standards?\b|Code of Practice)"
)
_STATUTORY_WORK = re.compile(
    r"\s*(?:\([^)]{0,12}\)\s*)?(?:enquir|inquir|investigation|strategy|order|report|assessment|dut(?:y|ies)|agreement"
    r"|accommodat|visit|power|provision of|child)",
    re.IGNORECASE,
)
_ENACTED_BEFORE = re.compile(r"\b(?:Acts?|Regulations|Order)(?:\s+\d{4})?\)?[,;:]?\s*(?:\(?under\s+)?$")
_ABBREVIATED = re.compile(r"\b(?:ss?\.?\s?\d{1,3}[A-Z]?(?:\(\d+\))*)(?![\w.]*\d)")
_STATUTE_FROM: Final = 17
_AHEAD: Final = 140


class References:
    """Finds references and where they lead; ``doubts`` tell of those that lead nowhere, or to many."""

    def __init__(self, nodes: Sequence[Node], anchors: dict[str, str]) -> None:
        self.doubts: list[Doubt] = []
        self._places = Places(nodes)
        self._anchors = anchors
        self._first, self._last = (nodes[0].address, nodes[-1].address) if nodes else ("", "")

    def of(self, node: Node, text: str) -> tuple[CrossReference, ...]:
        """The references of one provision, in the order of their kinds: links, named places, numbers, the rest."""
        if node.block is None:
            return ()
        line = node.block.first_line
        taken = bytearray(len(text))  # a mark for each character that a reference was read from
        found = [*self._links(node, line)]
        for pattern, reader in ((_NAMED, self._named), (_NUMBERED, self._numbered), (_ITEM, self._beside)):
            for match in pattern.finditer(text):
                start, end = match.span()
                if not any(taken[start:end]):
                    taken[start:end] = b"\1" * (end - start)
                    found += reader(node, text, match, line)
        found += [self._relative(node, match, line) for match in _RELATIVE.finditer(text)]
        statutes = (match for match in _ABBREVIATED.finditer(text) if not taken[match.start()])
        found += [CrossReference(ReferenceKind.STATUTE, match[0].strip(), line) for match in statutes]
        found += [
            CrossReference(ReferenceKind.WEB, match[0].rstrip(".,;:'\u2019"), line) for match in _WEB.finditer(text)
        ]
        return tuple(dict.fromkeys(found))

    def _links(self, node: Node, line: int) -> Iterator[CrossReference]:
        for link in node.block.links if node.block is not None else ():
            if link.target.startswith("#") and len(link.target) > 1:
                target = self._anchors.get(link.target[1:])
                yield self._told(
                    ReferenceKind.LINK, link.target, line, (target,) if target else (), dangling=target is None
                )
            elif link.target != "#":
                yield CrossReference(ReferenceKind.WEB, link.target, line)

    def _named(self, node: Node, text: str, match: "re.Match[str]", line: int) -> Iterator[CrossReference]:
        word, listed = match[1].lower().rstrip("."), match[2]
        outside = self._outside(word, listed, text, match)
        if outside is not None:
            yield CrossReference(outside, match[0], line)
            return
        kind = _kind(word)
        for first, last in _listed(listed):
            if last is None:
                targets = self._places.named(word, first, node)
                yield self._resolved(kind, f"{match[1]} {first}", line, targets)
            else:
                ends = [self._places.named(word, end, node) for end in (first, last)]
                said = f"{match[1]} {first} to {last}"
                yield self._resolved(ReferenceKind.RANGE, said, line, [end[0] for end in ends if end], whole=all(ends))

    def _numbered(self, node: Node, _: str, match: "re.Match[str]", line: int) -> Iterator[CrossReference]:
        targets = self._places.named("paragraph", match[1], node)
        if targets or match[0].startswith("(") or match[0].lower().startswith(("see", "refer", "cited", "set")):
            yield self._resolved(ReferenceKind.PROVISION, match[0].strip("( "), line, targets)

    def _beside(self, node: Node, _: str, match: "re.Match[str]", line: int) -> Iterator[CrossReference]:
        targets = self._places.near(match[1], node, before=match[2] == "above")
        yield self._resolved(ReferenceKind.RELATIVE, match[0], line, targets[:1])

    def _relative(self, node: Node, match: "re.Match[str]", line: int) -> CrossReference:
        """ "As above" says on which side to look and no more; it dangles where the manual has nothing there."""
        there = self._last if match[1].lower() == "below" else self._first
        if there != node.address:
            told = f"{match[0]!r} does not say where"
            self.doubts.append(Doubt(line, DoubtKind.AMBIGUOUS_REFERENCE, told))
        return self._told(ReferenceKind.RELATIVE, match[0], line, (), dangling=there == node.address)

    def _resolved(
        self, kind: ReferenceKind, said: str, line: int, targets: Sequence[str], *, whole: bool = True
    ) -> CrossReference:
        if kind is not ReferenceKind.RANGE and len(targets) > 1:
            told = f"{said} may be {' or '.join(targets[:4])}; the first is taken"
            self.doubts.append(Doubt(line, DoubtKind.AMBIGUOUS_REFERENCE, told))
            targets = targets[:1]
        return self._told(kind, said, line, tuple(targets), dangling=not targets or not whole)

    def _told(
        self, kind: ReferenceKind, said: str, line: int, targets: tuple[str, ...], *, dangling: bool
    ) -> CrossReference:
        if dangling:
            self.doubts.append(Doubt(line, DoubtKind.DANGLING_REFERENCE, f"there is no such place: {said}"))
        return CrossReference(kind, said, line, targets, dangling)

    def _outside(self, word: str, listed: str, text: str, match: "re.Match[str]") -> ReferenceKind | None:
        """Whether the place named is one of a statute or of another document."""
        ahead = text[match.end() : match.end() + _AHEAD]
        if _ENACTED_BEFORE.search(text[max(0, match.start() - 40) : match.start()]):
            return ReferenceKind.STATUTE
        if word.startswith(("section", "part", "para", "chapter")):
            if _ENACTMENT.match(ahead):
                return ReferenceKind.STATUTE
            if _DOCUMENT.match(ahead):
                return ReferenceKind.DOCUMENT
        if word.startswith(("section", "part")) and listed.isdigit():
            if _STATUTORY_WORK.match(ahead) and int(listed) >= 7:
                return ReferenceKind.STATUTE
            if int(listed) >= _STATUTE_FROM and not self._places.has(listed):
                return ReferenceKind.STATUTE
        return None


def _kind(word: str) -> ReferenceKind:
    if word.startswith(("chapter", "part")):
        return ReferenceKind.CHAPTER
    return ReferenceKind.APPENDIX if word.startswith(("append", "annex")) else ReferenceKind.PROVISION


def _listed(listed: str) -> Iterator[tuple[str, str | None]]:
    """The numbers of "4.1, 4.3 and 5.1 to 5.4": each alone, or the ends of a range."""
    numbers = _SPLIT.split(listed)
    joints = [found[0] for found in _SPLIT.finditer(listed)]
    place = 0
    while place < len(numbers):
        if place < len(joints) and _RANGE.fullmatch(joints[place]):
            yield numbers[place], numbers[place + 1]
            place += 2
        else:
            yield numbers[place], None
            place += 1
