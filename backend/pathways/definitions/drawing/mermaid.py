"""A pathway as a Mermaid flowchart: text that any Markdown viewer draws."""

from typing import Final

from backend.pathways.definitions.drawing.graph import Box, Graph

_SHAPES: Final = {
    "stage": ('["', '"]'), "throughout": ('[["', '"]]'), "end": ('(["', '"])'), "opened": ('{{"', '"}}'),
    "closed": ('(("', '"))'),
}  # fmt: skip


def mermaid(graph: Graph) -> str:
    """The flowchart. Whatever Mermaid would read as syntax is written as an entity."""
    names = {box.id: f"n{number}" for number, box in enumerate(graph.boxes)}
    lines = ["---", f"title: {_title(graph.title)}", "---", "flowchart TD", f"  accTitle: {_line(graph.title)}",
             f"  accDescr: {_line(graph.summary)}"]  # fmt: skip
    lines += [f"  {names[box.id]}{_shape(box)}" for box in graph.boxes]
    if any(box.begins and box.kind != "throughout" for box in graph.boxes):
        lines.append('  start(("start"))')
    lines += [f"  start --> {names[box.id]}" for box in graph.boxes if box.begins and box.kind != "throughout"]
    for arrow in graph.arrows:
        label = f'|"{_text(arrow.label)}"|' if arrow.label else ""
        way = "-.->" if arrow.enters.startswith("opens:") else "-->"
        lines.append(f"  {names[arrow.leaves]} {way}{label} {names[arrow.enters]}")
    if graph.loose:
        lines.append(f'  loose["{"<br/>".join(_text(line) for line in graph.loose)}"]')
    return "\n".join(lines) + "\n"


def _shape(box: Box) -> str:
    opened, closed = _SHAPES[box.kind]
    text = "<br/>".join([f"<b>{_text(box.title)}</b>", *(f"⏱ {_text(line)}" for line in box.lines)])
    return f"{opened}{text}{closed}"


def _text(text: str) -> str:
    return "".join(f"#{ord(char)};" if char in '"<>|[]{}()#;`&' else char for char in " ".join(text.split()))


def _line(text: str) -> str:
    return " ".join(text.replace(";", ",").replace("{", "(").replace("}", ")").split())


def _title(text: str) -> str:
    escaped = " ".join(text.split()).replace('"', "'")
    return f'"{escaped}"'
