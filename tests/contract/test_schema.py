"""The published schema: what the code serves, never less than before, described and named alike."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    build_schema,
    find_breaking_changes,
    get_named_type,
    is_specified_scalar_type,
)

from graphql_api.glossary import glossary, values
from graphql_api.schema import schema

REPOSITORY: Final = Path(__file__).parents[2]
PUBLISHED: Final = "graphql/schema.graphql"
REFRESH: Final = f"{PUBLISHED} is not what the code serves. Refresh it: make schema"
CAMEL: Final = re.compile(r"[a-z][a-z0-9]*([A-Z0-9][a-z0-9]*)*")
PASCAL: Final = re.compile(r"([A-Z][a-z0-9]*)+")
UPPER: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")

CORE: Final = schema.core


def own_types() -> list[GraphQLNamedType]:
    found = [kind for name, kind in CORE.type_map.items() if not name.startswith("__")]
    return [kind for kind in found if not isinstance(kind, GraphQLScalarType) or not is_specified_scalar_type(kind)]


def fields(*kinds: type) -> Iterator[tuple[str, str]]:
    for kind in own_types():
        if isinstance(kind, kinds) and isinstance(
            kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
        ):
            yield from ((kind.name, name) for name in kind.fields)


def test_the_published_schema_is_the_one_that_is_served() -> None:
    assert (REPOSITORY / PUBLISHED).read_text() == schema.as_str() + "\n", REFRESH


def test_nothing_was_taken_from_the_clients_of_the_last_commit() -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not on PATH")
    shown = subprocess.run(
        [git, "show", f"HEAD:{PUBLISHED}"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if shown.returncode != 0:
        pytest.skip("there is no committed schema to compare with")
    changes = find_breaking_changes(build_schema(shown.stdout), CORE)
    assert not changes, "These break clients: " + "; ".join(change.description for change in changes)


def test_nothing_was_taken_from_who_built_on_the_last_published_edition() -> None:
    """Whatever was committed since. What goes after a year of deprecation goes with an edition of its day."""
    latest = max((REPOSITORY / "graphql" / "changelog").glob("*.graphql"))
    changes = find_breaking_changes(build_schema(latest.read_text()), CORE)
    assert not changes, "These break clients: " + "; ".join(change.description for change in changes)


def test_a_breaking_change_would_be_noticed() -> None:
    printed = schema.as_str()
    for kept, taken in (
        ("metAt: Instant\n", "met: Instant\n"), ("  SMS\n", "  TEXT\n"), ("sha256: String!", "sha256: String"),
    ):  # fmt: skip
        assert kept in printed
        assert find_breaking_changes(CORE, build_schema(printed.replace(kept, taken)))


def test_every_type_is_described() -> None:
    assert [kind.name for kind in own_types() if not kind.description] == []


def described() -> Iterator[tuple[str, str, str | None]]:
    """Type, name and description of every field, and of every argument by the name of its field."""
    for kind in own_types():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield kind.name, name, field.description
                for argument, definition in getattr(field, "args", {}).items():
                    yield kind.name, f"{name}({argument})", definition.description


def test_every_field_and_every_argument_is_described() -> None:
    assert [f"{kind}.{name}" for kind, name, text in described() if not text] == []


def valued() -> dict[str, dict[str, str | None]]:
    """What each enumeration says of each of its values."""
    kinds = [kind for kind in own_types() if isinstance(kind, GraphQLEnumType)]
    return {kind.name: {name: value.description for name, value in kind.values.items()} for kind in kinds}


def test_every_value_of_an_enumeration_says_what_it_means() -> None:
    assert [f"{kind}.{name}" for kind, meant in valued().items() for name, text in meant.items() if not text] == []


def test_nothing_is_said_of_values_that_there_are_not() -> None:
    meant = valued()
    assert [(kind, name) for kind, said in values().items() for name in said.keys() - meant.get(kind, {}).keys()] == []


def test_nothing_stands_in_the_glossary_that_no_field_says() -> None:
    said = {(kind, name): text or "" for kind, name, text in described()}
    by_name = {(name, text) for (_, name), text in said.items()}
    for name, text in glossary().items():
        if isinstance(text, str):
            bare = text.partition("; null")[0] + "."
            assert {(name, text), (name, bare)} & by_name, name
            continue
        for field, own in text.items():
            assert said[name, field] in (own, own.partition("; null")[0] + "."), f"{name}.{field}"


def test_descriptions_end_as_sentences_do() -> None:
    texts = [kind.description or "" for kind in own_types() if not isinstance(kind, GraphQLScalarType)]
    texts += [text or "" for _, _, text in described()]
    texts += [text or "" for meant in valued().values() for text in meant.values()]
    assert [text for text in texts if not text.endswith((".", "?"))] == []


def test_names_are_written_alike() -> None:
    odd = [kind.name for kind in own_types() if not PASCAL.fullmatch(kind.name)]
    everything = fields(GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)
    odd += [f"{kind}.{name}" for kind, name in everything if not CAMEL.fullmatch(name)]
    enums = [kind for kind in own_types() if isinstance(kind, GraphQLEnumType)]
    odd += [f"{kind.name}.{value}" for kind in enums for value in kind.values if not UPPER.fullmatch(value)]
    kinds = [kind for kind in own_types() if isinstance(kind, GraphQLObjectType)]
    odd += [
        f"{kind.name}.{name}({argument})"
        for kind in kinds
        for name, field in kind.fields.items()
        for argument in field.args
        if not CAMEL.fullmatch(argument)
    ]
    assert odd == []


def test_inputs_and_results_are_named_for_what_they_are() -> None:
    assert [k.name for k in own_types() if isinstance(k, GraphQLInputObjectType) and not k.name.endswith("Input")] == []
    # Other unions, such as an address or that it is withheld, are named for what a field shows.
    results = {get_named_type(field.type).name for field in CORE.mutation_type.fields.values()}  # type: ignore[union-attr]
    assert {k.name for k in own_types() if isinstance(k, GraphQLUnionType) and k.name.endswith("Result")} == results


def test_a_mutation_takes_one_input_with_a_key_and_gives_a_payload_or_a_problem() -> None:
    assert CORE.mutation_type is not None
    for name, field in CORE.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        given = field.args["input"].type
        assert isinstance(given, GraphQLNonNull)
        assert given.of_type.name == f"{name[0].upper()}{name[1:]}Input"
        assert str(given.of_type.fields["idempotencyKey"].type) == "String!"
        assert isinstance(field.type, GraphQLNonNull)
        result = field.type.of_type
        assert isinstance(result, GraphQLUnionType)
        payloads = [member.name for member in result.types if member.name.endswith("Payload")]
        problems = {member.name for member in result.types} - set(payloads)
        assert len(payloads) == 1, name
        assert problems >= {"ValidationProblem", "NotFoundProblem", "ForbiddenProblem", "ConflictProblem"}, name
        # A problem of one mutation's own is one that every client can read the message of.
        own = {member.name for member in CORE.get_possible_types(CORE.type_map["Problem"])}  # type: ignore[arg-type]
        assert problems <= own, name


def test_every_list_that_can_grow_is_a_connection_of_one_shape() -> None:
    found = 0
    for kind in own_types():
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            connection = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            if not str(connection).endswith("Connection"):
                continue
            found += 1
            assert list(field.args)[:4] == ["first", "after", "last", "before"], f"{kind.name}.{name}"
            assert isinstance(connection, GraphQLObjectType)
            # A register says how many entries it has.
            assert set(connection.fields) - {"total"} == {"edges", "pageInfo"}
            edge = get_named_type(connection.fields["edges"].type)
            assert str(connection.fields["edges"].type) == f"[{edge.name}!]!"
            assert isinstance(edge, GraphQLObjectType)
            assert edge.name == f"{get_named_type(edge.fields['node'].type).name}Edge"
    assert found >= 4
