"""A template and the values of its fields become a letter. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.letters.sources import SOURCES, item_of
from backend.letters.template import LetterField, Part, Template, filled, places
from backend.letters.values import EMPTY, Value


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without which the letter is not issued, and what to do about it."""

    field: str
    label: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Line:
    """A field as it is printed: its label with text, or a table with the heads of its columns."""

    field: str
    label: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A paragraph without a heading, or lines under one."""

    heading: str | None
    text: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says. ``missing`` keeps it from being issued; ``left_out`` are fields not wholly in this copy."""

    title: str
    letterhead: str
    footer: str
    sections: tuple[Section, ...]
    values: Mapping[str, Value]
    missing: tuple[Missing, ...]
    left_out: tuple[str, ...]

    def sheet(self) -> dict[str, Any]:
        """The data of the Typst template."""
        return {
            "title": self.title, "letterhead": self.letterhead, "footer": self.footer,
            "date": self.values["date"].text, "reference": self.values["reference"].text,
            "sections": [
                {"heading": one.heading, "text": one.text,
                 "lines": [{"label": line.label, "text": line.text, "columns": line.columns, "rows": line.rows}
                           for line in one.lines]}
                for one in self.sections
            ],
        }  # fmt: skip


def composed(template: Template, own: Mapping[str, str], by_source: Mapping[str, Value]) -> Letter:
    """The letter. ``own`` are paragraphs as the partnership words them; a source without a value is empty."""
    values = {code: by_source.get(one.source, EMPTY) for code, one in template.all_fields.items()}
    wordings = template.wordings | {code: text for code, text in own.items() if text}
    spoken = {code for part in template.body if part.paragraph for code in places(wordings[part.paragraph])}
    spoken |= {code for code in ("letterhead", "footer") for code in places(wordings[code])}
    missing = tuple(
        Missing(code, one.label, _remedy(one))
        for code, one in template.all_fields.items()
        if values[code].empty and (one.required or code in spoken)
    )
    texts = {code: value.text or "\u2026" for code, value in values.items()}
    return Letter(
        template.title, filled(wordings["letterhead"], texts), filled(wordings["footer"], texts),
        tuple(_sections(template, wordings, texts, values)), values, missing,
        tuple(code for code, value in values.items() if value.left_out),
    )  # fmt: skip


def _sections(
    template: Template, wordings: Mapping[str, str], texts: Mapping[str, str], values: Mapping[str, Value]
) -> Iterator[Section]:
    """What is printed, in order. A field that nobody has to fill in, and nobody has, is not printed at all."""
    for part in template.body:
        if part.paragraph is not None:
            yield Section(None, filled(wordings[part.paragraph], texts))
        elif lines := tuple(_lines(template, part, values)):
            yield Section(part.heading, lines=lines)


def _lines(template: Template, part: Part, values: Mapping[str, Value]) -> Iterator[Line]:
    for code in part.fields:
        one, value = template.all_fields[code], values[code]
        source = SOURCES.get(one.source)
        if value.rows and source is not None:
            yield Line(code, one.label, columns=source.columns, rows=value.rows)
        elif value.text:
            yield Line(code, one.label, value.text)


def _remedy(one: LetterField) -> str:
    if item := item_of(one.source):
        return f"record it in the pathway {item[0]}"
    return SOURCES[one.source].remedy
