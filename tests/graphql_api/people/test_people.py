"""People as an administrator and a rota manager keep them, without anybody's help."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.identity import people as identity
from backend.kit.problems import Conflict
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, fresh_key, operation
from support.partnership import Partnership
from support.scene import coming, forget_daily_work
from support.work import Work

NEW = {"code": "teasel-hart", "name": "Dr Teasel Hart", "post": "Consultant paediatrician"}


@pytest.fixture
async def administrator(door: Door, cambs: Partnership, clock: Clock) -> Api:
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    return await door.member(cambs, "administrator")


@pytest.fixture
async def manager(door: Door, cambs: Partnership, administrator: Api) -> Api:
    await door.change_roles(cambs, "tansy.millrace", "rota_manager")
    return door.person("tansy.millrace")


async def people(api: Api, **given: Any) -> dict[str, JSON]:
    found = await api.run(operation("People"), first=100, **given)
    return {edge["node"]["code"]: edge["node"] for edge in found["people"]["edges"]}


async def agency(api: Api) -> str:
    return str((await api.run("{ agencies { code kind } }"))["agencies"][0]["code"])


async def on_call(api: Api, role: str) -> list[str]:
    found = await api.run(operation("WhoIsOnCall"), role=role)
    return [one["id"] for one in found["onCallNow"]["people"]]


async def warnings(api: Api, role: str) -> set[str]:
    """The kinds of the open warnings of a role's rotas."""
    document = "{ rotaWarnings(first: 100) { edges { node { kind endedAt rota { role } } } } }"
    found = [edge["node"] for edge in (await api.run(document))["rotaWarnings"]["edges"]]
    return {one["kind"] for one in found if one["endedAt"] is None and one["rota"]["role"] == role}


async def audited(partnership: Partnership, person: str) -> list[str]:
    async with partnership.session() as session:
        query = "SELECT action FROM audit_entry JOIN person ON person.id = subject_id WHERE code = :code ORDER BY seq"
        return [one for one in await session.scalars(text(query), {"code": person}) if not one.endswith(".added")]


async def test_somebody_new_is_entered_given_roles_signs_in_and_is_put_on_a_rota(
    administrator: Api, door: Door, cambs: Partnership
) -> None:
    given = {**NEW, "agency": await agency(administrator), "idempotencyKey": fresh_key()}
    added = (await administrator.mutate("AddPerson", **given))["record"]
    assert (await administrator.mutate("AddPerson", **given))["record"]["id"] == added["id"]
    teasel = door.person("teasel.hart")
    assert await teasel.codes("{ me { roles } }") == ["FORBIDDEN"]
    roles = {"personId": added["id"], "subject": "teasel.hart", "roles": ["paediatrician", "clinician"]}
    done = (await administrator.mutate("SetMembership", **roles))["record"]
    assert done["membership"] == {"subject": "teasel.hart", "roles": ["clinician", "paediatrician"], "active": True}
    me = (await teasel.run("{ me { roles person { id } } }"))["me"]
    assert (me["person"]["id"], me["roles"]) == (added["id"], ["clinician", "paediatrician"])
    manager = await door.member(cambs, "duty_manager")
    shift = (await manager.run("{ rotas { role shifts(last: 1) { edges { node { id } } } } }"))["rotas"]
    last = next(one for one in shift if one["role"] == "paediatrician")["shifts"]["edges"][0]["node"]["id"]
    assigned = await manager.mutate("AssignShift", shiftId=last, insteadId=added["id"], reason="ill")
    assert assigned["__typename"] == "RotaAdjustmentPayload"


