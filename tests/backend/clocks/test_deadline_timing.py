"""Deadlines as the sources print them, worked by hand."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from backend.clocks.kernel import timings_of
from backend.clocks.limits import Force, Span, Unit
from backend.clocks.situation import Choices
from backend.clocks.timing import Effect, Extended, Missing, Reason, Timing, one_duty
from support.clock_rules import ENGLAND, at, rule, situation, timed, utc
from tenants.calendars.receipt import DayOne, ReceiptRule
from tenants.calendars.working_days import Calendar


def span(value: float, unit: Unit) -> Span:
    return Span(value=value, unit=unit)


CONFERENCE = rule(
    start={"event": "strategy-discussion", "of": "last"}, limit={"value": 15, "unit": "working_days"},
    warn_before=[{"value": 5, "unit": "working_days"}, {"value": 1, "unit": "weeks"}], met_by="conference-held",
)  # fmt: skip


def test_the_conference_is_held_in_fifteen_working_days_of_the_last_strategy_discussion() -> None:
    """Working Together 2005 ¶4.67."""
    found = timed(CONFERENCE, strategy_discussion="2026-12-24T10:00")
    assert (found.last_day, found.due_at) == (date(2027, 1, 19), utc("2027-01-20T00:00"))
    assert " ".join(found.trace) == (
        "15 working days from Thu 24 Dec 2026, leaving out 25 Dec, 28 Dec and 1 Jan (bank holidays): "
        "end of Tue 19 Jan 2027."
    )
    assert found.warn_at == (utc("2027-01-13T00:00"),), "a week ahead is the same midnight, and it is said once"
    assert (found.effect, found.resets, found.provisional, found.overdue) == (Effect.BREACH, None, None, False)


def test_closure_days_and_the_cut_off_are_said() -> None:
    closed = Calendar(bank_holidays=ENGLAND.bank_holidays, closure_days=frozenset({date(2026, 12, 30)}))
    by_five = Choices(receipt=ReceiptRule(cut_off=time(17), day_one=DayOne.SAME_DAY))
    which = rule(start={"event": "referral"}, limit={"value": 3, "unit": "working_days"})
    found = timed(which, referral="2026-12-24T18:00", calendar=closed, choices=by_five)
    assert found.last_day == date(2027, 1, 4)
    assert " ".join(found.trace) == (
        "3 working days from 18:00 on Thu 24 Dec 2026, counted as received on Tue 29 Dec 2026, that day included, "
        "leaving out 1 Jan (bank holiday) and 30 Dec (closure day): end of Mon 4 Jan 2027."
    )


def test_a_later_discussion_moves_the_limit_and_repeated_resets_are_warned_of() -> None:
    days = ["2026-11-02T10:00", "2026-11-16T10:00", "2026-11-09T10:00"]
    once, twice = (timed(CONFERENCE, strategy_discussion=days[:number]) for number in (2, 3))
    assert (once.last_day, twice.last_day) == (date(2026, 12, 7), date(2026, 12, 7))
    assert once.resets is not None
    assert twice.resets is not None
    assert (once.resets.count, once.resets.warning) == (1, False)
    assert (twice.resets.count, twice.resets.warning) == (2, True)
    assert (twice.resets.first, twice.resets.last) == (at(days[0]), at(days[1]))
    assert twice.trace[-1] == "A later start moved it 2 times; the first was 10:00 on Mon 2 Nov 2026."


@pytest.mark.parametrize(
    ("held", "kept"), [("2026-11-30T17:00", True), ("2026-12-07T23:59", True), ("2026-12-08T00:00", False)]
)
def test_it_is_met_up_to_the_midnight(held: str, kept: bool) -> None:  # noqa: FBT001
    found = timed(CONFERENCE, "2026-12-20T09:00", strategy_discussion="2026-11-16T10:00", conference_held=held)
    assert (found.met_at, found.kept, found.overdue) == (at(held), kept, False)
    unmet = timed(CONFERENCE, "2026-12-20T09:00", strategy_discussion="2026-11-16T10:00")
    assert (unmet.met_at, unmet.kept, unmet.overdue) == (None, None, True)


def test_what_was_done_before_the_start_does_not_meet_it_but_a_mere_date_of_that_day_does() -> None:
    early = timed(CONFERENCE, strategy_discussion="2026-11-16T10:00", conference_held="2026-11-16T09:59")
    assert early.met_at is None
    that_day = timed(CONFERENCE, strategy_discussion="2026-11-16T10:00", conference_held="2026-11-16")
    assert that_day.kept is True


TRANSFER = rule(
    start={"event": "move"}, limit={"value": 14, "unit": "calendar_days", "direction": "before"}, force="must",
    citation="manual 45",
    fall_back={"value": 0, "unit": "same_day", "start": {"event": "move-known"}, "force": "should", "citation": "46"},
    warn_before=[{"value": 2, "unit": "calendar_days"}],
)  # fmt: skip


def test_papers_go_fourteen_days_before_a_move_or_on_the_day_it_is_known() -> None:
    planned = timed(TRANSFER, move="2026-12-20", move_known="2026-12-01T09:00")
    assert (planned.last_day, planned.force, planned.citation) == (date(2026, 12, 6), Force.MUST, "manual 45")
    assert planned.warn_at == (utc("2026-12-05T00:00"),)
    last_moment = timed(TRANSFER, move="2026-12-20", move_known="2026-12-06T23:59")
    assert (last_moment.last_day, last_moment.force) == (date(2026, 12, 6), Force.MUST)
    sudden = timed(TRANSFER, move="2026-12-20", move_known="2026-12-10T09:00")
    assert (sudden.last_day, sudden.force, sudden.citation) == (date(2026, 12, 10), Force.SHOULD, "46")
    assert sudden.trace == (
        "14 calendar days before Sun 20 Dec 2026: end of Sun 6 Dec 2026.",
        "That had passed when it became known (09:00 on Thu 10 Dec 2026), so the rule for that case holds.",
        "The same day from 09:00 on Thu 10 Dec 2026: end of Thu 10 Dec 2026.",
    )


def test_where_no_source_says_what_holds_when_it_is_too_late_the_partnership_does() -> None:
    """A pre-birth assessment is done four weeks before the birth; a pregnancy may become known later than that."""
    birth = rule(
        start={"event": "birth"}, limit={"value": 4, "unit": "weeks", "direction": "before"},
        fall_back={"start": {"event": "pregnancy-known"}, "setting": "late-pregnancy"},
    )  # fmt: skip
    events: dict[str, Any] = {"birth": "2026-12-20", "pregnancy_known": "2026-12-01T09:00"}
    assert timed(birth, **events).last_day == date(2026, 11, 22), "unset, the limit stands and has passed"
    chosen = Choices(limits={"late-pregnancy": Span(value=10, unit=Unit.WORKING_DAYS)})
    assert timed(birth, choices=chosen, **events).last_day == date(2026, 12, 15)
    early = {**events, "pregnancy_known": "2026-06-01T09:00"}
    assert timed(birth, choices=chosen, **early).last_day == date(2026, 11, 22)


def test_a_move_that_is_put_off_moves_its_limit() -> None:
    assert timed(TRANSFER, move="2027-01-20", move_known="2026-12-10T09:00").last_day == date(2027, 1, 6)


def moved(*known: tuple[str, str], done: str | None = None) -> Timing:
    """The transfer's papers where the move was known from 1 December, and was set to each of these days in turn."""
    events: dict[str, Any] = {"move": known[-1][1], "move_known": "2026-12-01T09:00"} | ({"sent": done} if done else {})
    return timed(SENT, "2027-01-10T09:00", revised={"move": known}, **events)


