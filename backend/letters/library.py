"""The templates that come with the product, read once and checked against all that they name."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import yaml

from backend.kit.problems import NotFound
from backend.letters.template import Template, faults
from backend.pathways.definitions.library import shipped as pathways

NO_TEMPLATE: Final = "There is no such template of a letter."


class FaultyTemplate(Exception):
    """A template names what is not there. The message lists every fault."""


@cache
def shipped() -> Mapping[str, Template]:
    """Templates by id. Raises ``FaultyTemplate``."""
    files = sorted((one for one in resources.files("backend.letters").joinpath("templates").iterdir()
                    if one.name.endswith(".yaml")), key=lambda one: one.name)  # fmt: skip
    found = [Template.model_validate(yaml.safe_load(one.read_text("utf-8"))) for one in files]
    items = {
        code: frozenset(one.id for one in entry.definition.information) for code, entry in pathways().entries.items()
    }
    wrong = [f"{one.id}: {fault}" for one in found for fault in faults(one, items)]
    if wrong:
        raise FaultyTemplate("; ".join(wrong))
    return {one.id: one for one in found}


def template(code: str) -> Template:
    """Raises ``NotFound``."""
    if code not in shipped():
        raise NotFound(NO_TEMPLATE)
    return shipped()[code]