async def test_who_somebody_is_is_corrected_and_their_code_stays(administrator: Api, cambs: Partnership) -> None:
    wren = (await people(administrator))["wren-saltmarsh"]
    changed = {"name": "Dr Wren Saltmarsh-Hale", "post": "Designated doctor", "agency": wren["agency"]["code"]}
    done = (await administrator.mutate("ChangePerson", personId=wren["id"], **changed))["record"]
    assert (done["code"], done["person"]["name"]) == ("wren-saltmarsh", "Dr Wren Saltmarsh-Hale")
    assert await audited(cambs, "wren-saltmarsh") == ["person.changed"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "Teasel Hart"}),
        ("name", {"name": " "}),
        ("post", {"post": "x" * 201}),
        ("agency", {"agency": "never-was"}),
    ],
)
async def test_what_cannot_be_of_somebody_is_refused_by_its_field(
    administrator: Api, field: str, changes: JSON
) -> None:
    refused = await administrator.mutate("AddPerson", **{**NEW, "agency": await agency(administrator), **changes})
    assert [one["field"] for one in refused["fields"]] == [field]


async def test_a_code_names_one_person_for_ever(administrator: Api) -> None:
    taken = {**NEW, "code": "wren-saltmarsh", "agency": await agency(administrator)}
    assert (await administrator.mutate("AddPerson", **taken))["__typename"] == "ConflictProblem"


async def test_nobody_gives_themselves_a_role_and_one_administrator_remains(
    administrator: Api, door: Door, cambs: Partnership
) -> None:
    me = (await administrator.run("{ me { person { id } } }"))["me"]["person"]["id"]
    mine = {"personId": me, "subject": "alder.inkwell", "roles": ["administrator", "designated_doctor"]}
    assert (await administrator.mutate("SetMembership", **mine))["__typename"] == "ForbiddenProblem"
    assert (await administrator.mutate("MarkPersonLeft", personId=me, reason="x"))["__typename"] == "ForbiddenProblem"
    wren = (await people(administrator))["wren-saltmarsh"]["id"]
    second = {"personId": wren, "subject": "wren.saltmarsh", "roles": ["administrator"]}
    await administrator.mutate("SetMembership", **second)
    other = door.person("wren.saltmarsh")
    await other.mutate("SetMembership", personId=me, subject="alder.inkwell", roles=["rota_manager"])
    assert (await administrator.run("{ me { roles } }"))["me"]["roles"] == ["rota_manager"]
    # Wren is the last one now, and there is nobody left who could take it from them.
    assert await cambs.member("administrator") == await cambs.caller("wren.saltmarsh")


async def test_of_two_administrators_who_end_each_other_at_once_one_remains(
    administrator: Api, door: Door, cambs: Partnership
) -> None:
    await door.change_roles(cambs, "wren.saltmarsh", "administrator")
    # Both asked while both still were: what each may do was read before either act.
    wren, alder = await cambs.caller("wren.saltmarsh"), await cambs.caller("alder.inkwell")
    async with cambs.session() as session:
        await identity.leave(session, alder.person_id, "Moved away", by=wren)
        await session.commit()
    acts = (
        lambda session: identity.leave(session, wren.person_id, "Moved away", by=alder),
        lambda session: identity.set_membership(
            session, wren.person_id, subject="wren.saltmarsh", roles=["paediatrician"], active=True, by=alder
        ),
    )
    for act in acts:
        async with cambs.session() as session:
            with pytest.raises(Conflict, match="last administrator"):
                await act(session)
    assert (await cambs.member("administrator")).person_id in {wren.person_id, alder.person_id}
    assert await cambs.caller("wren.saltmarsh") == wren


async def test_an_identity_is_one_persons_and_a_role_is_one_that_there_is(administrator: Api) -> None:
    rowan = (await people(administrator))["rowan-fenwick"]["id"]
    taken = {"personId": rowan, "subject": "wren.saltmarsh", "roles": ["paediatrician"]}
    assert (await administrator.mutate("SetMembership", **taken))["__typename"] == "ConflictProblem"
    for subject, roles, field in (("x", ["god"], "roles"), ("x", [], "roles"), (" ", ["sio"], "subject")):
        refused = await administrator.mutate("SetMembership", personId=rowan, subject=subject, roles=roles)
        assert [one["field"] for one in refused["fields"]] == [field]


