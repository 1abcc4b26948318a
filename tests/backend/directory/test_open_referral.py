"""The directory as Open Referral UK has it: valid whatever is in it, the same when read back, careful with others'."""

import json
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.directory.hsds import as_json
from backend.directory.hsds_reading import read_json
from backend.directory.listing import Listing, Organisation, Point, Service
from backend.pathways.definitions.faults import Faulty
from notifications.ladders.hours import Hours
from notifications.rotas.rules import BankHolidays
from support.open_referral import faults
from tenants.contacts.service_models import PointKind, Visibility

PARTNERSHIP = UUID(int=7)
FEED = "https://feed.example.org/x"

CODES = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)
WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30).filter(str.strip)
SITES = st.one_of(
    st.none(), WORDS, st.from_regex(r"https?://[^\s/]+\S*", fullmatch=True),
    st.sampled_from(["www.example.org", "https://example.org/a b", "https://example.org/%zz?x=[1]#a#b",
                     "http://h:99999999/", "https://example.org/caf\u00e9", "https://me@example.org/"]),
)  # fmt: skip
VALUES = {
    PointKind.PHONE: st.from_regex(r"\+?\d[\d ()]{1,19}( option \d)?", fullmatch=True),
    PointKind.TEXT: st.from_regex(r"\+?\d[\d ]{2,19}", fullmatch=True),
    PointKind.EMAIL: st.from_regex(r"[a-z0-9.+\u00e9(]{1,8}@[a-z0-9.-]{1,8}\.[a-z0-9-]{1,5}", fullmatch=True),
    PointKind.WEB: st.from_regex(r"https?://[^\s/]+\S*", fullmatch=True),
    PointKind.ROTA: st.just("sio"),
    PointKind.DESK: st.just("coroner"),
}
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
HOURS = st.builds(Hours, weekdays=DAYS, start=CLOCKS, end=CLOCKS, bank_holidays=st.sampled_from(BankHolidays))


@st.composite
def points(draw: st.DrawFn) -> Point:
    kind, verified = draw(st.sampled_from(PointKind)), draw(st.booleans())
    return Point(
        code=draw(CODES), kind=kind, value=draw(VALUES[kind]), label=draw(st.just("") | WORDS),
        area=draw(st.none() | CODES), hours=tuple(draw(st.lists(HOURS, max_size=2))),
        visibility=draw(st.sampled_from(Visibility)),
        verified_on=draw(st.dates()) if verified else None, verified_how="Rang it" if verified else None,
    )  # fmt: skip


@st.composite
def services(draw: st.DrawFn, organisation: str) -> Service:
    least, most = sorted(draw(st.tuples(st.integers(0, 120), st.integers(0, 120))))
    return Service(
        code=draw(CODES), organisation=organisation, name=draw(WORDS), description=draw(st.just("") | WORDS),
        website=draw(SITES), topics=tuple(draw(st.lists(CODES, max_size=3, unique=True))), minimum_age=least,
        maximum_age=draw(st.none() | st.just(most)), visibility=draw(st.sampled_from(Visibility)),
        eligibility=draw(st.just("") | WORDS), areas=tuple(draw(st.lists(CODES, max_size=2, unique=True))),
        fallback=draw(st.none() | st.just("other-service-of-it")),
        points=tuple(draw(st.lists(points(), max_size=4, unique_by=lambda one: one.code))),
    )  # fmt: skip


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    described = st.just("") | WORDS.map(lambda words: f"About {words}")
    one = Organisation(code=draw(CODES), name=draw(WORDS), description=draw(described), website=draw(SITES))
    offered = draw(st.lists(services(one.code), min_size=1, max_size=2, unique_by=lambda each: each.code))
    return Listing(organisations=(one,), services=tuple(offered))


def written(listing: Listing, base: str | None = None) -> list[dict[str, Any]]:
    return as_json(listing, PARTNERSHIP, {"north": "Northshire"}, base)


@given(listings(), st.sampled_from((None, FEED)))
@settings(max_examples=40, deadline=None)
def test_whatever_a_directory_holds_is_valid(listing: Listing, base: str | None) -> None:
    for one in written(listing, base):
        assert faults(one) == []


@given(listings())
@settings(max_examples=40, deadline=None)
def test_a_partnerships_own_file_is_read_back_with_nothing_lost(listing: Listing) -> None:
    assert read_json(json.dumps(written(listing)), "own.json") == listing


OFFICE = Hours(weekdays=(0, 4), start=time(9), end=time(17), bank_holidays=BankHolidays.EXCEPT)
DESK = Point(code="desk", kind=PointKind.PHONE, value="01632 960001", area="north", verified_on=date(2026, 1, 5),
             verified_how="Rang Mrs Invented", visibility=Visibility.RESTRICTED, hours=(OFFICE,))  # fmt: skip
