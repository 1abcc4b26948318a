"""Tests that a criterion makes: how long, how often, how great. Pure data."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from backend.clocks.limits import Code, Part, Span


class Lasting(Part):
    """From ``begins`` to ``ends`` is at least so long, be the end actual or expected: a planned stay counts on
    its first day.
    """

    begins: Code
    ends: Code
    at_least: Span


class Counted(Part):
    """``event`` recorded at least so often, or on so many different days, within any ``within`` on end.

    No ``within`` counts all of them. Without ``at_least`` the partnership sets the number, under ``setting``.
    """

    event: Code
    by: Literal["occurrences", "days"] = "occurrences"
    at_least: Annotated[int, Field(ge=1)] | None = None
    setting: Code | None = None
    within: Span | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if (self.at_least is None) == (self.setting is None):
            raise ValueError("give at_least, or the setting in which the partnership writes it")
        return self


class Sized(Part):
    """A recorded span, such as a sentence of twelve months, is at least so long, or longer where ``exclusive``."""

    fact: Code
    at_least: Span
    exclusive: bool = False


def _form(value: Any) -> str:
    if not isinstance(value, dict):
        return type(value).__name__
    return "Lasting" if "begins" in value else "Sized" if "fact" in value else "Counted"


Test = Annotated[
    Annotated[Lasting, Tag("Lasting")] | Annotated[Counted, Tag("Counted")] | Annotated[Sized, Tag("Sized")],
    Discriminator(_form),
]
"""Any of them, told apart by what it tests: two events, a fact, or one event that is counted."""
