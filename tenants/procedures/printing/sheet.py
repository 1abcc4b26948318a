"""A printout as the data of its Typst template. Pure."""

from pathlib import Path
from typing import Any, Final

from tenants.procedures.printing.contents import Block, Entry, Printout, Run

TEMPLATE: Final = Path(__file__).with_name("work.typ")


def sheet(made: Printout) -> dict[str, Any]:
    """What the template reads."""
    return {
        "partnership": made.cover.partnership, "title": made.cover.title, "lines": list(made.cover.lines),
        "blocks": [_block(one) for one in made.blocks], "terms": [_entry(one) for one in made.terms],
        "index": [_entry(one) for one in made.index], "moved": [_entry(one) for one in made.moved],
    }  # fmt: skip


def _block(one: Block) -> dict[str, Any]:
    return {
        "anchor": one.anchor, "depth": one.depth, "marker": one.marker, "heading": one.heading, "level": one.level,
        "lines": [_runs(line) for line in one.lines], "rows": one.rows, "anchors": list(one.row_anchors.values()),
        "also": one.also, "notes": one.notes,
    }  # fmt: skip


def _entry(one: Entry) -> dict[str, Any]:
    return {"name": one.name, "text": one.text, "places": _runs(one.places)}


def _runs(runs: tuple[Run, ...] | list[Run]) -> list[dict[str, str | None]]:
    return [{"text": run.text, "to": run.to} for run in runs]
