"""Commands on pathway definitions: validate, show, compare, draw and simulate them, print their schema.

With ``--archetype`` they work from the files alone; with ``--partnership`` as the owner of the database, on what
is in force there.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from backend.commands.definitions import SOURCE_OPTIONS, Chosen, chosen, edition, resolved
from backend.commands.editions import approve, publish, withdraw
from backend.pathways.definitions import archetypes, difference, schema, simulation
from backend.pathways.definitions.coverage import shipped_coverage
from backend.pathways.definitions.drawing.graph import graph
from backend.pathways.definitions.drawing.mermaid import mermaid
from backend.pathways.definitions.drawing.svg import svg
from backend.pathways.definitions.effective import Effective, national
from backend.pathways.definitions.library import shipped

_STYLE = click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def pathway() -> None:
    """Validate, show, compare, draw and simulate pathway definitions.

    A PATHWAY is an id of the catalogue, such as referral-to-childrens-social-care, or the path of a YAML file.
    A file with a fault ends a command with code 2 and one line for each fault: file, line, what is wrong, the
    remedy.
    """


@pathway.command()
@click.argument("pathways", metavar="[PATHWAY]...", nargs=-1)
@SOURCE_OPTIONS
@click.option("--for-publication", is_flag=True, help="Fail as well on choices that only the partnership can make.")
@_STYLE
def validate(
    *, pathways: tuple[str, ...], archetype: str | None, partnership: str | None, for_publication: bool, style: str
) -> None:
    """Check the definitions, all or those named, with the partnership's overlays over them.

    All of the baseline are checked with the coverage of the texts: each section names what carries it, or a reason.

    Words without a figure ("immediately") that the partnership has not set are listed; they block publication, and
    with --for-publication fail the command.
    """
    source = chosen(archetype, partnership)
    found = [edition(source, one) for one in pathways] or list(source.definitions.values())
    unset = [(one.definition.id, item) for one in found for item in one.unset]
    whole = source.name == archetypes.BASELINE and not pathways
    covered = {one.family: len(one.sections) for one in shipped_coverage()} if whole else {}
    if style == "json":
        _json({
            "source": source.name,
            "sections_covered": covered,
            "valid": [one.definition.id for one in found],
            "blocks_publication": [{"pathway": code, **asdict(item)} for code, item in unset],
        })  # fmt: skip
    else:
        for one in found:
            state = f"{len(one.unset)} choices open before it can be published" if one.unset else "can be published"
            click.echo(f"{one.definition.id}: valid, {len(one.definition.clocks)} clocks, {state}")
        for code, item in unset:
            click.echo(f"  {code}: set {item.setting} ({item.wording})")
        for family, sections in covered.items():
            click.echo(f"{family}: {sections} sections of the texts are accounted for")
    if for_publication and unset:
        raise _Refused(f"{len(unset)} choices block publication; set each in the overlay's settings or starts.")


@pathway.command()
@click.argument("pathway_", metavar="PATHWAY")
@SOURCE_OPTIONS
@_STYLE
def show(*, pathway_: str, archetype: str | None, partnership: str | None, style: str) -> None:
    """Show every value in force, where it comes from, and what it replaced."""
    one = edition(chosen(archetype, partnership), pathway_)
    rows = [
        {"path": ".".join(str(part) for part in path), "value": value, **asdict(provenance)}
        for path, value, provenance in one.values()
    ]
    if style == "json":
        _json({"pathway": one.definition.id, "settings": resolved(one), "values": rows})
        return
    for row in rows:
        replaced = f", replaces {row['replaced']!r}" if row["replaced"] is not None else ""
        click.echo(f"{row['path']}: {row['value']}  [{row['origin']}: {row['citation'] or row['edition']}{replaced}]")


@pathway.command()
@click.argument("before")
@click.argument("after", required=False)
@SOURCE_OPTIONS
@_STYLE
def diff(*, before: str, after: str | None, archetype: str | None, partnership: str | None, style: str) -> None:
    """Compare two editions, BEFORE and AFTER, value by value.

    With BEFORE alone the national definition is compared with the partnership's.
    """
    source = chosen(archetype, partnership)
    if after is None:
        new = edition(source, before)
        old = national(shipped().entry(new.definition.id))
    else:
        old, new = edition(source, before), edition(source, after)
    found = difference.differences(old, new)
    if style == "json":
        _json(difference.as_json(found))
        return
    for line in difference.readable(found):
        click.echo(line)
    if not found:
        click.echo("They do not differ.")


@pathway.command()
@click.argument("pathway_", metavar="PATHWAY")
@SOURCE_OPTIONS
@click.option("--format", "style", type=click.Choice(["svg", "mermaid"]), default="svg", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help="A file in place of standard output.")
def draw(*, pathway_: str, archetype: str | None, partnership: str | None, style: str, output: str | None) -> None:
    """Draw a pathway with its clocks, as SVG or as Mermaid text."""
    drawn = graph(edition(chosen(archetype, partnership), pathway_))
    if not drawn.boxes:
        raise _Refused(f"{pathway_} has no stages to draw; it is a register, cycle, alert or overlay without any.")
    text = svg(drawn) if style == "svg" else mermaid(drawn)
    if output is None:
        click.echo(text, nl=False)
    else:
        Path(output).write_text(text, "utf-8")
        click.echo(f"wrote {output}")


@pathway.command()
@click.argument("pathway_", metavar="PATHWAY")
@SOURCE_OPTIONS
@click.option("--start", "starts", multiple=True, required=True, metavar="EVENT=INSTANT",
              help="Repeatable. An instant is local, such as 2026-12-24T16:30, unless it names a zone.")  # fmt: skip
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="Repeatable: yes, no, a number or a word.")
@click.option("--now", help="The instant at which the question is asked. Default: the latest start.")
@click.option("--explain", is_flag=True, help="Show how each date was worked out.")
@_STYLE
def simulate(  # one option each
    *, pathway_: str, archetype: str | None, partnership: str | None, starts: tuple[str, ...], facts: tuple[str, ...],
    now: str | None, explain: bool, style: str,
) -> None:  # fmt: skip
    """Print what would be due when, in the partnership's calendar.

    Working days leave out England's bank holidays and the partnership's closure days. A limit in whole days ends
    with its last day.
    """
    source = chosen(archetype, partnership)
    one = edition(source, pathway_)
    events = _events(one, starts, source)
    asked = _instant(now, source) if now else max(at for moments in events.values() for at in moments)
    found = simulation.simulate(one, source.practice, events, dict(_fact(one, fact) for fact in facts), asked)
    if style == "json":
        _json([_outcome(outcome) for outcome in found])
        return
    for outcome in found:
        due = outcome.due_at
        when = f"{due:%a %d %b %Y %H:%M}" if due and not outcome.last_day else f"end of {outcome.last_day}"
        shown = when if due else f"- {outcome.why_not}"
        click.echo(f"{shown:34} {outcome.force:6} {outcome.action} ({outcome.role}; {outcome.citation})")
        for step in outcome.trace if explain else ():
            click.echo(f"{'':34}   {step}")


@pathway.command(name="schema")
@click.option("--of", "kind", type=click.Choice(sorted(schema.MODELS)), default="pathway", show_default=True)
def schema_(kind: str) -> None:
    """Print the JSON Schema of a kind of file, as it is kept in tenants/baseline."""
    click.echo(schema.printed(kind), nl=False)


for command in (publish, approve, withdraw):
    pathway.add_command(command)


class _Refused(click.ClickException):
    exit_code = 2


def _events(one: Effective, given: Iterable[str], source: Chosen) -> dict[str, tuple[datetime, ...]]:
    events: dict[str, tuple[datetime, ...]] = {}
    for item in given:
        event, separator, instant = item.partition("=")
        if not separator:
            raise click.UsageError(f"{item!r} is not EVENT=INSTANT, such as death-confirmed=2026-12-24T16:30.")
        if fault := simulation.unknown_event(one, event):
            raise click.UsageError(fault)
        events[event] = (*events.get(event, ()), _instant(instant, source))
    return events


def _instant(text: str, source: Chosen) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{text!r} is not an instant; write it as 2026-12-24T16:30.") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=source.practice.calendar.tz)).astimezone(UTC)


def _fact(one: Effective, text: str) -> tuple[str, bool | int | str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise click.UsageError(f"{text!r} is not NAME=VALUE, such as died-on-ward=yes.")
    if fault := simulation.unknown_fact(one, name):
        raise click.UsageError(fault)
    if value in {"yes", "true", "no", "false"}:
        return name, value in {"yes", "true"}
    return name, int(value) if value.isdigit() else value


def _outcome(outcome: simulation.Outcome) -> dict[str, Any]:
    found = asdict(outcome)
    for key in ("started_at", "due_at"):
        found[key] = found[key].isoformat() if found[key] else None
    return found


def _json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
