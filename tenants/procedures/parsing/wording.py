"""The words that govern a statement: must, should, may; and will, is to, shall, which are told and not graded.

A statement is a sentence, or an item of a list. It is governed by the strongest graded word that is a duty or
permission in it. These are not: a word in quotation marks or in a heading; a question; "Should a child die" and
"should have been", "must have been"; "a child may be at risk"; the month of May and somebody's will.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tenants.procedures.parsing.block import Block
from tenants.procedures.parsing.manual import GRADED, UNGRADED, Force

_SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'\u2019\u201d)]{0,3}\s+(?=[\"'\u2018\u201c(]{0,2}[A-Z0-9])|\s\|\s|(?<=[^:])\s\u2022\s"
)
"""The end of a sentence, of a cell, or of an item within a cell."""

_QUOTED = re.compile(
    r"\u2018[^\u2018]{1,600}?\u2019(?!\w)|\u201c[^\u201c\u201d]{1,600}\u201d|\"[^\"]{1,600}\"|(?<!\w)'[^']{1,300}(?:'\w[^']{0,300}){0,20}'(?!\w)"
)
_WORD = re.compile(r"\b(must|should|may|will|shall|(?:is|are)\s+to)(?:\b|(?=n['\u2019]t\b))", re.IGNORECASE)
_PAST = re.compile(r"\s+(?:not\s+)?have\s+been\b", re.IGNORECASE)
_POSSIBLE = re.compile(
    r"\s+(?:(?:also|well|still|already|therefore|sometimes|often|even|in turn|not|never|recently|nevertheless)\s+)*(?:"
    r"have\s+(?:(?:already|also|not|never|recently)\s+)?(?:been|had|[a-z]{2,}ed|known|seen|taken|given|made|done|come|gone"
    r"|become|left|heard|told|lost|met|begun)"
    r"|be\s+(?:(?:also|still|particularly|especially|very|more|too|so|otherwise|already)\s+)*(?:"
    r"(?:at|in)\s+(?:[a-z]+\s+){0,2}(?:risk|danger|need|crisis|conflict)|suffering|experiencing|being|unable|unwilling"
    r"|reluctant|afraid|frightened|unaware|aware|likely|unlikely|vulnerable|dependent|difficult|hard|impossible|evident"
    r"|apparent|due|because|associated|linked|caused|affected|influenced|harmed|abused|neglected|exploited|hurt|injured"
    r"|required|needed|necessary|an?|signs?|symptoms?|evidence|indicat(?:ors?|ions?|ive)|reasons?|occasions?)"
    r"|be\s+that\b|(?:include|indicate|suggest|mean|arise|occur|happen|result|appear|seem|feel|fear|believe|think|need|become|suffer|experience"
    r"|affect|lack|exist|vary|differ|depend|fail|prove)"
    r")\b",
    re.IGNORECASE,
)
"""After "may": what is possible, as in "a child may be at risk", and nobody is permitted."""

_IF = re.compile(
    r"\s+(?:an?|the|any|this|that|these|those|it|they|there|he|she|you|we|either|no|further|such|concerns?)\b"
)
_TO_WHOM = re.compile(r"\s+(?:the|an?|this|that|these|those|all|any|each|every|his|her|their|its|our|your|my)\b")
"""After "is to": a person or a thing, as in "the first duty is to the child"."""

_UPSIDE_DOWN = re.compile(r"\s+(?:an?|the|any|this|these|those|it|they|there|he|she|you|we)\b")
"""After "should" anywhere: its subject, as in "and, should the child die, …". No duty is so worded."""

_CONDITION = re.compile(
    r"\s+(?!(?:not|also|always|be|have|include|ensure|only|then|never|at|in|normally|usually|immediately)\b)[\w\u2019'-]+\s"
    r"[^.;:]*?(?:,\s|\b(?:must|should|may|will|shall)\b)"
)
"""After "Should" at the beginning: perhaps a condition, as in "Should parents refuse, the nurse must …"."""

_MAY_NOT = re.compile(r"\s+not\b", re.IGNORECASE)
_MONTH_BEFORE = re.compile(
    r"(?:\d(?:st|nd|rd|th)?|\b(?:in|of|by|since|until|from|to|during|before|after|and|early|late|mid|last|next))\s*$"
)
_MONTH_AFTER = re.compile(r"\s*(?:\d|,?\s*(?:to|and|or|[-\u2013])\s*(?:June|July|April|August))")
_NOUN_BEFORE = re.compile(
    r"\b(?:an?|his|her|their|its|own|my|your|free|good|ill|parents?'|child's|the)\s*$", re.IGNORECASE
)
_AIM = re.compile(
    r"\b(?:aims?|purposes?|objectives?|goals?|intentions?|roles?|tasks?|functions?|ideas?|points?|focus|steps?|solutions?|answers?)\b|\b(?:this|that|it)$",
    re.IGNORECASE,
)
_FILLING: Final = (
    "not|also|always|have|be|ensure|that|either|therefore|normally|at|least|all|times|and|then|the|following|as|a|"
    "minimum|include|in|addition|only|never|usually|immediately|each|either|both"
)
_PASSES_ON = re.compile(
    rf"\b(must|should|may|will|shall|(?:is|are)\s+to)((?:,?\s+(?:{_FILLING}),?){{0,6}})\s*(?:[:\u2013\u2014-]|\.\.\.|\u2026)*\s*$",
    re.IGNORECASE,
)
_LEFT_OPEN = re.compile(
    r"\b(?:must|should|may|will|shall|have|(?<!ed )to|by|are|is|includes?|including|where|that|which|when|who|of|for|"
    r"if|from|following|between)\s*$"
)
_TAIL: Final = 90


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one provision come to; ``passed_on`` is the force of a lead-in such as "Staff must:"."""

    statements: dict[Force, int]
    ungraded: tuple[Force, ...]
    passed_on: Force | None
    quoted: tuple[str, ...]
    unclear: tuple[str, ...]

    @property
    def force(self) -> Force | None:
        """The strongest graded word, or failing one the first of the others."""
        return next((force for force in GRADED if self.statements.get(force)), None) or (
            self.ungraded[0] if self.ungraded else None
        )


