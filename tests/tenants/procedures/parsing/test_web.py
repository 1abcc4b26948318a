"""Pages saved from web sites, and OpenDocument texts: what a browser would show is read, and what it hides is told."""

import zipfile
from io import BytesIO

from support.read_manual import addresses, at, doubts, reported
from tenants.procedures.parsing import parse
from tenants.procedures.parsing.manual import DoubtKind, Manual, Reason

PAGE = """<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"></head>
<body class="navigation-open">
<header><img src="l.png" alt="A crest"><a href="/">Anyshire</a></header><div id="nav"><a href="a">Chapter 1</a></div>
<main><h1>4.1 Keys</h1>
<h3>Contents</h3><ol><li><a href="#s1">Who has them</a></li><li><a href="#s2">Where</a></li>
<li><a href="#s3">When</a></li></ol>
<h2 id="s1">1. Who has them</h2>
<p>The nurse\x92s key is \x93lent\x94 to nobody.<br>Not even by day.</p>
<p>&#8226; one<br>&#8226; two</p>
<p><del>Old</del> <ins>New</ins> <s>struck</s> <span style="display:none">secret</span> words</p>
<h2 id="s2">2. Where</h2>
<dl><dt>Drawer</dt><dd>of the desk</dd></dl>
<table><tr><th rowspan="2">Who</th><th>When</th></tr><tr><td>must ring</td></tr>
<tr><td>Nurse</td><td><ul><li>must <a href="#s1">write</a></li><li>should sign</li></ul><style>p {}</style></td></tr>
</table>
<h2 id="s3">3. When</h2><p><a href="#s1">Back to top</a></p><p>The team<sup>1</sup> rings.</p>
<pre>Line one of the print
goes on here.

3.1 Another.</pre>
<img src="flow.png" alt="Whom to ring"><img src="dot.png" alt="">
<div class="notes"><p><sup>1</sup> By day.</p></div></main>
<footer>You must accept this.</footer></body></html>"""


def test_a_page_is_read_by_its_elements_and_what_only_leads_about_the_site_is_reported() -> None:
    manual = parse("page.html", PAGE.encode("latin-1"))
    assert addresses(manual) == [
        "4.1", "1", "1/p1", "1/b1", "1/b2", "1/p2", "2", "2/p1", "2/t1", "2/t1/r1", "2/t1/r2", "2/t1/r3", "3", "3/p1",
        "3/p2", "3.1",
    ]  # fmt: skip
    assert at(manual, "1/p1").text == "The nurse\u2019s key is \u201clent\u201d to nobody. Not even by day."
    assert at(manual, "1/p2").text == "New struck secret words"
    assert at(manual, "2/p1").text == "Drawer of the desk"
    assert manual.tables[0].rows == (("Who", "When"), ("", "must ring"), ("Nurse", "• must write • should sign"))
    assert at(manual, "2/t1/r3").references[0].targets == ("1",)
    assert at(manual, "3/p2").text == "Line one of the print goes on here."
    assert [(note.text, note.marked_in) for note in manual.notes] == [("By day.", ("3/p1",))]
    assert reported(manual, Reason.NAVIGATION) == ["Anyshire", "Chapter 1", "Back to top", "You must accept this."]
    assert reported(manual, Reason.CONTENTS_PAGE) == ["Contents", "Who has them", "Where", "When"]
    told = {kind: [text.split(": ")[-1] for _, text in doubts(manual, kind)] for kind in DoubtKind}
    assert told[DoubtKind.DELETED_TEXT] == reported(manual, Reason.DELETED_TEXT) == ["Old"]
    assert told[DoubtKind.INSERTED_TEXT] == ["New"]
    assert told[DoubtKind.STRUCK_TEXT] == ["struck"]
    assert told[DoubtKind.HIDDEN_TEXT] == ["secret"]
    assert told[DoubtKind.FIGURE_MISSING] == ["Whom to ring"]


SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"),
    )
)  # fmt: skip
LOOKS = "".join(
    f'<style:style style:name="{name}" style:family="{family}"><style:text-properties {look}/></style:style>'
    for name, family, look in (
        ("B", "paragraph", 'fo:font-weight="bold"'), ("H", "text", 'text:display="none"'),
        ("S", "text", 'style:text-line-through-style="solid"'),
    )
)  # fmt: skip
BODY = """<text:tracked-changes>
<text:changed-region text:id="c"><text:insertion/></text:changed-region></text:tracked-changes>
<text:h text:outline-level="1">Keys</text:h>
<text:p>There is <text:change-start text:change-id="c"/>newly<text:change-end text:change-id="c"/> a key.</text:p>
<text:p text:style-name="B">By day</text:p>
<text:p>A <text:span text:style-name="H">hidden</text:span> and
<text:span text:style-name="S">struck</text:span> word.</text:p>
<text:p><draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame>Beside it.</text:p>
<text:p><draw:frame><draw:image/><svg:desc>Whom to ring</svg:desc></draw:frame></text:p>
<table:table><table:table-row><table:table-cell><text:p>Who</text:p></table:table-cell><table:table-cell>
<text:list><text:list-item><text:p>rings</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>
<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>
</table:table-cell></table:table-row></table:table>"""


def opendocument(body: str, looks: str) -> Manual:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:automatic-styles>{looks}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
        archive.writestr("styles.xml", f"<office:document-styles {SPACES}/>")
    return parse("manual.odt", made.getvalue())


def test_opendocument_boxes_tables_and_looks_are_read_once_and_told() -> None:
    manual = opendocument(BODY, LOOKS)
    assert [one.title or one.text for one in manual.provisions] == [
        "Keys", "There is newly a key.", "By day", "A hidden and struck word.", "Beside it.", "In a box.", "",
        "Who | • rings", "", "a | b",
    ]  # fmt: skip
    assert at(manual, "keys/by-day").depth == 1
    told = {kind: [text.split(": ")[-1] for _, text in doubts(manual, kind)] for kind in DoubtKind}
    assert told[DoubtKind.INSERTED_TEXT] == ["newly"]
    assert told[DoubtKind.HIDDEN_TEXT] == ["hidden"]
    assert told[DoubtKind.STRUCK_TEXT] == ["struck"]
    assert told[DoubtKind.FIGURE_MISSING] == reported(manual, Reason.PICTURE) == ["Whom to ring"]
