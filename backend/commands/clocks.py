"""The command that prints every clock that a board can sign."""

import csv
import json
import sys
from dataclasses import asdict, astuple

import click

from backend.commands.definitions import SOURCE_OPTIONS, chosen
from backend.pathways.definitions import clock_table
from backend.pathways.definitions.faults import choose


@click.command()
@SOURCE_OPTIONS
@click.option("--pathway", "only", multiple=True, metavar="PATHWAY", help="Repeatable. Default: all.")
@click.option("--format", "style", type=click.Choice(["csv", "table", "json"]), default="table", show_default=True)
def clocks(*, archetype: str | None, partnership: str | None, only: tuple[str, ...], style: str) -> None:
    """Print the effective table of clocks, one row a limit.

    Words without a figure, such as "immediately", have an empty value until the partnership sets one. Gates and
    agreed dates have none. With --format json each row has the clock's id, kind, wording and what it replaced too.
    """
    source = chosen(archetype, partnership)
    for code in only:
        if code not in source.definitions:
            raise click.UsageError(f"There is no definition of {code}; {choose(code, source.definitions)}")
    definitions = [one for code, one in source.definitions.items() if not only or code in only]
    if style == "json":
        click.echo(json.dumps(list(clock_table.detailed_rows(definitions)), indent=2, ensure_ascii=False, default=str))
        return
    rows = clock_table.rows(definitions)
    if style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(clock_table.COLUMNS)
        writer.writerows(astuple(row) for row in rows)
        return
    cells = [[name.replace("_", " ").upper() for name in clock_table.COLUMNS]]
    cells += [list(asdict(row).values()) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(clock_table.COLUMNS))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
