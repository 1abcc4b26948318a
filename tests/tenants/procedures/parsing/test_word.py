"""Word documents as strangers make them: without styles, with boxes, forms and changes; none of their words is lost."""

from support.read_manual import addresses, at, doubts, reported
from support.word import cell, listed, paragraph, row, run, within, word
from tenants.procedures.parsing import parse
from tenants.procedures.parsing.manual import DoubtKind, Force, Kind, Reason

BOLD = "<w:b/>"
TAB = "<w:r><w:tab/></w:r>"
BREAK = "<w:r><w:br/></w:r>"


def test_a_document_without_styles_is_read_by_what_was_made_by_hand() -> None:
    body = [
        paragraph(run("ANYSHIRE PROCEDURES", BOLD)),
        paragraph(run("Contents", BOLD)),
        paragraph("1.", TAB, "Keys", TAB, "3"),
        paragraph("2.", TAB, "Visits", TAB, "5"),
        paragraph("3.", TAB, "Books", TAB, "9"),
        paragraph(run("1.", BOLD), TAB, run("Keys", BOLD)),
        paragraph("1.1", TAB, "Staff must:"),
        paragraph("•", TAB, "keep the key"),
        paragraph(run("Who has it", BOLD)),
        paragraph("The sister has it."),
        paragraph(run("2.  Visits", BOLD)),
        paragraph(run("Telephone: ", BOLD), "ring at once."),
        paragraph("Bring:", BREAK, "a) a pen", BREAK, "b) a book", BREAK, "which is blue"),
        paragraph("3.  Books"),
        paragraph("3.1  Each book should be kept."),
    ]
    manual = parse("manual.docx", word("".join(body)))
    assert addresses(manual) == [
        "anyshire-procedures", "1", "1.1", "1.1/b1", "1/who-has-it", "1/who-has-it/p1", "2", "2/p1", "2/p2", "2/p2/a",
        "2/p2/b", "3", "3.1",
    ]  # fmt: skip
    assert reported(manual, Reason.CONTENTS_PAGE) == ["Contents", "1.\tKeys\t3", "2.\tVisits\t5", "3.\tBooks\t9"]
    assert [at(manual, address).kind for address in ("1", "2", "3", "1/who-has-it")] == [Kind.HEADING] * 4
    assert at(manual, "2/p2/b").text == "a book which is blue"
    assert [text for _, text in doubts(manual, DoubtKind.HEADING_GUESSED)] == [
        "taken for a heading: ANYSHIRE PROCEDURES", "taken for a heading: Who has it",
    ]  # fmt: skip


BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><w:txbxContent>{0}</w:txbxContent></w:drawing>'
    "</mc:Choice><mc:Fallback><w:pict><w:txbxContent>{0}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
PICTURE = '<w:r><w:drawing><wp:docPr id="2" name="x" descr="Whom to ring"/><pic:pic/></w:drawing></w:r>'
NOTED = '<w:r><w:footnoteReference w:id="2"/></w:r>'


def table(*rows: str) -> str:
    return within("tbl", *rows)


def boxed(text: str) -> str:
    return BOX.format(paragraph(text))


def form(*inner: str) -> str:
    return within("sdt", within("sdtContent", *inner))


