"""Every way in which the API takes an id or a name, found in its schema, and requests that go each of them."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    get_named_type,
    is_enum_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from backend.kit.settings import settings
from graphql_api.ids import encode
from graphql_api.limits import MAX_TOKENS
from graphql_api.schema import schema
from support.api import death, fresh_key

CORE = schema.core

# Strings that name a thing of a partnership, beside its id: by the field's name, how it is looked up.
NAMES = {
    "caseReference": "SELECT reference FROM case_file",
    "reference": "SELECT reference FROM alert", "areaOfDeath": "SELECT code FROM area WHERE kind = 'local_authority'",
    "homeArea": "SELECT code FROM area WHERE kind = 'local_authority'",
    "coronerArea": "SELECT code FROM area WHERE kind = 'coroner'",
    "areas": "SELECT code FROM area WHERE kind = 'local_authority'", "agency": "SELECT code FROM agency",
}  # fmt: skip
# Strings that are only text, or that choose among what every partnership has.
TEXT = frozenset({
    "about", "address", "addresses", "advice", "after", "agencyKind", "agreedBy", "agreedTo", "aliases", "area", "at",
    "audience", "auth", "authority", "before", "beginsWith", "body", "calendar", "callBackNumber", "categories",
    "category", "change", "childName", "circumstances", "citation", "clientId", "code", "communicationNeeds", "concern",
    "confirmedBy", "contentType", "court", "criteria", "decision", "definition", "deputyName", "earlierHelp", "email",
    "end", "endpoint", "enquirerAgency", "enquirerName", "enquirerPost", "ethnicity", "evidence", "exceptionReason",
    "familyConsulted", "fileName", "firstHandover", "firstLanguage", "follows", "form", "gate", "givenTo", "ground",
    "have", "heading", "homeAreaOutside", "how", "idempotencyKey", "indicator", "instead", "items", "joining", "keptAt",
    "key", "keyWorker", "keyWorkerTelephone", "kind", "kinds", "letter", "level", "manual", "meeting", "members",
    "minute", "name", "needs", "newAddress", "newText", "nextReview", "nhsNumber", "note", "notification", "number",
    "occurred", "occurredOn", "open", "options", "organisation", "origin", "otherNames", "outsideAgency",
    "outsideEmail", "outsideName", "overlay", "overlayText", "ownerRole", "p256dh", "paragraph", "parent", "parties",
    "partner", "pathway", "person", "place", "placeOfDeath", "post", "provision", "provisions", "qualification",
    "reason", "reasons", "receivingArea", "recipientName", "resolution", "role", "roles", "scheme", "scope", "scopes",
    "sentHow", "sha256", "signOff", "since", "source", "stage", "start", "subject", "subjectCode", "subjectKind",
    "summary", "targets", "telephone", "template", "term", "terms", "text", "theirReference", "title", "token",
    "toldBy", "toldHow", "topic", "type", "types", "uncoveredRole", "under", "url", "usualHome", "usualHomeAddress",
    "variant", "verifiedByCalling", "wanted", "whyNotConsulted", "whyUrgent", "wording", "zone",
})  # fmt: skip

_NUMBERS = itertools.count()
# What else a field needs to get as far as looking up its id: by its name, or where two fields mean different things
# by one name, by its mutation and name.
VALUES: dict[str, Any] = {
    **death(), "role": "sio", "title": "Minutes, first meeting", "contentType": "application/pdf", "size": 30,
    "sha256": "a" * 64, "reason": "Abroad", "first": 20, "zone": "Europe/London", "firstHandover": "2026-01-05T09:00",
    "start": "00:00", "end": "00:00", "weekdays": 0, "kind": "REPLACE", "periodUnit": "WEEKS",
    # What would otherwise be done to a rota is refused, but only after every id has been looked up.
    "begins": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z", "name": "base", "qualification": "nobody_has_it",
    "from": "2020-01-01T00:00:00Z", "calendar": "BEGIN:VCALENDAR", "address": "another@example.org", "code": "123456",
    "type": "missing-from-care", "answerWithin": 300, "ground": "court", "startedAt": "2020-01-01T00:00:00Z",
    "post": "Nurse", "subject": "somebody.new", "roles": "sio", "token": "a-token-of-a-test", "channel": "EMAIL",
    "pattern": "RANDOM", "template": "urgent-call", "channels": "SMS",
    "createDirectoryPost.code": lambda: f"post-{next(_NUMBERS)}", "organisation": "seeded", "reviewOn": "2030-01-01",
    "addPerson.code": lambda: f"added-{next(_NUMBERS)}",
    "pathway": "initial-assessment", "form": "a-form", "content": {}, "version": 0, "minutes": 5,
    "expectedOn": "2020-01-01", "text": "Only Of", "outsideName": "Dr Outside", "details": {"name": "x"},
    "criteria": "significant-harm", "stage": "intake", "answers": {}, "notification": "acknowledgement",
    "givenTo": "The referrer", "decision": "next-step", "options": "emergency", "reasons": "Seen", "signOff": "none",
    "gate": "none", "overlay": "none", "subjectKind": "obligation", "subjectCode": "none", "instead": "Nothing",
    "inForceFrom": "2020-01-01", "authority": "Board minute 1", "meeting": "strategy-discussion",
    "plannedAt": "2026-01-01T09:00:00Z", "heldAt": "2026-01-01T09:00:00Z", "dueAt": "2026-01-01T09:00:00Z",
    "wanted": "A conference", "about": "safeguarding-referral", "fromOn": "2026-01-01", "untilOn": "2026-12-31",
    "indicator": "seen", "level": "low", "how": "By telephone",
    "statistic.code": "REFERRALS", "directoryFile.format": "CSV", "replayWebhook.since": "2026-01-01T09:00:00Z",
    "manual": "child-protection", "fileName": "manual.txt", "addresses": "1", "beginsWith": "x", "newAddress": "1.9",
    "wording": "x", "targets": "1", "term": "x", "resolution": "Seen", "adoptedOn": "2026-01-01",
    "forwardProcedureCirculation.copies": 1,
    "answeredAt": "2026-01-01T09:00:00Z", "happenedAt": "2026-01-01T09:00:00Z", "recordOutsideAnswer.person": "x",
    "evidence": "A letter",
    "issueLetter.template": "meeting-minutes", "letterPreview.template": "meeting-minutes", "audience": "CASE",
    "wordLetter.paragraph": "opening", "work": "MANUAL", "medium": "PDF", "note": "As seen",
    "newText": "x", "minute": "Minute 1", "change": "x", "heading": "x",
    "toldBy": "The registrar", "receivedAt": "2020-01-01T00:00:00Z", "advice": "None.", "concern": "Bruises",
    "enquirerName": "Dr Bryony Inventor", "enquirerAgency": "Reedwater Hospital", "callBackNumber": "01632 960103",
    "recordChildEnquiry.about": {"name": "Nobody Known"}, "recordDeathStep.kind": "SAME_DEATH_AS",
    "matchDeathNotice.outcome": "NOT_OURS", "makeReferral.children": {"name": "Nobody Known"},
    "createWebhookEndpoint.url": lambda: f"{settings().fcm_base_url}/webhooks/tried", "types": "case.opened",
    "event": {"kind": "VISIT", "title": "x", "text": "x", "occurred": "2026"}, "occurred": "2026",
}  # fmt: skip
OPTIONAL = frozenset(
    {"homeArea", "coronerArea", "personId", "insteadId", "qualification"}
)  # given although the schema does not ask for them
ELSEWHERE = ("",)  # a path that leads to no field


@dataclass(frozen=True)
class Way:
    """One place where a field takes an id or a name: the argument, and the input fields down to it."""

    operation: str
    name: str
    path: tuple[str, ...]
    is_id: bool

    def __str__(self) -> str:
        return f"{self.operation}.{self.name}({'.'.join(self.path)})"

    def likeness(self, kind: str) -> int:
        """How much its name says that it takes ids of the kind: how many of the kind's words are in it."""
        said = f"{self.name}{self.path[-1]}".lower()
        return sum(word.lower() in said for word in re.findall("[A-Z][a-z]+", kind))


