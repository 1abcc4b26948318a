"""The words in which manuals of procedures are described (Hertfordshire manual 2006 ¶1.2.4, ¶1.3)."""

from enum import StrEnum


class Level(StrEnum):
    """Whose text a manual is. A partnership's own may lie over a regional or the national one."""

    LOCAL = "local"
    REGIONAL = "regional"
    NATIONAL = "national"


class EditionState(StrEnum):
    """Only APPROVED ones come into force. A WITHDRAWN one stays readable for ever."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Kind(StrEnum):
    """What a provision is; only LAW binds by itself, and GUIDANCE does not bind."""

    LAW = "law"
    POLICY = "policy"
    PROCEDURE = "procedure"
    PROTOCOL = "protocol"
    GUIDANCE = "guidance"


class Force(StrEnum):
    """MUST is an obligation, SHOULD an expectation, MAY a permission (¶1.3.5 and 1.3.6).

    WILL, IS_TO and SHALL stand as worded: they have no rank, and are never promoted to one that has.
    """

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    WILL = "will"
    IS_TO = "is_to"
    SHALL = "shall"


UNRANKED = frozenset({Force.WILL, Force.IS_TO, Force.SHALL})


class Form(StrEnum):
    """How a provision is set: a heading has no text, a row's cells are those of its table."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE = "table"
    ROW = "row"
    DEFINITION = "definition"
    NOTE = "note"


class Basis(StrEnum):
    """Where a local edition has a provision from: written here, taken over as it stands, or in its place."""

    OWN = "own"
    TAKEN_OVER = "taken_over"
    REPLACED = "replaced"


class ReferenceKind(StrEnum):
    """To what a cross-reference leads (¶1.3.9). INTERNAL ones must be found in the edition."""

    PROVISION = "provision"
    CHAPTER = "chapter"
    APPENDIX = "appendix"
    RANGE = "range"
    RELATIVE = "relative"
    LINK = "link"
    STATUTE = "statute"
    DOCUMENT = "document"


INTERNAL = frozenset({
    ReferenceKind.PROVISION, ReferenceKind.CHAPTER, ReferenceKind.APPENDIX, ReferenceKind.RANGE,
    ReferenceKind.RELATIVE,
})  # fmt: skip


class AdoptionClass(StrEnum):
    """How an agency holds to a manual.

    AGREED: expected to follow it; departures and amendments are recorded. CONTRACT: by a clause that was sought.
    ENCOURAGED: is sent the text, and is never marked in breach (¶1.2.1 to 1.2.4).
    """

    AGREED = "agreed"
    CONTRACT = "contract"
    ENCOURAGED = "encouraged"


class ImportState(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


class CorrectionKind(StrEnum):
    """What a person changed in a draft.

    SET changes fields of a provision; MERGE, SPLIT, ADD and REMOVE which provisions there are. REFER says where a
    cross-reference leads, DEFINE what a term means, RESOLVE what has become of a doubt.
    """

    SET = "set"
    MERGE = "merge"
    SPLIT = "split"
    ADD = "add"
    REMOVE = "remove"
    REFER = "refer"
    DEFINE = "define"
    RESOLVE = "resolve"


class AmendmentState(StrEnum):
    """INCORPORATED once an approved text has it; CIRCULATED once every agency's nominated manager was sent it."""

    PROPOSED = "proposed"
    COLLATED = "collated"
    AGREED = "agreed"
    REFUSED = "refused"
    CIRCULATED = "circulated"
    INCORPORATED = "incorporated"
