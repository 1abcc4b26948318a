"""A pathway as SVG, drawn here and without a browser. All words are text that can be read aloud and searched."""

import textwrap
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from backend.pathways.definitions.drawing.graph import Arrow, Graph
from backend.pathways.definitions.drawing.layout import GAP_DOWN, LINE, MARGIN, WIDTH, Layout, Placed, layout

_FILL: Final = {
    "stage": ("#ffffff", "#1d4f91"), "throughout": ("#eef4ee", "#2f6b2f"), "end": ("#f3f2f1", "#1d4f91"),
    "closed": ("#f3f2f1", "#0b0c0c"),
}  # fmt: skip
_LABEL: Final = 44
_FONT: Final = 'font-family="Arial, sans-serif"'
_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0,0 L10,5 L0,10 z" fill="#0b0c0c"/></marker></defs>'
)


def svg(graph: Graph) -> str:
    """The drawing, with a title and a description that name every stage, its clocks and its ways out."""
    top = MARGIN + 60
    found = layout(graph, top)
    notes = [line for clock in graph.loose for line in textwrap.wrap(f"⏱ {clock}", 110)]
    height = found.height + LINE * len(notes) + MARGIN
    size = f'viewBox="0 0 {found.width} {height}" width="{found.width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description" {_FONT}>',
        f'<title id="title">{_words(graph.title)}</title>',
        f'<desc id="description">{_words(_description(graph))}</desc>',
        _TIP,
        f'<rect width="{found.width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 10}" font-size="22" font-weight="bold">{_words(graph.title)}</text>',
    ]
    for arrow in graph.arrows:
        if arrow.enters in found.placed:
            lines += _arrow(arrow, found)
    for placed in found.placed.values():
        lines += _box(placed)
    lines += [
        f'<text x="{MARGIN}" y="{found.height + LINE * number}" font-size="13">{_words(note)}</text>'
        for number, note in enumerate(notes)
    ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _box(placed: Placed) -> Iterator[str]:
    fill, line = _FILL[placed.box.kind]
    dashed = ' stroke-dasharray="6 4"' if placed.box.kind == "throughout" else ""
    heavy = 4 if placed.box.begins and placed.box.kind == "stage" else 2
    yield f"<g><title>{_words('. '.join([placed.box.title, *placed.box.lines]))}</title>"
    yield (
        f'<rect x="{placed.x}" y="{placed.y}" width="{WIDTH}" height="{placed.height}" rx="6" fill="{fill}" '
        f'stroke="{line}" stroke-width="{heavy}"{dashed}/>'
    )
    y = placed.y + 22
    for text in placed.title:
        yield f'<text x="{placed.x + 12}" y="{y}" font-size="15" font-weight="bold">{_words(text)}</text>'
        y += LINE
    y += 8 if placed.text else 0
    for text in placed.text:
        yield f'<text x="{placed.x + 12}" y="{y}" font-size="13" xml:space="preserve">{_words(text)}</text>'
        y += LINE
    yield "</g>"


def _arrow(arrow: Arrow, found: Layout) -> Iterator[str]:
    """A curve from under one box to over another, or along the side past the boxes between, or back up."""
    leaves, enters = found.placed[arrow.leaves], found.placed[arrow.enters]
    between = [other for other in found.placed.values() if leaves.y < other.y < enters.y]
    if enters.y > leaves.y and not between:
        x1, y1, x2, y2 = leaves.x + WIDTH // 2, leaves.y + leaves.height, enters.x + WIDTH // 2, enters.y
        path = f"M{x1},{y1} C{x1},{y1 + GAP_DOWN // 2} {x2},{y2 - GAP_DOWN // 2} {x2},{y2}"
        at = (x2, y2 - 14)
    else:
        right = WIDTH if between else 0
        x1, y1 = leaves.x + right, leaves.y + leaves.height // 2
        x2, y2 = enters.x + right, enters.y + enters.height // 2
        side = max(x1, x2) + 60 + 40 * len(between) if between else min(x1, x2) - 60
        path = f"M{x1},{y1} C{side},{y1} {side},{y2} {x2},{y2}"
        at = (side, (y1 + y2) // 2)
    yield f'<path d="{path}" fill="none" stroke="#0b0c0c" stroke-width="1.5" marker-end="url(#tip)">'
    yield f"<title>{_words(arrow.label or 'then')}</title></path>"
    if arrow.label:
        shown = textwrap.shorten(arrow.label, _LABEL, placeholder=" …")
        yield (
            f'<text x="{at[0]}" y="{at[1]}" font-size="11" text-anchor="middle" stroke="#ffffff" stroke-width="4" '
            f'paint-order="stroke">{_words(shown)}</text>'
        )


def _description(graph: Graph) -> str:
    """The drawing in words, for those who do not see it."""
    titles = {box.id: box.title for box in graph.boxes}
    said = [graph.summary]
    for box in graph.boxes:
        ways = [
            f"to {titles[arrow.enters]}{f' ({arrow.label})' if arrow.label else ''}"
            for arrow in graph.arrows
            if arrow.leaves == box.id
        ]
        clocks = f" Clocks: {'; '.join(box.lines)}." if box.lines else ""
        onward = f" Leads {'; '.join(ways)}." if ways else ""
        if box.kind not in {"opened", "closed"}:
            said.append(f"{box.title}.{clocks}{onward}")
    said += [f"Of no single stage: {'; '.join(graph.loose)}."] if graph.loose else []
    return " ".join(said)


def _words(text: str) -> str:
    return escape(text, {'"': "&quot;"})
