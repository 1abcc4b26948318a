"""What a manual is once it has been read: provisions by address, tables, notes, terms, and every doubt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256


class Kind(StrEnum):
    """What a provision is in the manual's tree. All but headings and tables say something themselves."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE = "table"
    ROW = "row"
    DEFINITION = "definition"


class Force(StrEnum):
    """The word that governs a statement. The first three are graded; the others are kept as worded, never promoted."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    WILL = "will"
    IS_TO = "is to"
    SHALL = "shall"


GRADED = (Force.MUST, Force.SHOULD, Force.MAY)
UNGRADED = (Force.WILL, Force.IS_TO, Force.SHALL)


class DoubtKind(StrEnum):
    """What a person should look at, and what was done meanwhile."""

    ENCODING = "encoding"
    NUMBER_REPEATED = "number repeated"
    NUMBER_SKIPPED = "number skipped"
    NUMBERING_RESTARTED = "numbering restarted"
    NUMBER_IN_TEXT = "number in text"
    LONE_NUMBER = "lone number"
    HEADING_GUESSED = "heading guessed"
    RUNNING_HEADER = "running header"
    CONTENTS_PAGE = "contents page"
    HYPHEN_JOINED = "hyphen joined"
    BREAK_JOINED = "break joined"
    LIST_IN_TEXT = "list in text"
    EMPTY_BULLET = "empty bullet"
    TABLE_GUESSED = "table guessed"
    NOTE_UNMARKED = "note without a marker"
    NOTE_GUESSED = "note guessed"
    MARKER_WITHOUT_NOTE = "marker without a note"
    UNGRADED_WORD = "ungraded word"
    QUOTED_FORCE = "force word in quotation"
    UNCLEAR_FORCE = "unclear force"
    DANGLING_REFERENCE = "dangling reference"
    AMBIGUOUS_REFERENCE = "ambiguous reference"
    FUZZY_DATE = "fuzzy date"
    FIGURE_MISSING = "figure missing"
    DELETED_TEXT = "deleted text"
    INSERTED_TEXT = "inserted text"
    HIDDEN_TEXT = "hidden text"
    STRUCK_TEXT = "struck text"
    EMBEDDED = "embedded document"
    COLUMNS = "columns"
    TERM_REPEATED = "term defined again"
    NO_PROVISIONS = "no provisions"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that a person should decide; ``line`` counts from 1 in the source."""

    line: int
    kind: DoubtKind
    text: str


class ReferenceKind(StrEnum):
    """To what a reference leads. Statutes, documents and the web lie outside it and cannot dangle."""

    PROVISION = "provision"
    CHAPTER = "chapter"
    APPENDIX = "appendix"
    RANGE = "range"
    RELATIVE = "relative"
    LINK = "link"
    WEB = "web address"
    STATUTE = "statute"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class CrossReference:
    """A reference as printed. ``targets`` are addresses; a range has its first and last.

    ``dangling`` is set where the reference is to this manual, which has no such place.
    """

    kind: ReferenceKind
    text: str
    line: int
    targets: tuple[str, ...] = ()
    dangling: bool = False


@dataclass(frozen=True, slots=True)
class Provision:
    """One addressable place of the manual, in the order of the source.

    ``address`` is unique in the manual, whatever its numbering does; ``number`` is as printed, without brackets
    and full stops, and ``marker`` is all that was printed before the text ("1.4.2", "•", "(a)"). A heading has a
    ``title`` and no ``text``, which is as a person would read it: broken lines joined. ``characters`` are the
    half-open ranges of the source that it was read from.

    ``force`` is the strongest graded word (must, should, may), or failing one the first ungraded word. A
    ``lead_in`` ("Staff must:") passes its force on to its items, whose force is then ``inherited``.
    ``statements`` counts this provision's own statements by force; a lead-in has none for the force it passes on.
    ``ungraded`` are the words will, is to and shall as found, for a person to grade.
    """

    address: str
    kind: Kind
    number: str | None
    marker: str
    title: str
    text: str
    parent: str | None
    depth: int
    first_line: int
    last_line: int
    characters: tuple[tuple[int, int], ...]
    force: Force | None = None
    inherited: bool = False
    lead_in: bool = False
    statements: Mapping[Force, int] = field(default_factory=dict)
    ungraded: tuple[Force, ...] = ()
    references: tuple[CrossReference, ...] = ()

    @property
    def digest(self) -> str:
        """Of the words alone, so that it finds a provision again that was only renumbered or broken elsewhere."""
        words = " ".join(f"{self.title} {self.text}".split())
        return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def key(self) -> str:
        """The same in each reading of the same words at the same address: what a correction is kept under."""
        return f"{self.address}#{self.digest}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells; each row is also a provision, ``{address}/r1`` and on."""

    address: str
    rows: tuple[tuple[str, ...], ...]
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or endnote, with the provisions that carry its marker."""

    address: str
    marker: str
    text: str
    first_line: int
    last_line: int
    marked_in: tuple[str, ...]
    characters: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word that the manual defines, or an abbreviation that it explains."""

    term: str
    definition: str
    address: str
    line: int
    abbreviation: str | None = None


class FactKind(StrEnum):
    """What a manual says of itself, or a chapter of its own age."""

    TITLE = "title"
    LAW_AS_AT = "law as at"
    EDITION = "edition"
    EDITION_DATE = "edition date"
    NEXT_REVIEW = "next review"
    REPLACES = "replaces"


class Precision(StrEnum):
    """How much of a date is printed. A season begins in March, June, September or December."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Fact:
    """As printed; ``value`` is the first day of the date printed, and ``precision`` says how much of it is known."""

    kind: FactKind
    text: str
    line: int
    value: date | None = None
    precision: Precision | None = None


class Reason(StrEnum):
    """Why characters of the source are in no provision, heading, table or note."""

    CONTENTS_PAGE = "contents page"
    RUNNING_HEADER = "running header"
    PAGE_NUMBER = "page number"
    PAGE_BREAK = "page break"
    RULE = "rule"
    EMPTY_BULLET = "empty bullet"
    NAVIGATION = "navigation"
    MARKUP = "markup"
    SCRIPT = "script or style"
    COMMENT = "comment"
    DELETED_TEXT = "deleted by a tracked change"
    METADATA = "metadata"
    INVISIBLE = "invisible character"
    PICTURE = "name of a picture"
    WHITE_SPACE = "white space between lines"


@dataclass(frozen=True, slots=True)
class Piece:
    """The half-open range ``start`` to ``end`` of the source, and where it went: an address or a reason."""

    start: int
    end: int
    line: int
    address: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Manual:
    """A whole manual. ``pieces`` follow each other without gap or overlap from 0 to the length of ``text``."""

    format: str
    text: str
    provisions: tuple[Provision, ...]
    tables: tuple[Table, ...]
    notes: tuple[Note, ...]
    terms: tuple[Term, ...]
    facts: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]
    pieces: tuple[Piece, ...]
