"""What an alert policy may say, and the order in which its ladder is climbed. Pure.

No source prints an acknowledgement time, so none is shipped: a policy whose answered steps lack
one cannot be put in force.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tenants.contacts.models import Channel


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Frozen):
    """Whom a step tries: whoever is on the rota of a role, or a post of the directory."""

    kind: Literal["rota", "directory"]
    role: str = Field(min_length=1, max_length=60)


class Step(_Frozen):
    """One rung. ``acknowledge_within`` is in seconds, counted from the moment of paging."""

    target: Target
    channels: tuple[Channel, ...] = Field(min_length=1)
    acknowledge_within: int | None = Field(None, ge=10, le=86_400)


class SlotPolicy(_Frozen):
    """A role that must be reached, and its ladder.

    ``needs_answer`` false is a notice: handed over is enough. ``repeat`` is how often the whole
    ladder is climbed again when nobody answers.
    """

    role: str = Field(min_length=1, max_length=60)
    template: str = Field(min_length=1, max_length=60)
    required: bool = True
    needs_answer: bool = True
    repeat: int = Field(0, ge=0, le=10)
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        for number, step in enumerate(self.steps, start=1):
            if self.needs_answer and step.acknowledge_within is None:
                message = f"step {number} of slot {self.role} needs acknowledge_within: no source gives a time"
                raise ValueError(message)
            if self.needs_answer and step.target.kind != "rota":
                message = f"step {number} of slot {self.role} must try a rota: a desk cannot acknowledge"
                raise ValueError(message)
        return self

    def rung(self, number: int) -> Step | None:
        """The step at ``number`` (from 0) over all repeats, or None past the end of the ladder."""
        if number >= len(self.steps) * (self.repeat + 1):
            return None
        return self.steps[number % len(self.steps)]
