"""The story of an alert, told from its rows: complete, in order, in words, and of nobody's child."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from joserfc.jwk import OKPKey
from sqlalchemy import text

from backend.kit.audit import AuditEntry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, NotFound
from backend.kit.settings import settings
from notifications.answers import service as answers
from notifications.answers.service import Standing
from notifications.evidence import service
from notifications.evidence.seal import Broken, verify
from notifications.evidence.story import SENTENCES, told
from notifications.watch import service as watch
from support.api import rows
from support.partnership import SEEDED, Partnership
from support.scene import WINDOW, Scene
from tenants.partnerships import repository as partnerships
from tenants.partnerships import signing
from tenants.partnerships.aws import StorageError, kms_client
from tenants.partnerships.models import Partnership as Partnership_


async def anybody(*_: object) -> bool:
    return True


async def lived(scene: Scene) -> None:
    """An alert in which a bit of everything happens."""
    number = await scene.address(await scene.on_call("sio"), "sms")
    scene.phones.misbehave("error500", number, count=1)
    await scene.report()
    await scene.change("DELETE FROM routing.task WHERE actor = 'page_ended'")
    async with scene.partnership.session() as session:
        await watch.audit(session)
        sms = next(d for d in await scene.deliveries("paediatrician") if d.channel == "sms")
        await answers.fetched(session, sms.id, anybody)
        await session.commit()
    await scene.wait(timedelta(seconds=11))
    async with scene.partnership.session() as session:
        found = await answers.by_link(session, sms.id, accepts=True, reason="", may=anybody)
        await session.commit()
    assert found is not None
    assert found[1] is Standing.ACCEPTED
    await scene.decline("sio", await scene.on_call("sio"))
    await scene.wait(WINDOW)
    await scene.acknowledge("sio", await scene.on_call("detective_superintendent"))


async def made(scene: Scene) -> service.Evidence:
    async with scene.partnership.session() as session:
        found = await service.evidence(session, scene.alert_id, asked_by=None)
        await session.commit()
    return found


async def test_the_story_holds_everything_that_happened_in_order(scene: Scene) -> None:
    await lived(scene)
    async with scene.partnership.session() as session:
        events = (await service.story(session, scene.alert_id)).events
    kinds = [event.kind for event in events]
    assert kinds[0] == "accepted"
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert {"slot_opened", "paged", "delivery", "link_fetched", "link_used", "opened", "acknowledged", "declined",
            "finding", "met", "recorded"} <= set(kinds)  # fmt: skip
    states = {event.facts["state"] for event in events if event.kind == "delivery"}
    assert {"pending", "claimed", "handed_over"} <= states
    assert kinds.count("paged") == len(await scene.pages("sio")) + len(await scene.pages("paediatrician"))


async def test_the_words_say_who_how_and_when(scene: Scene) -> None:
    await lived(scene)
    async with scene.partnership.session() as session:
        found = await service.story(session, scene.alert_id)
        name = await session.scalar(
            text("SELECT name FROM person WHERE id = :id"), {"id": await scene.on_call("paediatrician")}
        )
    lines = told(found.events, found.zone)
    accepted = next(line for line in lines if "accepted the call as paediatrician" in line[2])
    assert (
        accepted[2] == f"{name} accepted the call as paediatrician, by the link of a message to their verified number."
    )
    assert accepted[0].endswith(("12:00:11.000 GMT", "12:00:11.000 BST"))
    assert accepted[1] == "+0:00:11.000"
    assert any("could not come as sio, signed in: a reason in their own words." in said for _, _, said in lines)
    twice = "handed over by sinch; before, govuk-notify did not say whether it had taken it (status 500)."
    assert any(said.endswith(twice) for _, _, said in lines)
    assert lines[0][2].startswith("The alert ")
    assert all("{" not in said and "None" not in said for _, _, said in lines)


async def test_what_nobody_took_is_said_to_be_tried_again(scene: Scene) -> None:
    scene.phones.misbehave("rate_limit", await scene.address(await scene.on_call("sio"), "sms"), count=2)
    await scene.report()
    async with scene.partnership.session() as session:
        found = await service.story(session, scene.alert_id)
    again = "to be tried again, not taken by sinch (status 429); before, govuk-notify did not take it (status 429)."
    assert any(said.endswith(again) for _, _, said in told(found.events, found.zone))


async def test_a_number_that_was_found_dead_is_said_to_be_used_no_more(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change(
        "UPDATE contact_method SET address = '12345' WHERE channel = 'sms' AND person_id = :sio", sio=sio
    )
    await scene.report()
    async with scene.partnership.session() as session:
        found = await service.story(session, scene.alert_id)
    name = next(event.facts["who"] for event in found.events if event.facts.get("person") == str(sio))
    lines = [said for _, _, said in told(found.events, found.zone)]
    assert lines.count(f"The sms address of {name} was dead: it is not used any more.") == 1
    assert not [said for said in lines if "12345" in said]


async def test_the_same_rows_give_the_same_story(scene: Scene) -> None:
    await lived(scene)
    tellings = []
    for _ in range(3):
        async with scene.partnership.session() as session:
            tellings.append((await service.story(session, scene.alert_id)).events)
    assert tellings[0] == tellings[1] == tellings[2]


async def test_evidence_verifies_and_names_no_child_and_no_address(scene: Scene) -> None:
    await lived(scene)
    found = await made(scene)
    key = OKPKey.import_key(found.document["heading"]["key"])
    assert verify(found.document, key) == len(found.story.events)
    words = found.content.decode()
    assert not [word for word in SEEDED if word in words]
    addresses = {d.address for role in scene.slot_ids for d in await scene.deliveries(role)}
    assert not [address for address in addresses if address in words]
    assert "in theatre until noon" not in words, "somebody's own words may name a child"
    assert '"d":' not in words, "the private half of the key is in the document"


async def test_making_evidence_is_on_the_audit_log_and_in_the_next_evidence(scene: Scene) -> None:
    await lived(scene)
    first = await made(scene)
    last = (await rows(scene.partnership, AuditEntry))[-1]
    assert (last.action, last.subject_id) == ("alert.evidence_made", scene.alert_id)
    assert last.detail["last_hash"] == first.document["entries"][-1]["hash"]
    second = await made(scene)
    assert any(e["facts"].get("action") == "alert.evidence_made" for e in second.document["entries"])


async def test_it_says_whether_the_audit_log_holds(scene: Scene) -> None:
    await lived(scene)
    log = (await made(scene)).document["heading"]["audit_log"]
    entries = await rows(scene.partnership, AuditEntry)
    of_alert = [entry.seq for entry in entries if entry.subject_id == scene.alert_id]
    assert (log["first"], log["last"], log["holds"]) == (of_alert[0], of_alert[-2], True)
    assert log["head"]["seq"] == entries[-2].seq
    await scene.change("UPDATE audit_entry SET detail = '{}' WHERE action = 'slot.declined'")
    assert (await made(scene)).document["heading"]["audit_log"]["holds"] is False


async def test_a_hole_in_the_audit_log_does_not_hold(scene: Scene) -> None:
    await lived(scene)
    await scene.change("DELETE FROM audit_entry WHERE action = 'slot.escalated'")
    assert (await made(scene)).document["heading"]["audit_log"]["holds"] is False


async def test_the_print_is_a_tagged_document_with_the_same_hashes(scene: Scene) -> None:
    await lived(scene)
    await scene.clock.advance(timedelta(microseconds=123_456))
    found = await made(scene)
    print_ = await service.printed(found)
    assert print_.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in print_
    assert print_ == await service.printed(found)


async def test_another_partnerships_alert_has_no_story_here(scene: Scene, herts: Partnership) -> None:
    await scene.report()
    for partnership, alert_id in ((herts, scene.alert_id), (scene.partnership, uuid7())):
        async with partnership.session() as session:
            with pytest.raises(NotFound):
                await service.evidence(session, alert_id, asked_by=None)


async def own_key(scene: Scene) -> str:
    """The ARN of the key that on-boarding gave the partnership."""
    async with scene.partnership.session() as session:
        arn = (await partnerships.own(session)).evidence_key_id
    assert arn is not None
    return arn


async def test_a_partnership_signs_with_a_key_of_its_own_that_never_leaves_kms(
    scene: Scene, herts: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the public half checks it alone; the installation's key signs nothing and is not needed."""
    arn = await own_key(scene)
    others = signing.provision(herts.id)
    monkeypatch.delenv("EVIDENCE_SIGNING_KEY")
    settings.cache_clear()
    await scene.report()
    found = await made(scene)
    heading = found.document["heading"]
    assert heading["key_id"] == arn
    async with scene.partnership.session() as session:
        public = await service.public_key(await partnerships.own(session))
    assert verify(json.loads(found.content), public) == len(found.story.events)
    assert public.as_dict(private=False) == heading["key"]
    assert not public.is_private
    found.document["entries"][1]["said"] = "The role sio had to be told."
    with pytest.raises(Broken, match="Entry 2"):
        verify(found.document, public)
    assert (await service.printed(found)).startswith(b"%PDF-")
    stranger = Partnership_(id=herts.id, slug="herts", name="", evidence_key_id=others)
    with pytest.raises(Broken, match="not by this key"):
        verify(json.loads(found.content), signing.public_key(stranger))


