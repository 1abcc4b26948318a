"""Manuals as .docx, .odt, .html and .md: headings, lists, tables, notes and changes as each format says them."""

from io import BytesIO
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from odfdo import Document, Header, List, Paragraph, Table

from support.read_manual import addresses, at, doubts, reported
from tenants.procedures.parsing import parse
from tenants.procedures.parsing.manual import DoubtKind, Force, Manual, Reason, ReferenceKind


def whole(manual: Manual) -> Manual:
    assert "".join(manual.text[piece.start : piece.end] for piece in manual.pieces) == manual.text
    return manual


def from_word(document: Any) -> Manual:
    made = BytesIO()
    document.save(made)
    return whole(parse("manual.docx", made.getvalue()))


def changed(paragraph: Any, tag: str, text_tag: str, text: str) -> None:
    """A run within a tracked change."""
    change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
    words.text = text
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    change.append(run)
    paragraph._p.append(change)


def test_word_headings_lists_and_tables_are_read_by_their_styles() -> None:
    document = docx.Document()
    document.add_heading("Referral", 1)
    document.add_paragraph("Staff must:")
    document.add_paragraph("ring the duty team", style="List Bullet")
    document.add_paragraph("record the call", style="List Bullet")
    document.add_heading("Timing", 2)
    document.add_paragraph("First of all", style="List Number")
    document.add_paragraph("And then", style="List Number")
    table = document.add_table(2, 2)
    for place, text in enumerate(("Who", "What", "Nurse", "must ring")):
        table.cell(place // 2, place % 2).text = text
    document.sections[0].header.paragraphs[0].text = "Anyshire Board"
    manual = from_word(document)
    assert addresses(manual) == [
        "referral", "referral/p1", "referral/p1/b1", "referral/p1/b2", "referral/timing", "referral/timing/1",
        "referral/timing/2", "referral/timing/t1", "referral/timing/t1/r1", "referral/timing/t1/r2",
    ]  # fmt: skip
    assert at(manual, "referral/p1/b2").force is Force.MUST
    assert at(manual, "referral/timing/2").marker == "2."
    assert manual.tables[0].rows == (("Who", "What"), ("Nurse", "must ring"))
    assert reported(manual, Reason.RUNNING_HEADER) == ["Anyshire Board"]


def test_numbers_that_word_counts_for_headings_and_paragraphs_are_their_numbers() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "90")
    for depth, text in enumerate(("%1", "%1.%2")):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(depth))
        for tag, value in (("w:start", "1"), ("w:numFmt", "decimal"), ("w:lvlText", text)):
            part = OxmlElement(tag)
            part.set(qn("w:val"), value)
            level.append(part)
        abstract.append(level)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "91")
    inner = OxmlElement("w:abstractNumId")
    inner.set(qn("w:val"), "90")
    number.append(inner)
    numbering.append(number)

    def numbered(paragraph: Any, depth: int) -> None:
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = depth
        properties.get_or_add_numId().val = 91

    for chapter in ("Referral", "Visits"):
        numbered(document.add_heading(chapter, 1), 0)
        for text in ("The nurse rings.", "The nurse should write. See 1.2."):
            numbered(document.add_paragraph(text), 1)
    manual = from_word(document)
    assert addresses(manual) == ["1", "1.1", "1.2", "2", "2.1", "2.2"]
    assert at(manual, "2.2").references[0].targets == ("1.2",)
    assert "1.2" not in manual.text.replace("See 1.2", "")


def test_tracked_insertions_are_read_and_deletions_reported_with_a_doubt_each() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The nurse ")
    changed(paragraph, "w:del", "w:delText", "may ")
    changed(paragraph, "w:ins", "w:t", "must ")
    paragraph.add_run("ring.")
    manual = from_word(document)
    assert at(manual, "p1").text == "The nurse must ring."
    assert at(manual, "p1").force is Force.MUST
    assert reported(manual, Reason.DELETED_TEXT) == ["may"]
    assert [line for line, _ in doubts(manual, DoubtKind.DELETED_TEXT)] == [1]
    assert [line for line, _ in doubts(manual, DoubtKind.INSERTED_TEXT)] == [1]


