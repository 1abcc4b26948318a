"""Archetype files: found by name or path, read strictly, faults named in one line."""

from collections.abc import Hashable
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from backend.directory.csv_files import read_csv
from backend.kit.problems import Problem
from backend.onboarding.archetype import Archetype
from backend.pathways.definitions import archetypes
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import PATHWAY_OVERLAYS
from backend.thresholds.files import of_archetype
from backend.thresholds.publishing import content_of

SERVICES: Final = "services.csv"
_REMEDIES = {
    "extra_forbidden": "is not known here; remove it or correct its spelling",
    "missing": "is missing; add it",
    "model_type": "holds no mapping; begin it with key: value pairs",
    "string_type": "must be text; put it in quotes",
}


class ArchetypeError(Problem):
    """A file that cannot be loaded: its name, the place in it, and what to do."""


class _OneMeaning(yaml.SafeLoader):
    """YAML in which a key stands once: by itself YAML silently keeps the last of two."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key} stands there twice; remove one", node.start_mark
                )
        return super().construct_mapping(node, deep=deep)


def names() -> list[str]:
    """The reference partnerships that are shipped."""
    files = resources.files("tenants.archetypes").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def load(name: str) -> Archetype:
    """A shipped archetype by name, or any by the path of its file. Raises ``ArchetypeError``."""
    if name in names():
        folder = resources.files("tenants.archetypes")
        parts = [f"{name}.yaml", f"{name}/policies.yaml"]
        contents = [_content(folder.joinpath(part).read_text("utf-8"), part) for part in parts]
        return _archetype(_joined([*contents, _overlays(name), _thresholds(name), _services(name)]), parts[0])
    if not name.endswith((".yaml", ".yml")):
        known = ", ".join(names())
        raise ArchetypeError(f"There is no archetype {name}; choose from {known}, or give a .yaml file's path.")
    try:
        text = Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ArchetypeError(f"{name}: cannot be read: {reason}.") from error
    return parse(text, name)


def parse(text: str, file: str) -> Archetype:
    """The archetype in ``text``. Raises ``ArchetypeError`` that begins with ``file``."""
    return _archetype(_content(text, file), file)


def _joined(parts: list[Any]) -> dict[str, Any]:
    """One archetype from several files: lists under the same key are joined in the files' order."""
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            whole[key] = whole[key] + value if key in whole else value
    return whole


def _overlays(name: str) -> dict[str, Any]:
    """The partnership's overlays of pathway definitions as a setting, checked against the definitions."""
    found = archetypes.overlays(name) if name in archetypes.names() else []
    archetypes.effective(shipped(), found)
    kept = [file.overlay.model_dump(mode="json", exclude_defaults=True) for file in found]
    return {"settings": [{"key": PATHWAY_OVERLAYS, "value": kept, "origin": "local"}]}


def _thresholds(name: str) -> dict[str, Any]:
    """The partnership's threshold document, checked against the definitions that it opens."""
    found = of_archetype(name)
    return {"thresholds": [content_of(found)]} if found is not None else {}


def _services(name: str) -> dict[str, Any]:
    """The partnership's directory of services."""
    file = resources.files("tenants.archetypes") / name / SERVICES
    if not file.is_file():
        return {}
    return {"services": read_csv(file.read_text("utf-8"), f"{name}/{SERVICES}").model_dump(mode="json")}


def _content(text: str, file: str) -> Any:  # as read from a file
    try:
        return yaml.load(text, _OneMeaning)  # noqa: S506  # derived from the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ArchetypeError(f"{file}: line {line}: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise ArchetypeError(f"{file}: is not YAML: {' '.join(str(error).split())}.") from error


def _archetype(content: Any, file: str) -> Archetype:  # as read from a file
    try:
        return Archetype.model_validate(content)
    except ValidationError as error:
        raise ArchetypeError(f"{file}: {_first_fault(error)}.") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    message = _REMEDIES.get(fault["type"], " ".join(fault["msg"].removeprefix("Value error, ").split()))
    place = ".".join(str(part) for part in fault["loc"])
    more = f" ({error.error_count() - 1} more after this)" if error.error_count() > 1 else ""
    return f"{place}: {message}{more}" if place else f"{message}{more}"
