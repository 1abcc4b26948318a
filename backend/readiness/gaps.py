"""What is unset or doubtful, from facts alone: each gap with what to do about it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from notifications.coverage.findings import WarningKind
from notifications.who_to_call.resolver import Point, Service
from tenants.contacts.service_models import PointKind

REVERIFY: Final = "reverify_contacts_after_days"
"""The setting: after how many days a number counts as unverified again. No source gives one."""
_LEAST, _MOST = 7, 3 * 366


class GapKind(StrEnum):
    """What is unset, in the order of the report."""

    ADMINISTRATION = "administration"
    THRESHOLDS = "thresholds"
    ACKNOWLEDGEMENT_WINDOW = "acknowledgement_window"
    QUALITATIVE_CLOCK = "qualitative_clock"
    PROCEDURES = "procedures"
    NOT_ADOPTED = "not_adopted"
    UNCONFIRMED_VALUE = "unconfirmed_value"
    UNVERIFIED_CONTACT = "unverified_contact"
    EMPTY_ROTA = "empty_rota"
    UNREACHABLE_POST = "unreachable_post"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is not ready: what it is about, what is wrong and what to do."""

    kind: GapKind
    subject: str
    said: str
    remedy: str


def checked_days(value: Any) -> int:  # JSON
    """The value of ``REVERIFY``. Raises ``ValueError`` for one that cannot be in force."""
    if isinstance(value, bool) or not isinstance(value, int) or not _LEAST <= value <= _MOST:
        message = f"{REVERIFY} must be a whole number of days from {_LEAST} to {_MOST:,}"
        raise ValueError(message)
    return value


def of_administration(*, somebody: bool) -> Iterator[Gap]:
    """``somebody`` can sign in and keep the partnership's people; without, nobody can be let in."""
    if not somebody:
        remedy = "Name people and their roles in an archetype file: safeguard partnership create --archetype FILE."
        yield Gap(GapKind.ADMINISTRATION, "people", "Nobody who can sign in may add people.", remedy)


def of_thresholds(in_force: Iterable[str], unset: Mapping[str, str]) -> Iterator[Gap]:
    """``in_force`` are the schemes with a document in force, ``unset`` the sentences of drafts without levels."""
    if "partnership" not in set(in_force):
        said = unset.get("partnership", "The partnership has no threshold document in force.")
        yield Gap(GapKind.THRESHOLDS, "partnership", said, "Draft a threshold document that names levels; approve it.")
    for scheme, said in unset.items():
        if scheme != "partnership" and scheme not in set(in_force):
            yield Gap(GapKind.THRESHOLDS, scheme, said, "Draft a threshold document that names levels; approve it.")


def of_windows(expected: Iterable[str], in_force: Iterable[str], *, handover_set: bool) -> Iterator[Gap]:
    """Types of alert without a policy: nobody is told of what they are about."""
    for alert_type in sorted(set(expected) - set(in_force)):
        said = "No policy is in force, so no acknowledgement window is set and nobody is alerted."
        yield Gap(GapKind.ACKNOWLEDGEMENT_WINDOW, alert_type, said, "Draft a policy with its times and switch it on.")
    if not handover_set:
        said = "How soon a hand-over must be signed is not set, so nobody is reminded of one."
        remedy = "Set acknowledge_handover_within_minutes."
        yield Gap(GapKind.ACKNOWLEDGEMENT_WINDOW, "handovers", said, remedy)


def of_choices(unset: Mapping[str, Iterable[tuple[str, str]]]) -> Iterator[Gap]:
    """Settings and words without a figure that block a pathway, by pathway: each a setting and its wording."""
    for pathway in sorted(unset):
        for setting, wording in unset[pathway]:
            remedy = f"Choose {setting} in the partnership's overlay of {pathway}."
            yield Gap(GapKind.QUALITATIVE_CLOCK, f"{pathway}: {setting}", wording, remedy)


def of_procedures(in_force: Iterable[str], drafts: Iterable[str]) -> Iterator[Gap]:
    """``in_force`` are the manuals with a text in force, ``drafts`` those that have a draft."""
    known = set(in_force)
    for manual in sorted(set(drafts) - known):
        yield Gap(GapKind.PROCEDURES, manual, "It is a draft.", "Mend what keeps it from approval; approve it.")
    if not known:
        remedy = "Import the manual: safeguard procedures import."
        yield Gap(GapKind.PROCEDURES, "partnership", "No manual of procedures is in force.", remedy)


