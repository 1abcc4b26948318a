"""Which rung of a ladder is paged: one function for the alert that runs and the preview on a screen. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from notifications.alerts.responders import Responder, Responders
from notifications.ladders.policy import SlotPolicy, Step


class PassedOver(StrEnum):
    """Why a rung was not paged. Only the first is a fault of set-up."""

    NOBODY = "nobody"
    OUT_OF_HOURS = "out_of_hours"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung by its number from 0 in one climb, and whom it reaches or why it was passed over."""

    number: int
    step: Step
    reached: tuple[Responder, ...] = ()
    passed_over: PassedOver | None = None


@dataclass(frozen=True, slots=True)
class Climb:
    """The rungs passed over from a place on, and the first one that reaches somebody, if any does."""

    passed: tuple[Rung, ...]
    paged: Rung | None


def climb(plan: SlotPolicy, number: int, responders: Responders, declined: AbstractSet[UUID] = frozenset()) -> Climb:
    """Go up from rung ``number`` until somebody is reached who has not declined.

    A rung outside its hours, or that reaches nobody, is passed over at once: none is waited for.
    """
    passed: list[Rung] = []
    while (step := plan.rung(number)) is not None:
        rung = _at(number, step, responders, declined)
        if rung.passed_over is None:
            return Climb(tuple(passed), rung)
        passed.append(rung)
        number += 1
    return Climb(tuple(passed), None)


def _at(number: int, step: Step, responders: Responders, declined: AbstractSet[UUID]) -> Rung:
    if not responders.in_hours(step):
        return Rung(number, step, passed_over=PassedOver.OUT_OF_HOURS)
    found = responders.at_step(step)
    if not found:
        return Rung(number, step, passed_over=PassedOver.NOBODY)
    willing = [responder for responder in found if responder.person_id not in declined]
    if not willing:
        return Rung(number, step, passed_over=PassedOver.DECLINED)
    # Of a team one is asked: whose turn it is, or the next who can be.
    return Rung(number, step, tuple(willing[:1] if step.target.kind == "team" else willing))
