"""The handbook: critical procedures only, and a bundle of it that a telephone can check and bring up to date."""

import json

import pytest
from joserfc.jwk import OKPKey

from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession
from support.partnership import Partnership
from support.procedures import approved, drafted
from tenants.procedures import bundle, bundling, corrections, handbook
from tenants.procedures.bundle import Broken, Bundle
from tenants.procedures.handbook import EntryTold
from tenants.procedures.models import ProcedureEdition

REFER = EntryTold("Refer", "Refer at once.", ("1.1", "1.2"))
DISCUSS = EntryTold("Discuss", "Police and paediatrician take part.", ("2.1",))


async def issued(session: TenantSession, *entries: EntryTold, based_on: ProcedureEdition | None = None) -> Bundle:
    row = await drafted(session, None, based_on=based_on.id if based_on else None)
    await handbook.write(session, row.id, entries, row.id)
    await approved(session, row)
    return await bundling.handbook(session, row.id, ())


def key() -> OKPKey:
    return OKPKey.import_key(bundling.public_key())


async def test_a_bundle_is_checked_and_read_with_the_public_key_alone(cambs: Partnership) -> None:
    async with cambs.session() as session:
        made = await issued(session, REFER, DISCUSS)
    held = {one.hash: one.content for one in made.items}
    found = bundle.verify(made.manifest, held, key())
    assert [one["heading"] for one in found] == ["Refer", "Discuss"]
    assert [one["address"] for one in found[0]["provisions"]] == ["1.1", "1.2"]
    assert found[0]["provisions"][0]["force"] == "must"
    assert "d" not in bundling.public_key()


async def test_a_changed_word_a_missing_item_and_another_key_are_found(cambs: Partnership) -> None:
    async with cambs.session() as session:
        made = await issued(session, REFER, DISCUSS)
    held = {one.hash: one.content for one in made.items}
    first = made.items[0].hash
    with pytest.raises(Broken, match="changed"):
        bundle.verify(made.manifest, held | {first: held[first].replace("at once", "some day")}, key())
    with pytest.raises(Broken, match="missing"):
        bundle.verify(made.manifest, {name: text for name, text in held.items() if name != first}, key())
    with pytest.raises(Broken, match="not by this key"):
        bundle.verify(made.manifest, held, OKPKey.generate_key("Ed25519"))


async def test_an_update_brings_only_the_items_that_changed(cambs: Partnership) -> None:
    async with cambs.session() as session:
        old = await issued(session, REFER, DISCUSS)
        row = await drafted(session, None)
        by = (await cambs.member("administrator")).person_id
        await corrections.set_fields(session, row.id, ["2.1"], {"text": "All three take part."}, by)
        await handbook.write(session, row.id, [REFER, DISCUSS], by)
        await approved(session, row)
        have = [one.hash for one in old.items]
        new = await bundling.handbook(session, row.id, have)
    assert [json.loads(one.content)["heading"] for one in new.items] == ["Discuss"]
    assert new.version != old.version
    held = {one.hash: one.content for one in (*old.items, *new.items)}
    words = bundle.verify(new.manifest, held, key())[1]["provisions"][0]["text"]
    assert words == "All three take part."


async def test_the_same_handbook_makes_the_same_bundle(cambs: Partnership) -> None:
    async with cambs.session() as session:
        row = await drafted(session, None)
        await handbook.write(session, row.id, [REFER], row.id)
        await approved(session, row)
        assert await bundling.handbook(session, row.id, ()) == await bundling.handbook(session, row.id, ())


async def test_an_entry_that_cites_guidance_or_nothing_is_refused(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, by)
        await corrections.set_fields(session, row.id, ["2.2"], {"kind": "guidance"}, by)
        wrong = [EntryTold("A", "a", ("2.2",)), EntryTold("B", "b", ()), EntryTold("C", "c", ("9",))]
        with pytest.raises(Invalid) as refused:
            await handbook.write(session, row.id, wrong, by)
        assert [error.field for error in refused.value.errors] == [f"entries.{n}.addresses" for n in range(3)]


async def test_a_draft_has_no_bundle(cambs: Partnership) -> None:
    async with cambs.session() as session:
        row = await drafted(session, None)
        with pytest.raises(Conflict, match="draft"):
            await bundling.handbook(session, row.id, ())
