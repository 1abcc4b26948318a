"""What all clocks have in common, whatever their kind. Pure data."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from backend.clocks.limits import ClockId, Code, Condition, Confidence, Force, Line, OtherSetting, Part


class ClockRule(Part):
    """What every kind has. ``action`` is what must be done, ``role`` the code of the role that must do it.

    Clocks with the same ``duty`` bind one duty: the earliest is shown, and the strongest force breached.
    ``authority`` is what a partnership records when it loosens a ``must``.
    """

    id: ClockId
    action: Line
    role: Code
    force: Force
    citation: Line
    confidence: Confidence = Confidence.STATED
    origin: Literal["baseline", "local"] = "baseline"
    authority: Line | None = None
    duty: Code | None = None
    condition: Condition | None = None

    @model_validator(mode="after")
    def _other_case_has_a_limit(self) -> Self:
        setting = self.condition is not None and isinstance(self.condition.otherwise, OtherSetting)
        if setting and "limit" not in type(self).model_fields:
            raise ValueError("only a clock with a limit can have another limit in the other case")
        return self


class WordedRule(ClockRule):
    """``wording`` keeps the source's own words where a figure interprets them ("a minimum of 48 hours")."""

    wording: Line | None = None