async def test_who_is_kept_out_is_out_from_the_next_request_on(administrator: Api, door: Door) -> None:
    wren, api = (await people(administrator))["wren-saltmarsh"]["id"], door.person("wren.saltmarsh")
    assert await api.codes("{ me { roles } }") == []
    out = {"personId": wren, "subject": "wren.saltmarsh", "roles": ["paediatrician"]}
    await administrator.mutate("SetMembership", **out, active=False)
    assert await api.codes("{ me { roles } }") == ["FORBIDDEN"]
    await administrator.mutate("SetMembership", **out)
    assert await api.codes("{ me { roles } }") == []


async def test_the_turns_of_who_is_kept_out_are_shown_to_who_keeps_them_out(administrator: Api) -> None:
    out = {"personId": (await people(administrator))["wren-saltmarsh"]["id"], "subject": "wren.saltmarsh"}
    kept = await administrator.mutate("SetMembership", **out, roles=["paediatrician"], active=False)
    assert {shift["rota"]["name"] for shift in kept["record"]["unfitShifts"]} == {"Rapid response, health"}
    back = await administrator.mutate("SetMembership", **out, roles=["paediatrician"])
    assert back["record"]["unfitShifts"] == []


async def test_who_leaves_is_out_off_every_rota_and_their_turns_are_warned_of(
    administrator: Api, manager: Api, door: Door, cambs: Partnership, work: Work
) -> None:
    (holder,) = await on_call(manager, "sio")
    subject = await door.subject_of(cambs, await cambs.on_call("sio"))
    given = {"personId": holder, "reason": "Moved away", "idempotencyKey": fresh_key()}
    left = (await administrator.mutate("MarkPersonLeft", **given))["record"]
    assert (left["person"]["active"], left["leftAt"] is not None, left["unfitShifts"]) == (False, True, [])
    assert (await administrator.mutate("MarkPersonLeft", **given))["record"]["leftAt"] == left["leftAt"]
    assert await door.person(subject).codes("{ me { roles } }") == ["FORBIDDEN"]
    superintendents = await on_call(manager, "detective_superintendent")
    assert await on_call(manager, "sio") == superintendents  # the role for uncovered hours answers at once
    await work.run_due()
    assert "UNCOVERED" in await warnings(manager, "sio")
    again = await administrator.mutate("MarkPersonLeft", personId=holder, reason="x")
    assert again["__typename"] == "ConflictProblem"


async def test_who_comes_back_takes_the_turns_that_rules_still_give_them(administrator: Api, manager: Api) -> None:
    (holder,) = await on_call(manager, "sio")
    await administrator.mutate("MarkPersonLeft", personId=holder, reason="Moved away")
    left = (await manager.run(operation("RotaAdjustments"), id=await rota(manager, "sio"), first=5))["rota"]
    made = left["adjustments"]["edges"][0]["node"]
    assert (made["kind"], made["person"]["id"]) == ("LEFT", holder)
    undone = await manager.mutate("WithdrawRotaAdjustment", adjustmentId=made["id"])
    assert undone["__typename"] == "ConflictProblem"
    back = (await administrator.mutate("MarkPersonBack", personId=holder))["record"]
    assert (back["person"]["active"], back["membership"]["active"]) == (True, False)
    assert await on_call(manager, "sio") == [holder]
    assert (await administrator.mutate("MarkPersonBack", personId=holder))["__typename"] == "ConflictProblem"


async def rota(api: Api, role: str) -> str:
    return next(str(one["id"]) for one in (await api.run("{ rotas { id role } }"))["rotas"] if one["role"] == role)


