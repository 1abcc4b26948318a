"""What the makers of a client build from: types that follow the documents, and documents that the API runs."""

import json
from pathlib import Path

import pytest
from graphql import build_schema

from graphql_api.artefacts import typescript
from graphql_api.artefacts.writing import MANIFEST_FORMAT, trusted_documents, write
from graphql_api.document_store import digest
from graphql_api.schema import schema
from support.api import OPERATIONS, Door
from support.command_line import CommandLine

CONTRACT = build_schema("""
    scalar Instant
    enum Colour { RED GREEN }
    interface Problem { message: String! }
    type Invalid implements Problem { message: String! fields: [String!]! }
    type NotFound implements Problem { message: String! }
    type Thing { id: ID! at: Instant! name: String colours: [Colour!] inner: [[Thing!]!]! parent: Thing }
    union Result = Thing | Invalid | NotFound
    input Inner { colour: Colour! = RED note: String }
    input ThingInput { name: String! inner: Inner tags: [String!] }
    type Query { thing(id: ID!, first: Int): Thing }
    type Mutation { make(input: ThingInput!): Result! }
""")

QUERY = """
    query Look($id: ID!, $first: Int = 5, $more: Boolean!) {
      thing(id: $id, first: $first) {
        id at named: name colours name @include(if: $more) parent { ...Short } inner { id }
      }
    }
    fragment Short on Thing { id parent { __typename } }
"""
MUTATION = """
    mutation Make($input: ThingInput!) {
      make(input: $input) { __typename ... on Thing { id } ... on Problem { message } ... on Invalid { fields } }
    }
"""


def module(text: str) -> str:
    """The types of one document, on one line a statement and without the head."""
    return typescript.module(CONTRACT, {"f" * 64: text})


def test_a_field_has_the_type_of_the_schema_and_the_name_of_the_document() -> None:
    made = module(QUERY)
    assert "export type LookVariables = {\n  id: string;\n  first?: number | null;\n  more: boolean;\n};" in made
    assert (
        "export type LookData = {\n  thing: {\n    id: string;\n    at: string;\n    named: string | null;\n"
        "    colours: Array<Colour> | null;\n    name?: string | null;\n    parent: {\n      id: string;\n"
        '      parent: {\n        __typename: "Thing";\n      } | null;\n    } | null;\n'
        "    inner: Array<Array<{\n      id: string;\n    }>>;\n  } | null;\n};"
    ) in made
    assert 'export type Colour = "RED" | "GREEN";' in made


def test_an_answer_of_several_types_is_told_apart_by_its_typename() -> None:
    made = module(MUTATION)
    for shape in (
        '{\n    __typename: "Thing";\n    id: string;\n  }',
        '{\n    __typename: "Invalid";\n    message: string;\n    fields: Array<string>;\n  }',
        '{\n    __typename: "NotFound";\n    message: string;\n  }',
    ):
        assert shape in made


def test_what_an_input_may_leave_out_is_optional() -> None:
    made = module(MUTATION)
    assert "export type Inner = {\n  colour?: Colour;\n  note?: string | null;\n};" in made
    assert (
        "export type ThingInput = {\n  name: string;\n  inner?: Inner | null;\n  tags?: Array<string> | null;\n};"
        in made
    )


def test_a_document_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        module('{ thing(id: "1") { id } }')


def test_every_trusted_document_is_in_every_artefact_under_the_hash_it_is_run_by(tmp_path: Path) -> None:
    write(schema, OPERATIONS, tmp_path / "made")
    made = tmp_path / "made"
    documents = json.loads((made / "documents.json").read_text())
    manifest = json.loads((made / "persisted-query-manifest.json").read_text())
    types = (made / "types.ts").read_text()
    assert {file.read_text() for file in OPERATIONS.glob("*.graphql")} == set(documents.values())
    assert all(digest(text) == sha256 for sha256, text in documents.items())
    assert (manifest["format"], manifest["version"]) == (MANIFEST_FORMAT, 1)
    assert {one["id"]: one["body"] for one in manifest["operations"]} == documents
    assert {one["type"] for one in manifest["operations"]} == {"query", "mutation", "subscription"}
    for one in manifest["operations"]:
        assert f"export type {one['name']}Data = " in types
        assert f"sha256:{one['id']}" in types
    assert types.count("{") == types.count("}")
    assert (made / "schema.graphql").read_text() == (OPERATIONS.parent / "schema.graphql").read_text()


async def test_a_document_of_the_manifest_is_run_by_its_id(door: Door) -> None:
    sha256 = next(key for key, text in trusted_documents(schema, OPERATIONS).items() if "query WhoIsOnCall" in text)
    api = door.person("juniper.blythe")
    body = {"documentId": f"sha256:{sha256}", "variables": {"role": "sio"}}
    answer = (await door.client.post("/graphql", json=body, headers=api.headers)).json()
    assert answer["data"]["onCallNow"]["covered"] is True


def test_the_command_says_what_it_wrote_and_what_is_wrong(command_line: CommandLine, tmp_path: Path) -> None:
    broken = tmp_path / "operations"
    broken.mkdir()
    (broken / "Broken.graphql").write_text("query Broken { nothing }")
    done = command_line.run(["artefacts", "--out", str(tmp_path / "out"), "--operations", str(broken)], {})
    assert done.returncode == 1
    assert "Broken.graphql" in done.stderr
    assert not (tmp_path / "out").exists()
