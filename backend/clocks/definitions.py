"""What clocks a pathway starts: the national definition with the partnership's own values over it."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.clocks.deadlines import Limit, Unit
from backend.clocks.models import Force


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
    """The national definition. Raises ``FileNotFoundError`` for one that is not shipped."""
    file = resources.files("tenants.baseline").joinpath(family, f"{pathway}.yaml")
    return PathwayClocks.model_validate(yaml.safe_load(file.read_text("utf-8")))
