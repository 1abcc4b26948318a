"""Descriptions of fields that are called alike and mean alike, said once for all that say nothing themselves; and of
what the values of enumerations mean."""

import tomllib
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
)

_FILE: Final = Path(__file__).with_name("glossary.toml")
_VALUES: Final = Path(__file__).with_name("values.toml")
_OF_NULL: Final = "; null"


def glossary() -> dict[str, Any]:
    """Sentences by the name of a field, and under the name of a type those of its own fields."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def values() -> dict[str, dict[str, str]]:
    """Sentences by the name of an enumeration and of its value."""
    return tomllib.loads(_VALUES.read_text(encoding="utf-8"))


def describe(schema: GraphQLSchema) -> None:
    """Give each field, argument and value of a schema that has no description the one that is written for it.

    Whatever is not of a scalar says what its type says.
    """
    said, meant = glossary(), values()
    for kind in schema.type_map.values():
        if is_introspection_type(kind):
            continue
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                _describe(field, name, said.get(kind.name, {}).get(name), said)
                for key, argument in field.args.items() if isinstance(field, GraphQLField) else ():
                    _describe(argument, key, None, said)
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                value.description = value.description or meant.get(kind.name, {}).get(name)


def _describe(
    one: GraphQLField | GraphQLInputField | GraphQLArgument, name: str, own: str | None, said: dict[str, Any]
) -> None:
    if one.description:
        return
    named = get_named_type(one.type)
    found = own or (said.get(name) if isinstance(named, GraphQLScalarType) else named.description)
    if found is not None and isinstance(one.type, GraphQLNonNull) and _OF_NULL in found:
        found = found.partition(_OF_NULL)[0] + "."
    one.description = found
