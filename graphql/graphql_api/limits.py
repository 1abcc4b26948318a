"""Static limits on a document, as validation rules, and the page size every connection shares.

The rules are classes made once, when this module is imported, so that one set of rules serves
all documents and what was found can be kept with the document.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    ArgumentNode,
    ASTValidationRule,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    ValueNode,
    ValuesOfCorrectTypeRule,
    specified_rules,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_api.errors import ExpectedError, form_of

MAX_CHARACTERS: Final = 15_000
MAX_TOKENS: Final = 1_000
MAX_DEPTH: Final = 12
MAX_ALIASES: Final = 15
MAX_DIRECTIVES: Final = 20
MAX_FIELDS: Final = 2_000
MAX_REPEATS: Final = 5
MAX_PAGE_SIZE: Final = 100
MAX_NODES: Final = 10_000

PAGE_SIZE_INVALID: Final = "PAGE_SIZE_INVALID"
PAGE_ARGUMENTS: Final = frozenset({"first", "last"})
_INTROSPECTION_ROOTS: Final = frozenset({"__schema", "__type"})


def page_size(first: int | None, last: int | None) -> int:
    """Return the one page size that was given.

    Raises `ExpectedError` with the code `PAGE_SIZE_INVALID` unless exactly one of the two is
    given and lies between 1 and 100. Every resolver of a connection calls it: a variable can
    only be judged when the operation runs.
    """
    if (first is None) == (last is None):
        raise ExpectedError(PAGE_SIZE_INVALID, "Give exactly one of 'first' and 'last'.")
    size = first if first is not None else last
    if size is None or not 1 <= size <= MAX_PAGE_SIZE:
        raise ExpectedError(PAGE_SIZE_INVALID, f"A page holds 1 to {MAX_PAGE_SIZE} items.")
    return size


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a selection is once its fragments are spread out."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    repeats: int = 0

    def beside(self, other: "Extent") -> "Extent":
        """Return the extent of two selections at the same level."""
        return Extent(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
            max(self.repeats, other.repeats),
        )


class ExtentRule(ValidationRule):
    """Bounds depth, aliases, directives and fields of each operation, fragments spread out.

    It also bounds how often one selection names the same field: checking that repeated fields
    agree takes time by the square of their number, over a second for a thousand tokens.

    What lies under `__schema` and `__type` adds no depth, so that the usual introspection query
    passes; graphql-core's own rule keeps introspection from going round in circles.
    """

    _LIMITS: Final = (
        ("depth", MAX_DEPTH, "DOCUMENT_TOO_DEEP", "nests fields deeper than"),
        ("aliases", MAX_ALIASES, "TOO_MANY_ALIASES", "has more aliases than"),
        ("directives", MAX_DIRECTIVES, "TOO_MANY_DIRECTIVES", "has more directives than"),
        ("fields", MAX_FIELDS, "TOO_MANY_FIELDS", "has more fields than"),
        ("repeats", MAX_REPEATS, "TOO_MANY_REPEATS", "selects one field more often than"),
    )

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, Extent] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: object) -> None:
        """Measure one operation and report each limit it breaks."""
        own = len(node.directives) + sum(len(variable.directives) for variable in node.variable_definitions)
        extent = Extent(directives=own).beside(self._of(node.selection_set))
        for name, limit, code, words in self._LIMITS:
            if getattr(extent, name) > limit:
                message = f"The operation {words} {limit}."
                self.report_error(GraphQLError(message, node, extensions={"code": code}))

    def _of(self, selections: SelectionSetNode | None) -> Extent:
        nodes = selections.selections if selections else ()
        names = Counter(node.name.value for node in nodes if isinstance(node, FieldNode) and not node.alias)
        total = Extent(repeats=max(names.values(), default=0))
        for node in nodes:
            total = total.beside(self._of_selection(node))
        return total

    def _of_selection(self, node: SelectionNode) -> Extent:
        own = Extent(directives=len(node.directives))
        if isinstance(node, FragmentSpreadNode):
            return own.beside(self._of_fragment(node.name.value))
        inner = self._of(getattr(node, "selection_set", None))
        if not isinstance(node, FieldNode):
            return own.beside(inner)
        depth = 1 if node.name.value in _INTROSPECTION_ROOTS else inner.depth + 1
        aliases = inner.aliases + (node.alias is not None)
        return Extent(depth, aliases, own.directives + inner.directives, inner.fields + 1, inner.repeats)

    def _of_fragment(self, name: str) -> Extent:
        if name not in self._fragments:
            self._fragments[name] = Extent()  # ends the walk when fragments form a circle
            fragment = self.context.get_fragment(name)
            if fragment is not None:
                own = Extent(directives=len(fragment.directives))
                self._fragments[name] = own.beside(self._of(fragment.selection_set))
        return self._fragments[name]


class PageArgumentsRule(ValidationRule):
    """Wants exactly one of `first` and `last`, 1 to 100, on each field that has either of them."""

    def enter_field(self, node: FieldNode, *_args: object) -> None:
        """Judge the page arguments as written; a variable counts as given."""
        definition = self.context.get_field_def()
        if definition is None or PAGE_ARGUMENTS.isdisjoint(definition.args):
            return
        given = page_arguments(node)
        if len(given) != 1:
            self._report(f"Field '{node.name.value}' needs exactly one of 'first' and 'last'.", node)
        elif isinstance(value := given[0].value, IntValueNode) and not 1 <= int(value.value) <= MAX_PAGE_SIZE:
            self._report(f"Field '{node.name.value}' gives pages of 1 to {MAX_PAGE_SIZE} items.", node)

    def _report(self, message: str, node: FieldNode) -> None:
        self.report_error(GraphQLError(message, node, extensions={"code": PAGE_SIZE_INVALID}))


def page_arguments(node: FieldNode) -> list[ArgumentNode]:
    """Return the page arguments of a field that are given and not a literal null."""
    return [
        argument
        for argument in node.arguments
        if argument.name.value in PAGE_ARGUMENTS and not isinstance(argument.value, NullValueNode)
    ]


class UnechoedValuesRule(ValuesOfCorrectTypeRule):
    """The standard rule on literals, with messages that do not repeat the literal."""

    _node: ValueNode | None = None

    def is_valid_value_node(self, node: ValueNode) -> None:
        """Judge a literal, and keep it at hand: a scalar's error does not say where it stands."""
        self._node = node
        super().is_valid_value_node(node)

    def report_error(self, error: GraphQLError) -> None:
        """Keep a message about the shape of an input object; replace one about a value."""
        node = error.nodes[0] if error.nodes else self._node
        if isinstance(node, ObjectValueNode | ObjectFieldNode) and error.message.startswith("Field '"):
            super().report_error(error)
            return
        wanted = self.context.get_input_type()
        message = f"Expected a value of type '{wanted}'.{form_of(wanted)}"
        super().report_error(GraphQLError(message, node))


def _standard_rules() -> tuple[type[ASTValidationRule], ...]:
    rules: list[Any] = [UnechoedValuesRule if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules]
    return (*rules, MaybeNullValidationRule, OneOfInputValidationRule, PageArgumentsRule)


EXTENT_RULES: Final[tuple[type[ASTValidationRule], ...]] = (ExtentRule,)
"""Checked first and quickly: what breaks one of them is not looked at any further."""

RULES: Final = _standard_rules()
"""The rules of the specification and of Strawberry, and that on page sizes."""
