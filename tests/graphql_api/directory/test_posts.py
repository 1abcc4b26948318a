"""Posts with holders and deputies day by day; numbers that count as unverified again, and who is reminded."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from backend.kit.database import make_engine
from backend.kit.session import open_session
from backend.kit.tasks import owe_once
from backend.readiness.gaps import REVERIFY, GapKind
from backend.readiness.service import report
from graphql_api.ids import encode
from infra.dev.clock import Clock
from support.api import Door, operation
from support.partnership import Partnership
from support.scene import coming
from support.work import Work
from tenants.contacts import services
from tenants.contacts.changes import REVERIFY_CONTACTS
from tenants.contacts.service_models import DirectoryPoint
from tenants.partnerships.models import PartnershipSetting
from tenants.procedures import repository as days


def names(post: dict[str, Any]) -> list[tuple[str, bool, str, str | None]]:
    return [(one["name"] or one["person"]["name"], one["deputy"], one["fromOn"], one["untilOn"])
            for one in post["holders"]]  # fmt: skip


async def test_a_post_is_held_deputised_in_and_handed_on_and_is_told_of_while_it_is_empty(
    door: Door, cambs: Partnership
) -> None:
    keeper, reader = await door.member(cambs, "duty_manager"), await door.member(cambs, "clinician")
    async with cambs.session() as session:
        today = await days.today(session)
        organisation = await session.scalar(text("SELECT code FROM directory_organisation ORDER BY code LIMIT 1"))
        person_id: UUID = (await cambs.member("paediatrician")).person_id
    made = await keeper.mutate("CreateDirectoryPost", code="designated-manager", organisation=organisation,
                               title="Designated senior manager")  # fmt: skip
    post = made["post"]
    assert post["vacant"] is True
    twice = await keeper.mutate("CreateDirectoryPost", code="designated-manager", organisation=organisation, title="x")
    assert twice["__typename"] == "ConflictProblem"
    nowhere = await keeper.mutate("CreateDirectoryPost", code="other", organisation="nobody", title="x")
    assert [one["field"] for one in nowhere["fields"]] == ["organisation"]
    assert (await reader.mutate("AppointToDirectoryPost", postId=post["id"], fromOn="2026-01-01", name="x"))[
        "__typename"
    ] == "ForbiddenProblem"

    async def unheld() -> bool:
        async with cambs.session() as session:
            return ("Designated senior manager" in
                    [gap.subject for gap in await report(session) if gap.kind is GapKind.UNREACHABLE_POST])  # fmt: skip

    async def appoint(day: date, **who: Any) -> dict[str, Any]:
        return dict(await keeper.mutate("AppointToDirectoryPost", postId=post["id"], fromOn=str(day), **who))

    assert await unheld()
    for wrong, field in (({}, "personId"), ({"name": "x", "personId": encode("Person", person_id)}, "personId"),
                         ({"name": "x", "untilOn": str(today)}, "untilOn"),
                         ({"name": "x", "telephone": "999"}, "address")):  # fmt: skip
        refused = await appoint(today, **wrong)
        assert [one["field"] for one in refused["fields"]] == [field], wrong
    first = await appoint(today - timedelta(days=30), name="Wren Saltmarsh", telephone="01632 960001")
    assert first["post"]["vacant"] is False
    assert not await unheld()
    deputy = (await appoint(today, name="Ash Fenland", deputy=True))["post"]
    assert len(deputy["holders"]) == 2
    handed_on = (await appoint(today + timedelta(days=10), personId=encode("Person", person_id)))["post"]
    until = str(today + timedelta(days=10))
    assert names(handed_on)[0] == ("Wren Saltmarsh", False, str(today - timedelta(days=30)), until)
    assert [one[1] for one in names(handed_on)] == [False, False, True]
    backwards = await appoint(today + timedelta(days=5), name="Too Soon")
    assert backwards["__typename"] == "ConflictProblem"

    ended = await keeper.mutate("EndDirectoryAppointment", holderId=handed_on["holders"][0]["id"], untilOn=str(today))
    assert ended["post"]["vacant"] is False  # the deputy is there
    late = await keeper.mutate("EndDirectoryAppointment", holderId=handed_on["holders"][0]["id"], untilOn=until)
    assert late["__typename"] == "ConflictProblem"
    await keeper.mutate("EndDirectoryAppointment", holderId=handed_on["holders"][2]["id"],
                        untilOn=str(today + timedelta(days=1)))  # fmt: skip
    listed = (await reader.run(operation("DirectoryPosts"), first=50))["directoryPosts"]["edges"]
    (seen,) = [one["node"] for one in listed if one["node"]["code"] == "designated-manager"]
    assert len(names(seen)) == 3
    gone = await keeper.mutate("RetireDirectoryPost", postId=post["id"])
    assert gone["post"]["retiredAt"] is not None
    assert (await appoint(today, name="x"))["__typename"] == "ConflictProblem"
    assert not await unheld()


async def test_a_post_whose_holder_has_left_is_vacant_and_one_of_a_person_is_reached_as_they_are(
    door: Door, cambs: Partnership
) -> None:
    keeper = await door.member(cambs, "duty_manager")
    async with cambs.session() as session:
        today = await days.today(session)
        organisation = await session.scalar(text("SELECT code FROM directory_organisation ORDER BY code LIMIT 1"))
    holder = await cambs.on_call("paediatrician")
    told: dict[str, Any] = {"organisation": organisation, "title": "Named doctor"}
    post = (await keeper.mutate("CreateDirectoryPost", code="named-doctor", **told))["post"]["id"]
    held = await keeper.mutate("AppointToDirectoryPost", postId=post, fromOn=str(today),
                               personId=encode("Person", holder))  # fmt: skip
    assert held["post"]["vacant"] is False

    async def gaps() -> list[str]:
        async with cambs.session() as session:
            found = await report(session)
        return [gap.said for gap in found if gap.subject == "Named doctor" and gap.kind is GapKind.UNREACHABLE_POST]

    assert await gaps() == []
    # Another post of the same title is looked at by itself.
    other = (await keeper.mutate("CreateDirectoryPost", code="named-doctor-2", **told))["post"]["id"]
    assert await gaps() == ["Nobody holds the post today."]
    named = {"postId": other, "fromOn": str(today), "name": "Wren Saltmarsh"}
    await keeper.mutate("AppointToDirectoryPost", **named, deputy=True)
    assert await gaps() == ["Whoever holds the post today has no number or address."]
    await keeper.mutate("AppointToDirectoryPost", **named, telephone="01632 960001")
    assert await gaps() == []
    async with cambs.session() as session:
        await session.execute(text("UPDATE person SET active = false WHERE id = :id"), {"id": holder})
        await session.commit()
    listed = (await keeper.run(operation("DirectoryPosts"), first=50))["directoryPosts"]["edges"]
    assert {one["node"]["vacant"] for one in listed if one["node"]["title"] == "Named doctor"} == {True, False}
    assert await gaps() == ["Nobody holds the post today."]


async def test_a_number_counts_as_unverified_after_the_partnerships_interval_and_its_owner_is_reminded_weekly(
    door: Door, cambs: Partnership, clock: Clock, work: Work
) -> None:
    await clock.freeze(coming(weekday=1, hour=12))
    reader = await door.member(cambs, "clinician")
    owner = await cambs.on_call("paediatrician")

    async def reminded() -> Counter[UUID]:
        async with cambs.session() as session:
            found = await session.execute(
                text("SELECT person_id FROM delivery WHERE template = 'contacts-unverified' AND channel = 'sms'")
            )
            return Counter(row.person_id for row in found)

    async def verified() -> list[bool]:
        edges = (await reader.run(operation("DirectoryServices"), first=50))["directoryServices"]["edges"]
        return [point["verified"] for one in edges for point in one["node"]["points"]
                if point["kind"] not in {"ROTA", "DESK"}]  # fmt: skip

    async with cambs.session() as session:
        points = (await session.scalars(
            select(DirectoryPoint).where(col(DirectoryPoint.kind).not_in(["rota", "desk"]))
        )).all()  # fmt: skip
        for point in points:
            await services.verify(session, point.id, "We rang it.", by=owner)
        await session.commit()
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert await reminded() == {}  # nobody has said how long a verified number counts
    async with open_session(cambs.id, on=make_engine(door.owner_url, 1)) as operator:
        operator.append(PartnershipSetting, key=REVERIFY, value=90, origin="local", citation="Board")
        await operator.commit()
    async with cambs.session() as session:
        await owe_once(session, REVERIFY_CONTACTS, session.tenant_id)
        await session.commit()
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert await reminded() == {}
    assert all(await verified())

    await clock.advance(timedelta(days=90))
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert all(await verified())
    assert await reminded() == {}
    await clock.advance(timedelta(days=1))
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert not any(await verified())
    assert await reminded() == {owner: 1}  # and not whoever manages the directory
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert await reminded() == {owner: 1}
    await clock.advance(timedelta(days=7))
    async with cambs.session() as session:
        for point in points[1:]:
            await services.verify(session, point.id, "We rang it again.", by=owner)
        await session.commit()
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert await reminded() == {owner: 2}
    assert (await verified()).count(False) == 1
    changes = (await reader.run(operation("DirectoryChanges"), first=5))["directoryChanges"]["edges"]
    assert {one["node"]["action"] for one in changes} == {"verified"}
    async with cambs.session() as session:
        await services.verify(session, points[0].id, "By letter.", by=owner)
        await session.commit()
    await clock.advance(timedelta(days=8))
    await work.run_due(REVERIFY_CONTACTS, rounds=1)
    assert await reminded() == {owner: 2}
