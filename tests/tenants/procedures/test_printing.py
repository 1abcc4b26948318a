"""A manual printed whole: what a reader with a keyboard or a screen reader needs is there, and nothing runs."""

import re
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.kit.ids import uuid7
from backend.kit.pdf import render
from support.pages import Outline, contrast, usable
from tenants.procedures import reading
from tenants.procedures.models import ProcedureHandbookEntry, ProcedureRedirect
from tenants.procedures.parsing import parse
from tenants.procedures.printing import contents
from tenants.procedures.printing.contents import Cover, Printout, Text
from tenants.procedures.printing.page import POLICY, STYLE, page
from tenants.procedures.printing.sheet import TEMPLATE, sheet
from tenants.procedures.subjects import Subject

EVIL = "<script>alert(1)</script> & \"it\" 'is' &#60; {x}"
SOURCE = f"""Procedures of Invented Vale

1 Referral

1.1 Anybody who believes that a child may be at risk must refer the child; see 2.1 and https://example.org/forms.

(a) by telephone {EVIL}

(b) then in writing

2 Strategy discussion

2.1 The police must take part (see 1.1).

| Role | Hours |
|------|-------|
| SIO | 24 |
| Doctor {EVIL} | 12 |

2.2 A third paragraph.
"""
COVER = Cover("Invented Vale", f"Procedures {EVIL}", ("In force from 1 May 2026.",))


def accessible(html: bytes) -> Outline:
    """Assert what holds of every page, whatever it says."""
    found = usable(html)
    assert all(one.startswith("#") for one in found.targets)
    assert [one for one in found.tags if one in {"header", "nav", "main", "footer"}] == [
        "header",
        "nav",
        "main",
        "footer",
    ]
    assert not {"img", "link", "form"} & set(found.tags)
    assert not [name for _, told in found.attributes for name in told if name == "src"]
    first = found.tags[found.tags.index("body") + 1 :]
    assert (first[0], found.targets[0]) == ("a", "#text"), "the way past the contents is not first"
    return found


def read(source: str) -> reading.Content:
    return reading.content(parse("manual.md", source.encode()), uuid7(), uuid7())


def printed(source: str, *moved: tuple[str, str]) -> Printout:
    content = read(source)
    redirects = [ProcedureRedirect(tenant_id=uuid7(), edition_id=uuid7(), old_address=old, new_address=new)
                 for old, new in moved]  # fmt: skip
    subjects = [Subject(f"Police {EVIL}", ("2.1", "never-was")), Subject("Nothing", ("never-was",))]
    text = Text(content.provisions, content.references, content.terms, redirects, (), subjects)
    return contents.manual(COVER, text)


def test_a_manual_is_a_page_that_everybody_can_use_and_in_which_nothing_runs() -> None:
    html = page(printed(SOURCE, ("9.9", "2.2"), ("1.1", "2.2"), ("8", "never-was")))
    found, said = accessible(html), html.decode()
    text = "".join(found.text)
    assert text.count("<script>alert(1)</script>") >= 4, "what was typed is shown as it was typed"
    assert "<script" not in said
    assert "onerror" not in said
    assert {"#p-2.1", "#p-1.1"} <= set(found.targets), "cross-references lead to their provisions"
    assert "#https" not in said
    assert 'href="http' not in said
    assert found.targets.count("#index") == 1
    assert f"Police {EVIL}: " in text
    assert "Nothing" not in text
    # An earlier number leads on, unless another provision has it by now; then only the list says so.
    assert found.ids.count("p-9.9") == found.ids.count("p-1.1") == 1
    assert "p-8" not in found.ids
    assert text.index("Where earlier numbers stand now") < text.index("9.9: 2.2")
    assert "@media print" in said
    policy = next(told["content"] for tag, told in found.attributes if told.get("http-equiv"))
    assert policy == POLICY
    assert "unsafe" not in POLICY
    assert "script-src" not in POLICY
    assert POLICY.startswith("default-src 'none'; style-src 'sha256-")


def test_ink_and_links_stand_out_from_the_paper() -> None:
    colours = dict(re.findall(r"--(\w+): #([0-9a-f]{6})", STYLE))
    for name, least in (("ink", 7), ("link", 7), ("quiet", 7), ("rule", 3)):
        assert contrast(colours["paper"], colours[name]) >= least, name
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", STYLE)) == {f"#{one}" for one in colours.values()}


async def test_the_same_manual_is_a_tagged_pdf() -> None:
    made = await render(TEMPLATE, sheet(printed(SOURCE, ("9.9", "2.2"))), datetime(2026, 5, 1, tzinfo=UTC))
    assert b"pdfuaid:part>1<" in made
    assert b"/StructTreeRoot" in made
    assert b"/MarkInfo" in made
    assert b"/Lang" in made
    assert b"/Outlines" in made


NUMBERS = st.sampled_from(["", "1", "1.1", "2", "2.3.4", "7.1.1.1.1.1", "(a)", "\u2022", "Chapter 3", "A"])
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=40)


@given(st.lists(st.tuples(NUMBERS, WORDS), max_size=25))
def test_whatever_a_manual_holds_its_page_is_sound(lines: list[tuple[str, str]]) -> None:
    source = "\n\n".join(f"{number} {words}" for number, words in lines) or "x"
    try:
        made = printed(source)
    except Exception as error:  # what cannot be read is refused before it could be printed
        if type(error).__name__ != "UnreadableManualError":
            raise
        return
    accessible(page(made))


def test_a_section_stands_under_its_chapter_and_beside_the_next_one() -> None:
    one = read("1 One\n\n1.1 Two").provisions[0]
    for depths, levels in (((0, 1, 1, 3, 0, 1), [1, 2, 2, 3, 1, 2]), ((1, 1, 2), [1, 1, 2]), ((2, 1, 2), [1, 1, 2])):
        rows = [one.model_copy(update={"address": str(number), "depth": depth, "heading": "H", "cells": None})
                for number, depth in enumerate(depths)]  # fmt: skip
        assert [block.level for block in contents.manual(COVER, Text(rows)).headings] == levels


@given(st.lists(st.integers(0, 12), max_size=30), st.text(max_size=10))
def test_headings_never_skip_however_deep_provisions_stand(depths: list[int], name: str) -> None:
    content = read("1 One\n\n1.1 Two")
    rows = [content.provisions[0].model_copy(update={
        "address": f"{name}{number // 2}", "depth": depth, "heading": f"H {number}", "text": "", "cells": None,
    }) for number, depth in enumerate(depths)]  # fmt: skip
    accessible(page(contents.manual(COVER, Text(rows))))


def test_the_handbook_holds_what_its_entries_cite_and_no_more() -> None:
    content = read(SOURCE)
    entries = [
        ProcedureHandbookEntry(tenant_id=UUID(int=1), edition_id=UUID(int=2), position=number, heading=heading,
                               text=f"Short words {EVIL}", addresses=addresses)
        for number, (heading, addresses) in enumerate([("Refer", ["1.1"]), ("Meet", ["2.1", "1.1"])], 1)
    ]  # fmt: skip
    made = contents.handbook(COVER, Text(content.provisions, content.references, handbook=entries))
    html = page(made)
    text = "".join(accessible(html).text)
    assert "A third paragraph" not in text
    assert text.count("Anybody who believes") == 1
    assert "See also" in text