def test_opendocument_headings_lists_tables_and_notes() -> None:
    document = Document("text")
    body = document.body
    body.clear()
    noted = Paragraph("The visit should be made")
    noted.insert_note(after="visit", note_id="n1", citation="1", body="By whoever is on the rota.")
    table = Table("T", width=2, height=2)
    for cell, text in (("A1", "Who"), ("B1", "What"), ("A2", "Nurse"), ("B2", "must ring")):
        table.set_value(cell, text)
    for part in (
        Header(1, "Referral"),
        Paragraph("Staff must:"),
        List(["ring", "write"]),
        Header(2, "Timing"),
        noted,
        table,
    ):
        body.append(part)
    made = BytesIO()
    document.save(made)
    manual = whole(parse("manual.odt", made.getvalue()))
    titles = [one.title for one in manual.provisions if one.title]
    assert titles == ["Referral", "Timing"]
    assert [one.text for one in manual.provisions if one.inherited] == ["ring", "write"]
    assert manual.tables[0].rows == (("Who", "What"), ("Nurse", "must ring"))
    assert [note.text for note in manual.notes] == ["By whoever is on the rota."]
    assert manual.notes[0].marked_in


HTML = """<!DOCTYPE html><html><head><title>Manual</title><style>p { color: red }</style></head><body>
<div class="breadcrumb">Home &gt; Chapter</div>
<h1>1 Referral</h1><p>Staff <b>must</b>:</p>
<ul><li>ring</li><li>write<ol type="a"><li>a name</li><li>a day</li></ol></li></ul>
<h2 id="when">1.1 Timing</h2>
<ol start="3"><li>Third should<p>and more of it</p></li><li>Fourth</li></ol>
<p>See <a href="#when">there</a> and <a href="#lost">nowhere</a>.</p>
<table><tr><th>Who</th><th>What</th></tr><tr><td>Nurse</td><td>must ring</td></tr></table>
<script>var must = 1;</script><!-- to be checked -->
</body></html>"""


def test_html_elements_are_read_and_what_no_reader_sees_is_reported() -> None:
    manual = whole(parse("chapter.html", HTML.encode()))
    assert addresses(manual) == [
        "1", "1/p1", "1/p1/b1", "1/p1/b2", "1/p1/b2/a", "1/p1/b2/b", "1.1", "1.1/3", "1.1/3/p1", "1.1/4", "1.1/p1",
        "1.1/t1", "1.1/t1/r1", "1.1/t1/r2",
    ]  # fmt: skip
    links = [found for found in at(manual, "1.1/p1").references if found.kind is ReferenceKind.LINK]
    assert [(found.targets, found.dangling) for found in links] == [(("1.1",), False), ((), True)]
    assert reported(manual, Reason.SCRIPT) == ["p { color: red }", "var must = 1;"]
    assert reported(manual, Reason.NAVIGATION) == ["Home > Chapter"]
    assert reported(manual, Reason.COMMENT) == ["to be checked"]
    assert at(manual, "1.1").first_line == 5


MARKDOWN = """# Anyshire

## 1 Referral

Staff **must**:

- ring the duty team
  at once
- write

  and sign
  - in blue

4.2 The nurse should visit
within [two days](#timing).[^1]

| Who | What |
|-----|------|
| Nurse | must ring |

Timing
------

> Quoted *words* here.

[^1]: By whoever is on the rota.
"""


def test_markdown_is_read_by_its_marks_which_are_reported() -> None:
    manual = whole(parse("manual.md", MARKDOWN.encode()))
    assert manual.text == MARKDOWN
    assert addresses(manual) == [
        "anyshire", "1", "1/p1", "1/p1/b1", "1/p1/b2", "1/p1/b2/p1", "1/p1/b2/b1", "4.2", "4.2/t1", "4.2/t1/r1",
        "4.2/t1/r2", "anyshire/timing", "anyshire/timing/p1",
    ]  # fmt: skip
    assert at(manual, "1/p1").text == "Staff must:"
    assert at(manual, "1/p1/b1").text == "ring the duty team at once"
    assert at(manual, "4.2").references[0].targets == ("anyshire/timing",)
    assert manual.notes[0].marked_in == ("4.2",)
    assert {"# ", "**", "> "} <= {
        manual.text[one.start : one.end] for one in manual.pieces if one.reason is Reason.MARKUP
    }