def roots() -> Iterator[tuple[str, str, GraphQLField]]:
    for operation, root in (("query", CORE.query_type), ("mutation", CORE.mutation_type)):
        for name, definition in (root.fields if root else {}).items():
            yield operation, name, definition


def leaves(
    kind: GraphQLInputType, path: tuple[str, ...], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every scalar in an input, by its path, with its type's name."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        assert named.name not in above, f"{named.name} holds itself: say here how deep to go"
        for name, inner in named.fields.items():
            yield from leaves(inner.type, (*path, name), (*above, named.name))
    else:
        yield path, named.name


@cache
def ways() -> list[Way]:
    """Every way there is."""
    found = []
    for operation, name, definition in roots():
        for argument, given in definition.args.items():
            for path, kind in leaves(given.type, (argument,)):
                if kind == "ID" or (kind == "String" and path[-1] in NAMES):
                    found.append(Way(operation, name, path, kind == "ID"))
    return found


def filled(
    kind: GraphQLInputType, name: str, path: tuple[str, ...], value: str, values: Mapping[str, Any], way: str
) -> Any:  # JSON
    """A value of an input: ``value`` at the end of ``path``, and otherwise what is required."""
    named = get_named_type(kind)
    is_list = "[" in str(kind)
    made: Any
    if isinstance(named, GraphQLInputObjectType) and path == ELSEWHERE and name in values:
        made = values[name]
    elif isinstance(named, GraphQLInputObjectType):
        made = {
            key: filled(inner.type, key, path[1:] if path[:1] == (key,) else ELSEWHERE, value, values, way)
            for key, inner in named.fields.items()
            if is_required_input_field(inner) or path[:1] == (key,) or key in OPTIONAL
        }
    elif path == ():
        made = value
    elif name == "idempotencyKey":
        made = fresh_key()
    elif isinstance(named, GraphQLEnumType):
        # Two enumerations may share a field's name.
        made = values[name] if values.get(name) in named.values else next(iter(named.values))
    elif name in values:
        made = values[name]() if callable(values[name]) else values[name]
    elif named.name == "Boolean":
        made = False
    elif named.name == "ID":
        made = encode("Case", uuid4())
    else:
        pytest.fail(f"{way} needs a value for '{name}': add a valid one to VALUES in this file.")
    return [made] if is_list else made


@cache
def selection(kind: GraphQLOutputType) -> str:
    """Everything that can be selected of a type without going round in a circle, as deep as one document may."""
    for deepest in range(8, 0, -1):
        chosen = _selection(kind, (), deepest)
        if len(re.findall(r"\w+|[^\w\s]", chosen)) < MAX_TOKENS - 150:
            return chosen
    named = get_named_type(kind)
    if isinstance(named, GraphQLInterfaceType):  # each of its types is selected elsewhere
        return (
            "{ __typename "
            + " ".join(name for name, one in named.fields.items() if is_leaf_type(get_named_type(one.type)))
            + " }"
        )
    pytest.fail(f"{kind} is too large to select anything of")


@cache
def _selection(
    kind: GraphQLOutputType, above: tuple[str, ...], deepest: int, without: frozenset[str] = frozenset()
) -> str:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType | GraphQLInterfaceType):
        members = CORE.get_possible_types(named)
        apart = _told_apart(members)
        parts = [f"... on {one.name} {_selection(one, above, deepest, apart)}" for one in members]
        return "{ __typename " + " ".join(parts) + " }"
    assert isinstance(named, GraphQLObjectType)
    if named.name in above or len(above) > deepest:
        return "{ __typename }"
    fields = ["__typename"]
    for name, inner in named.fields.items():
        if name in without or any(is_required_argument(argument) for argument in inner.args.values()):
            continue
        page = "(first: 5)" if "first" in inner.args else ""
        fields.append(f"{name}{page} {_selection(inner.type, (*above, named.name), deepest)}")
    return "{ " + " ".join(fields) + " }"