async def test_an_open_alert_of_who_leaves_goes_on_to_whoever_is_next(
    administrator: Api, manager: Api, door: Door, cambs: Partnership, work: Work
) -> None:
    clinician = door.person("juniper.blythe")
    await clinician.mutate("RaiseAlert", type="missing-from-care", areaIds=[])
    alerts = "{ alerts(first: 1) { edges { node { slots { role state calls { person { id } answer } } } } } }"
    (one,) = (await clinician.run(alerts))["alerts"]["edges"]
    called = {call["person"]["id"] for slot in one["node"]["slots"] for call in slot["calls"] if call["person"]}
    leaver = min(called)
    await administrator.mutate("MarkPersonLeft", personId=leaver, reason="Moved away")
    (one,) = (await clinician.run(alerts))["alerts"]["edges"]
    theirs = [
        slot
        for slot in one["node"]["slots"]
        if leaver in {call["person"] and call["person"]["id"] for call in slot["calls"]}
    ]
    assert theirs
    for slot in theirs:
        asked = [(call["person"] or {}).get("id") for call in slot["calls"]]
        assert [call["answer"] for call in slot["calls"] if (call["person"] or {}).get("id") == leaver] == [
            "UNREACHABLE"
        ]
        assert asked[-1] != leaver


async def test_a_qualification_decides_who_may_be_put_on_call(administrator: Api, manager: Api, work: Work) -> None:
    known = await people(manager)
    wren, (holder,) = known["wren-saltmarsh"]["id"], await on_call(manager, "sio")
    rotas = (await manager.run("{ rotas { role shifts(first: 1) { edges { node { id endsAt } } } } }"))["rotas"]
    shift = next(one for one in rotas if one["role"] == "sio")["shifts"]["edges"][0]["node"]
    put_on = {"shiftId": shift["id"], "insteadId": wren, "reason": "ill"}
    assert (await manager.mutate("AssignShift", **put_on))["fields"][0]["field"] == "insteadId"
    code = {"code": "trained_detective_inspector"}
    ends = datetime.fromisoformat(shift["endsAt"])
    short = {"validUntil": (ends - timedelta(hours=1)).isoformat()}
    await manager.mutate("GrantQualification", personId=wren, **code, **short)
    assert (await manager.mutate("AssignShift", **put_on))["__typename"] == "ValidationProblem"
    granted = (await manager.mutate("GrantQualification", personId=wren, **code))["record"]
    assert granted["qualifications"] == [{**code, "validUntil": None}]
    assert (await manager.mutate("AssignShift", **put_on))["__typename"] == "RotaAdjustmentPayload"
    assert holder not in await on_call(manager, "sio")
    assert "wren-saltmarsh" in await people(manager, qualification=code["code"])


async def test_withdrawing_a_qualification_warns_of_the_shifts_ahead_and_takes_nobody_off(
    manager: Api, work: Work, cambs: Partnership
) -> None:
    (holder,) = await on_call(manager, "sio")
    code = {"code": "trained_detective_inspector"}
    done = (await manager.mutate("WithdrawQualification", personId=holder, **code))["record"]
    assert done["unfitShifts"]
    assert {shift["rota"]["name"] for shift in done["unfitShifts"]} == {"Senior investigating officers"}
    assert await on_call(manager, "sio") == [holder]
    await work.run_due()
    assert await warnings(manager, "sio") == {"UNQUALIFIED_PERSON"}
    twice = await manager.mutate("WithdrawQualification", personId=holder, **code)
    assert twice["__typename"] == "ConflictProblem"
    await manager.mutate("GrantQualification", personId=holder, **code)
    await work.run_due()
    assert await warnings(manager, "sio") == set()
    record = (await manager.run(operation("PersonRecord"), id=holder))["personRecord"]
    acts = await audited(cambs, record["code"])
    assert acts == ["qualification.withdrawn", "qualification.granted"]


async def test_a_qualification_that_has_ended_or_is_no_code_is_refused(manager: Api) -> None:
    wren = (await people(manager))["wren-saltmarsh"]["id"]
    past = await manager.mutate("GrantQualification", personId=wren, code="x", validUntil="2020-01-01T00:00:00Z")
    assert [one["field"] for one in past["fields"]] == ["validUntil"]
    odd = await manager.mutate("GrantQualification", personId=wren, code="Not A Code")
    assert [one["field"] for one in odd["fields"]] == ["code"]


