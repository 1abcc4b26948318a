"""What changed between the published editions of the schema, and what will go. Pure."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from graphql_api.portal.layout import heading, page, paragraph


def changelog(editions: Mapping[str, GraphQLSchema], now: GraphQLSchema) -> str:
    """The page. ``editions`` are the published ones by day, as ISO has it; ``now`` is what runs."""
    days = sorted(editions)
    steps = [(day, editions[earlier], editions[day]) for earlier, day in pairwise(days)]
    if days:
        steps.append(("Since the last edition", editions[days[-1]], now))
    parts = [
        paragraph(
            "Nothing is taken away without having been marked as deprecated, with the day it goes, a year before."
        )
    ]
    parts += [heading("To go", "deprecated"), _list(_deprecations(now), "Nothing is deprecated.")]
    for title, before, after in reversed(steps):
        parts.append(heading(title, title.replace(" ", "-").lower()))
        for name, found in differences(before, after).items():
            parts.append(f"<h3>{escape(name)}</h3>{_list(found, 'Nothing.')}")
    return page("Changes", *parts, at="changelog")


def differences(before: GraphQLSchema, after: GraphQLSchema) -> dict[str, list[str]]:
    """What was added, what may surprise a client, and what breaks one."""
    return {
        "Added": sorted(_names(after) - _names(before)),
        "May surprise": [change.description for change in find_dangerous_changes(before, after)],
        "Breaks": [change.description for change in find_breaking_changes(before, after)],
    }


def _names(schema: GraphQLSchema) -> set[str]:
    return {name for kind in schema.type_map.values() if not kind.name.startswith("__") for name in _of(kind)}


def _of(kind: GraphQLNamedType) -> Iterator[str]:
    yield kind.name
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield from (f"{kind.name}.{field}" for field in kind.fields)
    if isinstance(kind, GraphQLEnumType):
        yield from (f"{kind.name}.{value}" for value in kind.values)


def _deprecations(schema: GraphQLSchema) -> list[str]:
    found = []
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            held: Mapping[str, object] = kind.fields
        elif isinstance(kind, GraphQLEnumType):
            held = kind.values
        else:
            continue
        for name, one in held.items():
            if reason := getattr(one, "deprecation_reason", None):
                found.append(f"{kind.name}.{name}: {reason}")
    return sorted(found)


def _list(items: list[str], none: str) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>\n" if items else paragraph(none)