SENT = TRANSFER.model_copy(update={"met_by": "sent"})
AT_FIRST = ("2026-12-01T09:00", "2027-01-20")


def test_a_move_that_is_brought_forward_too_near_has_the_day_on_which_that_is_known() -> None:
    nearer = moved(AT_FIRST, ("2026-12-10T15:00", "2026-12-18"))
    assert (nearer.last_day, nearer.force) == (date(2026, 12, 10), Force.SHOULD)
    assert nearer.trace[1] == (
        "That had passed when it became known (15:00 on Thu 10 Dec 2026), so the rule for that case holds."
    )
    again = moved(AT_FIRST, ("2026-12-10T15:00", "2026-12-18"), ("2026-12-11T09:00", "2026-12-17"))
    assert again.last_day == date(2026, 12, 10), "a day that moves again gives no new one"
    in_time = moved(AT_FIRST, ("2026-12-10T15:00", "2026-12-28"))
    assert (in_time.last_day, in_time.force) == (date(2026, 12, 14), Force.MUST)
    put_off = moved(AT_FIRST, ("2026-12-10T15:00", "2026-12-18"), ("2026-12-11T09:00", "2027-01-25"))
    assert (put_off.last_day, put_off.force) == (date(2027, 1, 11), Force.MUST)


def test_what_was_late_before_the_move_was_brought_forward_stays_so() -> None:
    late = moved(("2026-12-01T09:00", "2026-12-20"), ("2026-12-10T15:00", "2026-12-18"))
    assert (late.last_day, late.force, late.overdue) == (date(2026, 12, 4), Force.MUST, True)