async def test_an_area_decides_where_somebody_may_be_put_on_call(manager: Api, work: Work) -> None:
    (holder,) = await on_call(manager, "sio")
    areas = {one["code"]: one["id"] for one in (await manager.run("{ partnership { areas { id code } } }"))
             ["partnership"]["areas"]}  # fmt: skip
    north = areas["coroner-north"]
    done = (await manager.mutate("AddPersonToArea", personId=holder, areaId=north))["record"]
    # This rota serves every area, and they work in one.
    assert [one["code"] for one in done["areas"]] == ["coroner-north"]
    assert done["unfitShifts"]
    await work.run_due()
    assert await warnings(manager, "sio") == {"OUT_OF_AREA"}
    assert await on_call(manager, "sio") == [holder]
    for area in areas.values():
        done = (await manager.mutate("AddPersonToArea", personId=holder, areaId=area))["record"]
    assert done["unfitShifts"] == []
    await work.run_due()
    assert await warnings(manager, "sio") == set()
    await manager.mutate("RemovePersonFromArea", personId=holder, areaId=north)
    rotas = (await manager.run("{ rotas { role shifts(last: 1) { edges { node { id } } } } }"))["rotas"]
    last = next(one for one in rotas if one["role"] == "detective_superintendent")["shifts"]["edges"][0]["node"]["id"]
    refused = await manager.mutate("AssignShift", shiftId=last, insteadId=holder, reason="ill")
    (fault,) = refused["fields"]
    assert fault["field"] == "insteadId"
    assert fault["message"].startswith("names Detective")
    assert fault["message"].endswith("who does not work in every area that this rota serves")
    twice = await manager.mutate("RemovePersonFromArea", personId=holder, areaId=north)
    assert twice["__typename"] == "ConflictProblem"


async def test_a_rota_of_an_area_takes_who_works_there(manager: Api) -> None:
    known = await people(manager)
    wren = known["wren-saltmarsh"]["id"]
    areas = (await manager.run("{ partnership { areas { id code kind } } }"))["partnership"]["areas"]
    one, other = [area for area in areas if area["kind"] == "LOCAL_AUTHORITY"]
    await manager.mutate("AddPersonToArea", personId=wren, areaId=one["id"])
    layer = {"name": "base", "members": [wren], "firstHandover": "2026-01-05T09:00", "periodUnit": "WEEKS",
             "cover": [{"weekdays": [0], "start": "00:00", "end": "00:00"}]}  # fmt: skip
    rota = {"name": "Local", "role": "local", "zone": "Europe/London", "layers": [layer]}
    elsewhere = await manager.mutate("CreateRota", code="elsewhere", areas=[other["code"]], **rota)
    assert [fault["field"] for fault in elsewhere["fields"]] == ["layers"]
    here = await manager.mutate("CreateRota", code="here", areas=[one["code"]], **rota)
    assert here["__typename"] == "ChangeRotaPayload"
    moved = await manager.mutate("DescribeRota", rotaId=here["rota"]["id"], name="Local", areas=[other["code"]])
    assert [fault["field"] for fault in moved["fields"]] == ["areas"]


async def test_only_an_administrator_sees_how_somebody_signs_in(administrator: Api, manager: Api) -> None:
    wren = (await people(manager))["wren-saltmarsh"]["id"]
    seen = (await administrator.run(operation("PersonRecord"), id=wren))["personRecord"]["membership"]
    assert seen["subject"] == "wren.saltmarsh"
    assert (await manager.run(operation("PersonRecord"), id=wren))["personRecord"]["membership"] is None


async def test_who_is_here_and_who_has_left_are_told_apart(administrator: Api) -> None:
    wren = (await people(administrator))["wren-saltmarsh"]["id"]
    await administrator.mutate("MarkPersonLeft", personId=wren, reason="Retired")
    assert set(await people(administrator, active=False)) == {"wren-saltmarsh"}
    assert "wren-saltmarsh" not in await people(administrator, active=True)
    assert "wren-saltmarsh" in await people(administrator)
