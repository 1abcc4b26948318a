"""An edition says over the API what the command line says of it: drawing, table of clocks, simulation, difference."""

from xml.etree import ElementTree

import pytest

from backend.pathways.definitions import clock_table
from backend.pathways.definitions.archetypes import effective, overlays
from backend.pathways.definitions.library import shipped
from graphql_api.ids import encode
from support.api import JSON, Api, Door, operation
from support.partnership import Partnership

REFERRAL = "referral-to-childrens-social-care"
CHRISTMAS_EVE = "2026-12-24T16:30:00+00:00"


@pytest.fixture
async def manager(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "duty_manager")


async def edition_of(api: Api, pathway: str) -> str:
    found = await api.run(operation("PathwayEditions"), first=1, pathway=pathway, state="APPROVED")
    identifier: str = found["pathwayEditions"]["edges"][0]["node"]["id"]
    return identifier


async def simulated(api: Api, starts: list[JSON], **more: object) -> JSON:
    return await api.run(operation("PathwaySimulation"), id=await edition_of(api, REFERRAL), starts=starts, **more)


async def test_the_table_is_the_one_that_the_command_prints(manager: Api) -> None:
    found = await manager.run(operation("PathwayClockTable"), id=await edition_of(manager, REFERRAL))
    own = effective(shipped(), overlays("cambs-peterborough"))[REFERRAL]
    assert [row["citation"] for row in found["pathwayEdition"]["clockTable"]] == [
        row.citation for row in clock_table.rows([own])
    ]
    assert {row["origin"] for row in found["pathwayEdition"]["clockTable"]} == {"baseline", "local"}


async def test_it_is_drawn_as_a_picture_and_as_text(manager: Api) -> None:
    async def drawn(style: str) -> str:
        found = await manager.run(operation("PathwayDrawing"), id=await edition_of(manager, REFERRAL), format=style)
        drawing: str = found["pathwayEdition"]["drawing"]
        return drawing

    assert ElementTree.fromstring(await drawn("SVG")).tag.endswith("svg")  # noqa: S314  # our own
    assert "\nflowchart TD\n" in await drawn("MERMAID")


async def test_what_would_be_due_leaves_out_the_bank_holidays(manager: Api) -> None:
    found = await simulated(manager, [{"event": "referral-received", "at": CHRISTMAS_EVE}])
    due = {one["clock"]: one for one in found["pathwayEdition"]["simulation"]}
    acknowledged = due["referral-acknowledged"]
    assert (acknowledged["lastDay"], acknowledged["whyNot"]) == ("2026-12-29", None)
    assert any("bank holiday" in step for step in acknowledged["working"])
    undated = [one for one in due.values() if one["dueAt"] is None]
    assert undated
    assert all(one["whyNot"] for one in undated)


@pytest.mark.parametrize(
    ("starts", "more", "said"),
    [
        ([], {}, "starts: must be 1 to 100 events"),
        ([{"event": "referal-received", "at": CHRISTMAS_EVE}], {}, "did you mean `referral-received`?"),
        ([{"event": "referral-received", "at": CHRISTMAS_EVE}], {"facts": [{"name": "nonsense", "value": True}]},
         "asks for nothing called nonsense"),
        ([{"event": "referral-received", "at": CHRISTMAS_EVE}], {"facts": [{"name": "nonsense", "value": [1]}]},
         "asks for nothing called nonsense"),
    ],
    ids=["nothing", "a misspelt event", "an unknown fact", "a list"],
)  # fmt: skip
async def test_a_question_that_cannot_be_answered_says_why(
    manager: Api, starts: list[JSON], more: dict[str, object], said: str
) -> None:
    with pytest.raises(AssertionError, match="INVALID") as refused:
        await simulated(manager, starts, **more)
    assert said in str(refused.value)


async def test_two_editions_are_compared_value_by_value(manager: Api) -> None:
    identifier = await edition_of(manager, REFERRAL)
    same = await manager.run(operation("PathwayDifferences"), earlierId=identifier, laterId=identifier)
    assert same["pathwayDifferences"] == []
    nowhere = encode("PathwayEdition", (await Partnership.named("hertfordshire")).id)
    found = await manager.run(operation("PathwayDifferences"), earlierId=identifier, laterId=nowhere)
    assert found["pathwayDifferences"] is None