def test_what_was_sent_in_time_for_the_first_day_is_in_time_for_a_nearer_one() -> None:
    sent = moved(AT_FIRST, ("2026-12-10T15:00", "2026-12-18"), done="2026-12-08T10:00")
    assert (sent.met_at, sent.kept) == (at("2026-12-08T10:00"), True)


def test_reviews_count_from_the_last_one_held_unless_the_partnership_says_from_when_it_was_due() -> None:
    review = rule(start={"event": "plan"}, limit={"value": 6, "unit": "months"}, met_by="reviewed", recurs={})
    first = timed(review, plan="2026-01-31T10:00")
    assert (first.last_day, first.held) == (date(2026, 7, 31), 0)
    early: dict[str, Any] = {"plan": "2026-01-31T10:00", "reviewed": ["2026-05-12T10:00"]}
    second = timed(review, **early)
    assert (second.last_day, second.held, second.met_at) == (date(2026, 11, 12), 1, None)
    assert second.trace[0] == "Held once; the next counts from when it was last held."
    by_due = timed(review, choices=Choices(counts_from={"a-clock": "due"}), **early)
    assert by_due.last_day == date(2027, 1, 31), "a month end is not worn away"


def test_a_review_that_starts_and_meets_its_own_clock() -> None:
    """Review conferences at most six months apart, Working Together 2005 ¶4.110."""
    review = rule(start={"event": "review"}, limit={"value": 6, "unit": "months"}, met_by="review", recurs={})
    held = ["2026-01-15T10:00", "2026-07-01T10:00"]
    assert timed(review, review=held).last_day == date(2027, 1, 1)
    assert timed(review, review=held, choices=Choices(counts_from={"a-clock": "due"})).last_day == date(2027, 1, 15)


def test_each_start_runs_its_own_clock() -> None:
    notify = rule(
        start={"event": "released", "or_events": ["changed"], "of": "each"}, limit={"value": 3, "unit": "calendar_days"}
    )
    found = timings_of(notify, situation(released=["2026-11-01T10:00", "2026-11-10T10:00"], changed="2026-11-05T10:00"))
    assert [one.last_day for one in found] == [date(2026, 11, 4), date(2026, 11, 8), date(2026, 11, 13)]
    assert [one.missing for one in timings_of(notify, situation())] == [
        Missing(Reason.AWAITING_START, ("released", "changed"))
    ]


