"""The directory of services: who to call at every hour, what is unverified, who may see what, and the public feed."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from backend.commands.directory import bring
from backend.directory import importing, stored
from backend.directory.csv_files import read_csv, written_csv
from backend.directory.listing import Listing
from backend.kit.database import make_engine
from backend.kit.problems import Invalid
from backend.onboarding import service as onboarding
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.who_to_call import service as who
from notifications.who_to_call.service import Question
from support.api import JSON, Api, Door, fresh_key, operation
from support.open_referral import faults
from support.partnership import Partnership
from support.scene import coming, forget_daily_work
from tenants.contacts.service_models import Visibility
from tenants.partnerships import repository as partnerships

LONDON = ZoneInfo("Europe/London")
MEMBERS = (Visibility.PUBLIC, Visibility.PROFESSIONAL)


@pytest.fixture
async def clinician(door: Door, cambs: Partnership, clock: Clock) -> Api:
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    return door.person("juniper.blythe")


@pytest.fixture
async def manager(door: Door, cambs: Partnership, clinician: Api) -> Api:
    await door.change_roles(cambs, "tansy.millrace", "rota_manager")
    return door.person("tansy.millrace")


async def area(api: Api, code: str) -> str:
    areas = (await api.run("{ partnership { areas { id code } } }"))["partnership"]["areas"]
    return str(next(one["id"] for one in areas if one["code"] == code))


async def asked(api: Api, about: str, **given: Any) -> JSON:
    answer: JSON = (await api.run(operation("WhoToCall"), about=about, **given))["whoToCall"]
    return answer


async def test_who_to_call_by_day_by_night_and_what_comes_next(clinician: Api) -> None:
    peterborough = await area(clinician, "peterborough")
    by_day = await asked(clinician, "safeguarding-referral", area=peterborough, age=5)
    first = by_day["first"]
    assert (first["service"], first["value"]) == ("Peterborough contact centre", "01632 960101")
    assert first["why"] == [
        "Peterborough contact centre answers about safeguarding-referral in Peterborough for ages 0 to 17.",
        "It is there until Tuesday 17:00.",
    ]
    assert not first["verified"]
    assert [one["service"] for one in by_day["closed"]] == ["Emergency duty team"]
    assert by_day["inDanger"].startswith("If a child is in immediate danger, call 999")
    night = coming(weekday=1, hour=12).astimezone(LONDON).replace(hour=23)
    found = await asked(clinician, "safeguarding-referral", area=peterborough, age=5, at=night.isoformat())
    assert (found["first"]["service"], found["first"]["standsInFor"]) == (
        "Emergency duty team", "Peterborough contact centre",
    )  # fmt: skip
    (closed,) = found["closed"]
    assert closed["why"] == "opens Wednesday 09:00"


async def test_a_child_of_eighteen_has_nobody_here_and_an_unknown_age_is_said(clinician: Api) -> None:
    found = await asked(clinician, "safeguarding-referral", area=await area(clinician, "cambridgeshire"), age=18)
    assert (found["first"], found["next"]) == (None, [])
    unknown = await asked(clinician, "safeguarding-referral", area=await area(clinician, "cambridgeshire"))
    assert "the child's age was not given" in unknown["first"]["why"][0]


async def test_who_is_on_call_answers_and_after_their_hours_the_one_who_stands_in(
    clinician: Api, cambs: Partnership
) -> None:
    by_day = await asked(clinician, "child-death", age=3)
    assert by_day["first"]["kind"] == "ROTA"
    assert by_day["first"]["value"] is None
    assert by_day["first"]["people"][0]["post"].startswith("Consultant")
    night = coming(weekday=1, hour=12).astimezone(LONDON).replace(hour=23)
    found = await asked(clinician, "child-death", age=3, at=night.isoformat())
    assert found["first"]["standsInFor"] == "Rapid response to an unexpected child death"
    assert "Designated doctor" in found["first"]["service"]
    # The control room's own number is for those who manage the directory; the public one stands there for all.
    assert [one["value"] for one in found["next"]] == ["101"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"about": "nothing-known"}, "about"),
        ({"about": "crime", "age": 26}, "age"),
        ({"about": "crime", "area": encode("Area", uuid4())}, "area"),
        ({"about": "crime", "area": "no id"}, "area"),
        ({"about": "crime", "at": "2999-01-01T00:00:00Z"}, "at"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_its_field(clinician: Api, given: JSON, field: str) -> None:
    answer = await clinician.send(operation("WhoToCall"), given)
    assert f"attention: {field}: " in answer["errors"][0]["message"]


@pytest.mark.parametrize("day", ["2026-12-23", "2027-01-01", "2027-03-27", "2027-10-30"])
async def test_somebody_answers_for_a_referral_in_each_authority_at_every_half_hour(
    cambs: Partnership, day: str
) -> None:
    """Over Christmas, the new year and both changes of the clock."""
    async with cambs.session() as session:
        found = {one.code: one.id for one in await partnerships.areas(session)}
        for code in ("cambridgeshire", "peterborough"):
            for number in range(48 * 4):
                moment = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(minutes=30 * number)
                answer = await who.ask(session, Question("safeguarding-referral", found[code], 5, moment), MEMBERS)
                assert answer.calls, moment


async def test_what_is_verified_is_shown_with_who_and_how_and_a_change_takes_it_away(
    manager: Api, cambs: Partnership
) -> None:
    listed = await manager.run(operation("DirectoryServices"), first=50, topic="mental-health")
    services = {one["node"]["code"]: one["node"] for one in listed["directoryServices"]["edges"]}
    assert services.keys() == {"crisis-line", "perinatal-mental-health"}
    (point,) = services["crisis-line"]["points"]
    assert (point["verified"], point["verifiedBy"]) == (False, None)
    done = await manager.mutate("VerifyDirectoryPoint", pointId=point["id"], how="Rang it, and somebody answered.")
    assert done["point"]["verifiedOn"] == str(coming(weekday=1, hour=12).date())
    assert (await asked(manager, "mental-health", age=3))["next"][-1]["verified"] or (
        await asked(manager, "mental-health", age=3)
    )["first"]["verified"]
    refused = await manager.mutate("VerifyDirectoryPoint", pointId=point["id"], how=" ")
    assert [one["field"] for one in refused["fields"]] == ["how"]
    async with cambs.session() as session:
        notices = list(await session.scalars(text("SELECT action FROM directory_change WHERE made_by IS NOT NULL")))
    assert notices == ["verified"]


async def test_restricted_numbers_are_there_for_who_manages_the_directory_alone(clinician: Api, manager: Api) -> None:
    async def numbers(api: Api) -> set[str]:
        found = await api.run(operation("DirectoryServices"), first=50)
        return {point["value"] for edge in found["directoryServices"]["edges"] for point in edge["node"]["points"]}

    assert "01632 960103" in await numbers(manager)
    assert "01632 960103" not in await numbers(clinician)
    assert {one["value"] for one in [(await asked(clinician, "crime"))["first"]]} == {"101"}


@pytest.fixture
async def shipped(cambs: Partnership) -> AsyncIterator[Listing]:
    async with cambs.session() as session:
        yield await stored.listing(session)


async def imported(partnership: Partnership, listing: Listing, *, replace: bool = False) -> importing.Outcome:
    async with partnership.session() as session:
        outcome = await importing.bring(session, listing, replace=replace)
        await session.commit()
    return outcome


async def test_what_was_exported_is_imported_without_a_change(cambs: Partnership, shipped: Listing) -> None:
    again = read_csv(written_csv(shipped), "again.csv")
    assert again == shipped
    assert (await imported(cambs, again)).nothing_changed


async def test_a_number_that_was_verified_since_is_kept_and_told_unless_the_file_is_to_win(
    manager: Api, cambs: Partnership, shipped: Listing
) -> None:
    listed = await manager.run(operation("DirectoryServices"), first=50)
    node = next(e["node"] for e in listed["directoryServices"]["edges"] if e["node"]["code"] == "emergency-duty-team")
    await manager.mutate("VerifyDirectoryPoint", pointId=node["points"][0]["id"], how="Rang it.")
    other = read_csv(written_csv(shipped).replace("01632 960102", "01632 960199"), "other.csv")
    outcome = await imported(cambs, other)
    assert len(outcome.conflicts) == 1
    assert outcome.nothing_changed

    async def stored_point() -> tuple[str, bool]:
        async with cambs.session() as session:
            found = await stored.listing(session)
        (point,) = next(one for one in found.services if one.code == "emergency-duty-team").points
        return point.value, point.verified_on is not None

    assert await stored_point() == ("01632 960102", True)
    # The same number written another way is no other number, and stays verified.
    spaced = read_csv(written_csv(shipped).replace("01632 960102", "01632 960 102"), "spaced.csv")
    await imported(cambs, spaced)
    assert await stored_point() == ("01632 960 102", True)
    await imported(cambs, other, replace=True)
    assert await stored_point() == ("01632 960199", False)


async def test_a_code_that_leads_nowhere_changes_nothing(cambs: Partnership, shipped: Listing) -> None:
    wrong = read_csv(written_csv(shipped).replace(",cambridgeshire,emergency-duty-team,", ",atlantis,nobody,"), "x.csv")
    with pytest.raises(Invalid) as refused:
        await imported(cambs, wrong)
    said = " ".join(error.message for error in refused.value.errors)
    assert "there is no area atlantis; choose from" in said
    assert "there is no service nobody" in said
    async with cambs.session() as session:
        assert await stored.listing(session) == shipped


async def test_an_area_that_a_file_names_no_more_is_served_no_more(
    clinician: Api, cambs: Partnership, shipped: Listing
) -> None:
    referral: dict[str, Any] = {
        "about": "safeguarding-referral",
        "age": 5,
        "area": await area(clinician, "cambridgeshire"),
    }
    assert (await asked(clinician, **referral))["first"]["service"] == "Cambridgeshire contact centre"
    moved = written_csv(shipped).replace(",cambridgeshire,emergency-duty-team,", ",peterborough,emergency-duty-team,")
    await imported(cambs, read_csv(moved, "moved.csv"))
    assert "Cambridgeshire contact centre" not in str(await asked(clinician, **referral))
    referral["area"] = await area(clinician, "peterborough")
    assert "Cambridgeshire contact centre" in str(await asked(clinician, **referral))
    listed = (await clinician.run(operation("DirectoryChanges"), first=1))["directoryChanges"]["edges"]
    assert (listed[0]["node"]["action"], listed[0]["node"]["fields"]) == ("changed", ["areas"])


async def test_what_a_file_says_nothing_of_stays_as_it_is(cambs: Partnership, shipped: Listing) -> None:
    service = next(one for one in shipped.services if one.code == "crisis-line")
    (point,) = service.points
    narrow = f"service,name,organisation,point,kind,value\n{service.code},Crisis help,{service.organisation}"
    await imported(cambs, read_csv(f"{narrow},{point.code},{point.kind.value},{point.value}\n", "narrow.csv"))
    async with cambs.session() as session:
        found = await stored.listing(session)
    (now,) = [one for one in found.services if one.code == "crisis-line"]
    assert now == service.model_copy(update={"name": "Crisis help"})


async def test_what_a_file_of_the_whole_directory_does_not_name_is_retired_and_named_again_is_back(
    clinician: Api, cambs: Partnership, shipped: Listing
) -> None:
    kept = [one for one in shipped.services if one.code != "perinatal-mental-health"]
    kept[0] = kept[0].model_copy(update={"points": kept[0].points[:-1]})
    fewer = shipped.model_copy(update={"services": tuple(kept)})
    assert (await imported(cambs, fewer)).nothing_changed
    async with cambs.session() as session:
        outcome = await importing.bring(session, fewer, whole=True)
        await session.commit()
    assert dict(outcome.retired) == {"directory_service": 1, "directory_point": 1}
    async with cambs.session() as session:
        assert (await stored.listing(session)).services == fewer.services
    assert "perinatal" not in str(await asked(clinician, "mental-health")).casefold()
    pointing = fewer.services[0].model_copy(update={"fallback": "perinatal-mental-health"})
    with pytest.raises(Invalid, match="there is no service perinatal-mental-health"):
        await imported(cambs, Listing(services=(pointing,)))
    await imported(cambs, shipped)
    async with cambs.session() as session:
        assert await stored.listing(session) == shipped


async def test_who_keeps_the_directory_takes_it_out_tries_a_file_and_takes_it_in(
    clinician: Api, manager: Api, cambs: Partnership, shipped: Listing
) -> None:
    for kind in ("CSV", "OPEN_REFERRAL"):
        written = (await manager.run(operation("DirectoryFile"), format=kind))["directoryFile"]
        same = await manager.mutate("ImportDirectory", format=kind, text=written, whole=True, dryRun=False)
        assert (same["applied"], same["added"], same["changed"], same["retired"]) == (True, 0, 0, 0)
    assert "FORBIDDEN" in str((await clinician.send(operation("DirectoryFile"), {"format": "CSV"}))["errors"])
    changed = written_csv(shipped).replace("111 option 2", "111 option 1")
    refused = await clinician.mutate("ImportDirectory", format="CSV", text=changed)
    assert refused["__typename"] == "ForbiddenProblem"
    tried = await manager.mutate("ImportDirectory", format="CSV", text=changed)
    assert (tried["applied"], tried["changed"]) == (False, 1)
    async with cambs.session() as session:
        assert await stored.listing(session) == shipped
        assert await session.scalar(text("SELECT count(*) FROM directory_change WHERE made_by IS NOT NULL")) == 0
    given = {"format": "CSV", "text": changed, "dryRun": False, "idempotencyKey": fresh_key()}
    taken = await manager.mutate("ImportDirectory", **given)
    assert (taken["applied"], taken["changed"]) == (True, 1)
    assert (await manager.mutate("ImportDirectory", **given))["changed"] == 0
    async with cambs.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM directory_change WHERE made_by IS NOT NULL")) == 1
    faulty = await manager.mutate("ImportDirectory", format="CSV", text=changed.replace(",phone,", ",fone,", 1))
    assert faulty["fields"][0]["field"] == "text:2"


async def test_an_import_is_seen_by_whoever_asks_next(
    clinician: Api, cambs: Partnership, shipped: Listing, environment: dict[str, str]
) -> None:
    await asked(clinician, "mental-health")
    changed = read_csv(written_csv(shipped).replace("111 option 2", "111 option 1"), "x.csv")
    owner = make_engine(environment["DATABASE_OWNER_URL"], pool_size=1)
    await bring(owner, "cambs-peterborough", changed, replace=False)
    await owner.dispose()
    found = await asked(clinician, "mental-health")
    assert "111 option 1" in [one["value"] for one in [found["first"], *found["next"]]]


async def test_the_public_feed_passes_what_the_standard_asks_and_holds_only_what_is_public(
    door: Door, clinician: Api
) -> None:
    base = "/open-referral-uk/cambs-peterborough"
    details = (await door.client.get(base)).json()
    assert details["version"] == "HSDS-UK-3.0"
    assert (await door.client.get(f"{base}/")).json() == details
    answer = await door.client.get(f"{base}/services", params={"per_page": 2})
    assert answer.headers["access-control-allow-origin"] == "*"
    page = answer.json()
    assert page.keys() == {
        "total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"
    }  # fmt: skip
    assert (page["total_items"], page["total_pages"], page["size"], page["first_page"]) == (4, 2, 2, True)
    last = (await door.client.get(f"{base}/services", params={"per_page": 2, "page": 2})).json()
    assert (last["last_page"], last["empty"]) == (True, False)
    beyond = (await door.client.get(f"{base}/services", params={"page": 9})).json()
    assert (beyond["empty"], beyond["contents"]) == (True, [])
    every = page["contents"] + last["contents"]
    for one in every:
        assert faults(one) == []
        assert (await door.client.get(f"{base}/services/{one['id']}")).json() == one
    said = str(every)
    assert "01632 960103" not in said
    assert "childrens_social_care" not in said
    assert "duty_manager" not in said
    assert {one["name"] for one in every} == {
        "Cambridgeshire contact centre", "Peterborough contact centre", "Emergency duty team",
        "Mental health crisis line",
    }  # fmt: skip
    found = (await door.client.get(f"{base}/services", params={"search": "CRISIS"})).json()
    assert found["total_items"] == 1
    (topic,) = {each["taxonomy_term_id"] for each in found["contents"][0]["attributes"]}
    by_topic = await door.client.get(f"{base}/services", params={"taxonomy_term_id": topic})
    assert by_topic.json()["contents"] == found["contents"]
    elsewhere = await door.client.get(f"{base}/services", headers={"Host": "elsewhere.example.org"})
    assert "elsewhere" not in elsewhere.text
    assert (await door.client.get(f"{base}/services", params={"per_page": 0})).status_code == 400


async def test_a_suspended_partnership_and_one_that_never_was_are_answered_alike(
    door: Door, environment: dict[str, str], cambs: Partnership
) -> None:
    owner = make_engine(environment["DATABASE_OWNER_URL"], pool_size=1)
    await onboarding.suspend(owner, "hertfordshire")
    await owner.dispose()
    for path in ("", "/services", f"/services/{uuid4()}"):
        suspended = await door.client.get(f"/open-referral-uk/hertfordshire{path}")
        never = await door.client.get(f"/open-referral-uk/never-was{path}")
        assert (suspended.status_code, never.status_code) == (404, 404)
        assert suspended.content == never.content
    other = (await door.client.get("/open-referral-uk/cambs-peterborough/services")).json()["contents"][0]
    assert (await door.client.get(f"/open-referral-uk/hertfordshire/services/{other['id']}")).status_code == 404


def test_shipped_files_hold_only_numbers_kept_for_drama() -> None:
    for file in Path("tenants/archetypes").glob("*/services.csv"):
        for service in read_csv(file.read_text("utf-8"), str(file)).services:
            for point in service.points:
                if point.kind.value == "phone" and point.value not in {"101", "111 option 2"}:
                    assert point.value.startswith("01632 960")
