"""Is somebody ready to be called? Pure: facts in, what is missing out, with the remedy in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tenants.contacts.models import Channel

NOTICE_AHEAD: Final = timedelta(days=7)
ANSWERS_WITHIN: Final = timedelta(days=14)
LEAST_CHANNELS: Final = 2
# By their stored names: a channel that is added to the product counts here from its first day.
LOUD: Final = frozenset({"push", "fcm", "apns", "webpush", "sms", "voice"})
DEVICES: Final = frozenset({"push", "fcm", "apns", "webpush"})


class Lack(StrEnum):
    """What keeps somebody from being ready."""

    MEMBERSHIP = "membership"
    ALL_RETIRED = "all_retired"
    TWO_CHANNELS = "two_channels"
    LOUD_CHANNEL = "loud_channel"
    DEVICE_SILENT = "device_silent"


REMEDIES: Final = {
    Lack.MEMBERSHIP: "The membership is not active, so calls cannot be answered. "
    "Ask the partnership's administrator to restore it, or change the rota.",
    Lack.ALL_RETIRED: "Every contact method is retired. Add a number, an address or a device and confirm its code.",
    Lack.TWO_CHANNELS: "Fewer than two channels are verified. "
    "Add another, such as a mobile number or an email address, and confirm its code.",
    Lack.LOUD_CHANNEL: "Nothing verified makes a sound at night. "
    "Register a device or a telephone number and confirm its code.",
    Lack.DEVICE_SILENT: "No device has answered within 14 days. "
    "Open the app on it, ask for a code to it and confirm the code.",
}


@dataclass(frozen=True, slots=True)
class Method:
    """A contact method. ``answered_at`` is when it last proved to reach its person, by a receipt or a code."""

    channel: Channel
    verified: bool
    retired: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person. ``may_sign_in``: has not left, and the membership is active."""

    may_sign_in: bool
    methods: tuple[Method, ...]


def missing(facts: Facts, now: datetime) -> tuple[Lack, ...]:
    """What the person lacks at ``now``, gravest first; empty when they are ready."""
    lacks = [] if facts.may_sign_in else [Lack.MEMBERSHIP]
    in_use = [method for method in facts.methods if not method.retired]
    channels = {method.channel.value for method in in_use if method.verified}
    if facts.methods and not in_use:
        lacks.append(Lack.ALL_RETIRED)
    if len(channels) < LEAST_CHANNELS:
        lacks.append(Lack.TWO_CHANNELS)
    if not channels & LOUD:
        lacks.append(Lack.LOUD_CHANNEL)
    devices = [method for method in in_use if method.verified and method.channel.value in DEVICES]
    if devices and not any(d.answered_at is not None and now - d.answered_at <= ANSWERS_WITHIN for d in devices):
        lacks.append(Lack.DEVICE_SILENT)
    return tuple(lacks)


class Stage(StrEnum):
    """How long before a duty begins somebody is told that they are not ready."""

    WEEK = "7 days"
    THREE_DAYS = "3 days"
    DAY = "24 hours"
    HALF_DAY = "12 hours"
    TWO_HOURS = "2 hours"


LEADS: Final = {
    Stage.WEEK: timedelta(days=7), Stage.THREE_DAYS: timedelta(days=3), Stage.DAY: timedelta(hours=24),
    Stage.HALF_DAY: timedelta(hours=12), Stage.TWO_HOURS: timedelta(hours=2),
}  # fmt: skip
"""Longest first. Elapsed time: a change of the clock moves none of them."""

MANAGER_FROM: Final = LEADS[Stage.DAY]


def stage_at(begins: datetime, now: datetime) -> Stage | None:
    """The latest stage that has come; None before the first. Those before it are passed over."""
    come = [stage for stage, lead in LEADS.items() if begins - now <= lead]
    return come[-1] if come else None


def next_check(begins: datetime, now: datetime) -> datetime:
    """The next stage's instant, or the beginning itself when none is left."""
    to_come: Sequence[datetime] = [begins - lead for lead in LEADS.values() if begins - lead > now]
    return min(to_come, default=begins)


def sentences(lacks: Iterable[Lack]) -> list[str]:
    return [REMEDIES[lack] for lack in lacks]
