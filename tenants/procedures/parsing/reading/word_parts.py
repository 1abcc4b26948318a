"""The parts of a Word document: its body, headers, notes, comments and drawings; what is wrong with it, and the remedy.

A document of which Word makes nothing, such as a link to a picture that is not there, is read all the same.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from tenants.procedures.parsing.reading.archived import part_of
from tenants.procedures.parsing.reading.word_elements import W
from tenants.procedures.parsing.source import UnreadableManualError

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATIONS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_SEPARATORS: Final = ("separator", "continuationSeparator", "continuationNotice")
_DAMAGED: Final = "It is damaged, or no Word document. Open it in Word and save it again as .docx."
_TOO_NEW: Final = "It is a Strict Open XML document. Open it in Word and save it again as Word Document (.docx)."
_FAULTS: Final = (
    PackageNotFoundError, KeyError, ValueError, IndexError, TypeError, AttributeError, zipfile.BadZipFile,
    etree.LxmlError,
)  # fmt: skip


class WordParts:
    """What a document holds beside its body, each part parsed when it is asked for."""

    def __init__(self, document: Any) -> None:
        self.body: etree._Element = document.element.body
        self.styles: etree._Element = document.styles.element
        self.targets: dict[str, str] = {}
        self._parts: dict[str, list[Any]] = {}
        self._by_name: dict[str, Any] = {}
        for name, relation in document.part.rels.items():
            if relation.is_external:
                self.targets[name] = relation.target_ref
            else:
                self._parts.setdefault(relation.reltype.rsplit("/", 1)[-1], []).append(relation.target_part)
                self._by_name[name] = relation.target_part

    @property
    def numbering(self) -> etree._Element | None:
        return self._first("numbering")

    def headers(self) -> Iterator[str]:
        """The words of each paragraph of headers and footers, once, however many sections share it."""
        seen: set[str] = set()
        for part in (*self._parts.get("header", ()), *self._parts.get("footer", ())):
            for paragraph in _root(part).iter(f"{W}p"):
                text = " ".join("".join(word.text or "" for word in paragraph.iter(f"{W}t")).split())
                if text and text not in seen:
                    seen.add(text)
                    yield text

    def notes(self) -> Iterator[tuple[str, str, etree._Element]]:
        """Footnotes and endnotes: which of both, the name by which the text refers to it, and the note."""
        for kind in ("footnote", "endnote"):
            root = self._first(f"{kind}s")
            for note in root.iterchildren(f"{W}{kind}") if root is not None else ():
                if note.get(f"{W}type") not in _SEPARATORS:
                    yield kind, note.get(f"{W}id") or "", note

    def comments(self) -> Iterator[etree._Element]:
        root = self._first("comments")
        if root is not None:
            yield from root.iter(f"{W}p")

    def diagram(self, name: str) -> Iterator[str]:
        """The words of a drawn diagram, in the order in which they are kept."""
        part = self._by_name.get(name)
        for paragraph in _root(part).iter(f"{_A}p") if part is not None else ():
            text = " ".join("".join(word.text or "" for word in paragraph.iter(f"{_A}t")).split())
            if text:
                yield text

    def _first(self, kind: str) -> etree._Element | None:
        found = self._parts.get(kind)
        return _root(found[0]) if found else None


@contextmanager
def open_word(data: bytes) -> Iterator[WordParts]:
    """The document in ``data``. Whatever is wrong with it, then or while it is read, is an UnreadableManualError."""
    try:
        yield WordParts(docx.Document(BytesIO(_without_dead_links(data))))
    except UnreadableManualError:
        raise
    except _FAULTS as error:
        raise UnreadableManualError(_DAMAGED) from error


def _without_dead_links(data: bytes) -> bytes:
    """The document without links to parts that are not in it, of which Word makes nothing."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if _STRICT in archive.read("[Content_Types].xml") or _STRICT in archive.read("_rels/.rels"):
            raise UnreadableManualError(_TOO_NEW)
        path = "word/_rels/document.xml.rels"
        names = set(archive.namelist())
        if path not in names:
            return data
        relations = part_of(archive.read(path))
        dead = [one for one in relations.iter(f"{_RELATIONS}Relationship") if not _alive(one, names)]
        if not dead:
            return data
        for one in dead:
            relations.remove(one)
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as kept:
            for part in archive.infolist():
                content = etree.tostring(relations) if part.filename == path else archive.read(part)
                kept.writestr(part.filename, content)
    return made.getvalue()


def _alive(relation: etree._Element, names: set[str]) -> bool:
    target = (relation.get("Target") or "").split("#", 1)[0]
    if relation.get("TargetMode") == "External":
        return True
    steps: list[str] = [] if target.startswith("/") else ["word"]
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps) in names


def _root(part: Any) -> etree._Element:
    element = getattr(part, "element", None)
    return element if element is not None else part_of(part.blob)
