"""Any thing by its id: the same answer as the field for its type gives, or nothing."""

from uuid import uuid4

from backend.cases.models import AccessEntry
from graphql_api.ids import TAGS, encode
from graphql_api.node_queries import _ASKED_BY
from graphql_api.schema import schema
from support.api import Api, Door, rows
from support.partnership import Partnership
from support.reported import Case, reported

NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Case { reference } } }"


async def test_a_thing_comes_as_its_own_field_gives_it_and_the_look_is_logged(
    clinician: Api, door: Door, cambs: Partnership
) -> None:
    case: Case = await reported(clinician, door, cambs)
    asked = case.variables("case")["case"]
    own = (await clinician.run("query ($id: ID!) { case(id: $id) { reference } }", id=asked))["case"]
    before = len(await rows(cambs, AccessEntry))
    found = (await clinician.run(NODE, id=asked))["node"]
    assert found == {"__typename": "Case", "id": asked, **own}
    assert len(await rows(cambs, AccessEntry)) == before + 1


async def test_what_is_not_there_for_the_caller_is_nothing(
    clinician: Api, door: Door, cambs: Partnership, herts: Partnership
) -> None:
    case = (await reported(clinician, door, cambs)).variables("case")["case"]
    stranger = await door.member(herts, "cdop_manager")
    assert await stranger.run(NODE, id=case) == {"node": None}
    for kind in TAGS:
        if kind in _ASKED_BY or kind == "AlertSlot":
            answer = await stranger.send(NODE, {"id": encode(kind, uuid4())})
            assert answer["data"] == {"node": None}, kind
    assert await stranger.run(NODE, id="x") == {"node": None}


def test_every_type_that_says_it_is_a_node_is_found() -> None:
    types = schema.core.get_possible_types(schema.core.type_map["Node"])  # type: ignore[arg-type]  # an interface
    assert {kind.name for kind in types} == _ASKED_BY.keys()
