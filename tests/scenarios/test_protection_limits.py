"""The limits of protection and movement as the shipped definitions have them, over weekends, holidays and moves."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from backend.clocks.limits import Force
from backend.clocks.rules import Rule
from backend.clocks.timing import Effect, Extended, Reason, Timing
from backend.pathways.definitions import archetypes
from backend.pathways.definitions.library import shipped
from support.clock_rules import LONDON, timed

CAMBS = "cambs-peterborough"
CONFERENCE, REVIEW = "initial-child-protection-conference", "child-protection-review-conference"
TRANSFER = "transfer-child-protection-plan"


def clock(pathway: str, code: str, partnership: str = "baseline") -> Rule:
    overlays = archetypes.overlays(partnership)
    definition = archetypes.effective(shipped(), overlays)[pathway].definition
    return next(rule for rule in definition.clocks if rule.id == code)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def conference(held: Sequence[str], now: str) -> Timing:
    return timed(clock(CONFERENCE, "initial-conference-held"), now, strategy_discussion_held=held)


def test_a_conference_counts_from_the_last_of_three_strategy_discussions_and_warns_of_drift() -> None:
    """Tuesday, Friday and the Monday ten days on; fifteen working days leave out Christmas and New Year."""
    held = ["2026-12-01T10:00", "2026-12-04T16:30", "2026-12-14T09:00"]
    found = conference(held, "2026-12-14T12:00")
    assert (found.last_day, found.force) == (date(2027, 1, 7), Force.SHOULD)
    assert found.resets is not None
    assert (found.resets.first, found.resets.last) == (local(held[0]), local(held[2]))
    assert (found.resets.count, found.resets.warning) == (2, True)
    first = conference(held[:1], "2026-12-01T12:00")
    assert (first.last_day, first.resets) == (date(2026, 12, 22), None)


def test_each_strategy_discussion_owes_its_own_record_within_a_working_day() -> None:
    friday = timed(
        clock("strategy-discussion", "strategy-record-circulated"),
        "2026-12-04T17:00", strategy_discussion_held="2026-12-04T16:30",
    )  # fmt: skip
    assert friday.last_day == date(2026, 12, 7), "Monday, over the weekend"


def test_the_first_review_is_safe_at_a_month_end_and_the_next_count_from_the_one_held() -> None:
    first = timed(clock(REVIEW, "first-review-conference-held"), conference_held="2026-11-30T14:00")
    assert first.last_day == date(2027, 2, 28), "30 November and three months is the last of February"
    further = clock(REVIEW, "further-review-conference-held")
    early = timed(further, "2027-01-15T12:00", review_conference_held="2027-01-12T10:00")
    assert early.last_day == date(2027, 7, 12), "an early review moves the next"
    at_month_end = timed(further, "2027-09-01T12:00", review_conference_held=["2027-02-26T10:00", "2027-08-31T10:00"])
    assert at_month_end.last_day == date(2028, 2, 29)


def test_the_first_review_counts_from_the_conference_and_not_from_the_core_group() -> None:
    rule = clock(REVIEW, "first-review-conference-held")
    waiting = timed(rule, first_core_group_held="2026-11-30T14:00")
    assert waiting.missing is not None
    assert waiting.missing.needs == ("conference-held",)
    group = timed(clock("core-group", "first-core-group-held"), conference_held="2026-12-18T14:00")
    assert group.last_day == date(2027, 1, 6), "ten working days over Christmas and New Year"


def test_a_transfer_with_notice_and_one_without_have_different_limits() -> None:
    papers = clock(TRANSFER, "transfer-papers-sent", CAMBS)
    planned = timed(papers, "2026-12-01T12:00", move_becomes_known="2026-12-01T10:00", child_moves="2026-12-24T09:00")
    assert (planned.last_day, planned.force) == (date(2026, 12, 10), Force.MUST)
    at_no_notice = timed(
        papers, "2026-12-24T12:00", move_becomes_known="2026-12-24T10:00", child_moves="2026-12-24T09:00"
    )
    assert (at_no_notice.last_day, at_no_notice.force) == (date(2026, 12, 24), Force.SHOULD)
    put_off = timed(papers, "2026-12-05T12:00", move_becomes_known="2026-12-01T10:00", child_moves="2027-01-04T09:00")
    assert put_off.last_day == date(2026, 12, 21), "the limit moves with the day of the move"


def test_fourteen_days_before_a_move_are_calendar_days() -> None:
    """The sixth is a Sunday, and stays one."""
    papers = clock(TRANSFER, "transfer-papers-sent", CAMBS)
    found = timed(papers, "2026-11-23T12:00", move_becomes_known="2026-11-23T10:00", child_moves="2026-12-20T09:00")
    assert found.last_day == date(2026, 12, 6)


def test_four_limits_of_one_transfer_run_beside_each_other() -> None:
    happened = {
        "move_becomes_known": "2026-12-01T10:00", "child_moves": "2026-12-21T09:00",
        "record_keeper_told": "2026-12-21T11:00", "transfer_notification_received": "2026-12-22T15:00",
    }  # fmt: skip
    days = {
        code: timed(clock(TRANSFER, code, CAMBS), "2026-12-22T16:00", **happened).last_day
        for code in (
            "transfer-papers-sent", "record-keeper-told-on-day-of-move", "move-confirmed-in-writing",
            "receiving-conference-in-time",
        )
    }  # fmt: skip
    assert days == {
        "transfer-papers-sent": date(2026, 12, 7),
        "record-keeper-told-on-day-of-move": date(2026, 12, 21),
        "move-confirmed-in-writing": date(2027, 1, 4),
        "receiving-conference-in-time": date(2027, 1, 15),
    }


def test_the_receiving_conference_waits_for_receipt_of_the_notification_and_not_for_the_move() -> None:
    found = timed(clock(TRANSFER, "receiving-conference-in-time"), child_moves="2026-12-01T09:00")
    assert found.due_at is None
    assert found.missing is not None
    assert (found.missing.reason, found.missing.needs) == (
        Reason.AWAITING_START, ("transfer-notification-received",),
    )  # fmt: skip


def order(now: str, **events: str) -> Timing:
    return timed(clock("emergency-protection-order", "emergency-protection-order-expires"), now, **events)


def test_an_emergency_order_lapses_after_eight_days_and_is_extended_once_by_at_most_seven() -> None:
    made = {"order_made": "2026-12-18T15:00"}
    first = order("2026-12-19T12:00", **made)
    assert (first.last_day, first.force, first.extension) == (date(2026, 12, 26), Force.MUST, Extended.POSSIBLE)
    extended = order("2026-12-24T12:00", **made, order_extended="2026-12-24T11:00")
    assert (extended.last_day, extended.extension) == (date(2027, 1, 2), Extended.USED)
    shorter = order(
        "2026-12-24T12:00", **made, order_extended="2026-12-24T11:00", order_extended_until="2026-12-30T12:00"
    )
    assert shorter.last_day == date(2026, 12, 30)
    beyond = order(
        "2026-12-24T12:00", **made, order_extended="2026-12-24T11:00", order_extended_until="2027-01-09T12:00"
    )
    assert beyond.last_day == date(2027, 1, 2), "the court gave more than there is; the lawful maximum stands"
    too_late = order("2026-12-28T12:00", **made, order_extended="2026-12-28T11:00")
    assert (too_late.last_day, too_late.extension) == (date(2026, 12, 26), Extended.TOO_LATE)


def test_an_alarm_comes_well_before_an_order_lapses() -> None:
    found = order("2026-12-19T12:00", order_made="2026-12-18T15:00")
    assert found.due_at == local("2026-12-27T00:00")
    assert found.warn_at == (local("2026-12-24T00:00"), local("2026-12-26T00:00"))


def test_police_protection_runs_72_hours_through_a_weekend_and_no_longer() -> None:
    rule = clock("police-protection", "police-protection-expires")
    found = timed(rule, "2026-12-25T12:00", police_protection_begun="2026-12-24T23:30")
    assert found.due_at == local("2026-12-27T23:30"), "Christmas, Boxing Day and a Sunday all count"
    assert (found.last_day, found.extension, found.force) == (None, None, Force.MUST)
    lapsed = timed(rule, "2026-12-28T12:00", police_protection_begun="2026-12-24T23:30")
    assert (lapsed.effect, lapsed.overdue) == (Effect.LAPSES, False), "it has lapsed; it is no task that is late"


def test_72_hours_over_the_autumn_change_end_an_hour_earlier_on_the_wall() -> None:
    found = timed(
        clock("police-protection", "police-protection-expires"),
        "2026-10-24T12:00", police_protection_begun="2026-10-23T20:00",
    )  # fmt: skip
    assert found.due_at == local("2026-10-26T19:00")


def test_a_curfew_enquiry_begins_within_48_hours_whatever_the_day() -> None:
    found = timed(
        clock("section-47-enquiry", "curfew-enquiry-begun"), "2026-12-04T18:00", curfew_breach_told="2026-12-04T17:45"
    )
    assert (found.due_at, found.force) == (local("2026-12-06T17:45"), Force.MUST)


def test_a_plan_ends_as_the_child_turns_eighteen() -> None:
    born = clock("discontinue-child-protection-plan", "plan-ends-at-eighteen")
    assert timed(born, child_born="2009-03-14").due_at == local("2027-03-14T00:00")


@pytest.mark.parametrize(
    ("pathway", "code", "ended", "held"),
    [
        (TRANSFER, "plan-ended-in-last-six-months", "2026-06-02T12:00", True),
        (TRANSFER, "plan-ended-in-last-six-months", "2026-05-29T12:00", False),
        ("transfer-child-in-need", "left-care-three-months-before-move", "2026-09-02T12:00", True),
        ("transfer-child-in-need", "left-care-three-months-before-move", "2026-08-28T12:00", False),
    ],
)
def test_the_look_backs_of_the_protocol_are_of_six_and_of_three_months(
    pathway: str, code: str, ended: str, *, held: bool
) -> None:
    rule = clock(pathway, code, CAMBS)
    assert rule.kind == "look_back"
    events = {rule.start.event.replace("-", "_"): "2026-12-01T10:00", rule.looks_for.replace("-", "_"): ended}
    assert timed(rule, "2026-12-01T12:00", **events).holds is held
