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
ROOM: Final = 220
"""Beside the boxes, for ways that pass others by."""
LEAST: Final = 900
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
    """The places of all boxes below ``top``. Pathways that a stage opens are lines in its box."""
    layers = _layers(graph)
    placed: dict[str, Placed] = {}
    widest = max(len(layer) for layer in layers)
    width = max(2 * (MARGIN + ROOM) + _across(widest), LEAST)
    y = top
    for layer in layers:
        broken = [_broken(box, graph) for box in layer]
        left = (width - _across(len(layer))) // 2
        for number, (box, title, text) in enumerate(broken):
            x = left + number * (WIDTH + GAP_ACROSS)
            placed[box.id] = Placed(box, x, y, _height(title, text), title, text)
        y += max(_height(title, text) for _, title, text in broken) + GAP_DOWN
    return Layout(placed, width, y)


def _across(boxes: int) -> int:
    return boxes * (WIDTH + GAP_ACROSS) - GAP_ACROSS


def _layers(graph: Graph) -> list[list[Box]]:
    """Boxes by depth. What runs throughout stands in a layer of its own at the top."""
    depth = _depths(graph)
    layers: dict[int, list[Box]] = {}
    for box in graph.boxes:
        if box.kind != "opened":
            layers.setdefault(-1 if box.kind == "throughout" else depth[box.id], []).append(box)
    place: dict[str, float] = {}
    found = []
    for level in sorted(layers):
        layer = sorted(layers[level], key=lambda box: _mean(box.id, graph.arrows, place))
        place |= {box.id: number - len(layer) / 2 for number, box in enumerate(layer)}
        found.append(layer)
    return found


def _depths(graph: Graph) -> dict[str, int]:
    """How far below the start each box stands, by the longest way; ways that lead back up do not count."""
    following: dict[str, list[str]] = {box.id: [] for box in graph.boxes}
    for arrow in graph.arrows:
        following[arrow.leaves].append(arrow.enters)
    finished: list[str] = []
    entered: set[str] = set()

    def walk(code: str) -> None:
        entered.add(code)
        for onward in following[code]:
            if onward not in entered:
                walk(onward)
        finished.append(code)

    for box in sorted(graph.boxes, key=lambda box: not box.begins):
        if box.id not in entered:
            walk(box.id)
    order = {code: number for number, code in enumerate(reversed(finished))}
    throughout = {box.id for box in graph.boxes if box.kind == "throughout"}
    depth = dict.fromkeys(order, 0)
    for code in list(order):
        below = [onward for onward in following[code] if order[onward] > order[code] and code not in throughout]
        depth |= {onward: max(depth[onward], depth[code] + 1) for onward in below}
    return depth


def _mean(code: str, arrows: list[Arrow], place: Mapping[str, float]) -> float:
    above = [place[arrow.leaves] for arrow in arrows if arrow.enters == code and arrow.leaves in place]
    return sum(above) / len(above) if above else 0.0


def _broken(box: Box, graph: Graph) -> tuple[Box, tuple[str, ...], tuple[str, ...]]:
    """The words of a box in lines that fit: title, clocks, and the pathways that are opened from it."""
    titles = {one.id: one.title for one in graph.boxes if one.kind == "opened"}
    opened = [
        f"⇢ opens {titles[arrow.enters]}: {arrow.label}"
        for arrow in graph.arrows
        if arrow.leaves == box.id and arrow.enters in titles
    ]
    title = tuple(textwrap.wrap(box.title, _LETTERS - 6) or [box.title])
    said = [*(f"⏱ {clock}" for clock in box.lines), *opened]
    text = tuple(line for words in said for line in textwrap.wrap(words, _LETTERS, subsequent_indent="   "))
    return box, title, text


def _height(title: tuple[str, ...], text: tuple[str, ...]) -> int:
    return 24 + LINE * (len(title) + len(text)) + (8 if text else 0)
