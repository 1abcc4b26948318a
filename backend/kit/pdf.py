"""Printed documents: a Typst template and data in, a tagged PDF out.

Typst comes as one wheel with its fonts, where the HTML renderers need libraries of the system.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

ROOT: Final = Path(__file__).parents[2]
"""What templates name each other's files from: ``/backend/kit/paper.typ`` holds what they share."""


async def render(template: Path, data: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of ``template``, accessible by PDF/UA-1 and the same bytes for the same arguments.

    The template, below ``ROOT``, reads ``data`` with ``json(bytes(sys.inputs.data))``; texts in it are shown as they
    are and never run as markup. It must set the document's title and language. ``at`` is the date
    of creation. Runs in a thread. Raises ``typst.TypstError`` for a faulty template.
    """
    return await asyncio.to_thread(_compile, template, msgspec.json.encode(data).decode(), at)


def _compile(template: Path, data: str, at: datetime) -> bytes:
    made = typst.compile(
        template, root=ROOT, ignore_system_fonts=True, format="pdf", sys_inputs={"data": data},
        pdf_standards=["ua-1"], timestamp=at.replace(microsecond=0),  # Typst takes whole seconds
    )  # fmt: skip
    if not isinstance(made, bytes):
        message = f"{template.name} gave no single document"
        raise TypeError(message)
    return made
