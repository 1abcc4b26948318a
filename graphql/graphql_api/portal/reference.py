"""The reference: a page for each type of the schema, with a place of its own for each field. Pure."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from graphql_api.portal.layout import heading, page, paragraph

_KINDS: Final = {
    GraphQLObjectType: "Types", GraphQLInterfaceType: "Interfaces", GraphQLUnionType: "Unions",
    GraphQLInputObjectType: "Inputs", GraphQLEnumType: "Enumerations", GraphQLScalarType: "Scalars",
}  # fmt: skip


def reference(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Each page of the reference with its path under ``/developers/``."""
    types = {name: kind for name, kind in sorted(schema.type_map.items()) if not name.startswith("__")}
    yield "reference", _index(schema, types)
    for name, kind in types.items():
        yield f"reference/{name}", page(name, *_about(schema, kind))


def _index(schema: GraphQLSchema, types: Mapping[str, GraphQLNamedType]) -> str:
    parts = [paragraph("Everything below is made from the schema that this service runs.")]
    roots = [one.name for one in (schema.query_type, schema.mutation_type, schema.subscription_type) if one]
    parts.append(f"<p>Begin with {', '.join(_link(name) for name in roots)}.</p>\n")
    for kind, title in _KINDS.items():
        names = [name for name, one in types.items() if type(one) is kind]
        items = "".join(f"<li>{_link(name)}</li>" for name in names)
        parts += [heading(title, title.lower()), f"<ul>{items}</ul>\n"]
    return page("Reference", *parts, at="reference")


def _about(schema: GraphQLSchema, kind: GraphQLNamedType) -> Iterator[str]:
    if kind.description:
        yield paragraph(kind.description)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield heading("Fields", "section-fields")
        yield f"<dl>{''.join(_field(name, field) for name, field in kind.fields.items())}</dl>\n"
    if isinstance(kind, GraphQLEnumType):
        yield heading("Values", "section-values")
        yield f"<dl>{''.join(_value(name, value) for name, value in kind.values.items())}</dl>\n"
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        yield heading("One of", "section-one-of")
        yield f"<ul>{''.join(f'<li>{_link(one.name)}</li>' for one in schema.get_possible_types(kind))}</ul>\n"


def _field(name: str, field: GraphQLField | GraphQLInputField) -> str:
    arguments = field.args if isinstance(field, GraphQLField) else {}
    told = "".join(_argument(key, one) for key, one in arguments.items())
    return (
        f'<dt id="{escape(name)}"><a href="#{escape(name)}">{escape(name)}</a>: {_typed(field.type)}</dt>\n'
        f"<dd>{escape(field.description or '')}{_deprecated(field.deprecation_reason)}"
        f"{f'<ul>{told}</ul>' if told else ''}</dd>\n"
    )


def _argument(name: str, argument: GraphQLArgument) -> str:
    said = f": {escape(argument.description)}" if argument.description else ""
    return (
        f"<li><code>{escape(name)}</code>: {_typed(argument.type)}{said}{_deprecated(argument.deprecation_reason)}</li>"
    )


def _value(name: str, value: GraphQLEnumValue) -> str:
    said = f"{escape(value.description or '')}{_deprecated(value.deprecation_reason)}"
    return f'<dt id="{escape(name)}"><code>{escape(name)}</code></dt><dd>{said}</dd>\n'


def _deprecated(reason: str | None) -> str:
    return f' <strong class="old">Deprecated: {escape(reason)}</strong>' if reason else ""


def _typed(kind: object) -> str:
    """A type as the schema writes it, with a link to what it is made of."""
    name = get_named_type(kind).name  # type: ignore[call-overload]  # any type of a field
    return escape(str(kind)).replace(name, _link(name), 1)


def _link(name: str) -> str:
    return f'<a href="/developers/reference/{escape(name)}">{escape(name)}</a>'
