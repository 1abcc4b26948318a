"""Printed documents."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.kit.pdf import render

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "Rota")
#set text(lang: "en")
#title()
#data.name
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "rota.typ"
    path.write_text(TEMPLATE)
    return path


async def test_the_same_data_gives_the_same_bytes(template: Path) -> None:
    made = await render(template, {"name": "Wren"}, AT)
    assert made.startswith(b"%PDF-")
    assert made == await render(template, {"name": "Wren"}, AT)
    assert made != await render(template, {"name": "Rowan"}, AT)


async def test_an_instant_of_any_precision_will_do(template: Path) -> None:
    made = await render(template, {"name": "Wren"}, AT)
    assert made == await render(template, {"name": "Wren"}, AT.replace(microsecond=836024))


async def test_the_document_is_tagged_and_says_that_it_is_accessible(template: Path) -> None:
    made = await render(template, {"name": "Wren"}, AT)
    assert b"/StructTreeRoot" in made
    assert b"pdfuaid:part>1<" in made


async def test_text_in_the_data_is_never_run(template: Path) -> None:
    await render(template, {"name": '#panic("ran") #read("/etc/passwd") $ \\ * _ ['}, AT)
