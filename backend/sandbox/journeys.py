"""How far a generated case goes: from the referral by way of assessment, enquiry and conference to a plan's end. Pure.

The shares are round numbers made up to look like a year's work; they are nobody's figures.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from backend.sandbox.plans import Deed, Do, Leg

REFERRAL: Final = "referral-to-childrens-social-care"
ASSESSMENT: Final = "initial-assessment"
STRATEGY: Final = "strategy-discussion"
ENQUIRY: Final = "section-47-enquiry"
CONFERENCE: Final = "initial-child-protection-conference"
PLAN: Final = "child-protection-plan"
ENDING: Final = "discontinue-child-protection-plan"
ALLEGATION: Final = "allegation-against-staff"
RESPONSE: Final = "child-death-joint-agency-response"
ALL: Final = (REFERRAL, ASSESSMENT, STRATEGY, ENQUIRY, CONFERENCE, PLAN, ENDING, ALLEGATION, RESPONSE)
"""The pathways that generated cases follow."""

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
LATE: Final = 0.14
"""How many of the limits are not kept."""
_CATEGORIES: Final = (("neglect",), ("emotional abuse",), ("physical abuse",), ("sexual abuse",),
                      ("neglect", "emotional abuse"))  # fmt: skip
_CATEGORY_ODDS: Final = (45, 34, 9, 5, 7)


def at_work(chance: Random, at: datetime, days: float) -> datetime:
    """Some days later, on a weekday in working hours."""
    day = at + timedelta(days=days)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return max(day.replace(hour=chance.randint(9, 16), minute=chance.randrange(60)), at + 5 * MINUTE)


def within(chance: Random, at: datetime, days: float, late: float) -> datetime:
    """Mostly some time before ``days`` are over, else up to ``late`` days."""
    later = chance.uniform(days, late) if chance.random() < LATE else chance.uniform(0.2, 0.9) * days
    return at_work(chance, at, later)


def referral_case(chance: Random, at: datetime, *, escalates: float = 0.2, lasts: float = 270) -> Iterator[Leg]:
    """The legs of a case that begins with a referral. ``lasts`` is about how many days a plan would."""
    weights = (0.42, escalates, 0.05, max(0.0, 0.53 - escalates))
    options = ("may-be-in-need", "cause-to-suspect-significant-harm", "other-needs", "no-further-action")
    outcome = chance.choices(options, weights)[0]
    decided = at + chance.uniform(1, 6) * HOUR if chance.random() > LATE else at_work(chance, at, chance.uniform(2, 6))
    yield _referral(chance, at, decided, outcome)
    if outcome == "other-needs":
        ends = at_work(chance, decided, chance.uniform(40, 200))
        yield Leg("early-help-assessment", decided, (), (Deed(Do.CLOSE, "", ends),))
    if outcome in {"may-be-in-need", "cause-to-suspect-significant-harm"}:
        yield from _assessment(chance, at, decided, harm=outcome != "may-be-in-need", lasts=lasts)


def _referral(chance: Random, at: datetime, decided: datetime, outcome: str) -> Leg:
    kind = chance.choices(_REFERRERS, (70, 11, 3, 10, 6))[0]
    telephoned = chance.random() < 0.6
    sent = at + (chance.uniform(1, 44) if chance.random() > LATE else chance.uniform(52, 120)) * HOUR
    answered = within(chance, at + HOUR, 1, 4)
    closed = max(decided, answered, sent) + timedelta(days=1)
    record = {"referrer-type": kind, "channel": "telephone" if telephoned else "in writing",
              "maltreatment-alleged": outcome.startswith("cause"), "urgent-action": False}  # fmt: skip
    deeds = [
        Deed(Do.GO, "intake", at + 2 * MINUTE), Deed(Do.FORM, "referral-record", at + 25 * MINUTE, answers=record),
        Deed(Do.GO, "consideration", at + 40 * MINUTE), Deed(Do.DECIDE, "next-step", decided, (outcome,)),
        Deed(Do.FORM, "feedback-record", decided + HOUR), Deed(Do.DECIDE, "disagreement", closed, ("content",)),
    ]  # fmt: skip
    if telephoned:
        deeds.append(Deed(Do.EVENT, "referral-telephoned", at + 3 * MINUTE))
    if telephoned or kind == "professional":
        deeds += [
            Deed(Do.FORM, "written-referral", sent), Deed(Do.EVENT, "written-referral-received", sent + HOUR),
        ]  # fmt: skip
    deeds.append(Deed(Do.NOTICE, "acknowledgement", answered))
    criterion = "significant-harm" if outcome.startswith("cause") else "child-in-need"
    variant = {"professional": None, "social care itself": "internal-referral"}.get(kind, "public-referral")
    return Leg(REFERRAL, at, (criterion,), tuple(deeds), variant)


_REFERRERS: Final = ("professional", "member of the public", "the child", "family", "social care itself")


def _assessment(chance: Random, at: datetime, opened: datetime, *, harm: bool, lasts: float) -> Iterator[Leg]:
    done = max(within(chance, at, 9, 30), opened + 8 * HOUR)
    outcome = chance.choices(("not-in-need", "plan", "section-47"), (50, 34, 0 if harm else 16))[0]
    seen = opened + (done - opened) * 0.6
    yield Leg(ASSESSMENT, opened, ("significant-harm-suspected" if harm else "may-be-in-need",), (
        Deed(Do.FORM, "assessment-plan", opened + HOUR), Deed(Do.GO, "assess", opened + 2 * HOUR),
        Deed(Do.FORM, "child-seen-record", seen), Deed(Do.FORM, "initial-assessment-record", done - HOUR),
        Deed(Do.GO, "decide", done - 30 * MINUTE),
        Deed(Do.DECIDE, "initial-assessment-outcome", done, (outcome,)),
        Deed(Do.CLOSE, "", done + timedelta(days=1)),
    ))  # fmt: skip
    if outcome == "plan":
        ends = at_work(chance, done, chance.uniform(60, 380))
        yield Leg("child-in-need-plan", done, (), (Deed(Do.CLOSE, "", ends),))
    if harm or outcome == "section-47":
        yield from _enquiry(chance, opened if harm else done, lasts)


def _enquiry(chance: Random, opened: datetime, lasts: float) -> Iterator[Leg]:
    held = at_work(chance, opened, chance.uniform(0, 2))
    goes_on = chance.random() < 0.75
    told = within(chance, held, 1, 4)
    yield Leg(STRATEGY, opened, ("reasonable-cause",), (
        Deed(Do.GO, "discussion", held - MINUTE), Deed(Do.MEETING, "strategy-discussion", held),
        Deed(Do.FORM, "record-of-strategy-discussion", held + 30 * MINUTE),
        Deed(Do.DECIDE, "what-next", held + HOUR, ("section-47" if goes_on else "no-action",)),
        Deed(Do.NOTICE, "record-to-parties", told), Deed(Do.DECIDE, "further", told + HOUR, ("closed",)),
    ))  # fmt: skip
    if not goes_on:
        return
    began, concluded = held + HOUR, at_work(chance, held, chance.uniform(4, 12))
    yield Leg(ENQUIRY, began, ("reasonable-cause",), (
        Deed(Do.FORM, "enquiry-record", began + HOUR), Deed(Do.GO, "enquiry", began + 2 * HOUR),
        Deed(Do.FORM, "interview-record", began + (concluded - began) * 0.5),
        Deed(Do.DECIDE, "concluded", concluded, ("concluded",)), Deed(Do.CLOSE, "", concluded + 3 * HOUR),
    ))  # fmt: skip
    if chance.random() < 0.62:
        yield from _conference(chance, held, concluded, lasts)


def _conference(chance: Random, discussed: datetime, opened: datetime, lasts: float) -> Iterator[Leg]:
    held = max(within(chance, discussed, 20, 35), at_work(chance, opened, 1))
    planned = chance.random() < 0.84
    category = chance.choices(_CATEGORIES, _CATEGORY_ODDS)[0]
    told = within(chance, held + 2 * HOUR, 1, 5)
    decision = {"category": list(category), "test-limb": "harm is likely"} if planned else {"test-limb": "not met"}
    yield Leg(CONFERENCE, opened, ("continuing-risk",), (
        Deed(Do.FORM, "invitation-list", opened + HOUR),
        Deed(Do.FORM, "conference-report", opened + (held - opened) * 0.8),
        Deed(Do.GO, "conference", held - 5 * MINUTE), Deed(Do.MEETING, "initial-conference", held),
        Deed(Do.FORM, "conference-decision", held + HOUR, answers=decision),
        *((Deed(Do.FORM, "outline-plan", held + 70 * MINUTE),) if planned else ()),
        Deed(Do.DECIDE, "continuing-risk", held + 90 * MINUTE, ("plan" if planned else "no-plan",)),
        Deed(Do.NOTICE, "decision-circulated", told),
        Deed(Do.NOTICE, "record-sent", told + timedelta(days=chance.uniform(3, 20))),
        Deed(Do.DECIDE, "closing", told + timedelta(days=21), ("complete",)),
    ))  # fmt: skip
    if planned:
        yield from _plan(chance, held + 90 * MINUTE, lasts)


def _plan(chance: Random, decided: datetime, lasts: float) -> Iterator[Leg]:
    ends = at_work(chance, decided, max(75.0, chance.lognormvariate(0, 0.45) * lasts))
    deeds = [
        Deed(Do.FORM, "key-worker-record", decided + HOUR), Deed(Do.GO, "detailed-plan", decided + 2 * HOUR),
        Deed(Do.FORM, "child-protection-plan", at_work(chance, decided, 12)),
        Deed(Do.GO, "carrying-out", at_work(chance, decided, 14)),
        Deed(Do.FORM, "visit-record", at_work(chance, decided, 25)),
        Deed(Do.DECIDE, "ending", ends, ("ended",)),
    ]  # fmt: skip
    review = at_work(chance, decided, chance.uniform(70, 90))
    while review < ends - timedelta(days=10):
        deeds.append(Deed(Do.DECIDE, "progress", review, ("progress",)))
        review = at_work(chance, review, chance.uniform(150, 182))
    yield Leg(PLAN, decided, ("conference-decided",), tuple(deeds))
    yield Leg(ENDING, ends, ("no-longer-at-risk",), (
        Deed(Do.FORM, "ending-record", ends + 10 * MINUTE, answers={"ground-met": "no longer at continuing risk"}),
        Deed(Do.DECIDE, "ground", ends + 20 * MINUTE, ("reduced-risk",)),
        Deed(Do.NOTICE, "ending-notice", at_work(chance, ends, 1)),
        Deed(Do.DECIDE, "onward", at_work(chance, ends, 7), ("none-wanted",)),
    ))  # fmt: skip


def allegation_case(chance: Random, at: datetime) -> Iterator[Leg]:
    """An allegation against somebody who works with children, most of them concluded within a month."""
    enquired = at_work(chance, at, chance.uniform(1, 5))
    concluded = at_work(chance, enquired, chance.uniform(5, 24) if chance.random() < 0.62 else chance.uniform(25, 160))
    proven = chance.random() < 0.36
    local = chance.choice(("unsubstantiated", "unsubstantiated", "unfounded", "false", "malicious"))
    yield Leg(ALLEGATION, at, ("abuse-alleged",), (
        Deed(Do.FORM, "allegation-record", at + HOUR), Deed(Do.GO, "enquiries", enquired),
        Deed(Do.DECIDE, "strand-conclusions", concluded, ("substantiated" if proven else "not-substantiated",)),
        Deed(Do.DECIDE, "allegation-outcome", concluded + HOUR, ("substantiated" if proven else local,)),
        Deed(Do.CLOSE, "", at_work(chance, concluded, 3)),
    ), chance.choices(("own-staff", "volunteer", None), (2, 1, 5))[0])  # fmt: skip


def death_case(chance: Random, died: datetime, at: datetime) -> Iterator[Leg]:
    """The response to an unexpected death that is reported at ``at``, up to the review by the panel."""
    post_mortem = at_work(chance, at, 3)
    discussed = at_work(chance, at, chance.uniform(60, 110))
    yield Leg(RESPONSE, at, ("child", "not-anticipated"), (
        Deed(Do.EVENT, "death", at, happened=died),
        Deed(Do.EVENT, "death-confirmed", at, happened=died + 20 * MINUTE),
        Deed(Do.GO, "notification", at + 2 * HOUR), Deed(Do.GO, "planning", at + 4 * HOUR),
        Deed(Do.MEETING, "planning-discussion", at + chance.uniform(5, 20) * HOUR),
        Deed(Do.GO, "enquiries", at + 21 * HOUR),
        Deed(Do.FORM, "visit-record", at + (22.5 if chance.random() > LATE else 40) * HOUR),
        Deed(Do.GO, "post-mortem", post_mortem), Deed(Do.FORM, "coroner-report", within(chance, at, 27, 60)),
        Deed(Do.MEETING, "second-discussion", at_work(chance, at, 40)), Deed(Do.GO, "final-discussion", discussed),
        Deed(Do.MEETING, "final-discussion", discussed + HOUR), Deed(Do.FORM, "final-minutes", discussed + 3 * HOUR),
        Deed(Do.GO, "panel-review", at_work(chance, discussed, 10)),
        Deed(Do.CLOSE, "", at_work(chance, discussed, chance.uniform(40, 150))),
    ))  # fmt: skip