def test_a_start_that_no_source_states_waits_for_the_partnerships_choice() -> None:
    chase = rule(
        start={"event": "sent", "or_events": ["received"], "unstated": True}, limit={"value": 3, "unit": "working_days"}
    )
    told = {"sent": "2026-11-02T10:00", "received": "2026-11-04T10:00"}
    assert timed(chase, **told).missing == Missing(Reason.START_NOT_CHOSEN, ("sent", "received"))
    chosen = timed(chase, choices=Choices(starts={"a-clock": "received"}), **told)
    assert chosen.last_day == date(2026, 11, 9)
    assert chosen.trace[0] == "The source states no start; the partnership counts from received."


def test_the_shorter_of_two_runs_from_whichever_start_is_recorded() -> None:
    """Child leave: thirty months or until 17½, the shorter."""
    leave = rule(
        start={"event": "granted"},
        limit={"shorter_of": [
            {"value": 30, "unit": "months"}, {"value": 17.5, "unit": "years", "start": {"event": "birth"},
             "citation": "b"},
        ]},
    )  # fmt: skip
    assert timed(leave, granted="2025-01-31").last_day == date(2027, 7, 31)
    both = timed(leave, granted="2025-01-31", birth="2009-10-15")
    assert (both.last_day, both.citation) == (date(2027, 4, 15), "b")
    assert both.trace[-1] == "The earlier of these holds: end of Thu 15 Apr 2027."
    assert timed(leave).missing == Missing(Reason.AWAITING_START, ("granted", "birth"))


def test_born_on_the_last_of_august_is_seventeen_and_a_half_on_the_last_of_february() -> None:
    half = rule(start={"event": "birth"}, limit={"value": 17.5, "unit": "years"})
    assert timed(half, birth="2008-08-31").last_day == date(2026, 2, 28)


def test_the_longer_of_two_needs_both_starts() -> None:
    file = rule(
        start={"event": "closed"},
        limit={"longer_of": [
            {"value": 10, "unit": "years"}, {"value": 0, "unit": "same_day", "start": {"event": "retirement-age"}},
        ]},
    )  # fmt: skip
    assert timed(file, closed="2026-03-01").missing == Missing(Reason.AWAITING_START, ("retirement-age",))
    assert timed(file, closed="2026-03-01", retirement_age="2050-06-30").last_day == date(2050, 6, 30)
    assert timed(file, closed="2026-03-01", retirement_age="2030-06-30").last_day == date(2036, 3, 1)


COURT = {"reason": "court", "begins": "stayed", "ends": "resumed", "citation": "¶2"}
POLICE = {"reason": "police", "begins": "held-back", "ends": "let-go", "citation": "¶3"}
PAUSED = rule(start={"event": "began"}, limit={"value": 10, "unit": "calendar_days"}, pauses=[COURT])


def test_only_a_pause_that_the_rule_names_extends() -> None:
    told = {"began": "2026-11-02T10:00", "stayed": "2026-11-05T10:00", "resumed": "2026-11-09T10:00"}
    found = timed(PAUSED, **told)
    assert found.last_day == date(2026, 11, 16)
    assert found.trace[-1] == (
        "It stood still from 10:00 on Thu 5 Nov 2026 to 10:00 on Mon 9 Nov 2026: end of Mon 16 Nov 2026."
    )
    bare = rule(start={"event": "began"}, limit={"value": 10, "unit": "calendar_days"})
    assert timed(bare, **told).last_day == date(2026, 11, 12)
    still = timed(PAUSED, began="2026-11-02T10:00", stayed="2026-11-05T10:00")
    assert still.missing == Missing(Reason.PAUSED, ("resumed",))
    after = timed(PAUSED, began="2026-11-02T10:00", stayed="2026-11-13T10:00")
    assert after.last_day == date(2026, 11, 12), "a limit that has run out is not brought back"


