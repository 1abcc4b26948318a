"""Where printed numbers repeat, skip or start afresh: each is a doubt with its line, and nothing is renumbered."""

from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.parsing.marks import Mark

_MOST_NAMED: Final = 3


class Numbering:
    """Holds numbers through the manual or a chapter against the last there, those of a list against its last item."""

    def __init__(self, doubts: list[Doubt]) -> None:
        self._doubts = doubts
        self._last: dict[str, tuple[tuple[int, ...], str]] = {}
        self._container: str | None = None

    def through(self, number: str, parts: tuple[int, ...], container: str, line: int, repeated: str | None) -> None:
        """``repeated`` is the address given to a number that was there before."""
        before = self._last.get(container)
        if container != self._container and container and before is None:
            told = f"numbering starts afresh: {number} is kept as {container}/{number}"
            self._say(line, DoubtKind.NUMBERING_RESTARTED, told)
        self._container = container
        self._last[container] = parts, number
        if repeated is not None:
            self._say(line, DoubtKind.NUMBER_REPEATED, f"{number} was there before; this one is kept as {repeated}")
        elif before is not None:
            self._against(before, parts, number, line)

    def chapter(self, number: str, marker: str) -> None:
        """A heading such as Chapter 3: the numbers that follow begin with it, unless they start afresh."""
        if number.isdigit():
            before = self._last.get("")
            if before is None or before[0] < (int(number),):
                self._last[""] = (int(number),), marker.rstrip(":. ")

    def _against(self, before: tuple[tuple[int, ...], str], parts: tuple[int, ...], number: str, line: int) -> None:
        old, printed = before
        if parts < old:
            self._say(line, DoubtKind.NUMBERING_RESTARTED, f"{number} comes after {printed}")
            return
        depth = next((place for place, (a, b) in enumerate(zip(old, parts, strict=False)) if a != b), len(old))
        if depth >= len(parts):
            return
        known = old[depth] if depth < len(old) else 0
        if parts[depth] > known + 1:
            self._skipped(parts[: depth + 1], known, f"{printed} is followed by {number}", line)

    def list_item(self, mark: Mark, before: tuple[int, ...], line: int, repeated: str | None) -> None:
        """``before`` is what the item before in the same list counts, empty for the first of a list."""
        value = mark.parts[0] if mark.parts else 0
        last = before[0] if before else 0
        if repeated is not None and value == 1 and last:
            self._say(
                line, DoubtKind.NUMBERING_RESTARTED, f"the list starts afresh at {mark.number}; kept as {repeated}"
            )
        elif repeated is not None:
            self._say(line, DoubtKind.NUMBER_REPEATED, f"{mark.number} was there before; kept as {repeated}")
        elif value < last:
            self._say(line, DoubtKind.NUMBERING_RESTARTED, f"{mark.number} comes after the {last}. item of its list")
        elif value > last + 1:
            told = f"the list starts at {mark.number}" if not last else f"the {last}. item is followed by {mark.number}"
            self._say(line, DoubtKind.NUMBER_SKIPPED, told)

    def _skipped(self, parts: tuple[int, ...], known: int, told: str, line: int) -> None:
        stem = "".join(f"{part}." for part in parts[:-1])
        missing = [f"{stem}{number}" for number in range(known + 1, parts[-1])]
        named = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
        self._say(line, DoubtKind.NUMBER_SKIPPED, f"{told}: there is no {named}")

    def _say(self, line: int, kind: DoubtKind, text: str) -> None:
        self._doubts.append(Doubt(line, kind, text))
