"""Printed documents."""

from datetime import UTC, datetime
from pathlib import Path

from backend.kit.pdf import render

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TEMPLATE = Path(__file__).with_suffix(".typ")


async def test_the_same_data_gives_the_same_bytes() -> None:
    made = await render(TEMPLATE, {"name": "Wren"}, AT)
    assert made.startswith(b"%PDF-")
    assert made == await render(TEMPLATE, {"name": "Wren"}, AT)
    assert made != await render(TEMPLATE, {"name": "Rowan"}, AT)


async def test_an_instant_of_any_precision_will_do() -> None:
    made = await render(TEMPLATE, {"name": "Wren"}, AT)
    assert made == await render(TEMPLATE, {"name": "Wren"}, AT.replace(microsecond=836024))


async def test_the_document_is_tagged_and_says_that_it_is_accessible() -> None:
    made = await render(TEMPLATE, {"name": "Wren"}, AT)
    assert b"/StructTreeRoot" in made
    assert b"pdfuaid:part>1<" in made


async def test_text_in_the_data_is_never_run() -> None:
    await render(TEMPLATE, {"name": '#panic("ran") #read("/etc/passwd") $ \\ * _ ['}, AT)
