"""Which provision binds what, and which text is in force when: pure rules over every case."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backend.kit.ids import uuid7
from tenants.procedures.citing import LONGEST_RANGE, Cited, addresses, places_in
from tenants.procedures.force import Shelf
from tenants.procedures.link_models import ProcedureLink
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import EditionState

LONDON = ZoneInfo("Europe/London")
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))
INSTANTS = DAYS.flatmap(
    lambda day: st.integers(0, 86_399).map(lambda at: datetime.combine(day, time(), UTC) + timedelta(seconds=at))
)


def test_a_citations_places_are_found_one_by_one_in_lists_and_in_ranges() -> None:
    citation = "Working Together 2005 ¶4.19-4.21, 5.2; County manual L3-5; Working Together 2006 ¶4.20"
    assert list(places_in(citation, "Working Together 2005")) == ["4.19", "4.20", "4.21", "5.2"]
    assert list(places_in(citation, "County manual")) == ["L3", "L4", "L5"]
    assert list(places_in("County manual appendix 1 ¶16", "County manual")) == ["appendix 1 ¶16"]
    assert list(places_in("County manual L1-9999", "County manual")) == ["L1", "L9999"]


@given(chapter=st.integers(1, 9), first=st.integers(1, 900), length=st.integers(0, LONGEST_RANGE), whole=st.booleans())
def test_a_place_is_in_a_range_exactly_when_it_lies_between_its_ends(
    chapter: int, first: int, length: int, *, whole: bool
) -> None:
    last = first + length
    written = f"{chapter}.{first}-{chapter}.{last}" if whole else f"{chapter}.{first}-{last}"
    found = list(places_in(f"County manual ¶{written}", "County manual"))
    assert found == [f"{chapter}.{number}" for number in range(first, last + 1)]


def test_of_a_part_the_provisions_that_are_linked_come_before_those_that_it_cites() -> None:
    edition = uuid7()
    own = ProcedureLink(tenant_id=edition, edition_id=edition, source="County manual")
    by_place = ProcedureLink(tenant_id=edition, edition_id=edition, source="Working Together 2005", place="4.19",
                             address="7.1")  # fmt: skip
    by_code = ProcedureLink(tenant_id=edition, edition_id=edition, pathway="referral", kind="obligation", code="refer",
                            address="3.3")  # fmt: skip
    part = Cited("referral", "obligation", "refer", "County manual ¶1.4.2, 3.3; Working Together 2005 ¶4.18-4.20")
    assert addresses([own, by_place, by_code], part) == ["7.1", "3.3", "1.4.2"]
    assert addresses([by_code], Cited("referral", "decision", "refer")) == []
    assert addresses([own, by_place, by_code], Cited("referral", "stage", "intake")) == []


def edition(number: int, manual: str, day: date, approved: datetime, withdrawn: datetime | None) -> ProcedureEdition:
    return ProcedureEdition(
        tenant_id=UUID(int=1), id=UUID(int=number), manual=manual, number=number, title=manual, in_force_from=day,
        approved_at=approved, withdrawn_at=withdrawn, made_at=approved,
        state=EditionState.WITHDRAWN if withdrawn else EditionState.APPROVED,
    )  # fmt: skip


EDITIONS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), DAYS, INSTANTS, st.none() | INSTANTS), max_size=8
).map(lambda drawn: [edition(number, *one) for number, one in enumerate(drawn, 1)])  # fmt: skip


@given(editions=EDITIONS, day=DAYS, replaces=st.booleans())
def test_on_a_day_the_latest_text_of_each_manual_holds_that_was_not_withdrawn(
    editions: list[ProcedureEdition], day: date, *, replaces: bool
) -> None:
    replaced = {one.id: frozenset({"a"}) for one in editions if one.manual == "b" and replaces}
    found = Shelf(editions, replaced, LONDON).on(day)
    standing = [
        one for one in editions
        if one.in_force_from is not None and one.in_force_from <= day
        and (one.withdrawn_at is None or one.withdrawn_at.astimezone(LONDON).date() > day)
    ]  # fmt: skip
    for manual in ("a", "b"):
        mine = [one for one in standing if one.manual == manual]
        wanted = max(mine, key=lambda one: (one.in_force_from, one.number), default=None)
        gone = manual == "a" and replaces and any(one.manual == "b" for one in standing)
        assert [one for one in found if one.manual == manual] == ([wanted] if wanted and not gone else [])


@given(EDITIONS, INSTANTS)
def test_what_was_done_before_an_approval_or_a_withdrawal_of_the_same_day_was_not_done_under_it(
    editions: list[ProcedureEdition], instant: datetime
) -> None:
    found = Shelf(editions, {}, LONDON).at(instant)
    for one in found:
        assert one.approved_at is not None
        assert one.approved_at <= instant
        assert one.withdrawn_at is None or one.withdrawn_at > instant
    untouched = [one for one in editions if one.approved_at and one.approved_at < instant - timedelta(days=2)
                 and one.withdrawn_at is None]  # fmt: skip
    same = Shelf(untouched, {}, LONDON)
    assert same.at(instant) == same.on(instant.astimezone(LONDON).date())
