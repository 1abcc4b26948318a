"""A person keeps their own contact methods; others see which there are and, if permitted, where they lead."""

import re

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import Api, Door, fresh_key, operation
from support.partnership import Partnership
from support.scene import coming
from support.work import Work

MINE = "{ myContactMethods { id channel address verified retiredAt preference code { state guessesLeft } } }"
OTHERS = "query ($id: ID!) { contactMethodsOf(personId: $id) { channel address verified code { state } } }"
NUMBER = {"channel": "SMS", "address": "07700 900901"}


@pytest.fixture
async def wren(door: Door, clock: Clock) -> Api:
    await clock.freeze(coming(weekday=1, hour=12))
    return door.person("wren.saltmarsh")


def code_of(carrier: httpx.Client) -> str:
    latest = [one for one in carrier.get("/dev/messages").json() if "code is" in one["body"]][-1]
    return str(re.findall(r"\b\d{6}\b", latest["body"])[0])


async def test_a_number_is_added_verified_preferred_and_retired(wren: Api, work: Work, carrier: httpx.Client) -> None:
    added = (await wren.mutate("AddContactMethod", **NUMBER))["contactMethod"]
    assert (added["address"], added["verified"]) == ("+447700900901", False)
    asked = (await wren.mutate("RequestContactCode", contactMethodId=added["id"]))["contactMethod"]
    assert asked["code"] == {"state": "PENDING", "expiresAt": None, "guessesLeft": 5}
    await work.run_due()
    code = code_of(carrier)
    wrong = await wren.mutate("ConfirmContactMethod", contactMethodId=added["id"], code=f"{(int(code) + 1) % 10**6:06}")
    assert (wrong["confirmed"], wrong["guessesLeft"], wrong["contactMethod"]["verified"]) == (False, 4, False)
    right = await wren.mutate("ConfirmContactMethod", contactMethodId=added["id"], code=code)
    assert right["confirmed"] is right["contactMethod"]["verified"] is True
    mine = (await wren.run(MINE))["myContactMethods"]
    order = [added["id"], *(one["id"] for one in mine if one["id"] != added["id"])]
    ordered = await wren.mutate("OrderContactMethods", contactMethodIds=order)
    assert [one["id"] for one in ordered["contactMethods"]] == order
    assert (await wren.run(MINE))["myContactMethods"][0]["id"] == added["id"]
    retired = await wren.mutate("RetireContactMethod", contactMethodId=added["id"])
    assert retired["contactMethod"]["retiredAt"] is not None
    assert (await wren.run(MINE))["myContactMethods"][-1]["id"] == added["id"]


async def test_a_wrong_guess_counts_and_its_retry_does_not_count_again(
    wren: Api, work: Work, carrier: httpx.Client
) -> None:
    method = (await wren.mutate("AddContactMethod", **NUMBER))["contactMethod"]["id"]
    await wren.mutate("RequestContactCode", contactMethodId=method)
    await work.run_due()
    wrong = {
        "contactMethodId": method,
        "code": f"{(int(code_of(carrier)) + 1) % 10**6:06}",
        "idempotencyKey": fresh_key(),
    }
    first = await wren.mutate("ConfirmContactMethod", **wrong)
    assert await wren.mutate("ConfirmContactMethod", **wrong) == first
    assert first["guessesLeft"] == 4


async def test_adding_again_with_the_same_key_gives_the_same_method(wren: Api) -> None:
    given = {**NUMBER, "idempotencyKey": fresh_key()}
    first = await wren.mutate("AddContactMethod", **given)
    assert await wren.mutate("AddContactMethod", **given) == first
    refused = await wren.mutate("AddContactMethod", **NUMBER)
    assert refused["__typename"] == "ConflictProblem"


@pytest.mark.parametrize(("address", "said"), [("999", "emergency"), ("0909 879 0000", "premium-rate"), ("x", "not a")])
async def test_an_address_that_cannot_be_is_refused_by_its_field(wren: Api, address: str, said: str) -> None:
    refused = await wren.mutate("AddContactMethod", channel="SMS", address=address)
    ((fault),) = refused["fields"]
    assert fault["field"] == "address"
    assert said in fault["message"]


async def test_somebody_elses_method_is_like_one_that_never_was(wren: Api, door: Door) -> None:
    method = (await wren.mutate("AddContactMethod", **NUMBER))["contactMethod"]["id"]
    rowan = door.person("rowan.fenwick")
    for name, more in (
        ("RequestContactCode", {}),
        ("ConfirmContactMethod", {"code": "123456"}),
        ("RetireContactMethod", {}),
    ):
        refused = await rowan.mutate(name, contactMethodId=method, **more)
        assert refused["__typename"] == "NotFoundProblem", name
    refused = await rowan.mutate("OrderContactMethods", contactMethodIds=[method])
    assert refused["__typename"] == "NotFoundProblem"


async def test_who_keeps_the_rotas_sees_the_kinds_and_only_who_may_the_numbers(
    wren: Api, door: Door, cambs: Partnership
) -> None:
    await wren.mutate("AddContactMethod", **NUMBER)
    person = (await wren.run("{ me { person { id } } }"))["me"]["person"]["id"]
    kinds = [("PUSH", True), ("SMS", True), ("EMAIL", True), ("SMS", False)]
    administrator = (await (await door.member(cambs, "administrator")).run(OTHERS, id=person))["contactMethodsOf"]
    assert sorted((one["channel"], one["verified"]) for one in administrator) == sorted(kinds)
    assert {one["address"] for one in administrator} == {None}
    manager = (await (await door.member(cambs, "duty_manager")).run(OTHERS, id=person))["contactMethodsOf"]
    assert "+447700900901" in {one["address"] for one in manager}
    assert await wren.codes(OTHERS, id=person) == ["FORBIDDEN"]


async def test_readiness_says_what_is_missing_and_the_remedy(wren: Api, door: Door, cambs: Partnership) -> None:
    officer = await door.on_call(cambs, "sio")
    mine = await officer.run(operation("MyReadiness"), withinDays=7)
    assert (mine["myReadiness"]["ready"], mine["myReadiness"]["missing"]) == (True, [])
    assert mine["myReadiness"]["duties"][0]["role"] == "sio"
    for method in mine["myContactMethods"]:
        if method["channel"] != "EMAIL":
            await officer.mutate("RetireContactMethod", contactMethodId=method["id"])
    manager = await door.member(cambs, "duty_manager")
    listed = (await manager.run(operation("RotaReadiness"), withinDays=7, role="sio"))["readiness"]
    assert [one["ready"] for one in listed] == [False, True]
    assert [lack["lack"] for lack in listed[0]["missing"]] == ["TWO_CHANNELS", "LOUD_CHANNEL"]
    assert all(lack["remedy"].endswith(".") for lack in listed[0]["missing"])


@pytest.mark.parametrize("days", [0, -1, 29, 2**31 - 1])
async def test_readiness_looks_no_further_than_it_can_see(wren: Api, door: Door, cambs: Partnership, days: int) -> None:
    manager = await door.member(cambs, "duty_manager")
    assert await manager.codes(operation("RotaReadiness"), withinDays=days) == ["INVALID"]
    assert await wren.codes(operation("MyReadiness"), withinDays=days) == ["INVALID"]
