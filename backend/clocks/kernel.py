"""The clock kernel: from a rule and what is recorded, when something is due, or why nothing is. Pure.

``timing_of`` answers for any kind of rule; ``timings_of`` gives one answer for every start where a rule runs
``each`` of them. Nothing here reads a clock or a database: all that counts is in the ``Situation``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from backend.clocks import findings, sentences
from backend.clocks.deadline_timing import agreed_date, deadline, qualitative
from backend.clocks.limits import Condition, Limit, Occurrence, OtherClock, OtherSetting
from backend.clocks.rules import (
    AgreedDate,
    Criterion,
    Deadline,
    Expiry,
    FixedDate,
    Gate,
    LookBack,
    MinimumTerm,
    Qualitative,
    Range,
    RiskWindow,
    Rule,
    Target,
)
from backend.clocks.situation import Situation
from backend.clocks.standing import without_date
from backend.clocks.term_timing import expiry, minimum_term, planned_range, risk_window, target
from backend.clocks.timing import Missing, Reason, Timing

_KINDS: Mapping[type[Any], Callable[[Any, Situation], Timing]] = {
    Deadline: deadline,
    Expiry: expiry,
    MinimumTerm: minimum_term,
    Qualitative: qualitative,
    AgreedDate: agreed_date,
    Range: planned_range,
    RiskWindow: risk_window,
    Target: target,
    Gate: findings.gate,
    Criterion: findings.criterion,
    LookBack: findings.look_back,
    FixedDate: findings.fixed_date,
}


def timing_of(rule: Rule, situation: Situation) -> Timing:
    """Where one clock stands. Of a rule that runs each start it is the first; see ``timings_of``.

    Raises ValueError where an instant has no zone, or a date leaves the years 1 to 9999.
    """
    if rule.condition is not None:
        return _conditional(rule, rule.condition, situation)
    return _KINDS[type(rule)](rule, situation)


def timings_of(rule: Rule, situation: Situation) -> tuple[Timing, ...]:
    """As ``timing_of``, one for every recorded start where the rule runs each of them."""
    start = getattr(rule, "start", None)
    if start is None or start.of is not Occurrence.EACH:
        return (timing_of(rule, situation),)
    moments = situation.moments(start, rule.id) or ()
    code = situation.choices.starts.get(rule.id, start.event) if start.unstated else start.event
    others = dict.fromkeys(start.events, ())
    each = [replace(situation, events={**situation.events, **others, code: (moment,)}) for moment in moments]
    return tuple(timing_of(rule, one) for one in each) or (timing_of(rule, situation),)


def _conditional(rule: Rule, condition: Condition, situation: Situation) -> Timing:
    """A rule with a condition: as without it where it is met, otherwise what the rule says of the other case."""
    value = situation.facts.get(condition.fact)
    if value is None:
        return without_date(rule, Missing(Reason.FACT_NOT_RECORDED, (condition.fact,)))
    # A yes is no number, though True == 1 in Python.
    if value == condition.equals and isinstance(value, bool) is isinstance(condition.equals, bool):
        return _KINDS[type(rule)](rule, situation)
    match condition.otherwise:
        case OtherClock(clock=clock):
            return without_date(rule, Missing(Reason.CONDITION_NOT_MET, (clock,)))
        case OtherSetting(setting=setting):
            return _other_case(rule, condition, setting, situation)
        case _:
            return without_date(rule, Missing(Reason.CONDITION_NOT_MET))


def _other_case(rule: Rule, condition: Condition, setting: str, situation: Situation) -> Timing:
    """With the limit that the partnership has written for when the condition is not met."""
    if setting not in situation.choices.limits:
        return without_date(rule, Missing(Reason.SETTING_NOT_MADE, (setting,)))
    span = situation.choices.limits[setting]
    if span is None:
        return without_date(rule, Missing(Reason.CONDITION_NOT_MET))
    own = Limit.model_construct(value=span.value, unit=span.unit)
    written = rule.model_copy(update={"limit": own, "fall_back": None} if rule.kind == "deadline" else {"limit": own})
    found = _KINDS[type(rule)](written, situation)
    step = (sentences.other_case, (condition.wording or condition.fact, setting))
    return found._replace(rule=rule, steps=(step, *found.steps))
