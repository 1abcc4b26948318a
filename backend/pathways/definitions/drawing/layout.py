"""Where the boxes of a drawing stand: in layers from the start down, each below what leads to it.

Layers are longest ways without going round in a circle; within a layer boxes stand near what leads to them.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.pathways.definitions.drawing.graph import Arrow, Box, Graph

WIDTH: Final = 300
GAP_ACROSS: Final = 60
GAP_DOWN: Final = 90
MARGIN: Final = 40
LINE: Final = 17
_LETTERS: Final = 42


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place, from the top left in pixels, and its text broken into lines."""

    box: Box
    x: int
    y: int
    height: int
    title: tuple[str, ...]
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """All boxes by id, and the size of the whole."""

    placed: Mapping[str, Placed]
    width: int
    height: int


def layout(graph: Graph, top: int) -> Layout:
    """The places of all boxes below ``top``."""
    layers = _layers(graph)
    placed: dict[str, Placed] = {}
    y, widest = top, max(len(layer) for layer in layers)
    for layer in layers:
        broken = [_broken(box) for box in layer]
        offset = (widest - len(layer)) * (WIDTH + GAP_ACROSS) // 2
        for number, (box, title, text) in enumerate(broken):
            x = MARGIN + offset + number * (WIDTH + GAP_ACROSS)
            placed[box.id] = Placed(box, x, y, _height(title, text), title, text)
        y += max(_height(title, text) for _, title, text in broken) + GAP_DOWN
    return Layout(placed, 2 * MARGIN + widest * (WIDTH + GAP_ACROSS) - GAP_ACROSS, y)


def _layers(graph: Graph) -> list[list[Box]]:
    """Boxes by depth. What runs throughout stands in a layer of its own at the top."""
    depth = _depths(graph)
    order = {box.id: number for number, box in enumerate(graph.boxes)}
    layers: dict[int, list[Box]] = {}
    for box in graph.boxes:
        layers.setdefault(depth[box.id], []).append(box)
    place: dict[str, float] = {}
    found = []
    for level in sorted(layers):
        layer = sorted(layers[level], key=lambda box: (_mean(box.id, graph.arrows, place), order[box.id]))
        place |= {box.id: number - len(layer) / 2 for number, box in enumerate(layer)}
        found.append(layer)
    return found


def _depths(graph: Graph) -> dict[str, int]:
    """How far below the start each box stands; ways that lead back up are not followed."""
    stages = [box.id for box in graph.boxes if box.kind not in {"opened", "closed"}]
    order = {code: number for number, code in enumerate(stages)}
    throughout = {box.id for box in graph.boxes if box.kind == "throughout"}
    depth = {box.id: 0 if box.id in throughout else 1 for box in graph.boxes}
    for code in stages:
        for arrow in graph.arrows:
            if arrow.leaves == code and order.get(arrow.enters, len(order)) > order[code]:
                depth[arrow.enters] = max(depth[arrow.enters], depth[code] + 1)
    if not throughout:
        return {code: level - 1 for code, level in depth.items()}
    return depth


def _mean(code: str, arrows: list[Arrow], place: Mapping[str, float]) -> float:
    above = [place[arrow.leaves] for arrow in arrows if arrow.enters == code and arrow.leaves in place]
    return sum(above) / len(above) if above else 0.0


def _broken(box: Box) -> tuple[Box, tuple[str, ...], tuple[str, ...]]:
    title = tuple(textwrap.wrap(box.title, _LETTERS - 6) or [box.title])
    text = tuple(line for clock in box.lines for line in textwrap.wrap(f"⏱ {clock}", _LETTERS, subsequent_indent="   "))
    return box, title, text


def _height(title: tuple[str, ...], text: tuple[str, ...]) -> int:
    return 24 + LINE * (len(title) + len(text)) + (8 if text else 0)
