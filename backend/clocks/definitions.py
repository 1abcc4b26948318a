"""What clocks a pathway starts: the national rules with the partnership's own values over them."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Self

import yaml
from pydantic import model_validator

from backend.clocks.figures import limits_of
from backend.clocks.limits import Force, Part
from backend.clocks.rules import RULE, Rule, parse_rule

# What a partnership may say otherwise without loosening anything.
_HARMLESS: Final = {
    "action", "role", "citation", "confidence", "origin", "authority", "wording", "duty", "force", "limit",
    "warn_before", "tell_on_breach",
}  # fmt: skip

# The clocks that the report of a death starts. A definition has more of them, which nothing runs yet.
RUN: Final = frozenset({"child-death-first-discussion", "child-death-scene-visit", "child-death-coroner-report"})


class PathwayClocks(Part):
    """The clocks of one pathway."""

    id: str
    title: str
    edition: str
    clocks: tuple[Rule, ...]

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


def _overlaid(base: Rule, values: Mapping[str, Any]) -> Rule:
    """A kind of its own takes from the national rule whatever it has in common with it."""
    kept = RULE.dump_python(base, mode="json", exclude_defaults=True)
    kind = values.get("kind", base.kind)
    if kind != base.kind:
        kept = {name: kept[name] for name in ("id", "action", "role", "force", "citation", "start") if name in kept}
    # The source's word gives way to the partnership's figure.
    worded = {} if kind == "qualitative" else {"wording": None}
    changed = parse_rule({**kept, **worded, **values, "kind": kind, "origin": "local"})
    if base.force is Force.MUST and not changed.authority and _looser(base, changed):
        message = f"{base.id}: a limit that must be kept is loosened; name the authority for it"
        raise ValueError(message)
    return changed


def _looser(base: Rule, changed: Rule) -> bool:
    """Whether anything but a smaller figure in the same unit, or what binds nobody, differs."""
    if changed.force is not Force.MUST or changed.kind != base.kind:
        return True
    national, local = limits_of(base), limits_of(changed)
    if len(national) != len(local):
        return True
    if any(
        ours.unit is not theirs.unit or ours.value > theirs.value for theirs, ours in zip(national, local, strict=True)
    ):
        return True
    return base.model_dump(exclude=_HARMLESS) != changed.model_dump(exclude=_HARMLESS)


@cache
def baseline(family: str, pathway: str) -> PathwayClocks:
    """The national definition's clocks that run. Raises ``FileNotFoundError`` for one that is not shipped."""
    file = resources.files("tenants.baseline").joinpath(family, f"{pathway}.yaml")
    content = yaml.safe_load(file.read_text("utf-8"))
    rules = [parse_rule(_spelt_for_rotas(clock)) for clock in content["clocks"] if clock["id"] in RUN]
    return PathwayClocks(id=content["id"], title=content["title"], edition=content["edition"], clocks=tuple(rules))


def _spelt_for_rotas(clock: Mapping[str, Any]) -> dict[str, Any]:
    """Rotas spell the names of roles with underscores."""
    return {**clock, "role": clock["role"].replace("-", "_")}
