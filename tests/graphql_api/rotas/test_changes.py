"""Rotas seen and changed through the API, by those who may."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from support.api import JSON, Api, Door, fresh_key, operation, rows
from support.partnership import Partnership
from tenants.contacts.models import Person


@pytest.fixture
async def manager(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "duty_manager")


async def rota(api: Api, role: str) -> JSON:
    listed = (await api.run("{ rotas { id role } }"))["rotas"]
    wanted = next(one["id"] for one in listed if one["role"] == role)
    found: JSON = (await api.run(operation("RotaScreen"), id=wanted, first=50))["rota"]
    return found


def shifts(found: JSON, position: int = 1) -> list[JSON]:
    return [edge["node"] for edge in found["shifts"]["edges"] if edge["node"]["position"] == position]


async def subject(door: Door, cambs: Partnership, name: str) -> Api:
    """The API as a person sees it."""
    person = next(row for row in await rows(cambs, Person) if row.name == name)
    return await door.of(cambs, person.id)


async def test_a_rota_shows_its_rule_and_who_in_fact_answers(manager: Api) -> None:
    found = await rota(manager, "paediatrician")
    assert [(layer["name"], layer["position"], layer["periodUnit"]) for layer in found["layers"]] == [
        ("base", 1, "WEEKS"), ("second", 2, "WEEKS"),
    ]  # fmt: skip
    assert found["layers"][0]["cover"] == [
        {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "08:00", "end": "20:00", "bankHolidays": "REGARDLESS"}
    ]
    assert {shift["layer"] for shift in shifts(found)} == {"base"}
    assert {shift["layer"] for shift in shifts(found, 2)} == {"second"}
    assert all(edge["cursor"] for edge in found["shifts"]["edges"])
    second = shifts(found, 2)[1]
    asked = 'query ($at: Instant) { onCallNow(role: "paediatrician", position: 2, at: $at) { people { id } } }'
    answer = await manager.run(asked, at=second["startsAt"])
    assert answer["onCallNow"]["people"] == [{"id": second["person"]["id"]}]
    assert (await rota(manager, "sio"))["qualification"] == "trained_detective_inspector"


async def test_a_manager_puts_somebody_on_call_for_a_sick_person_once_for_each_key(manager: Api) -> None:
    sick, other = shifts(await rota(manager, "sio"))[1:3]
    given = {"shiftId": sick["id"], "insteadId": other["person"]["id"], "reason": "flu", "idempotencyKey": fresh_key()}
    made = await manager.mutate("AssignShift", **given)
    assert made["adjustment"]["kind"] == "ASSIGNED"
    assert await manager.mutate("AssignShift", **given) == made
    after = await rota(manager, "sio")
    assert shifts(after)[1]["person"] == other["person"]
    assert shifts(after)[1]["adjustment"] == {"id": made["adjustment"]["id"], "kind": "ASSIGNED"}
    assert len(after["adjustments"]["edges"]) == 1
    withdrawn = await manager.mutate("WithdrawRotaAdjustment", adjustmentId=made["adjustment"]["id"])
    assert withdrawn["adjustment"]["withdrawnAt"]
    assert shifts(await rota(manager, "sio"))[1]["person"] == sick["person"]


async def test_two_colleagues_swap_and_each_sees_it_among_their_own(
    door: Door, cambs: Partnership, manager: Api
) -> None:
    mine, theirs = shifts(await rota(manager, "sio"))[1:3]
    asker = await subject(door, cambs, mine["person"]["name"])
    other = await subject(door, cambs, theirs["person"]["name"])
    asked = await asker.mutate("AskShiftSwap", shiftId=mine["id"], otherId=theirs["person"]["id"],
                               returnShiftId=theirs["id"])  # fmt: skip
    (seen,) = (await other.run(operation("MyShifts"), first=5))["shiftSwaps"]["edges"]
    assert (seen["node"]["id"], seen["node"]["state"]) == (asked["swap"]["id"], "ASKED")
    refused = await asker.mutate("AgreeShiftSwap", swapId=asked["swap"]["id"])
    assert refused["__typename"] == "ForbiddenProblem"
    agreed = await other.mutate("AgreeShiftSwap", swapId=asked["swap"]["id"])
    assert agreed["swap"]["state"] == "AGREED"
    coming = (await other.run(operation("MyShifts"), first=50))["myShifts"]["edges"]
    assert mine["startsAt"] in {edge["node"]["startsAt"] for edge in coming}
    assert theirs["startsAt"] not in {edge["node"]["startsAt"] for edge in coming}


async def test_leave_is_ones_own_and_its_reason_is_private(door: Door, cambs: Partnership, manager: Api) -> None:
    found = shifts(await rota(manager, "sio"))
    away, colleague = found[1], found[2]
    api = await subject(door, cambs, away["person"]["name"])
    span = {"begins": away["startsAt"], "until": away["endsAt"], "reason": "operation"}
    refused = await api.mutate("RecordLeave", personId=colleague["person"]["id"], **span)
    assert refused["__typename"] == "ForbiddenProblem"
    refused = await api.mutate("RecordLeave", insteadId=colleague["person"]["id"], **span)
    assert refused["__typename"] == "ForbiddenProblem"
    assert "Ask a colleague for a swap" in refused["message"]
    made = await api.mutate("RecordLeave", **span)
    assert made["adjustment"]["reason"] == "operation"
    other = await subject(door, cambs, colleague["person"]["name"])
    (edge,) = (await rota(other, "sio"))["adjustments"]["edges"]
    assert (edge["node"]["kind"], edge["node"]["reason"]) == ("LEAVE", None)
    (edge,) = (await rota(manager, "sio"))["adjustments"]["edges"]
    assert edge["node"]["reason"] == "operation"
    assert away["startsAt"] not in {shift["startsAt"] for shift in shifts(await rota(manager, "sio"))}


LAYER: JSON = {
    "name": "base", "firstHandover": "2026-01-05T09:00", "periodUnit": "WORKING_DAYS", "periodEvery": 2,
    "cover": [{"weekdays": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00", "bankHolidays": "EXCEPT"}],
}  # fmt: skip


async def test_a_rule_is_set_from_now_on(manager: Api) -> None:
    found = await rota(manager, "detective_superintendent")
    members = [member["id"] for member in found["layers"][0]["members"]]
    changed = await manager.mutate("ChangeRota", rotaId=found["id"], zone="Europe/London",
                                   layers=[{**LAYER, "members": [members[0], None]}])  # fmt: skip
    (layer,) = changed["rota"]["layers"]
    assert (layer["periodUnit"], layer["periodEvery"], layer["members"][1]) == ("WORKING_DAYS", 2, None)
    after = shifts(await rota(manager, "detective_superintendent"))
    assert {shift["person"]["id"] for shift in after} <= {*members}
    assert {shift["person"]["id"] for shift in after[1:]} == {members[0]}


async def test_a_new_layer_over_the_old_changes_the_rota_from_its_first_handover_on(manager: Api) -> None:
    found = await rota(manager, "detective_superintendent")
    (old,) = found["layers"]
    one, other = [member["id"] for member in old["members"]]
    before = shifts(found)
    begins = next(shift["startsAt"] for shift in before[2:] if shift["person"]["id"] == one)
    local = datetime.fromisoformat(begins).astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None)
    new = {**old, "name": "from then on", "firstHandover": local.isoformat(), "members": [other]}
    layers = [{**layer, "members": members} for layer, members in ((old, [one, other]), (new, [other]))]
    changed = await manager.mutate("ChangeRota", rotaId=found["id"], zone="Europe/London", layers=layers)
    assert changed["__typename"] == "ChangeRotaPayload"
    after = shifts(await rota(manager, "detective_superintendent"))
    for_now = [[shift for shift in laid_out if shift["startsAt"] < begins] for laid_out in (before, after)]
    assert for_now[0] == for_now[1]
    assert {shift["person"]["id"] for shift in after if shift["startsAt"] >= begins} == {other}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"layers": []}, "layers"),
        ({"layers": [{"cover": []}]}, "layers.0.cover"),
        ({"layers": [{"members": []}]}, "layers.0.members"),
        ({"layers": [{"position": 0}]}, "layers.0.position"),
        ({"layers": [{"periodEvery": -1}]}, "layers.0.periodEvery"),
        ({"layers": [{"name": "a/b"}]}, "layers.0.name"),
        ({"layers": [{"name": "nul\0"}]}, "layers.0.name"),
        ({"layers": [{"firstHandover": "next week"}]}, "layers.0.firstHandover"),
        ({"layers": [{"firstHandover": "2026-01-05T09:00:00Z"}]}, "layers.0.firstHandover"),
        ({"layers": [{}, {}]}, "layers"),
        ({"layers": [{"cover": [{"weekdays": [7], "start": "09:00", "end": "17:00"}]}]}, "layers.0.cover.0.weekdays"),
        ({"layers": [{"cover": [{"weekdays": [1], "start": "25:00", "end": "17:00"}]}]}, "layers.0.cover.0.start"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_by_the_name_of_its_field(
    manager: Api, change: dict[str, Any], field: str
) -> None:
    found = await rota(manager, "detective_superintendent")
    members = [found["layers"][0]["members"][0]["id"]]
    layers = [{**LAYER, "members": members, **layer} for layer in change.get("layers", [{}])]
    refused = await manager.mutate("ChangeRota", rotaId=found["id"], zone=change.get("zone", "Europe/London"),
                                   layers=layers)  # fmt: skip
    assert refused["__typename"] == "ValidationProblem"
    assert [one["field"] for one in refused["fields"]] == [field]


async def test_an_area_that_is_not_there_is_refused(manager: Api) -> None:
    codes = await manager.codes('{ onCallNow(role: "sio", area: "nowhere") { covered } }')
    assert codes == ["INVALID"]


def new_rota(person_id: str, **changes: Any) -> JSON:  # JSON values
    hours = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}
    layer = {"name": "base", "members": [person_id], "firstHandover": "2026-01-05T09:00", "periodUnit": "WEEKS",
             "cover": [hours]}  # fmt: skip
    return {"code": "night-desk", "name": "Night desk", "role": "night_desk", "zone": "Europe/London",
            "areas": ["peterborough"], "uncoveredRole": "sio", "layers": [layer], **changes}  # fmt: skip


async def test_a_manager_makes_a_rota_and_it_answers_at_once(manager: Api) -> None:
    person = shifts(await rota(manager, "sio"))[0]["person"]
    given = {**new_rota(person["id"]), "idempotencyKey": fresh_key()}
    made = await manager.mutate("CreateRota", **given)
    assert await manager.mutate("CreateRota", **given) == made
    asked = '{ onCallNow(role: "night_desk") { covered answeredByRole people { id } } }'
    assert (await manager.run(asked))["onCallNow"] == {
        "covered": True, "answeredByRole": "night_desk", "people": [{"id": person["id"]}],
    }  # fmt: skip
    ahead = shifts(await rota(manager, "night_desk"))
    assert len(ahead) > 10, "laid out for the weeks to come"
    again = await manager.mutate("CreateRota", **new_rota(person["id"]))
    assert again["__typename"] == "ConflictProblem"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "Night Desk"}, "code"),
        ({"role": "night desk"}, "role"),
        ({"name": " "}, "name"),
        ({"areas": ["atlantis"]}, "areas"),
        ({"uncoveredRole": "nobody"}, "uncoveredRole"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"qualification": "nobody_has_it"}, "layers"),
        ({"layers": []}, "layers"),
    ],
)
async def test_a_rota_that_cannot_be_is_refused_by_the_name_of_its_field(
    manager: Api, change: JSON, field: str
) -> None:
    person = shifts(await rota(manager, "sio"))[0]["person"]
    refused = await manager.mutate("CreateRota", **new_rota(person["id"], **change))
    assert [fault["field"] for fault in refused["fields"]] == [field]
    assert "night_desk" not in {one["role"] for one in (await manager.run("{ rotas { role } }"))["rotas"]}


async def test_whom_a_rota_serves_and_who_stands_in_for_it_are_changed_without_its_people(manager: Api) -> None:
    person = shifts(await rota(manager, "sio"))[0]["person"]
    made = (await manager.mutate("CreateRota", **new_rota(person["id"])))["rota"]
    before = shifts(await rota(manager, "night_desk"))
    given = {"rotaId": made["id"], "name": "Desk by night", "areas": ["cambridgeshire"], "idempotencyKey": fresh_key()}
    described = await manager.mutate("DescribeRota", **given)
    assert described["rota"] == {
        "id": made["id"], "name": "Desk by night", "uncoveredRole": None,
        "areas": [{"code": "cambridgeshire", "name": "Cambridgeshire"}],
    }  # fmt: skip
    assert await manager.mutate("DescribeRota", **given) == described
    everywhere = await manager.mutate("DescribeRota", rotaId=made["id"], name="Desk", uncoveredRole="sio")
    assert (everywhere["rota"]["areas"], everywhere["rota"]["uncoveredRole"]) == ([], "sio")
    assert shifts(await rota(manager, "night_desk")) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"areas": ["atlantis"]}, "areas"), ({"uncoveredRole": "nobody"}, "uncoveredRole"),
     ({"uncoveredRole": "No Body"}, "uncoveredRole")],
)  # fmt: skip
async def test_a_description_that_cannot_be_is_refused_by_the_name_of_its_field(
    manager: Api, change: JSON, field: str
) -> None:
    found = await rota(manager, "sio")
    refused = await manager.mutate("DescribeRota", **{"rotaId": found["id"], "name": "Officers", **change})
    assert [fault["field"] for fault in refused["fields"]] == [field]
    unchanged = "{ rotas { role name uncoveredRole areas { code } } }"
    assert next(one for one in (await manager.run(unchanged))["rotas"] if one["role"] == "sio")["name"] != "Officers"


async def test_a_rota_that_is_needed_no_more_is_ended_once_and_stays_to_be_looked_at(manager: Api) -> None:
    person = shifts(await rota(manager, "sio"))[0]["person"]
    made = (await manager.mutate("CreateRota", **new_rota(person["id"])))["rota"]
    given = {"rotaId": made["id"], "reason": "The desk has moved", "idempotencyKey": fresh_key()}
    ended = await manager.mutate("EndRota", **given)
    assert ended["rota"]["endReason"] == "The desk has moved"
    assert await manager.mutate("EndRota", **given) == ended
    again = await manager.mutate("EndRota", rotaId=made["id"], reason="Twice")
    assert again["__typename"] == "ConflictProblem"
    listed = "query ($ended: Boolean!) { rotas(ended: $ended) { id } }"
    assert {"id": made["id"]} not in (await manager.run(listed, ended=False))["rotas"]
    assert {"id": made["id"]} in (await manager.run(listed, ended=True))["rotas"]
    taken = await manager.mutate("CreateRota", **new_rota(person["id"]))
    assert taken["__typename"] == "ConflictProblem"
    called = await manager.mutate("EndRota", rotaId=(await rota(manager, "sio"))["id"], reason="Not so")
    assert called["__typename"] == "ConflictProblem"
    assert "sio" in called["message"]
