"""Word documents put together part by part, with what python-docx cannot make."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

_SPACES = " ".join(
    f'xmlns:{name}="http://schemas.openxmlformats.org/{path}"'
    for name, path in (
        ("w", "wordprocessingml/2006/main"), ("r", "officeDocument/2006/relationships"),
        ("mc", "markup-compatibility/2006"), ("a", "drawingml/2006/main"), ("m", "officeDocument/2006/math"),
        ("wp", "drawingml/2006/wordprocessingDrawing"), ("pic", "drawingml/2006/picture"),
    )
)  # fmt: skip
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>{{{level}}}</w:style>'
    for level in (1, 2)
)


def word(
    body: str, parts: Mapping[str, str] | None = None, *, heading: tuple[str, str] = ("", ""), styles: str = "",
    links: str = "",
) -> bytes:  # fmt: skip
    """A document of this body. ``parts`` are its others by name, ``heading`` what its two heading styles hold."""
    others = {"styles": f"<w:styles>{_STYLES.format('', *heading)}{styles}</w:styles>", **(parts or {})}
    others = {name: content.replace(">", f" {_SPACES}>", 1) for name, content in others.items()}
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}{_kind(name)}+xml"/>'
        for name in ("document", *others)
    ).replace("document+xml", "document.main+xml")
    relations = links + "".join(
        f'<Relationship Id="of-{name}" Type="{_RELATION}{_kind(name)}" Target="{name}.xml"/>' for name in others
    )
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        )
        archive.writestr("_rels/.rels", _relations(
            f'<Relationship Id="r1" Type="{_RELATION}officeDocument" Target="word/document.xml"/>'
        ))  # fmt: skip
        archive.writestr("word/_rels/document.xml.rels", _relations(relations))
        archive.writestr("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>")
        for name, content in others.items():
            archive.writestr(f"word/{name}.xml", content)
    return made.getvalue()


def _kind(name: str) -> str:
    return name.rstrip("0123456789")


def _relations(inner: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    """A paragraph of runs; what is no element is a run's text."""
    inner = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def listed(number: int, depth: int) -> str:
    """The properties of a paragraph of a list."""
    return f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'


def cell(*blocks: str) -> str:
    return f"<w:tc>{''.join(one if one.startswith('<') else paragraph(one) for one in blocks)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{properties}{''.join(one if one.startswith('<') else cell(one) for one in cells)}</w:tr>"


def within(tag: str, *inner: str, attributes: str = "") -> str:
    """An element of Word's own around others."""
    return f"<w:{tag}{' ' if attributes else ''}{attributes}>{''.join(inner)}</w:{tag}>"