DAY = Service(
    code="day", organisation="care", name="Day team", topics=("referral", "early-help"), areas=("north",),
    fallback="night", visibility=Visibility.RESTRICTED, website="https://example.org/day",
    points=(DESK, Point(code="mail", kind=PointKind.EMAIL, value="day@example.org"),
            Point(code="page", kind=PointKind.WEB, value="https://example.org/refer"),
            Point(code="on-call", kind=PointKind.ROTA, value="sio")),
)  # fmt: skip
NIGHT = Service(code="night", organisation="care", name="Night team")
WHOLE = Listing(organisations=(Organisation(code="care", name="Social care"),), services=(DAY, NIGHT))


def test_a_file_for_oneself_keeps_who_may_see_what_and_a_feed_tells_none_of_it() -> None:
    assert read_json(json.dumps(written(WHOLE)), "own.json") == WHOLE
    said = json.dumps(written(WHOLE, FEED))
    assert not [word for word in ("Invented", "restricted", "sio", "fallback", "on-call") if word in said]
    (day, _) = written(WHOLE, FEED)
    assert (day["service_areas"][0]["name"], day["url"]) == ("Northshire", "https://example.org/day")
    assert "assured_date" not in day, "one of its ways is unverified"
    (schedule,) = day["schedules"]
    assert (schedule["byday"], schedule["opens_at"], schedule["closes_at"]) == ("MO,FR", "09:00", "17:00")
    of_others = read_json(json.dumps({"contents": written(WHOLE, FEED)}), "feed.json").services
    assert [point.code for point in of_others[0].points] == ["desk", "mail", "page"]
    assert [one.website for one in of_others] == ["https://example.org/day", None]
    assert {one.visibility for one in of_others} == {Visibility.PROFESSIONAL}, "nobody publishes what they read"


def foreign(**more: Any) -> str:
    """A service as another publisher's system writes it."""
    number = {"id": "p", "number": "01632 960007"}
    return json.dumps([{
        "id": "s", "name": "Youth club", "status": "active", "url": "https://example.org/club",
        "organization": {"id": "o", "name": "The Club", "description": "x"}, "phones": [number],
        "contacts": [{"id": "c", "name": "Office", "phones": [number], "email": "club@example.org"}],
        "attributes": [{"id": "a", "taxonomy_term": {"id": "t", "name": "Referral", "taxonomy": "Theirs"}}],
        "schedules": [{"id": "w", "freq": "WEEKLY", "byday": "MO, TU", "opens_at": "09:00:00Z",
                       "closes_at": "17:00+01:00"}], **more,
    }])  # fmt: skip


def test_what_another_system_wrote_is_read_once_each_with_its_hours_and_none_of_its_topics() -> None:
    (one,) = read_json(foreign(), "theirs.json").services
    assert (one.code, one.website, one.topics) == ("youth-club", "https://example.org/club", ())
    assert [(point.kind.value, point.value) for point in one.points] == [
        ("phone", "01632 960007"), ("email", "club@example.org"),
    ]  # fmt: skip
    weekly = Hours(weekdays=(0, 1), start=time(9), end=time(17))
    assert {point.hours for point in one.points} == {(weekly,)}
    (always,) = read_json(foreign(schedules=[{"id": "w", "byday": "SA"}]), "theirs.json").services
    assert always.points[0].hours == (Hours(weekdays=(5,), start=time(0), end=time(0)),)


@pytest.mark.parametrize(
    "schedule",
    [
        {"freq": "MONTHLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "10:00"},
        {"freq": "WEEKLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "10:00"},
        {"freq": "WEEKLY", "interval": 2, "opens_at": "09:00", "closes_at": "10:00"},
        {"freq": "WEEKLY", "opens_at": "09:00-05:00", "closes_at": "10:00-05:00"},
        {"freq": "WEEKLY", "opens_at": "09:00", "closes_at": "late"},
        {"freq": "WEEKLY", "opens_at": "09:00"},
    ],
)
def test_hours_that_would_be_taken_for_always_are_refused(schedule: dict[str, Any]) -> None:
    with pytest.raises(Faulty) as refused:
        read_json(foreign(schedules=[{"id": "odd", **schedule}]), "theirs.json")
    (fault,) = refused.value.faults
    assert "service 1: schedule odd does not say hours of each week; give freq WEEKLY" in str(fault)


def test_a_service_that_is_not_active_is_left_out_and_told() -> None:
    found = read_json(foreign(status="defunct"), "theirs.json")
    assert (found.services, found.left_out) == ((), ("service 1, Youth club: it is defunct",))


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', '[{"name": "x"}]'])
def test_what_is_no_feed_is_refused(text: str) -> None:
    with pytest.raises(Faulty):
        read_json(text, "feed.json")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"id": "7"}, "id"), ({"status": "open"}, "status"), ({"url": "example.org"}, "url"),
        ({"topics": []}, "topics"), ({"minimum_age": "12"}, "minimum_age"),
        ({"schedules": [{"id": str(UUID(int=1)), "url": "x:y", "byday": "Mon"}]}, "schedules.0.byday"),
    ],
)  # fmt: skip
def test_the_check_itself_finds_what_is_not_valid(broken: dict[str, Any], said: str) -> None:
    (_, night) = written(WHOLE, FEED)
    assert faults(night) == []
    assert any(said in one for one in faults(night | broken))
