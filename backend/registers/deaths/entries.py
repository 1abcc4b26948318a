"""An entry of the register of deaths as it is read, and what follows from its steps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from backend.child_deaths.models import ChildDeath
from backend.registers.deaths.models import DeathNotice, DeathStep, StepKind


class ReviewStatus(StrEnum):
    """How far the review has come."""

    NOTIFIED = "notified"
    GATHERING = "gathering"
    READY_FOR_PANEL = "ready_for_panel"
    REVIEWED = "reviewed"
    REVIEWED_ELSEWHERE = "reviewed_elsewhere"


@dataclass(frozen=True, slots=True)
class AgencyForm:
    """One agency's form B: when it was asked for, when it came."""

    body: str
    requested_at: datetime | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the register is narrowed by; days are those of the death, areas are codes of our own."""

    died_from: date | None = None
    died_until: date | None = None
    area_of_death: str | None = None
    home_area: str | None = None
    of_residents: bool | None = None
    unexpected: bool | None = None
    unmatched: bool | None = None
    status: ReviewStatus | None = None


@dataclass(frozen=True, slots=True)
class DeathEntry:
    """A death that was reported, with its notices and steps. Area names are None for a home elsewhere."""

    death: ChildDeath
    area_of_death: str
    coroner_area: str
    home_area: str | None
    notices: tuple[DeathNotice, ...]
    steps: tuple[DeathStep, ...]
    same_as: tuple[UUID, ...]
    days_unmatched: int | None

    @property
    def of_resident(self) -> bool:
        """The usual home is in the partnership, whose panel reviews the death then."""
        return self.death.home_area_id is not None

    @property
    def status(self) -> ReviewStatus:
        return status_of(self.steps)

    def first(self, kind: StepKind) -> datetime | None:
        """When a step was first done."""
        return min((step.done_at for step in self.steps if step.kind is kind), default=None)

    @property
    def panels_told(self) -> list[tuple[str, datetime]]:
        """Which panels were told, and when."""
        return [(step.body or "", step.done_at) for step in self.steps if step.kind is StepKind.PANEL_TOLD]

    @property
    def panels_to_tell(self) -> list[str]:
        """Panels that the jurisdiction asks to be told and that nobody is noted to have told yet.

        The panel of the usual home reviews; where that is elsewhere it has to be told (¶5.49).
        """
        told = {body.casefold() for body, _ in self.panels_told}
        wanted = [self.death.home_area_outside] if self.death.home_area_outside else []
        return [one for one in wanted if one.casefold() not in told]

    @property
    def forms_b(self) -> list[AgencyForm]:
        """Each agency's form B, in the order in which they were first heard of."""
        bodies = dict.fromkeys(
            step.body or "" for step in self.steps
            if step.kind in {StepKind.FORM_B_REQUESTED, StepKind.FORM_B_RECEIVED}
        )  # fmt: skip
        return [
            AgencyForm(body, self._of(body, StepKind.FORM_B_REQUESTED), self._of(body, StepKind.FORM_B_RECEIVED))
            for body in bodies
        ]

    def _of(self, body: str, kind: StepKind) -> datetime | None:
        return min((step.done_at for step in self.steps if step.kind is kind and step.body == body), default=None)


def status_of(steps: Sequence[DeathStep]) -> ReviewStatus:
    """The furthest that any step has brought the review."""
    kinds = {step.kind for step in steps}
    for kind, status in (
        (StepKind.REVIEWED, ReviewStatus.REVIEWED), (StepKind.REVIEWED_ELSEWHERE, ReviewStatus.REVIEWED_ELSEWHERE),
        (StepKind.READY_FOR_PANEL, ReviewStatus.READY_FOR_PANEL),
    ):  # fmt: skip
        if kind in kinds:
            return status
    gathering = {StepKind.FORM_B_REQUESTED, StepKind.FORM_B_RECEIVED, StepKind.FORM_C_AGREED}
    return ReviewStatus.GATHERING if kinds & gathering else ReviewStatus.NOTIFIED
