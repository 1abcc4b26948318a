"""What is wrong with a definition: the file, the line, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from backend.kit.problems import FieldError, Invalid, Problem


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault. ``str`` gives it as one line: file, line, what is wrong, and the remedy."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        end = "" if self.remedy.endswith("?") else "."
        return " ".join(f"{self.file}:{self.line}: {self.message}; {self.remedy}{end}".split())


class Faulty(Problem):
    """Files that cannot be used. Each of ``faults`` is a line of its own; there is at least one."""

    code = "FAULTY_DEFINITION"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Sequence[Fault] = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def as_invalid(self) -> Invalid:
        """The same of a text that somebody gave: its lines are the fields."""
        return Invalid(
            [FieldError(f"{fault.file}:{fault.line}", f"{fault.message}; {fault.remedy}") for fault in self.faults]
        )


def choose(word: object, known: Iterable[str]) -> str:
    """The remedy for an unknown ``word``: the known one that it resembles, or all of a few, or where to add it."""
    listed = sorted(known)
    close = get_close_matches(str(word), listed, n=1, cutoff=0.6)
    close = close or [one for one in listed if word and one.startswith(str(word))][:1]
    if close:
        return f"did you mean `{close[0]}`?"
    if not listed:
        return "define it first"
    if len(listed) <= 12:
        return f"choose from {', '.join(listed)}"
    return "define it, or correct its spelling"
