"""What is printed as a picture: how far from the right edge of the paper the ink ends."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from backend.kit.pdf import ROOT

_PPI = 36.0
_PIXELS_PER_MM = _PPI / 25.4


def right_margins(template: Path, data: Mapping[str, Any]) -> list[float]:
    """Millimetres of white paper right of all ink, for each page."""
    inputs = {"data": json.dumps(data)}
    made = typst.compile(template, root=ROOT, ignore_system_fonts=True, format="png", ppi=_PPI,
                         sys_inputs=inputs)  # fmt: skip
    return [_white(page) / _PIXELS_PER_MM for page in (made if isinstance(made, list) else [made])]


def _white(png: bytes) -> int:
    """Columns of white at the right of a picture of 8 bits a channel."""
    width = int.from_bytes(png[16:20])
    height, kind = int.from_bytes(png[20:24]), png[25]
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[kind]
    data, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    stride, rows = width * channels, zlib.decompress(data)
    before, last = bytearray(stride), 0
    for number in range(height):
        start = number * (stride + 1)
        before = _unfiltered(rows[start], bytearray(rows[start + 1 : start + 1 + stride]), before, channels)
        dark = [place // channels for place, value in enumerate(before) if value < 200]
        last = max([last, *dark[-1:]])
    return width - 1 - last


def _unfiltered(kind: int, row: bytearray, above: bytearray, channels: int) -> bytearray:
    """A row as it was before the filter of PNG (ISO 15948, 9.2)."""
    for place in range(len(row)):
        left = row[place - channels] if place >= channels else 0
        up, corner = above[place], above[place - channels] if place >= channels else 0
        paeth = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))
        row[place] = (row[place] + (0, left, up, (left + up) // 2, paeth[2])[kind]) % 256
    return row