def opens_list(block: Block | None) -> bool:
    """Whether what follows completes the block: a colon, or a sentence left open on "must", "to", "which"."""
    if block is None:
        return False
    text = block.text[-_TAIL:].rstrip()
    return text.endswith((":", ":-", ": -", ":\u2013")) or _LEFT_OPEN.search(text) is not None


def passes_on(text: str) -> Force | None:
    """The force that a lead-in gives its items: a modal word with no verb of its own after it.

    "Signs may include:" permits nothing.
    """
    found = _PASSES_ON.search(text[-_TAIL:])
    if found is None or (_force(found[1]) is Force.MAY and "include" in found[2]):
        return None
    return _force(found[1])


def read(text: str, *, leads: bool) -> Reading:
    """What the text says; ``leads`` where items follow under it."""
    unquoted, quoted = _without_quotations(text)
    passed_on = passes_on(unquoted) if leads else None
    statements: Counter[Force] = Counter()
    ungraded: list[Force] = []
    unclear: list[str] = []
    sentences = _sentences(unquoted)
    for place, sentence in enumerate(sentences):
        found = list(_governing(sentence, unclear))
        graded = next((force for force in GRADED if force in found), None)
        other = next((force for force in found if force in UNGRADED), None)
        ungraded += [force for force in found if force in UNGRADED and force not in ungraded]
        counted = graded or other
        if counted is not None and not (passed_on is counted and place == len(sentences) - 1):
            statements[counted] += 1
    return Reading(dict(statements), tuple(ungraded), passed_on, quoted, tuple(unclear))


def words(text: str) -> Iterator[Force]:
    """Every governing word as it stands, quoted or not, duty or not; the month of May and a noun left out."""
    for found in _WORD.finditer(text):
        if not _a_name(text, found):
            yield _force(found[1])


def _governing(sentence: str, unclear: list[str]) -> Iterator[Force]:
    if sentence.rstrip().endswith("?"):
        return
    for found in _WORD.finditer(sentence):
        force = _force(found[1])
        if _a_name(sentence, found):
            continue
        shown = sentence[found.start() : found.end() + 30].strip()
        opens = found[1] == "Should" and not sentence[: found.start()].strip("\"'\u2018\u201c( ")
        if _PAST.match(sentence, found.end()) and force in (Force.MUST, Force.SHOULD):
            unclear.append(f"not counted: {shown}")
        elif opens and not _IF.match(sentence, found.end()) and _CONDITION.match(sentence, found.end()):
            if _WORD.search(sentence, found.end()) is None:
                unclear.append(f"taken for a condition, not counted: {shown}")
        elif (
            (found[1] == "Should" and _IF.match(sentence, found.end()))
            or (force is Force.IS_TO and _TO_WHOM.match(sentence, found.end()))
            or (force is Force.SHOULD and _UPSIDE_DOWN.match(sentence, found.end()))
            or (force is Force.MAY and _POSSIBLE.match(sentence, found.end()))
            or (force is Force.IS_TO and _AIM.search(sentence[max(0, found.start() - 60) : found.start()].rstrip()))
        ):
            continue
        else:
            if force is Force.MAY and _MAY_NOT.match(sentence, found.end()):
                unclear.append(f"counted as may, though it may forbid: {shown}")
            yield force


def _a_name(text: str, found: "re.Match[str]") -> bool:
    before = text[max(0, found.start() - 12) : found.start()]
    if found[1] == "May":
        return _MONTH_AFTER.match(text, found.end()) is not None or _MONTH_BEFORE.search(before) is not None
    return found[1].lower() in ("will", "must") and _NOUN_BEFORE.search(before) is not None


def _without_quotations(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with blanks for quotations, and the quotations in which a governing word is used, not only named."""
    said = (found[0] for found in _QUOTED.finditer(text))
    quoted = tuple(one for one in said if len(one.split()) > 2 and _WORD.search(one))
    return _QUOTED.sub(lambda found: " " * len(found[0]), text), quoted


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(text) if part.strip()] or [""]


def _force(word: str) -> Force:
    low = word.lower()
    return Force.IS_TO if low.endswith("to") else Force(low)
