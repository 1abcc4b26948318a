"""Every fixed wording, from the file deployed with the service.

GOV.UK Notify holds the same texts under the ids in it; the other providers are given the text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from backend.kit.settings import settings
from notifications.channels.outcomes import Message
from tenants.contacts.models import Channel

_PLACEHOLDER: Final = re.compile(r"\(\((\w+)\)\)")


@dataclass(frozen=True, slots=True)
class Template:
    """One wording for one channel; placeholders are written ``((name))``."""

    id: str
    name: str
    type: str
    body: str
    subject: str | None = None


# A device or a call that has no wording of its own for a template still says that there is something.
_FALLBACK: Final = {
    Channel.PUSH: Template("", "", "push", "Open the app to read a notification.", "Safeguard"),
    Channel.VOICE: Template("", "", "voice", "You have a notification in Safeguard. Please sign in to read it."),
}


def template_of(name: str, channel: Channel) -> Template | None:
    """The wording of ``name`` for a channel; None when there is none and the channel needs one."""
    return _templates(settings().notify_templates_file).get((name, channel.value)) or _FALLBACK.get(channel)


def render(text: str, message: Message) -> str | None:
    """``text`` with its placeholders filled; None when a value is missing."""
    values = message.personalisation
    if any(values.get(name) is None for name in _PLACEHOLDER.findall(text)):
        return None
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


@lru_cache(maxsize=4)
def _templates(file: Path) -> dict[tuple[str, str], Template]:
    entries = msgspec.json.decode(file.read_bytes(), type=list[Template])
    return {(entry.name, entry.type): entry for entry in entries}