def test_what_stands_in_boxes_forms_rows_and_notes_is_read_once_and_what_cannot_be_is_told() -> None:
    gone = within("del", "<w:r><w:delText>gone words </w:delText></w:r>")
    grid = table(
        row(form(cell("in a form")), cell(form(paragraph("in a field")))),
        row(cell(paragraph(gone, "Kept")), "must ring", cell(paragraph(boxed("Box in a cell."), "by it"))),
        row("a row", "deleted", properties="<w:trPr><w:del/></w:trPr>"),
        row("", cell(table(row("inner one", "inner two")), "around")),
        row("the last"),
    )
    body = [
        paragraph(boxed("In a box.")),
        paragraph(within("bdo", run("Led from the left."))),
        paragraph("<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"),
        paragraph(PICTURE),
        '<w:altChunk r:id="rx"/>',
        grid,
        paragraph(run("struck words", "<w:strike/>"), " and live ones"),
        paragraph("A note", NOTED, run("7", '<w:vertAlign w:val="superscript"/>')),
        paragraph("First half ", properties="<w:rPr><w:del/></w:rPr>"),
        paragraph("second half."),
    ]
    notes = [
        within("footnote", paragraph("Said below"), paragraph("and more."), attributes='w:id="2"'),
        within("footnote", paragraph("Of nobody."), attributes='w:id="3"'),
    ]
    parts = {
        "header1": within("hdr", table(row("Head in a table"))), "header2": within("hdr", paragraph("Even")),
        "footnotes": within("footnotes", *notes),
    }  # fmt: skip
    manual = parse("manual.docx", word("".join(body), parts))
    said = [one.text for one in manual.provisions if one.kind is not Kind.TABLE]
    assert said == [
        "In a box.", "Led from the left.", "x=1", "in a form | in a field", "Kept | must ring | by it", " | around",
        "the last", "inner one | inner two", "Box in a cell.", "struck words and live ones", "A note[1]⁷",
        "First half second half.",
    ]  # fmt: skip
    assert [note.text for note in manual.notes] == ["Said below and more.", "Of nobody."]
    assert reported(manual, Reason.RUNNING_HEADER) == ["Head in a table", "Even"]
    assert reported(manual, Reason.DELETED_TEXT) == ["gone words", "a row\tdeleted"]
    told = {kind: [text for _, text in doubts(manual, kind)] for kind in DoubtKind}
    assert told[DoubtKind.FIGURE_MISSING] == ["a picture is not read: Whom to ring"]
    assert told[DoubtKind.STRUCK_TEXT] == ["struck through, and read: struck words"]
    assert len(told[DoubtKind.EMBEDDED]) == 1
    assert told[DoubtKind.DELETED_TEXT][-1] == "a row deleted by a tracked change, and reported: a row deleted"
    assert told[DoubtKind.NOTE_UNMARKED] == ["nothing refers to the note 2"]


def level(depth: int, shape: str, text: str, more: str = "") -> str:
    inner = f'<w:start w:val="1"/><w:numFmt w:val="{shape}"/>{more}<w:lvlText w:val="{text}"/>'
    return within("lvl", inner, attributes=f'w:ilvl="{depth}"')


def definition(number: int, *inner: str) -> str:
    return within("abstractNum", *inner, attributes=f'w:abstractNumId="{number}"')


def counted(number: int, of: int, *inner: str) -> str:
    return within("num", f'<w:abstractNumId w:val="{of}"/>', *inner, attributes=f'w:numId="{number}"')


