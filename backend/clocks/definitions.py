"""What clocks a pathway starts: the national definition with the partnership's own values over it."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.clocks.deadlines import Limit, Unit
from backend.clocks.limits import Span
from backend.clocks.limits import Unit as PrintedUnit
from backend.clocks.models import Force
from backend.clocks.rules import Deadline, Qualitative, Rule, parse_rule

# The clocks that a report of a death starts. A definition has more of them, which no service runs yet.
RUN: Final = frozenset({"child-death-first-discussion", "child-death-scene-visit", "child-death-coroner-report"})


class ClockDefinition(BaseModel):
    """One clock. ``wording`` keeps a source's word where it gives no figure, such as "at once".

    ``origin`` is ``baseline`` or ``local``; ``start_inferred`` marks a start that no source prints.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    start_event: str
    start_inferred: bool = False
    value: int = Field(ge=0)
    unit: Unit
    wording: str | None = None
    force: Force
    citation: str
    owner_role: str
    remind_before_hours: int = Field(0, ge=0)
    origin: str = "baseline"
    authority: str | None = None

    @property
    def limit(self) -> Limit:
        return Limit(self.value, self.unit)

    @property
    def at_once(self) -> bool:
        return self.value == 0 and self.unit is Unit.HOURS


class PathwayClocks(BaseModel):
    """The clocks of one pathway."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    edition: str
    clocks: tuple[ClockDefinition, ...]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [clock.id for clock in self.clocks]
        if len(set(ids)) != len(ids):
            message = "two clocks have the same id"
            raise ValueError(message)
        return self

    def with_local(self, local: Mapping[str, Mapping[str, Any]]) -> "PathwayClocks":
        """The same with the partnership's values over the national ones.

        Raises ``ValueError`` where a ``must`` would be loosened without a recorded authority.
        """
        clocks = tuple(_overlaid(clock, local[clock.id]) if clock.id in local else clock for clock in self.clocks)
        return self.model_copy(update={"clocks": clocks})


def _overlaid(base: ClockDefinition, values: Mapping[str, Any]) -> ClockDefinition:
    # The source's word gives way to the partnership's figure.
    changed = ClockDefinition.model_validate({**base.model_dump(), "wording": None, **values, "origin": "local"})
    looser = changed.unit is not base.unit or changed.value > base.value or changed.force is not Force.MUST
    if base.force is Force.MUST and looser and not changed.authority:
        message = f"{base.id}: a limit that must be kept is loosened; name the authority for it"
        raise ValueError(message)
    return changed


@cache
def baseline(family: str, pathway: str) -> PathwayClocks:
    """The national definition's clocks that run. Raises ``FileNotFoundError`` for one that is not shipped."""
    file = resources.files("tenants.baseline").joinpath(family, f"{pathway}.yaml")
    content = yaml.safe_load(file.read_text("utf-8"))
    rules = [parse_rule(clock) for clock in content["clocks"] if clock["id"] in RUN]
    return PathwayClocks(
        id=content["id"], title=content["title"], edition=content["edition"],
        clocks=tuple(_simple(rule) for rule in rules),
    )  # fmt: skip


def _simple(rule: Rule) -> ClockDefinition:
    """A rule of one limit, or of words alone, as it is run. Rotas and reports spell names with underscores."""
    if not isinstance(rule, Deadline | Qualitative):
        message = f"{rule.id}: a {rule.kind} is not run"
        raise TypeError(message)
    limit = rule.limit if isinstance(rule, Deadline) else Span(value=0, unit=PrintedUnit.HOURS)
    if not isinstance(limit, Span):
        message = f"{rule.id}: a clock of several limits is not run"
        raise TypeError(message)
    return ClockDefinition(
        id=rule.id, title=rule.action, start_event=rule.start.event.replace("-", "_"),
        start_inferred=rule.start.unstated, value=int(limit.value), unit=Unit(limit.unit), wording=rule.wording,
        force=Force(rule.force), citation=rule.citation, owner_role=rule.role.replace("-", "_"),
        remind_before_hours=max((_hours(span) for span in rule.warn_before), default=0),
    )  # fmt: skip


def _hours(span: Span) -> int:
    return int(span.value) * (24 if span.unit is PrintedUnit.CALENDAR_DAYS else 1)
