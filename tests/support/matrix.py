"""The matrix of who is shown what: its files, and the questions that try it on the API.

Each file of ``tests/security/matrix`` says of its types which fields stand under which rule, and by which root field
a record of the type is reached; where some records of a type are of a case and others of none, ``Type of a case`` says
it of the former. A rule is one of:

* ``record``: shown to whoever the record is there for;
* ``refused without P``: the whole question is refused to whoever lacks the permission;
* ``withheld without P``: in its place stands nothing to whoever lacks it;
* ``masked without P``: so for those whom a mask protects, and for nobody else;
* ``varies``: depends on more than roles, in a way that a test of its own holds;
* ``nobody``: says nothing of any case, nor of anybody but who made or changed it;
* ``listed``: shown in lists for which a permission is needed, and of no case;
* ``own``: reached through what is the caller's own alone;
* ``answer``: in a mutation's answer, to whoever was allowed it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from backend.identity.policies import Permission
from graphql_api.limits import MAX_ALIASES, MAX_TOKENS
from graphql_api.schema import schema

FOLDER: Final = Path(__file__).parents[1] / "security" / "matrix"
WITHOUT: Final = re.compile(r"(refused|withheld|masked) without (\w+)")
RULES: Final = re.compile(rf"record|varies|nobody|listed|own|answer|{WITHOUT.pattern}")
_FRAME: Final = ("Connection", "Edge", "Problem")  # they hold what other types say, or why nothing is said
_TOKENS: Final = MAX_TOKENS - 250
_DEEPEST: Final = 9


@dataclass(frozen=True)
class Way:
    """A root field that gives one record: its argument's type of id, who may ask, and whether it is of a case.

    One that ``lists`` gives a page, and the record is the one with the id in it; with an ``argument`` beside it, as
    for the letters of a case, all of the page is the record. ``shown_to``: whom alone of those who may ask it shows
    what it lists.
    """

    type: str
    ask: str
    argument: str | None
    takes: str
    needs: Permission
    of: str | None
    lists: bool
    shown_to: Permission | None

    def call(self, variable: str, selection: str) -> str:
        """The question as it stands in a document."""
        if not self.lists:
            return f"{self.ask}({self.argument}: {variable}) {selection}"
        given = f"{self.argument}: {variable}, " if self.argument else ""
        return f"{self.ask}({given}first: 100) {{ edges {{ node {selection.replace('{', '{ id', 1)} }} }}"

    def record(self, answer: Any, identifier: str) -> Any:  # JSON
        """What was answered of the record; None where it is not there."""
        if not self.lists or answer is None:
            return answer
        nodes = [edge["node"] for edge in answer["edges"]]
        if self.argument:
            return nodes or None
        return next((node for node in nodes if node["id"] == identifier), None)


@dataclass(frozen=True)
class Matrix:
    """All that the files say. ``unseeded`` are fields of which there can be no sample."""

    rules: Mapping[tuple[str, str], str]
    ways: Mapping[str, Way]
    unseeded: frozenset[str]


@cache
def matrix() -> Matrix:
    """The files, read. Fails for a rule that there is not and for a field that is named twice."""
    rules: dict[tuple[str, str], str] = {}
    ways: dict[str, Way] = {}
    unseeded: set[str] = set()
    for path in sorted(FOLDER.glob("*.yaml")):
        told = yaml.safe_load(path.read_text())
        for kind, by_rule in told["rules"].items():
            for rule, names in by_rule.items():
                assert RULES.fullmatch(rule), f"{path.name}: {kind} has the rule '{rule}', which there is not"
                for name in names.split():
                    assert (kind, name) not in rules, f"{path.name} names {kind}.{name} a second time"
                    rules[kind, name] = rule
        for kind, way in (told.get("ways") or {}).items():
            lists, shown_to = way.get("lists", False), way.get("shown_to")
            name = kind.partition(" ")[0]
            ways[kind] = Way(
                name, way["ask"], way.get("argument", None if lists else "id"), way.get("takes", name),
                Permission(way["needs"]), way.get("of"), lists, Permission(shown_to) if shown_to else None,
            )  # fmt: skip
        for of_one_reason in told.get("unseeded", {}).values():
            unseeded |= {f"{kind}.{name}" for kind, names in of_one_reason.items() for name in names.split()}
    return Matrix(rules, ways, frozenset(unseeded))


def shown_fields() -> Iterator[tuple[str, str]]:
    """Every field of the schema that shows something: all but roots, and the frames of lists and refusals."""
    core = schema.core
    roots = {core.query_type, core.mutation_type, core.subscription_type}
    for kind in core.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind not in roots and not kind.name.startswith("__"):
            yield from ((kind.name, name) for name in kind.fields if not kind.name.endswith(_FRAME))


@dataclass(frozen=True)
class Question:
    """A part of a record that stands under one rule: what is selected, and which fields it tries."""

    way: Way
    rule: str
    selection: str
    tries: tuple[tuple[str, str], ...]


@dataclass
class _Reading:
    """Walks a record: what stands under its own rule, and each path to a field with another."""

    way: Way
    apart: list[Question] = field(default_factory=list)

    def of(self, kind: GraphQLNamedType, path: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, list[Any]]:
        """A selection of all that stands under the record's rule, and the fields in it."""
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            return self._members(kind, path, above)
        assert isinstance(kind, GraphQLObjectType)
        chosen, tried = ["__typename"], []
        for name, inner in kind.fields.items():
            if any(is_required_argument(one) for one in inner.args.values()):
                continue
            made = self._field(kind, name, path, above)
            if made is not None:
                chosen.append(made[0])
                tried += made[1]
        return "{ " + " ".join(chosen) + " }", tried

    def _members(self, kind: Any, path: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, list[Any]]:
        parts, tried = ["__typename"], []
        for one in schema.core.get_possible_types(kind):
            if one.name not in above:
                text, inside = self.of(one, (*path, f"... on {one.name}"), above)
                parts.append(f"... on {one.name} {text}")
                tried += inside
        return "{ " + " ".join(parts) + " }", tried

    def _field(
        self, kind: GraphQLObjectType, name: str, path: tuple[str, ...], above: tuple[str, ...]
    ) -> tuple[str, list[Any]] | None:
        """The field and all under it; None where it is asked for apart, or leads round in a circle."""
        leads = get_named_type(kind.fields[name].type)
        call = name + ("(first: 50)" if "first" in kind.fields[name].args else "")
        rule = matrix().rules.get((kind.name, name), "record")
        own = [] if kind.name.endswith(_FRAME) else [(kind.name, name)]
        again = leads.name in above or leads.name in matrix().ways or len(path) >= _DEEPEST
        if rule in {"record", "nobody"}:
            if is_leaf_type(leads):
                return call, own
            if again:
                return None if len(path) >= _DEEPEST else (f"{call} {{ __typename }}", own)
            text, inside = self.of(leads, (*path, call), (*above, leads.name))
            return f"{call} {text}", own + inside
        if WITHOUT.fullmatch(rule):
            text, inside = "", []
            if rule.startswith("refused") and not again:
                text, inside = self.of(leads, (*path, call), (*above, leads.name))
            elif not is_leaf_type(leads):
                text, inside = _leaves(leads)
            self.apart.append(Question(self.way, rule, _nested((*path, call), text), tuple(own + inside)))
        return None