def of_baseline(free: Iterable[str]) -> Iterator[Gap]:
    """National pathways that need no local figure, and of which no edition is in force."""
    for pathway in sorted(free):
        said = "No edition is in force, though it leaves no choice to make."
        yield Gap(GapKind.NOT_ADOPTED, pathway, said, "Adopt it: safeguard partnership create --adopt-baseline.")


def of_settings(settings: Mapping[str, Any]) -> Iterator[Gap]:
    """Reference values that the board has not confirmed."""
    for key in sorted(settings):
        value = settings[key]
        if isinstance(value, dict) and value.get("confirmed_by_board") is False:
            said = "This is a reference value, which the board has not confirmed."
            yield Gap(GapKind.UNCONFIRMED_VALUE, key, said, "Ask the board, then set confirmed_by_board.")


def of_contacts(services: Iterable[Service], after_days: int | None, today: date) -> Iterator[Gap]:
    """Numbers and addresses that nobody has verified, or not for longer than the partnership allows."""
    if after_days is None:
        said = "How long a verified number counts as verified is not set, so none is ever looked at again."
        yield Gap(GapKind.UNVERIFIED_CONTACT, REVERIFY, said, f"Set {REVERIFY}.")
    for service in services:
        for point in service.points:
            if point.kind in {PointKind.ROTA, PointKind.DESK}:
                continue
            if why := stale(point, after_days, today):
                yield Gap(GapKind.UNVERIFIED_CONTACT, f"{service.code}: {point.kind.value}", why, "Try it; verify it.")


def stale(point: Point, after_days: int | None, today: date) -> str | None:
    """Why a way to reach a service does not count as verified; None where it does."""
    if point.verified_on is None:
        return "Nobody has verified it."
    if after_days is not None and today - point.verified_on > timedelta(days=after_days):
        return f"It was last verified on {point.verified_on.isoformat()}."
    return None


_OF_WARNINGS: Final = {
    WarningKind.NO_ROTA: (GapKind.EMPTY_ROTA, "The partnership has no rota.", "Make one."),
    WarningKind.EMPTY_ROTA: (GapKind.EMPTY_ROTA, "Nobody is on it.", "Put people on it."),
    WarningKind.UNCOVERED: (GapKind.EMPTY_ROTA, "Nobody is on call at times that it covers.", "Fill the gap."),
    WarningKind.UNREACHABLE_PERSON: (
        GapKind.UNREACHABLE_POST, "Somebody on it cannot be reached.", "Ask them for a number and to confirm its code.",
    ),
}  # fmt: skip


def of_warnings(warnings: Iterable[tuple[WarningKind, str]]) -> Iterator[Gap]:
    """Warnings of the rotas, by kind and the rota's name."""
    for kind, rota in dict.fromkeys(warnings):
        if kind in _OF_WARNINGS:
            gap, said, remedy = _OF_WARNINGS[kind]
            yield Gap(gap, rota, said, remedy)


def of_answers(turns: Iterable[tuple[str, str]]) -> Iterator[Gap]:
    """People who take turns by a rota and may not answer, each by the rota's name and their own."""
    for rota, person in turns:
        said = f"{person} takes turns on it and may not sign in, so cannot answer."
        yield Gap(GapKind.UNREACHABLE_POST, rota, said, "Let them in by a role, or put somebody else on.")


def of_services(services: Iterable[Service], rota_roles: Iterable[str], desk_roles: Iterable[str]) -> Iterator[Gap]:
    """Services that cannot be reached, or point to a rota or a desk that is not there."""
    known = {PointKind.ROTA: set(rota_roles), PointKind.DESK: set(desk_roles)}
    for service in services:
        if not service.points:
            yield Gap(GapKind.UNREACHABLE_POST, service.code, "No way to reach it is entered.", "Enter one.")
        for point in service.points:
            if point.kind in known and point.value not in known[point.kind]:
                said = f"It is reached by the {point.kind.value} {point.value}, which is not there."
                yield Gap(GapKind.UNREACHABLE_POST, service.code, said, f"Make the {point.kind.value}, or change it.")


def of_posts(posts: Iterable[tuple[str, bool, bool]]) -> Iterator[Gap]:
    """Named posts: whether somebody who is here holds each today, and whether one of them can be reached."""
    for title, held, reached in posts:
        if not held:
            yield Gap(GapKind.UNREACHABLE_POST, title, "Nobody holds the post today.", "Name the holder or a deputy.")
        elif not reached:
            said = "Whoever holds the post today has no number or address."
            yield Gap(GapKind.UNREACHABLE_POST, title, said, "Give the appointment one, or ask them to confirm theirs.")