async def test_the_credentials_of_one_partnership_cannot_sign_for_another(scene: Scene, herts: Partnership) -> None:
    arn = await own_key(scene)
    other = Partnership_(id=herts.id, slug="herts", name="", evidence_key_id=signing.provision(herts.id))
    assert signing.sign(other, b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        signing._client(other).sign(KeyId=arn, Message=b"x", MessageType="RAW", SigningAlgorithm="ED25519_SHA_512")


async def test_a_key_that_cannot_be_used_makes_no_evidence_and_leaves_no_trace(scene: Scene) -> None:
    arn = await own_key(scene)
    await scene.report()
    kms_client().disable_key(KeyId=arn)
    try:
        with pytest.raises(Conflict, match="key cannot be used"):
            await made(scene)
        with pytest.raises(StorageError, match="Disabled"):
            signing.provision(scene.partnership.id)
    finally:
        kms_client().enable_key(KeyId=arn)
    assert "alert.evidence_made" not in [entry.action for entry in await rows(scene.partnership, AuditEntry)]


def test_provisioning_again_gives_the_same_key(scene: Scene, herts: Partnership) -> None:
    mine = signing.provision(scene.partnership.id)
    assert signing.provision(scene.partnership.id) == mine
    assert signing.provision(herts.id) != mine


async def without_own_key(scene: Scene) -> None:
    await scene.change("UPDATE routing.partnership SET evidence_key_id = NULL")


async def test_before_it_has_a_key_of_its_own_the_installations_signs(scene: Scene) -> None:
    await without_own_key(scene)
    await scene.report()
    found = await made(scene)
    assert found.document["heading"]["key_id"] is None
    assert verify(found.document, service.signing_key()) == len(found.story.events)


PUBLIC_HALF = json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False))


@pytest.mark.parametrize(
    "key",
    [None, "x", "{}", '{"kty": "oct", "k": "AAAA"}', PUBLIC_HALF],
    ids=["none", "no JSON", "no key", "shared", "public half"],
)
async def test_without_a_key_there_is_no_evidence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    await without_own_key(scene)
    await scene.report()
    monkeypatch.delenv("EVIDENCE_SIGNING_KEY")
    if key is not None:
        monkeypatch.setenv("EVIDENCE_SIGNING_KEY", key)
    settings.cache_clear()
    with pytest.raises(Conflict, match="EVIDENCE_SIGNING_KEY"):
        await made(scene)


def test_every_sentence_is_whole() -> None:
    assert all(said.endswith(".") for said in SENTENCES.values())
