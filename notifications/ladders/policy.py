"""What an alert policy may say, and the order in which its ladder is climbed. Pure.

A policy may be written down before it is complete: what it still lacks is told by ``faults`` in
``notifications.ladders.validation``, and nothing lacking anything can be put in force.
"""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from notifications.ladders.hours import Hours
from tenants.contacts.models import Channel

# Roles that stand in a policy for the one that an alert's subject names, such as the owner of a clock.
STAND_INS: Final = frozenset({"owner"})
MOST_STEPS: Final = 10

Code = Annotated[str, Field(min_length=1, max_length=60)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RotaTarget(_Frozen):
    """Whoever is on call for a role. ``position`` 1 is first on call, 2 second."""

    kind: Literal["rota"] = "rota"
    role: Code
    position: int = Field(default=1, ge=1, le=9)

    @property
    def name(self) -> str:
        return self.role


class PersonTarget(_Frozen):
    """A named person, by code."""

    kind: Literal["person"] = "person"
    person: Code

    @property
    def name(self) -> str:
        return self.person


class TeamTarget(_Frozen):
    """The member whose turn it is. Each alert begins with the next; each further rung of it asks one further.

    ``turn`` is frozen into a ladder when its alert is raised; a policy leaves it alone.
    """

    kind: Literal["team"] = "team"
    team: Code
    members: tuple[Code, ...] = Field(min_length=1, max_length=50)
    turn: int = Field(default=0, ge=0)

    @property
    def name(self) -> str:
        return self.team

    def in_turn(self) -> tuple[str, ...]:
        """Members from the one whose turn it is, round to the one before."""
        start = self.turn % len(self.members)
        return self.members[start:] + self.members[:start]


class DirectoryTarget(_Frozen):
    """The desks of a role that serve the alert's areas, by their hours."""

    kind: Literal["directory"] = "directory"
    role: Code

    @property
    def name(self) -> str:
        return self.role


class ContactTarget(_Frozen):
    """One entry of the directory, whatever the hour and area."""

    kind: Literal["contact"] = "contact"
    contact: Code

    @property
    def name(self) -> str:
        return self.contact


class WebhookTarget(_Frozen):
    """Another system, by the code of its entry in the directory; the call is signed."""

    kind: Literal["webhook"] = "webhook"
    endpoint: Code

    @property
    def name(self) -> str:
        return self.endpoint


Target: TypeAlias = Annotated[
    RotaTarget | PersonTarget | TeamTarget | DirectoryTarget | ContactTarget | WebhookTarget,
    Field(discriminator="kind"),
]
CAN_ANSWER: Final = frozenset({"rota", "person", "team"})


class Step(_Frozen):
    """One rung. Times are in seconds from the moment of paging.

    ``page_again_every`` sends the rung's messages again until somebody answers or the rung's time
    is up. Outside ``only_between`` the rung is passed over at once; without it it stands always.
    """

    target: Target
    channels: tuple[Channel, ...] = Field(min_length=1)
    acknowledge_within: int | None = Field(default=None, ge=10, le=86_400)
    page_again_every: int | None = Field(default=None, ge=30, le=86_400)
    only_between: tuple[Hours, ...] = ()


class SlotPolicy(_Frozen):
    """A role that must be reached, and its ladder.

    ``needs_answer`` false is a notice: handed over is enough. ``repeat`` is how often the whole
    ladder is climbed again when nobody answers. Who has answered must confirm attendance within
    ``confirm_within`` seconds where it is set, or the slot is opened and climbed anew.
    """

    role: Code
    template: Code
    required: bool = True
    needs_answer: bool = True
    repeat: int = Field(default=0, ge=0, le=10)
    confirm_within: int | None = Field(default=None, ge=60, le=86_400)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MOST_STEPS)

    @property
    def rungs(self) -> int:
        """How many rungs there are over all repeats."""
        return len(self.steps) * (self.repeat + 1)

    def rung(self, number: int) -> Step | None:
        """The step at ``number`` (from 0) over all repeats, or None past the end of the ladder.

        A team is asked one member further at each of its rungs.
        """
        if number >= self.rungs:
            return None
        step = self.steps[number % len(self.steps)]
        if not isinstance(step.target, TeamTarget):
            return step
        before = sum(self._asks(step.target, earlier) for earlier in range(number))
        return step.model_copy(update={"target": step.target.model_copy(update={"turn": step.target.turn + before})})

    def _asks(self, team: TeamTarget, number: int) -> bool:
        target = self.steps[number % len(self.steps)].target
        return isinstance(target, TeamTarget) and target.team == team.team

    def teams(self) -> set[str]:
        """The teams that the ladder asks in turn."""
        return {step.target.team for step in self.steps if isinstance(step.target, TeamTarget)}