def test_numbers_are_counted_as_word_counts_them() -> None:
    numbering = within(
        "numbering",
        definition(
            1,
            level(0, "upperRoman", "Part %1", '<w:pStyle w:val="Heading1"/>'),
            level(1, "decimal", "%1.%2", '<w:pStyle w:val="Heading2"/><w:isLgl/>'),
            level(2, "decimal", "%1.%2.%3", "<w:isLgl/>"),
            level(3, "lowerLetter", "(%4)", '<w:lvlRestart w:val="0"/>'),
        ),
        definition(2, '<w:numStyleLink w:val="Mine"/>'),
        definition(3, '<w:styleLink w:val="Mine"/>', level(0, "decimal", "%1.")),
        *(counted(number, number) for number in (1, 2, 3)),
        counted(5, 3, within("lvlOverride", '<w:startOverride w:val="1"/>', level(0, "lowerRoman", "%1."),
                             attributes='w:ilvl="0"')),
    )  # fmt: skip
    of_list = '<w:pPr><w:numPr><w:numId w:val="{}"/></w:numPr></w:pPr>'.format
    mine = within("style", of_list(3), attributes='w:type="numbering" w:styleId="Mine"')
    style = '<w:pStyle w:val="Heading{}"/>'.format
    body = [
        paragraph("Keys", properties=style(1)), paragraph("Who has them", properties=style(2)),
        paragraph("The sister must have:", properties=listed(1, 2)), paragraph("this", properties=listed(1, 3)),
        paragraph("Visits", properties=style(1)), paragraph("When", properties=style(2)),
        paragraph("See 1.1.1.", properties=listed(1, 2)), paragraph("that", properties=listed(1, 3)),
        paragraph("The steps:"), paragraph("one", properties=listed(2, 0)), paragraph("two", properties=listed(2, 0)),
        paragraph("And again:"), paragraph("one", properties=listed(5, 0)), paragraph("two", properties=listed(5, 0)),
    ]  # fmt: skip
    made = word("".join(body), {"numbering": numbering}, heading=(of_list(1), of_list(1)), styles=mine)
    manual = parse("manual.docx", made)
    assert addresses(manual) == [
        "part-i", "part-i/1.1", "part-i/1.1.1", "part-i/1.1.1/a", "part-ii", "part-ii/2.1", "part-ii/2.1.1",
        "part-ii/2.1.1/b", "part-ii/2.1.1/p1", "part-ii/2.1.1/p1/1", "part-ii/2.1.1/p1/2", "part-ii/2.1.1/p2",
        "part-ii/2.1.1/p2/i", "part-ii/2.1.1/p2/ii",
    ]  # fmt: skip
    assert at(manual, "part-ii/2.1.1").references[0].targets == ("part-i/1.1.1",)


def test_a_cell_that_lists_what_two_people_do_holds_the_force_of_each() -> None:
    cells = cell(paragraph("The sister must:"), paragraph("ring"), paragraph("sign"))
    manual = parse(
        "manual.docx", word(f"<w:tbl>{row('A call', 'should be written down', cells)}{row('x', 'y', 'z')}</w:tbl>")
    )
    assert at(manual, "t1/r1").statements == {Force.SHOULD: 1, Force.MUST: 1}


def test_a_cell_that_reaches_over_columns_leaves_the_others_in_theirs() -> None:
    wide = within("tc", '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>', paragraph("By day"))
    manual = parse("manual.docx", word(table(row(wide, "By night"), row("Nurse", "Sister", "must ring"))))
    assert manual.tables[0].rows == (("By day", "", "By night"), ("Nurse", "Sister", "must ring"))
    page = (
        b"<table><tr><th colspan=2 rowspan=2>By day<th>By night</tr><tr><td>Ward</tr><tr><td>a<td>b<td>c</tr></table>"
    )
    assert parse("page.html", page).tables[0].rows == (("By day", "", "By night"), ("", "", "Ward"), ("a", "b", "c"))


def test_a_link_to_a_part_that_is_not_there_keeps_nobody_from_reading() -> None:
    lost = '<Relationship Id="rx" Type="http://x/image" Target="../NULL"/>'
    assert addresses(parse("manual.docx", word(paragraph("The nurse rings."), links=lost))) == ["p1"]


def test_print_that_was_pasted_line_by_line_is_joined_and_told() -> None:
    line = "rings the duty team at once and tells whoever answers what was seen and"
    pages = [
        [f"{number}.1 The nurse of the ward, or whoever stands in for her on the day,", line, line, "rings off."]
        for number in range(1, 7)
    ]
    manual = parse("manual.docx", word("".join(paragraph(each) for page in pages for each in page)))
    assert addresses(manual) == ["1.1", "2.1", "3.1", "4.1", "5.1", "6.1"]
    assert (
        at(manual, "2.1").text
        == f"The nurse of the ward, or whoever stands in for her on the day, {line} {line} rings off."
    )
    assert doubts(manual, DoubtKind.BREAK_JOINED) == [
        (1, "18 paragraphs end in the midst of a sentence: read as printed lines, and joined")
    ]
