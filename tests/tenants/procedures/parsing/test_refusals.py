"""What cannot be read, or should not be, is refused with a line that says what would help; and nothing takes long."""

import random
import time
import zipfile
from collections.abc import Mapping
from io import BytesIO

import docx
import pytest

from tenants.procedures.parsing import UnreadableManualError, parse
from tenants.procedures.parsing.report import figures

ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


def archive(**parts: bytes) -> bytes:
    return packed({f"{name.replace('_', '/', 1)}.xml": content for name, content in parts.items()})


def packed(parts: Mapping[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return made.getvalue()


def word() -> bytes:
    made = BytesIO()
    document = docx.Document()
    document.add_paragraph("The nurse rings.")
    document.save(made)
    return made.getvalue()


NOISE = random.Random(1).randbytes(8_000).hex().encode() * 2650  # noqa: S311  # folds a hundred times, not a thousand
STRICT = packed({"[Content_Types].xml": b"<a/>", "_rels/.rels": b'<a xmlns="http://purl.oclc.org/ooxml/x"/>'})
LOCKED = packed({"content.xml": b"\x8f", "META-INF/manifest.xml": b"<encryption-data/>"})


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("manual.pdf", b"%PDF-1.7", ".pdf is not read. Save it as one of .docx"),
        ("manual", b"text", "A file without an ending is not read"),
        ("manual.txt", b" \n ", "It is empty"),
        ("manual.txt", b"\x00\x01\x02" * 100, "It is not text"),
        ("manual.txt", b"a" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
        ("manual.docx", b"no archive", "It is damaged"),
        ("manual.docx", word()[:-200], "It is damaged"),
        ("manual.docx", archive(word_document=b"<a/>"), "It is damaged, or no Word document"),
        ("manual.docx", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "It is encrypted, or of an old Word"),
        ("manual.docx", archive(word_document=ENTITY), "It defines entities of its own"),
        ("manual.odt", archive(content=ENTITY), "It defines entities of its own"),
        ("manual.odt", archive(content=b"\x00" * (210 * 1024 * 1024)), "unpacks to far more"),
        ("manual.odt", archive(other=b"<a/>"), "It is damaged, or no OpenDocument text"),
        ("manual.html", b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>', "It defines entities"),
        ("manual.html", b"<div>" * 5000 + b"text", "nested too deep"),
        ("manual.html", b"<html></html>", "There is no text in it"),
        ("manual.txt", rb"{\rtf1\ansi The nurse must ring.}", "It is rich text (RTF). Open it in Word"),
        ("manual.txt", b"%PDF-1.4 The nurse must ring.", "It is a PDF"),
        ("manual.md", b"\xef\xbb\xbf\n<!DOCTYPE html><p>The nurse must ring.", "Give its name the ending .html"),
        ("manual.html", b"MIME-Version: 1.0\nContent-Type: multipart/related", "It is a web archive"),
        ("manual.txt", word(), "It is packed, as .docx and .odt are"),
        ("manual.docx", archive(content=b"<a/>"), "It is no .docx. Give its name the ending .odt"),
        ("manual.odt", word(), "It is no .odt. Give its name the ending .docx"),
        ("manual.odt", LOCKED, "It is encrypted. Save it again"),
        ("manual.docx", STRICT, "It is a Strict Open XML document"),
        ("manual.docx", archive(word_document=b"<a>" + NOISE + b"</a>"), "It holds more text than a manual"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "data",
)
def test_a_file_that_is_no_manual_is_refused_with_the_remedy(name: str, data: bytes, said: str) -> None:
    with pytest.raises(UnreadableManualError) as refused:
        parse(name, data)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_encrypted_archive_is_refused() -> None:
    data = bytearray(word())
    for start in (b"PK\x03\x04", b"PK\x01\x02"):
        place = data.index(start)
        data[place + (6 if start.endswith(b"\x04") else 8)] |= 1
    with pytest.raises(UnreadableManualError, match="encrypted"):
        parse("manual.docx", bytes(data))


@pytest.mark.parametrize(
    "unit",
    ["a", ".", " ", "-", "|", "1.", "(a) ", "\u2018must ", "'", "see 1.1 ", "[1] ", "**a ", "must ", "section 1, ", "A",
     "a\t", "http://", "* ", "_", "\u2026", "Ab (AB) ", "\f", "x - ", "\n\n", "1\n", "A\n", "a   b\n", "the 1 Act of ",
     "page 1 ", "+--+\n", "'a "],
)  # fmt: skip
def test_no_text_takes_long_however_it_repeats_itself(unit: str) -> None:
    """Twice the text takes about twice the time; a pattern that looks back would take minutes."""
    text = unit * (60_000 // len(unit))
    began = time.process_time()
    told = figures(parse("manual.txt", b"x" + text.encode()))
    assert time.process_time() - began < 10
    assert told["characters_total"] == len(text) + 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("manual.txt", "\n".join(["The nurse rings the team1.\n", *["She writes.\n"] * 14, "1 By day.\n\f"]) * 900),
        ("manual.html", "<pre>" + "goes on \u200bhere and\n" * 30_000),
        ("manual.html", f"<table><tr>{'<td rowspan=100>x</td>' * 4_000}</tr>{'<tr></tr>' * 99}</table>"),
    ],
    ids=["notes", "print", "cells"],
)
def test_no_manual_takes_longer_than_it_may_however_much_there_is_of_one_thing(name: str, text: str) -> None:
    began = time.process_time()
    parse(name, text.encode())
    assert time.process_time() - began < 20
