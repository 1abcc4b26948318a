"""Sign-ins: ended from afar with a lost device, and made anew before restricted records and histories are shown."""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import Api, Door, open_door, operation
from support.case_desk import Desk
from support.environment import product_settings
from support.partnership import Partnership
from support.scene import coming
from support.sockets import Closed, connected

RUNS = "{ me { roles } }"
TOKEN = "fcm-token-of-a-lost-handset"  # invented


def token(issuer: str, subject: str, **claims: Any) -> str:
    answer = httpx.post(f"{issuer}/dev/token", json={"subject": subject, "expires_in": 7200, "claims": claims})
    return str(answer.raise_for_status().json()["access_token"])


def signed_in(door: Door, subject: str, **claims: Any) -> Api:
    return Api(door.client, token(door.issuer, subject, **claims))


async def registered(api: Api) -> str:
    made = await api.mutate("RegisterDevice", platform="FCM", token=TOKEN)
    assert made["__typename"] == "ContactMethodPayload", made
    return str(made["contactMethod"]["id"])


async def test_a_lost_device_that_is_revoked_is_signed_out_and_no_other(door: Door) -> None:
    lost = signed_in(door, "juniper.blythe", sid="session-of-the-lost-one")
    at_hand = signed_in(door, "juniper.blythe", sid="session-at-the-desk")
    device = await registered(lost)
    assert (await at_hand.mutate("RevokeDevice", contactMethodId=device))["__typename"] == "ContactMethodPayload"
    answer = await door.client.post("/graphql", json={"query": RUNS}, headers=lost.headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "SIGNED_OUT")
    refreshed = signed_in(door, "juniper.blythe", sid="session-of-the-lost-one", jti="another-token")
    assert await refreshed.codes(RUNS) == ["SIGNED_OUT"], "a refreshed token is of the same sign-in"
    assert await at_hand.codes(RUNS) == []
    async with connected(door.application) as wire:
        await wire.say({"type": "connection_init", "payload": {"authorization": lost.headers["authorization"]}})
        with pytest.raises(Closed) as closed:
            await wire.hear()
        assert closed.value.code == 4403


async def test_a_device_that_was_given_a_new_token_is_still_the_one_it_was_lost_as(door: Door) -> None:
    lost = signed_in(door, "juniper.blythe", sid="session-of-the-lost-one")
    at_hand = signed_in(door, "juniper.blythe", sid="session-at-the-desk")
    moved = {"contactMethodId": await registered(lost), "platform": "FCM", "token": "fcm-token-it-was-given-since"}
    device = (await lost.mutate("RotateDevice", **moved))["contactMethod"]["id"]
    await at_hand.mutate("RevokeDevice", contactMethodId=device)
    assert await lost.codes(RUNS) == ["SIGNED_OUT"]


async def test_an_administrator_signs_a_lost_device_out(door: Door, cambs: Partnership) -> None:
    lost = signed_in(door, "juniper.blythe", sid="session-of-the-lost-one")
    administrator = await door.member(cambs, "administrator")
    await administrator.mutate("RevokeDevice", contactMethodId=await registered(lost))
    assert await lost.codes(RUNS) == ["SIGNED_OUT"]


async def test_revoking_the_device_in_hand_signs_nobody_out(door: Door) -> None:
    own = signed_in(door, "juniper.blythe", sid="one-session")
    await own.mutate("RevokeDevice", contactMethodId=await registered(own))
    assert await own.codes(RUNS) == []


async def test_anothers_session_of_the_same_name_goes_on(door: Door, cambs: Partnership) -> None:
    lost = signed_in(door, "juniper.blythe", sid="same")
    subject = await door.subject_of(cambs, (await cambs.member("duty_manager")).person_id)
    other = signed_in(door, subject, sid="same")
    administrator = await door.member(cambs, "administrator")
    await administrator.mutate("RevokeDevice", contactMethodId=await registered(lost))
    assert await other.codes(RUNS) == []


