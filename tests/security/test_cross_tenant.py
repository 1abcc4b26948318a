"""Every way that the API takes an id, tried with the ids of another partnership.

The ways are found in the schema, so that a field added later is tried too. For each the answer must be
the one that an id gets which never existed, and the other partnership must be left as it was. Which kind of
id a field takes is found with the caller's own; that it takes no other is shown in graphql_api/test_ids.py.
"""

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import is_required_argument

from support.api import Door
from support.inquiry import Inquiry
from support.ways import CORE, VALUES, Way, lists, ways


def nothing(way: Way, answer: Mapping[str, Any]) -> bool:
    """Whether the answer is that there is no such thing."""
    result: Any = (answer["data"] or {}).get(way.name)
    if answer["errors"] is not None:
        # A question about an area that is not there is refused; there is no such answer as nobody.
        return way.operation == "query" and {one["extensions"]["code"] for one in answer["errors"]} == {"INVALID"}
    if way.operation == "query":
        return result is None or result.get("edges") == [] or result.get("rows") == 0
    problems = {"NotFoundProblem"} if way.is_id else {"NotFoundProblem", "ValidationProblem"}
    return result["__typename"] in problems


async def is_like_nothing(inquiry: Inquiry, way: Way, kind: str, value: str) -> None:
    """Try one way with another partnership's thing of a kind."""
    answer = await inquiry.answer(way, value)
    of_nothing = await inquiry.answer_for_nothing(way, kind)
    assert answer == of_nothing, f"{way} tells another partnership's thing from nothing"
    assert nothing(way, answer), f"{way} answers {answer} for another partnership's thing"
    told = json.dumps(answer)
    assert not [word for word in inquiry.other.words if word in told], way


async def test_another_partnerships_ids_are_like_ids_that_never_existed(inquiry: Inquiry) -> None:
    empty = [kind for things in (inquiry.own, inquiry.other) for kind, found in things.ids.items() if not found]
    assert not empty, f"There is no {empty} to try with: make one in seeded()."
    before = await inquiry.state.of(inquiry.other.partnership)
    for way in ways():
        kind = await inquiry.taken(way)
        own = inquiry.values_of(way, kind, inquiry.own)
        # A code that both happen to use is the caller's own.
        theirs = [value for value in inquiry.values_of(way, kind, inquiry.other) if value not in own]
        await asyncio.gather(*(is_like_nothing(inquiry, way, kind, value) for value in theirs))
    assert await inquiry.state.of(inquiry.other.partnership) == before


@pytest.mark.parametrize(("name", "document"), lists(), ids=lambda value: value if " " not in value else "")
async def test_no_list_holds_anything_of_another_partnership(inquiry: Inquiry, name: str, document: str) -> None:
    answer = await inquiry.member.run(document)
    told = json.dumps(answer)
    assert not [word for word in inquiry.other.words if word in told]
    if isinstance(answer[name], dict) and "edges" in answer[name]:
        own = inquiry.own.words
        assert [word for word in own if word in told], f"{name} is empty: seed something for it in seeded()"


async def test_another_partnerships_cursor_opens_nothing(inquiry: Inquiry, door: Door) -> None:
    """A cursor is an instant and an id: one may guess it, and then gets one's own rows."""
    stranger = await door.on_call(inquiry.other.partnership, "paediatrician")
    for name, definition in CORE.query_type.fields.items() if CORE.query_type else ():
        if "after" not in definition.args:
            continue
        needed = [key for key, one in definition.args.items() if is_required_argument(one)]
        if not VALUES.keys() >= set(needed):
            continue  # a list of one thing: another partnership's opens nothing, as is tried above
        more = "".join(f", {key}: {json.dumps(VALUES[key])}" for key in needed)
        theirs = (await stranger.run(f"{{ {name}(first: 1{more}) {{ pageInfo {{ endCursor }} }} }}"))[name]
        cursor = theirs["pageInfo"]["endCursor"]
        assert cursor, f"{name} is empty: seed something for it in seeded()"
        for side, size in itertools.product(("after", "before"), ("first", "last")):
            ids = "{ edges { node { id } } }"
            answer = await inquiry.member.run(f'{{ {name}({size}: 20, {side}: "{cursor}"{more}) {ids} }}')
            found = {edge["node"]["id"] for edge in answer[name]["edges"]}
            assert not found & inquiry.other.words
