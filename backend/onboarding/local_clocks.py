"""A partnership's own clock values, tried against every national definition that is shipped."""

from functools import cache
from importlib import resources
from typing import Any

from backend.clocks.definitions import PathwayClocks, baseline


@cache
def pathways() -> tuple[PathwayClocks, ...]:
    """Every shipped pathway's clocks, in order of family and name."""
    families = {folder.name: folder for folder in resources.files("tenants.baseline").iterdir() if folder.is_dir()}
    return tuple(
        baseline(family, name.removesuffix(".yaml"))
        for family in sorted(families)
        for name in sorted(file.name for file in families[family].iterdir())
        if name.endswith(".yaml")
    )


def checked_owner_roles(local: Any) -> list[str]:  # as read from a file
    """The roles that own a clock once ``local`` is laid over the national values.

    Raises ``ValueError`` for a clock that does not exist, a value that a clock cannot have, and a
    ``must`` that is loosened without a recorded authority.
    """
    if not isinstance(local, dict) or not all(isinstance(values, dict) for values in local.values()):
        message = "settings: clocks: must map a clock's id to the values that differ"
        raise ValueError(message)
    shipped = {clock.id for pathway in pathways() for clock in pathway.clocks}
    if unknown := sorted(set(local) - shipped):
        known = ", ".join(sorted(shipped))
        message = f"settings: clocks: there is no clock {unknown[0]}; choose from {known}"
        raise ValueError(message)
    laid = [pathway.with_local(local) for pathway in pathways()]
    return sorted({clock.role for pathway in laid for clock in pathway.clocks})
