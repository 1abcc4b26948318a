"""Whether enough of the agencies were there. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backend.pathways.definitions.records import Quorum


@dataclass(frozen=True, slots=True)
class QuorumFound:
    """``present`` are the agencies that were there, ``missing`` those of the definition that were not.

    ``wanted`` is how many agencies there have to be; None where no number is named.
    """

    met: bool
    present: tuple[str, ...]
    missing: tuple[str, ...]
    wanted: int | None

    def kept(self) -> dict[str, Any]:
        """As plain data."""
        return {"present": list(self.present), "missing": list(self.missing), "wanted": self.wanted}


def quorum_of(rule: Quorum | None, agencies: Iterable[str]) -> QuorumFound:
    """What is found of a quorum, from the agency of each who came: agencies count, not people.

    Without a rule it is met by anybody. Where the source names nothing that can be counted (neither a number nor
    agencies), its text is for people to judge and it counts as met. Whoever speaks for ``any`` or for ``family``
    is no agency.
    """
    present = tuple(sorted(set(agencies) - {"any", "family"}))
    if rule is None:
        return QuorumFound(met=True, present=present, missing=(), wanted=None)
    missing = tuple(code for code in rule.agencies if code not in present)
    enough = rule.at_least is None or len(present) >= rule.at_least
    return QuorumFound(met=enough and not missing, present=present, missing=missing, wanted=rule.at_least)
