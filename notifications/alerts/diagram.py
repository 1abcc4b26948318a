"""A preview as a Mermaid sequence diagram: text that any Markdown viewer draws. Pure."""

import re
from collections.abc import Mapping, Sequence

from notifications.alerts.climbing import PassedOver
from notifications.alerts.preview import PreviewedRung, PreviewedSlot
from notifications.ladders.preferences import Way

_SAID = {
    PassedOver.NOBODY: "reaches nobody",
    PassedOver.OUT_OF_HOURS: "not at this hour",
    PassedOver.DECLINED: "has declined",
}


def sequence(title: str, slots: Sequence[PreviewedSlot], names: Mapping[str, str]) -> str:
    """The diagram. ``names`` are those of responders by ``key``; whatever Mermaid would read as syntax is left out."""
    lines = ["sequenceDiagram", f"  title {_plain(title)}", "  participant S as Safeguard"]
    for number, slot in enumerate(slots):
        lines.append(f"  participant R{number} as {_plain(slot.plan.role)}")
    for number, slot in enumerate(slots):
        for rung in slot.rungs:
            lines += [f"  {line}" for line in _rung(number, rung, names)]
        if slot.exhausted_at is not None:
            lines.append(f"  Note over R{number}: {clock(slot.exhausted_at)} nobody is left, an alarm is raised")
        if slot.cut:
            lines.append(f"  Note over R{number}: and so on")
    return "\n".join(lines) + "\n"


def _rung(number: int, rung: PreviewedRung, names: Mapping[str, str]) -> list[str]:
    when = clock(rung.offset)
    if rung.rung.passed_over is not None:
        target = _plain(rung.rung.step.target.name)
        return [f"Note over R{number}: {when} {target} {_SAID[rung.rung.passed_over]}"]
    lines = []
    for responder in rung.rung.reached:
        who = _plain(names.get(key(responder.person_id or responder.entry_id), responder.found_by))
        by = ", ".join(_way(way) for way in responder.addresses)
        again = f", again at {', '.join(clock(at) for at in rung.again_at)}" if rung.again_at else ""
        lines.append(f"S->>R{number}: {when} {who} by {by}{again}")
    return lines


def _way(way: Way) -> str:
    return f"{way.channel.value} after {way.after} s" if way.after else way.channel.value


def key(identity: object) -> str:
    """What ``names`` are looked up by."""
    return str(identity)


def clock(seconds: int) -> str:
    """Minutes and seconds after the alert, such as +02:30."""
    return f"+{seconds // 60:02d}:{seconds % 60:02d}"


def _plain(text: str) -> str:
    return re.sub(r"[\s;#:<>\"]+", " ", text).strip()