ESCAPED = r"""1\. The nurse\'s \*book\*

> | Who | What |
> |-----|------|
> | Nurse | **must** [ring](#x) a \| b |

It is _kept_ in __the drawer__ at www.example.org/a_b_c.[^1] Signed ______

> [^1]: By **day**.
"""


def test_markdown_in_cells_notes_and_quotations_is_read_as_elsewhere() -> None:
    manual = whole(parse("manual.md", ESCAPED.encode()))
    assert at(manual, "1").text == "The nurse's *book*"
    assert manual.tables[0].rows == (("Who", "What"), ("Nurse", "must ring a | b"))
    assert manual.provisions[-1].text == "It is kept in the drawer at www.example.org/a_b_c.[^1] Signed ______"
    assert [(note.text, note.marked_in) for note in manual.notes] == [("By day.", (manual.provisions[-1].address,))]


CONVERTED = r"""---
title: Anyshire Procedures
---

# Keys {#keys .unnumbered}

[]{#drawer .anchor}The nurse [must]{.underline} ring\
at once; see [the visits](#visits){.link} and [here](#drawer).

![Whom to ring](media/image1.png){width="6in"}

1.1 Staff ~~must~~ should wait.

# Visits
"""


DASHED = """\
1.1 Staff must refer; see the table.

  Age        Duty            Within
  ---------  --------------  --------
  Under 2    Ring the hub    1 hour
  2 to 17    Refer

Table: Duties by age.

-----------------------------
 Who       Does what
           and when
--------- -------------------
 Nurse     Rings the hub,
           and writes it down.

 Police    Attend.
-----------------------------

1.2 The police should attend.

-------  -----
 Abuse     12
 Neglect    9
-------  -----

```
 a    b
---  ---
 c    d
```
"""


def test_tables_that_are_ruled_by_dashes_alone_are_tables_with_whole_cells() -> None:
    manual = whole(parse("manual.md", DASHED.encode()))
    assert [table.rows for table in manual.tables] == [
        (("Age", "Duty", "Within"), ("Under 2", "Ring the hub", "1 hour"), ("2 to 17", "Refer", "")),
        (("Who", "Does what and when"), ("Nurse", "Rings the hub, and writes it down."), ("Police", "Attend.")),
        (("Abuse", "12"), ("Neglect", "9")),
    ]
    assert at(manual, "1.2").force is Force.SHOULD
    assert not [doubt for doubt in manual.doubts if doubt.kind is DoubtKind.TABLE_GUESSED]


def test_dashes_under_words_that_reach_across_them_rule_no_table() -> None:
    manual = whole(parse("manual.md", b"The nurse must ring.\n\nSome words\n--- -----\nand others.\n"))
    assert manual.tables == ()


def test_what_a_converter_writes_into_markdown_is_no_part_of_the_words() -> None:
    manual = whole(parse("manual.md", CONVERTED.encode()))
    assert [(one.address, one.title or one.text) for one in manual.provisions] == [
        ("keys", "Keys"), ("keys/p1", "The nurse must ring at once; see the visits and here."),
        ("1.1", "Staff must should wait."), ("visits", "Visits"),
    ]  # fmt: skip
    assert [found.targets for found in at(manual, "keys/p1").references] == [("visits",), ("keys/p1",)]
    assert reported(manual, Reason.METADATA) == ["---", "title: Anyshire Procedures", "---"]
    assert doubts(manual, DoubtKind.FIGURE_MISSING) == [(10, "a picture is not read: Whom to ring")]
    assert doubts(manual, DoubtKind.STRUCK_TEXT) == [(12, "struck through, and read: must")]
    ruled = whole(parse("manual.md", b"---\nThe nurse must ring.\n\n---\n"))
    assert [one.title or one.text for one in ruled.provisions] == ["The nurse must ring."]


def test_windows_1252_is_read_with_a_doubt_and_utf_16_without() -> None:
    text = "1.1 It says \u2018ring\u2019 there.\r\n"
    old = parse("manual.txt", text.encode("cp1252"))
    assert at(old, "1.1").text == "It says \u2018ring\u2019 there."
    assert [line for line, _ in doubts(old, DoubtKind.ENCODING)] == [1]
    for encoding in ("utf-8-sig", "utf-16"):
        new = whole(parse("manual.txt", text.encode(encoding)))
        assert at(new, "1.1").text == at(old, "1.1").text
        assert not doubts(new, DoubtKind.ENCODING)