def test_a_pause_over_the_end_of_the_last_worked_day_leaves_the_next_one() -> None:
    which = rule(start={"event": "began"}, limit={"value": 4, "unit": "working_days"}, pauses=[COURT])
    told = {"began": "2026-11-02T10:00", "stayed": "2026-11-06T10:00"}
    assert timed(which, **told, resumed="2026-11-06T15:00").last_day == date(2026, 11, 6)
    assert timed(which, **told, resumed="2026-11-07T10:00").last_day == date(2026, 11, 9)
    assert timed(which, **told, resumed="2026-11-10T10:00").last_day == date(2026, 11, 10)


def test_overlapping_pauses_count_once() -> None:
    twice = rule(start={"event": "began"}, limit={"value": 10, "unit": "calendar_days"}, pauses=[POLICE, COURT])
    told = {"began": "2026-11-02T10:00", "stayed": "2026-11-04T10:00", "resumed": "2026-11-06T10:00"}
    found = timed(twice, **told, held_back="2026-11-05T10:00", let_go="2026-11-08T10:00")
    assert found.last_day == date(2026, 11, 16)


def test_an_extension_needs_agreement_before_the_limit_runs_out() -> None:
    """Four months unless the inspectorate agrees another date."""
    review = rule(
        start={"event": "decision"}, limit={"value": 4, "unit": "months"},
        extension={"granted": "agreed", "until": "agreed-date", "agreed_by": "the inspectorate"},
    )  # fmt: skip
    told = {"decision": "2026-08-31T10:00"}
    assert timed(review, **told).extension is Extended.POSSIBLE
    assert timed(review, "2027-01-01T00:00", **told).extension is Extended.TOO_LATE
    agreed = timed(review, **told, agreed="2026-12-20T10:00", agreed_date="2027-03-15")
    assert (agreed.last_day, agreed.extension) == (date(2027, 3, 15), Extended.USED)
    late = timed(review, **told, agreed="2027-01-02T10:00", agreed_date="2027-03-15")
    assert (late.last_day, late.extension) == (date(2026, 12, 31), Extended.TOO_LATE)


WORKING_WEEK = {"fact": "in-working-week", "wording": "if in the working week", "otherwise": {"setting": "else-within"}}


@pytest.mark.parametrize(
    ("facts", "limits", "expected"),
    [
        ({"in-working-week": True}, {}, utc("2026-11-03T10:00")),
        ({}, {}, Missing(Reason.FACT_NOT_RECORDED, ("in-working-week",))),
        ({"in-working-week": False}, {}, Missing(Reason.SETTING_NOT_MADE, ("else-within",))),
        ({"in-working-week": False}, {"else-within": None}, Missing(Reason.CONDITION_NOT_MET)),
        ({"in-working-week": False}, {"else-within": span(3, Unit.CALENDAR_DAYS)}, utc("2026-11-06T00:00")),
        ({"in-working-week": 1}, {"else-within": None}, Missing(Reason.CONDITION_NOT_MET)),
    ],
)
def test_a_condition_and_the_partnerships_rule_for_the_other_case(
    facts: dict[str, Any], limits: dict[str, Any], expected: Any
) -> None:
    which = rule(start={"event": "visit"}, limit={"value": 24, "unit": "hours"}, condition=WORKING_WEEK)
    found = timed(which, facts=facts, choices=Choices(limits=limits), visit="2026-11-02T10:00")
    assert (found.due_at or found.missing) == expected
    assert found.rule is which


def test_another_clock_holds_the_other_case() -> None:
    condition = {"fact": "complexity", "equals": "simple", "otherwise": {"clock": "review-complex"}}
    which = rule(start={"event": "began"}, limit={"value": 1, "unit": "months"}, condition=condition)
    found = timed(which, facts={"complexity": "complex"}, began="2026-11-02T10:00")
    assert found.missing == Missing(Reason.CONDITION_NOT_MET, ("review-complex",))


