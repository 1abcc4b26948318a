"""TypeScript types of what documents take and give, from the schema and the documents' syntax. Pure.

A field that is selected is there: null where the schema allows that. What `@include` or `@skip` may leave out is
optional. Where a value may be of several types, its type is the union of what is selected on each.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_required_input_field,
    parse,
    type_from_ast,
)
from graphql.language import NonNullTypeNode

SCALARS: Final = {"ID": "string", "String": "string", "Int": "number", "Float": "number", "Boolean": "boolean"}
_TEXT: Final = "string"  # instants, dates and times of day travel as text
_OPTIONAL: Final = frozenset({"include", "skip"})
_INDENT: Final = "  "
_HEAD: Final = "// Made by `safeguard artefacts` from schema.graphql. Do not edit."


@dataclass
class _Selected:
    """A key of an answer: its type in the schema, whether it may be left out, and what is selected in it."""

    kind: GraphQLOutputType | None
    optional: bool
    inner: list[SelectionSetNode] = field(default_factory=list)


def module(schema: GraphQLSchema, documents: Mapping[str, str]) -> str:
    """A module of types for documents by their hash: each of one operation, with a name."""
    writer = _Writer(schema)
    operations = [writer.operation(text, sha256) for sha256, text in documents.items()]
    return "\n".join([_HEAD, "", *writer.declarations(), *operations])


class _Writer:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._used: dict[str, GraphQLNamedType] = {}

    def operation(self, text: str, sha256: str) -> str:
        """The types of one document, and the hash it is run by."""
        syntax = parse(text)
        (node,) = [one for one in syntax.definitions if isinstance(one, OperationDefinitionNode)]
        fragments = {one.name.value: one for one in syntax.definitions if isinstance(one, FragmentDefinitionNode)}
        root = self._schema.get_root_type(node.operation)
        if node.name is None or root is None:
            raise ValueError("a document needs one operation that has a name")
        name = node.name.value
        data = _Shapes(self._schema, fragments, self._named).of(root, [node.selection_set], 0)
        constant = f'{{ kind: "{node.operation.value}", name: "{name}", documentId: "sha256:{sha256}" }} as const'
        types = [f"export type {name}Variables = {{", *self._variables(node), "};", f"export type {name}Data = {data};"]
        return "\n".join([*types, f"export const {name} = {constant};", ""])

    def _variables(self, node: OperationDefinitionNode) -> Iterator[str]:
        for definition in node.variable_definitions:
            kind = cast("GraphQLInputType", type_from_ast(self._schema, definition.type))
            needed = isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
            yield f"{_INDENT}{definition.variable.name.value}{'' if needed else '?'}: {self._input(kind)};"

    def _input(self, kind: GraphQLInputType) -> str:
        return _wrapped(kind, self._named)

    def _named(self, kind: GraphQLNamedType) -> str:
        """The name of a scalar, enumeration or input; what is used is declared at the top."""
        if isinstance(kind, GraphQLEnumType | GraphQLInputObjectType):
            if kind.name not in self._used:
                self._used[kind.name] = kind
                for inner in kind.fields.values() if isinstance(kind, GraphQLInputObjectType) else ():
                    self._named(get_named_type(inner.type))
            return kind.name
        return SCALARS.get(kind.name, _TEXT if kind.name != "JSON" else "unknown")

    def declarations(self) -> Iterator[str]:
        """Of the enumerations and inputs that the operations so far have used, by name."""
        for _, kind in sorted(self._used.items()):
            if isinstance(kind, GraphQLEnumType):
                yield f"export type {kind.name} = {' | '.join(json.dumps(value) for value in kind.values)};"
            elif isinstance(kind, GraphQLInputObjectType):
                yield f"export type {kind.name} = {{"
                for name, inner in kind.fields.items():
                    mark = "" if is_required_input_field(inner) else "?"
                    yield f"{_INDENT}{name}{mark}: {self._input(inner.type)};"
                yield "};"
        yield ""


class _Shapes:
    """The types of what one document selects."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode],
        named: Callable[[GraphQLNamedType], str],
    ) -> None:  # fmt: skip
        self._schema, self._fragments, self._leaf = schema, fragments, named

    def of(self, kind: GraphQLNamedType, selections: Sequence[SelectionSetNode], depth: int) -> str:
        """The type of a value of a kind, as selected."""
        if is_abstract_type(kind):
            abstract = cast("GraphQLInterfaceType | GraphQLUnionType", kind)
            shapes = [self._object(one, selections, depth) for one in self._schema.get_possible_types(abstract)]
            return " | ".join(dict.fromkeys(shapes))
        return self._object(cast("GraphQLObjectType", kind), selections, depth)

    def _object(self, kind: GraphQLObjectType, selections: Sequence[SelectionSetNode], depth: int) -> str:
        found: dict[str, _Selected] = {}
        for selection in selections:
            self._gather(kind, selection, found, optional=False)
        pad = _INDENT * (depth + 1)
        lines = [
            f"{pad}{key}{'?' if one.optional else ''}: {self._value(kind, one, depth + 1)};"
            for key, one in found.items()
        ]  # fmt: skip
        return "\n".join(["{", *lines, f"{_INDENT * depth}}}"]) if lines else "Record<string, never>"

    def _value(self, parent: GraphQLObjectType, one: _Selected, depth: int) -> str:
        if one.kind is None:
            return json.dumps(parent.name)  # __typename

        def named(kind: GraphQLNamedType) -> str:
            if not one.inner:
                return self._leaf(kind)
            shape = self.of(kind, one.inner, depth)
            return f"({shape})" if is_abstract_type(kind) else shape

        return _wrapped(one.kind, named)

    def _gather(
        self, kind: GraphQLObjectType, selection: SelectionSetNode, found: dict[str, _Selected], *, optional: bool
    ) -> None:
        for node in selection.selections:
            left_out = optional or any(directive.name.value in _OPTIONAL for directive in node.directives)
            if isinstance(node, FieldNode):
                self._add(kind, node, found, optional=left_out)
            else:
                condition, inner = self._fragment(node)
                if self._applies(condition, kind):
                    self._gather(kind, inner, found, optional=left_out)

    def _add(self, kind: GraphQLObjectType, node: FieldNode, found: dict[str, _Selected], *, optional: bool) -> None:
        name = node.name.value
        of_field = None if name == "__typename" else kind.fields[name].type
        one = found.setdefault((node.alias or node.name).value, _Selected(of_field, optional))
        one.optional = one.optional and optional
        if node.selection_set is not None:
            one.inner.append(node.selection_set)

    def _fragment(self, node: SelectionNode) -> tuple[str | None, SelectionSetNode]:
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            return fragment.type_condition.name.value, fragment.selection_set
        inline = cast("InlineFragmentNode", node)
        return inline.type_condition.name.value if inline.type_condition else None, inline.selection_set

    def _applies(self, condition: str | None, kind: GraphQLObjectType) -> bool:
        named = self._schema.get_type(condition) if condition is not None else kind
        if is_abstract_type(named):
            abstract = cast("GraphQLInterfaceType | GraphQLUnionType", named)
            return self._schema.is_sub_type(abstract, kind)
        return named is kind


def _wrapped(kind: GraphQLOutputType | GraphQLInputType, named: Callable[[GraphQLNamedType], str]) -> str:
    """A type with its lists and nulls around it."""
    if isinstance(kind, GraphQLNonNull):
        inner = kind.of_type
        return f"Array<{_wrapped(inner.of_type, named)}>" if isinstance(inner, GraphQLList) else named(inner)
    if isinstance(kind, GraphQLList):
        return f"Array<{_wrapped(kind.of_type, named)}> | null"
    return f"{named(cast('GraphQLNamedType', kind))} | null"
