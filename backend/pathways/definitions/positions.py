"""YAML with the line of every value, and with one meaning only: no key twice, no anchors, text keys."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from backend.pathways.definitions.faults import Fault, Faulty

Path = tuple[str | int, ...]
_SCALARS: Final = yaml.constructor.SafeConstructor()
# libyaml gives the same nodes in a seventh of the time, which counts once every definition is read at start.
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where. ``lines`` counts from 1, by the path of each key and item."""

    file: str
    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of ``path``, or of the nearest part of the file around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def read(text: str, file: str) -> Document:
    """The document in ``text``. Raises ``Faulty`` that begins with ``file``."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
        reader = _Reader(file)
        data = None if node is None else reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Faulty(
            [Fault(file, line, f"this is not YAML: {error.problem}", "mend the line or the one before it")]
        ) from error
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise Faulty([Fault(file, 1, f"this is not YAML: {said}", "save the file as UTF-8 text")]) from error
    if reader.faults:
        raise Faulty(reader.faults)
    return Document(file, data, reader.lines)


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen:
            self.faults.append(Fault(self.file, line, "an anchor is used here", "write the value out in full"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        try:
            return _SCALARS.construct_object(node)
        except (yaml.constructor.ConstructorError, ValueError) as error:
            said = error.problem if isinstance(error, yaml.constructor.ConstructorError) else str(error)
            self.faults.append(Fault(self.file, line, f"{said}", "correct it, or put it in quotes if it is text"))
            return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self.faults.append(
                    Fault(self.file, line, "a key is not a word", "write a single word before the colon")
                )
                continue
            if key in found:
                first = self.lines[(*path, key)]
                remedy = f"keep one of them; the first is on line {first}"
                self.faults.append(Fault(self.file, line, f"{key} stands here twice", remedy))
                continue
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found