@pytest.fixture
async def strict(environment: dict[str, str], clock: Clock) -> AsyncIterator[Door]:
    """A service that wants a fresh, strong sign-in for what is restricted or past."""
    await clock.freeze(coming(weekday=1, hour=12))
    async with product_settings({**environment, "STEP_UP_ACR": "AAL3 AAL2"}), open_door(environment) as door:
        yield door


async def test_a_history_and_a_restricted_case_want_a_fresh_and_strong_sign_in(
    strict: Door, cambs: Partnership
) -> None:
    manager = await cambs.member("duty_manager")
    subject = await strict.subject_of(cambs, manager.person_id)
    now = int(time.time())
    weak = signed_in(strict, subject, acr="AAL1", auth_time=now)
    old = signed_in(strict, subject, acr="AAL3", auth_time=now - 3_600)
    silent, strong = signed_in(strict, subject), signed_in(strict, subject, acr="AAL2", auth_time=now)
    case_id = await Desk(weak, strict, cambs).open()
    look, timeline = "query ($id: ID!) { case(id: $id) { reference } }", operation("CaseTimeline")
    for api in (weak, old, silent):
        assert await api.codes(look, id=case_id) == [], "an open case is looked at as ever"
        assert await api.codes(timeline, id=case_id, first=5) == ["STEP_UP_NEEDED"]
    assert await strong.codes(timeline, id=case_id, first=5) == []
    done = await strong.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    assert done["__typename"] == "CasePayload", done
    for api in (weak, old, silent):
        answer = await api.send(look, {"id": case_id})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["STEP_UP_NEEDED"]
        assert "AAL3 AAL2" in answer["errors"][0]["message"]
        assert answer["data"] == {"case": None}
    assert (await strong.run(look, id=case_id))["case"] is not None


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def test_an_app_signs_in_by_authorisation_code_with_pkce(door: Door) -> None:
    """RFC 8252 and RFC 7636, as the app does it: discovery, the browser, the code, the tokens, the API."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    back = "http://127.0.0.1:49152/callback"
    async with httpx.AsyncClient() as browser:
        found = (await browser.get(f"{door.issuer}/.well-known/openid-configuration")).json()
        assert found["code_challenge_methods_supported"] == ["S256"]
        asked = {
            "response_type": "code", "client_id": "safeguard-app", "redirect_uri": back, "scope": "openid",
            "state": state, "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        assert (await browser.get(found["authorization_endpoint"], params=asked)).status_code == 200
        plain = {**asked, "code_challenge_method": "plain"}
        assert (await browser.get(found["authorization_endpoint"], params=plain)).status_code == 400
        signed = await browser.post(found["authorization_endpoint"], data={**asked, "subject": "juniper.blythe"})
        told = parse_qs(urlsplit(signed.headers["location"]).query)
        assert told["state"] == [state]
        assert told["iss"] == [found["issuer"]], "RFC 9207: the app knows whose answer it is"
        exchange = {"grant_type": "authorization_code", "code": told["code"][0], "redirect_uri": back,
                    "client_id": "safeguard-app"}  # fmt: skip
        stolen = await browser.post(found["token_endpoint"], data={**exchange, "code_verifier": "another" * 8})
        assert stolen.json()["error"] == "invalid_grant"
        spent = await browser.post(found["token_endpoint"], data={**exchange, "code_verifier": verifier})
        assert spent.status_code == 400, "a code that somebody tried is used up"
        signed = await browser.post(found["authorization_endpoint"], data={**asked, "subject": "juniper.blythe"})
        exchange["code"] = parse_qs(urlsplit(signed.headers["location"]).query)["code"][0]
        tokens = (await browser.post(found["token_endpoint"], data={**exchange, "code_verifier": verifier})).json()
    assert await Api(door.client, tokens["access_token"]).codes(RUNS) == []
