"""Every statistic with what it counts, in words, and the paragraph that asks for it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    TIMELINESS = "timeliness"
    REFERRALS = "referrals"
    CHILDREN_ON_PLANS = "children_on_plans"
    PLANS_STARTED = "plans_started"
    PLANS_ENDED = "plans_ended"
    ALLEGATIONS = "allegations"
    CHILD_DEATHS = "child_deaths"


class Unit(StrEnum):
    """NUMBER counts something; DAYS are 24 hours each and may have a fraction."""

    NUMBER = "number"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of each row. ``of`` names the count that a figure in days was worked out from."""

    code: str
    counts: str
    unit: Unit = Unit.NUMBER
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Defined:
    """What a statistic is of, by what its rows are grouped, and what they count."""

    code: Code
    title: str
    definition: str
    citation: str
    dimensions: tuple[str, ...]
    measures: tuple[Measure, ...]


_ALL: Final = (
    Defined(
        Code.TIMELINESS, "Time limits kept",
        "Limits that fell due in the period, of clocks whose passing is a breach or needs a reason; those that were"
        " cancelled, lapsed by law or yield to a stronger one of the same duty are left out. By the area of the case."
        " With an age band: of cases with a child of that age when the case was opened.",
        "Working Together 2005 ¶3.29-3.33",
        ("pathway", "clock", "area"),
        (
            Measure("limits", "Limits that fell due."),
            Measure("in_time", "Done by the limit."),
            Measure("late", "Done after the limit, or passed and not done yet."),
            Measure("not_done", "Of the late ones, those not done yet."),
            Measure("explained", "Of the late ones, those for which a reason is recorded."),
            Measure("departed", "Of the late ones, those under an authorised departure from the clock."),
            Measure("running", "Not done, with the limit not passed as the clock stands: one that was extended."),
            Measure("done", "Done, in time or late."),
            Measure("median_days", "Days from start to done, not exceeded by half of those done.", Unit.DAYS, "done"),
            Measure("ninetieth_days", "The same for nine tenths of those done.", Unit.DAYS, "done"),
        ),
    ),
    Defined(
        Code.REFERRALS, "Referrals by source and outcome",
        "Referrals to children's social care that were begun in the period, by the area of the case, who referred and"
        " the last decision on the next step. With an age band: those about a child of that age on the day.",
        "Working Together 2005 ¶4.15-4.22",
        ("area", "source", "outcome"),
        (
            Measure("referrals", "Referrals."),
            Measure("children", "Children they are about, once for each referral."),
            Measure("repeated", "Referrals about a child who had been referred in the twelve months before."),
        ),
    ),
    Defined(
        Code.CHILDREN_ON_PLANS, "Children with a child protection plan at a date",
        "Children who had a plan when the period ended: decided on before, and not ended by then. By the area of the"
        " case, the child's age then and the category last recorded before.",
        "Working Together 2005 ¶4.122-4.124",
        ("area", "age", "category"),
        (
            Measure("children", "Children with a plan."),
            Measure("over_two_years", "Those whose plan had lasted for two years or more."),
        ),
    ),
    Defined(
        Code.PLANS_STARTED, "Child protection plans that began",
        "Plans decided on in the period, once for each child, by the area of the case and the category last recorded"
        " before the end of the period. With an age band: by the child's age when the plan began.",
        "Working Together 2005 ¶4.83, 4.124",
        ("area", "category"),
        (
            Measure("children", "Children whose plan began."),
            Measure("second_or_later", "Those who had had a plan here before, however long ago."),
        ),
    ),
    Defined(
        Code.PLANS_ENDED, "Child protection plans that ended",
        "Plans that ended in the period, once for each child, by the area of the case. With an age band: by the"
        " child's age when the plan ended.",
        "Working Together 2005 ¶4.114-4.116",
        ("area",),
        (
            Measure("children", "Children whose plan ended."),
            Measure("lasted_two_years", "Those whose plan had lasted for two years or more."),
            Measure("median_days", "Days from decision to end, not exceeded by half of them.", Unit.DAYS, "children"),
        ),
    ),
    Defined(
        Code.ALLEGATIONS, "Allegations against people who work with children",
        "Allegations received in the period, by the area of the case and the outcome last decided on. With an age"
        " band: those about a child of that age when the case was opened.",
        "Working Together 2005 ¶4.145-4.154; Cambridgeshire and Peterborough manual L2126-2127",
        ("area", "outcome"),
        (
            Measure("allegations", "Allegations."),
            Measure("closed", "Those that are closed."),
            Measure("within_month", "Those closed within one month of being received."),
            Measure("median_days", "Days from receipt to close, not exceeded by half of them.", Unit.DAYS, "closed"),
        ),
    ),
    Defined(
        Code.CHILD_DEATHS, "Deaths of children by panel and state of the review",
        "Deaths reported in the period, by the area whose panel reviews them, which is that of the child's home, and"
        " how far the response has come: its stage, reviewed, or notified where none was called for. With an age"
        " band: by the age at death.",
        "Working Together 2005 ¶5.48-5.54; Working Together 2006 summary s30",
        ("panel", "state"),
        (
            Measure("deaths", "Deaths."),
            Measure("unexpected", "Those that were unexpected."),
        ),
    ),
)  # fmt: skip
STATISTICS: Final[dict[Code, Defined]] = {one.code: one for one in _ALL}