def _leaves(kind: GraphQLNamedType) -> tuple[str, list[tuple[str, str]]]:
    """The leaves of a type, or of each member of a union."""
    if isinstance(kind, GraphQLUnionType):
        made = [(one.name, *_leaves(one)) for one in kind.types]
        text = " ".join(f"... on {name} {inner}" for name, inner, _ in made)
        return f"{{ __typename {text} }}", [each for _, _, inside in made for each in inside]
    assert isinstance(kind, GraphQLObjectType)
    leaves = [
        name
        for name, one in kind.fields.items()
        if is_leaf_type(get_named_type(one.type)) and not one.args
        if matrix().rules.get((kind.name, name), "record") in {"record", "nobody"}
    ]
    return "{ __typename " + " ".join(leaves) + " }", [(kind.name, name) for name in leaves]


def _nested(path: Sequence[str], text: str) -> str:
    """A selection that goes down a path to its end."""
    for part in reversed(path):
        text = f"{{ __typename {part} {text} }}"
    return text


def tokens(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


@cache
def questions(kind: str) -> tuple[Question, ...]:
    """All questions about a record of a type: those under its own rule first, none longer than one request may be."""
    way = matrix().ways[kind]
    reading = _Reading(way)
    root = schema.core.type_map[way.type]
    assert isinstance(root, GraphQLObjectType)
    made: list[Question] = []
    for name in root.fields:
        part = reading._field(root, name, (), (way.type,))
        if part is not None:
            made.append(Question(way, "record", part[0], tuple(part[1])))
    parts: list[Question] = []
    for one in made:  # short ones together
        if parts and tokens(parts[-1].selection + one.selection) < _TOKENS // 3:
            last = parts.pop()
            parts.append(Question(way, "record", f"{last.selection} {one.selection}", last.tries + one.tries))
        else:
            parts.append(one)
    whole = [Question(way, "record", f"{{ __typename {one.selection} }}", one.tries) for one in parts]
    return (*whole, *reading.apart)


def batches(asked: Sequence[Question]) -> Iterator[list[Question]]:
    """Questions together as one request may hold them; one that lists alone, for its refusal leaves no answer."""
    batch: list[Question] = []
    yield from ([one] for one in asked if one.way.lists)
    for one in (each for each in asked if not each.way.lists):
        full = len(batch) == MAX_ALIASES or sum(tokens(each.selection) for each in (*batch, one)) > _TOKENS
        if batch and full:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def document(batch: Sequence[Question]) -> str:
    """One document that asks them all, each under an alias ``q0``, ``q1`` … with its record's id in ``$q0`` …"""
    declared = ", ".join(f"$q{number}: ID!" for number, one in enumerate(batch) if one.way.argument)
    asked = " ".join(f"q{number}: {one.way.call(f'$q{number}', one.selection)}" for number, one in enumerate(batch))
    return f"query Matrix{f'({declared})' if declared else ''} {{ {asked} }}"


def found(
    kind: str, answer: Any, into: dict[tuple[str, str], list[str]] | None = None
) -> dict[tuple[str, str], list[str]]:
    """Every value in an answer, by type and field; empty lists, nulls and what is withheld are none."""
    into = defaultdict(list) if into is None else into
    if isinstance(answer, list):
        for one in answer:
            found(kind, one, into)
    elif isinstance(answer, dict):
        named = answer.get("__typename", kind)
        for name, value in answer.items():
            if name == "__typename" or value is None or value in ([], "Withheld"):
                continue
            if isinstance(value, dict) and value.get("__typename") == "Withheld":
                continue
            parent: Any = schema.core.type_map[named]
            leads: Any = get_named_type(parent.fields[name].type)
            if is_leaf_type(leads):
                into[named, name].append(json.dumps(value, sort_keys=True))
            else:
                into[named, name].append("")
                found(leads.name, value, into)
    return into
