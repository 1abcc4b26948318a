"""What a partnership can let an application do, one area of data at a time. Pure.

No scope opens a child's record, and what is not named here is closed. A scope lets an application change what the
partnership keeps, or tell it of a child, and never do what somebody answers for by name: answering an alert, deciding
on a case and handing over are done by people. The words are what an administrator reads before agreeing.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing that can be granted. ``fields`` are the root queries it opens, ``changes`` the mutations.

    ``names`` is whether people are named.
    """

    code: str
    title: str
    lets: str
    fields: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    names: bool = False


AD_HOC: Final = "queries:ad-hoc"
ALWAYS: Final = frozenset({"partnership", "__schema", "__type", "__typename"})
"""Root fields that any grant opens: the partnership's own name and areas, and the published schema."""

_ALL: Final = (
    Scope(
        "directory:read", "The directory",
        "Read the posts, desks and systems that can be called, with their numbers and addresses; no webhook's.",
        frozenset({"directoryEntries"}),
    ),
    Scope(
        "directory:write", "Keeping the directory",
        "Enter, change and retire the posts and desks that can be called, by documents that were approved for it alone."
        " Alerts go to the numbers and addresses that it enters. No webhook can be entered, changed or read by it.",
        changes=frozenset({"createDirectoryEntry", "changeDirectoryEntry", "retireDirectoryEntry"}),
    ),
    Scope(
        "rotas:read", "Who is on call",
        "Read the rotas and who is on call for a role, with the names and posts of practitioners.",
        frozenset({"onCallNow", "rotas", "rota"}), names=True,
    ),
    Scope(
        "alerts:read", "Alerts",
        "Read when alerts were raised and answered, and by whom, but for those of restricted cases;"
        " be told of them by webhook. Nothing of the case or the child.",
        frozenset({"alert", "alerts"}), frozenset({"alert.raised", "alert.met", "alert.closed"}), names=True,
    ),
    Scope(
        "pathways:read", "Pathways",
        "Read the editions of the partnership's pathways, and be told by webhook when one comes into force.",
        frozenset({"pathwayEditions", "pathwayEdition", "pathwayDifferences"}),
        frozenset({"pathway_edition.approved"}),
    ),
    Scope(
        "cases:notify", "That a case was opened",
        "Be told by webhook that a case was opened: its id alone. Nothing of it can be read.",
        events=frozenset({"case.opened"}),
    ),
    Scope(
        "clocks:notify", "That a time limit has run out",
        "Be told by webhook that a time limit was breached: its id alone. Nothing of it can be read.",
        events=frozenset({"clock.breached"}),
    ),
    Scope(
        "referrals:write", "Making referrals",
        "Refer children to children's social care, by documents that were approved for it or trusted: each opens a"
        " case, and the time to acknowledge it begins. It reads back how far what it sent in itself has come, received,"
        " acknowledged, decided or closed, and nothing of the case.",
        frozenset({"referrals", "referral"}), changes=frozenset({"makeReferral"}),
    ),
    Scope(
        AD_HOC, "Queries of its own",
        "Send queries that nobody has looked at beforehand, in smaller amounts. They reach nothing more than the"
        " other scopes do.",
    ),
)  # fmt: skip
SCOPES: Final[dict[str, Scope]] = {scope.code: scope for scope in _ALL}


def fields_of(scopes: frozenset[str]) -> frozenset[str]:
    """The root queries that a set of scopes opens."""
    return ALWAYS.union(*(SCOPES[code].fields for code in scopes if code in SCOPES))


def changes_of(scopes: frozenset[str]) -> frozenset[str]:
    """The mutations that a set of scopes opens."""
    return frozenset[str]().union(*(SCOPES[code].changes for code in scopes if code in SCOPES))


def events_of(scopes: frozenset[str]) -> frozenset[str]:
    """The types of events that a set of scopes lets an application be told of."""
    return frozenset().union(*(SCOPES[code].events for code in scopes if code in SCOPES))