def _told_apart(members: Sequence[GraphQLObjectType]) -> frozenset[str]:
    """Fields that mean different things on different members of a union, which one document cannot select as such."""
    kinds: dict[str, set[str]] = {}
    for one in members:
        for name, inner in one.fields.items():
            kinds.setdefault(name, set()).add(str(inner.type))
    return frozenset(name for name, found in kinds.items() if len(found) > 1)


def request(way: Way, value: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A document and its variables that put ``value`` at the way's place."""
    root = CORE.query_type if way.operation == "query" else CORE.mutation_type
    assert root is not None
    definition = root.fields[way.name]
    values = {**values, **{key.split(".")[1]: one for key, one in values.items() if key.startswith(f"{way.name}.")}}
    variables, declared, passed = {}, [], []
    for name, argument in definition.args.items():
        if name == way.path[0] or is_required_argument(argument) or name == "first":
            path = way.path[1:] if name == way.path[0] else ELSEWHERE
            variables[name] = filled(argument.type, name, path, value, values, str(way))
            declared.append(f"${name}: {argument.type}")
            passed.append(f"{name}: ${name}")
    chosen = selection(definition.type)
    document = f"{way.operation} Try({', '.join(declared)}) {{ {way.name}({', '.join(passed)}) {chosen} }}"
    return document, variables


def lists() -> list[tuple[str, str]]:
    """Every query that needs no id: its name, and a document that selects all it can."""
    found = []
    for operation, name, definition in roots():
        needed = {key for key, argument in definition.args.items() if is_required_argument(argument)}
        if operation != "query" or any(way.name == name and way.path[0] in needed for way in ways()):
            continue
        values = {key: VALUES.get(f"{name}.{key}", VALUES.get(key)) for key in definition.args}
        given = [
            f"{key}: {values[key] if is_enum_type(get_named_type(argument.type)) else json.dumps(values[key])}"
            for key, argument in definition.args.items()
            if (is_required_argument(argument) or key == "first") and values[key] is not None
        ]
        given_text = f"({', '.join(given)})" if given else ""
        found.append((name, f"query {{ {name}{given_text} {selection(definition.type)} }}"))
    return found
