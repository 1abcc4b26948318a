"""The trusted documents of our own clients: valid, within limits, and run by their hash."""

import hashlib
import json
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from graphql import (
    FieldNode,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    get_named_type,
    is_union_type,
    parse,
    validate,
)

from backend.kit.operations import EDITIONS
from graphql_api.document_store import DocumentStore
from graphql_api.limits import MAX_CHARACTERS, MAX_NODES
from graphql_api.schema import schema
from support.api import OPERATIONS, Api, Door, death, operation

FILES: Final = sorted(OPERATIONS.glob("*.graphql"))
FIRST_CLIENT: Final = {
    "ReportChildDeath", "MyAlerts", "AlertScreen", "AcknowledgeAlert", "DeclineAlert", "WhoIsOnCall", "CaseTimeline",
    "DueClocks", "StartDocumentUpload", "CompleteDocumentUpload", "RequestDocumentDownload",
}  # fmt: skip
PROBLEMS: Final = "... on Problem { message }"


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def only_operation(file: Path) -> OperationDefinitionNode:
    (found,) = parse(file.read_text()).definitions
    assert isinstance(found, OperationDefinitionNode)
    return found


def test_the_first_client_has_all_it_needs() -> None:
    assert {file.stem for file in FILES} >= FIRST_CLIENT


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_document_is_valid_and_within_the_limits_of_any_other(file: Path) -> None:
    text = file.read_text()
    document = DocumentStore(schema.core).ad_hoc(text)
    assert document.errors == ()
    assert len(text) <= MAX_CHARACTERS
    assert document.operation(None).nodes({}) <= MAX_NODES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_document_is_one_operation_with_the_files_name_and_variables_for_all_values(file: Path) -> None:
    found = only_operation(file)
    assert found.name is not None
    assert found.name.value == file.stem
    if found.operation is OperationType.MUTATION:
        assert [variable.variable.name.value for variable in found.variable_definitions] == ["input"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_client_learns_why_it_was_refused(file: Path) -> None:
    found = only_operation(file)
    if found.operation is OperationType.MUTATION:
        assert schema.core.mutation_type is not None
        (field,) = found.selection_set.selections
        assert isinstance(field, FieldNode)
        assert is_union_type(get_named_type(schema.core.mutation_type.fields[field.name.value].type))
        assert PROBLEMS in file.read_text()
        assert "__typename" in file.read_text()


def test_there_is_a_document_for_all_that_a_screen_can_do() -> None:
    fields = {
        name
        for root in (schema.core.query_type, schema.core.mutation_type)
        for name in (root.fields if root is not None else ())
    }
    used = {
        selected.name.value
        for file in FILES
        for selected in only_operation(file).selection_set.selections
        if isinstance(selected, FieldNode)
    }
    assert not sorted(fields - used), "Write a document in graphql/operations for each of these."


async def test_a_document_is_run_by_its_hash(door: Door) -> None:
    api = door.person("juniper.blythe")
    for name in ("documentId", "persistedQuery"):
        digest = sha256(OPERATIONS / "WhoIsOnCall.graphql")
        named = {"documentId": f"sha256:{digest}"} if name == "documentId" else {
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}
        }  # fmt: skip
        body = {**named, "variables": {"role": "sio"}}
        answer = (await door.client.post("/graphql", json=body, headers=api.headers)).json()
        assert answer["data"]["onCallNow"]["covered"] is True


def published(edition: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(edition.read_text())
    return found


@pytest.mark.parametrize("edition", sorted(EDITIONS.glob("*.graphql")), ids=lambda edition: edition.stem)
def test_every_document_of_a_published_edition_is_still_valid(edition: Path) -> None:
    store, as_published = DocumentStore(schema.core, OPERATIONS, EDITIONS), build_schema(edition.read_text())
    documents = published(edition.with_suffix(".json"))
    assert documents
    for key, text in documents.items():
        assert validate(as_published, parse(text)) == [], text
        assert store.trusted(key).errors == (), text
        assert store.ad_hoc(text).trusted


async def test_an_app_that_was_not_updated_is_answered(door: Door) -> None:
    edition = published(EDITIONS / "2026-11-22.json")
    (earlier,) = (key for key, text in edition.items() if "query MeetingScreen" in text)
    assert earlier != sha256(OPERATIONS / "MeetingScreen.graphql")
    body = {"documentId": f"sha256:{earlier}", "variables": {"id": str(uuid4())}}
    answer = await door.client.post("/graphql", json=body, headers=door.person("juniper.blythe").headers)
    assert answer.json()["data"] == {"meeting": None}


async def test_a_hash_that_names_nothing_is_refused(door: Door) -> None:
    api = door.person("juniper.blythe")
    body = {"documentId": "sha256:" + "0" * 64, "variables": {}}
    answer = (await door.client.post("/graphql", json=body, headers=api.headers)).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNKNOWN_DOCUMENT"


async def test_the_screens_of_a_night_in_their_order(door: Door) -> None:
    """Report, open the alert, take it, read the case, see what is owed: by the documents alone."""
    clinician = door.person("juniper.blythe")
    reported = await clinician.mutate("ReportChildDeath", **death())
    called = reported["alert"]["slots"][1]["calls"][0]["person"]["name"]
    subjects = {"Bram Cartwheel": "bram.cartwheel", "Odette Larkspur": "odette.larkspur",
                "Piers Quillfeather": "piers.quillfeather"}  # fmt: skip
    officer: Api = door.person(next(subject for name, subject in subjects.items() if called.endswith(name)))
    (mine,) = (await officer.run(operation("MyAlerts"), first=10, state="OPEN"))["alerts"]["edges"]
    screen = await officer.run(operation("AlertScreen"), reference=mine["node"]["reference"])
    assert screen["alert"]["case"]["childDeath"]["childName"] == "Fernleaf Testchild"
    taken = await officer.mutate("AcknowledgeAlert", slotId=reported["alert"]["slots"][1]["id"])
    assert taken["slot"]["acknowledgedBy"]["name"] == called
    timeline = await officer.run(operation("CaseTimeline"), id=screen["alert"]["case"]["id"], first=50)
    kinds = [edge["node"]["kind"] for edge in timeline["case"]["timeline"]["edges"]]
    assert kinds.index("alert.raised") < kinds.index("slot.acknowledged")
    due = await officer.run(operation("DueClocks"), first=10, state="RUNNING")
    assert {edge["node"]["case"]["id"] for edge in due["clocks"]["edges"]} == {screen["alert"]["case"]["id"]}
