"""Reads an invented manual in a test, and finds its way in what was understood."""

from textwrap import dedent

from tenants.procedures.parsing import parse
from tenants.procedures.parsing.manual import DoubtKind, Manual, Provision, Reason


def read(text: str) -> Manual:
    """A plain text, its common indent taken off."""
    return parse("manual.txt", dedent(text).lstrip("\n").encode())


def at(manual: Manual, address: str) -> Provision:
    (found,) = [provision for provision in manual.provisions if provision.address == address]
    return found


def addresses(manual: Manual) -> list[str]:
    return [provision.address for provision in manual.provisions]


def doubts(manual: Manual, kind: DoubtKind) -> list[tuple[int, str]]:
    return [(doubt.line, doubt.text) for doubt in manual.doubts if doubt.kind is kind]


def reported(manual: Manual, reason: Reason) -> list[str]:
    """What was reported for this reason, as printed."""
    return [manual.text[piece.start : piece.end].strip() for piece in manual.pieces if piece.reason is reason]
