"""Failures on demand, the same for every provider format."""

import asyncio
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from infra.dev.carrier.store import normal

Mode = Literal[
    "ok",
    "error500",
    "rate_limit",
    "timeout",  # silence for `seconds`, then the connection is cut; nothing is accepted
    "unparseable",  # accepted, but the answer is not JSON
    "slow",  # accepted and answered properly after `seconds`
    "drop_after_accept",  # accepted and listed, but the connection is cut before the answer
    "permanent_failure",  # accepted; the receipt says that it did not arrive
    "temporary_failure",
    "no_receipt",  # accepted; nothing is ever heard of it again
    "unregistered",  # the token, subscription or mailbox is dead
    "false_delivered",  # accepted, found when asked for, reported as delivered; yet nothing reaches the inbox
    "late_receipt",  # the receipt comes `seconds` later than it would
    "reordered",  # every receipt twice, the last first, and one that contradicts it in the end
    "blind",  # asking for a message is answered with an error; sending is not affected
    "machine",  # voice only: a machine picks up
    "no_key",  # voice only: somebody picks up and presses nothing
]
Answer = Response[Any]


class Rule(msgspec.Struct):
    """What to do with the next `count` requests (all of them when absent) for one recipient, or for `*`.

    `provider` limits it to one provider's, such as `sinch`.
    """

    mode: Mode
    match: str = "*"
    provider: str = "*"
    seconds: float = 5.0
    count: int | None = None


@dataclass
class Behaviour:
    """The rules in force; the newest that matches applies, and is used up by it."""

    rules: list[Rule] = field(default_factory=list)

    def take(self, recipient: str, provider: str) -> Rule:
        wanted = normal(recipient)
        for rule in reversed(self.rules):
            if rule.mode == "blind" or rule.provider not in ("*", provider):
                continue
            if rule.match in ("*", recipient) or normal(rule.match) == wanted:
                if rule.count is not None:
                    rule.count -= 1
                    if rule.count <= 0:
                        self.rules.remove(rule)
                return rule
        return Rule("ok")

    def blind(self, provider: str) -> bool:
        """Whether the provider cannot say what it has."""
        return any(rule.mode == "blind" and rule.provider in ("*", provider) for rule in self.rules)


async def perform(
    rule: Rule,
    request: Request[Any, Any, State],
    accept: Callable[[], Answer],
    refuse: Callable[[Mode], Answer],
) -> Answer:
    """The answer under `rule`; `accept` records the message, `refuse` words the provider's error."""
    match rule.mode:
        case "error500" | "rate_limit" | "unregistered":
            return refuse(rule.mode)
        case "timeout":
            await asyncio.sleep(rule.seconds)
            cut(request)
            return refuse("error500")
        case "slow":
            await asyncio.sleep(rule.seconds)
            return accept()
        case "unparseable":
            accept()
            return Response("<html>Bad gateway</html>", media_type="text/html", status_code=201)
        case "drop_after_accept":
            answer = accept()
            cut(request)
            return answer
        case _:
            return accept()


def cut(request: Request[Any, Any, State]) -> None:
    """Close the connection of `request` without a byte of answer; over HTTP/2 that ends all it carries.

    ASGI has no word for this, so the socket is looked up among the open files of this process by the
    address at its other end.
    """
    # granian gives the port as text
    client = request.client and (request.client.host, int(request.client.port))
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - descriptors, not paths
        try:
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue  # a copy that no socket can be made of would stay open
            with socket.socket(fileno=os.dup(int(name))) as connection:
                if connection.getpeername()[:2] == client:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
        except OSError:
            continue  # not connected, or closed since the listing