def test_a_soft_limit_that_is_missed_needs_a_reason() -> None:
    which = rule(start={"event": "agreed"}, limit={"value": 3, "unit": "working_days"}, soft="where possible")
    found = timed(which, agreed="2026-11-02T10:00")
    assert (found.effect, found.overdue) == (Effect.MISS_NEEDS_REASON, True)


def test_two_clocks_on_one_duty_show_the_earlier_and_breach_by_the_stronger() -> None:
    """Employer must, manager should, one working day each from starts of their own."""
    employer = rule(start={"event": "employer-told"}, limit={"value": 1, "unit": "working_days"}, force="must")
    manager = rule(start={"event": "manager-told"}, limit={"value": 1, "unit": "working_days"}, force="should")
    told = {"employer_told": "2026-11-04T10:00", "manager_told": "2026-11-03T10:00"}
    duty = one_duty([timed(employer, **told), timed(manager, **told)])
    assert duty is not None
    assert (duty.shown.last_day, duty.binding.last_day) == (date(2026, 11, 4), date(2026, 11, 5))
    assert one_duty([timed(employer)]) is None


def test_words_without_a_figure_wait_for_the_partnerships_own() -> None:
    at_once = rule(
        kind="qualitative", wording="at once", setting="told-within", start={"event": "known"}, met_by="told"
    )
    assert timed(at_once, known="2026-11-02T10:00").missing == Missing(Reason.SETTING_NOT_MADE, ("told-within",))
    none = Choices(limits={"told-within": None})
    assert timed(at_once, known="2026-11-02T10:00", choices=none).missing == Missing(Reason.NO_DATE_OF_ITS_OWN)
    half_an_hour = Choices(limits={"told-within": span(30, Unit.MINUTES)})
    found = timed(at_once, known="2026-11-02T10:00", choices=half_an_hour, told="2026-11-02T10:30")
    assert (found.due_at, found.kept) == (utc("2026-11-02T10:30"), True)
    assert found.trace[0] == 'The source says "at once"; the partnership has set 30 minutes.'


def test_regularly_is_an_interval_that_starts_again() -> None:
    regularly = rule(
        kind="qualitative", wording="regularly", setting="seen-every", start={"event": "plan"}, needs="interval",
        met_by="seen",
    )  # fmt: skip
    weekly = Choices(limits={"seen-every": span(1, Unit.WEEKS)})
    found = timed(regularly, plan="2026-11-02T10:00", seen=["2026-11-05T10:00", "2026-11-10T10:00"], choices=weekly)
    assert (found.last_day, found.held) == (date(2026, 11, 17), 2)


def test_a_date_agreed_in_the_case_opens_its_gate() -> None:
    monitoring = rule(kind="agreed_date", event="review-date", before="closure", met_by="reviewed")
    unset = timed(monitoring)
    assert (unset.missing, unset.holds) == (Missing(Reason.AWAITING_START, ("review-date",)), True)
    found = timed(monitoring, review_date="2026-11-20")
    assert (found.last_day, found.holds, found.overdue) == (date(2026, 11, 20), False, True)
    hearing = timed(monitoring, review_date="2026-12-20T14:00", reviewed="2026-12-20T14:00")
    assert (hearing.due_at, hearing.kept) == (at("2026-12-20T14:00"), True)


def test_a_warning_never_comes_before_the_start() -> None:
    which = rule(
        start={"event": "began"}, limit={"value": 12, "unit": "hours"}, warn_before=[{"value": 2, "unit": "weeks"}]
    )
    found = timed(which, began="2026-11-02T10:00")
    assert found.warn_at == (utc("2026-11-02T10:00"),)
    assert found.due_at is not None
    assert found.due_at - found.warn_at[0] == timedelta(hours=12)
