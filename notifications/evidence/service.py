"""Evidence of one alert: its story sealed and signed, as JSON to check and as PDF to read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from joserfc.jwk import OKPKey

from backend.kit.audit import GENESIS, AuditEntry, Entry, entry_hash
from backend.kit.keys import ed25519_key
from backend.kit.pdf import render
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from notifications.evidence import repository
from notifications.evidence.events import events_of
from notifications.evidence.seal import Sign, canonical, seal
from notifications.evidence.story import Event, local_time, sentence, told
from tenants.partnerships import signing
from tenants.partnerships.aws import StorageError
from tenants.partnerships.models import Partnership

_CANNOT: Final = "Evidence cannot be signed now: the partnership's key cannot be used. Try again, or tell an operator."
TEMPLATE: Final = Path(__file__).with_name("evidence.typ")


@dataclass(frozen=True, slots=True)
class Story:
    """One alert's events, first to last, and the zone of its partnership."""

    reference: str
    zone: str
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Evidence:
    """``content`` is the sealed document in canonical JSON; ``made_at`` is the instant it speaks for."""

    reference: str
    document: dict[str, Any]
    content: bytes
    story: Story
    made_at: datetime


async def story(session: TenantSession, alert_id: UUID) -> Story:
    """What happened. Raises ``NotFound``."""
    rows = await repository.gather(session, alert_id)
    return Story(rows.alert.reference, rows.partnership.zone, events_of(rows))


async def evidence(session: TenantSession, alert_id: UUID, *, asked_by: UUID | None) -> Evidence:
    """The sealed story. Who asked for it (None: an operator) is put on the audit log.

    It is signed with the partnership's own key, where it has one. Raises ``NotFound``, and ``Conflict``
    where there is no key to sign with, or it cannot be used.
    """
    rows = await repository.gather(session, alert_id)
    key, sign = await _signer(rows.partnership)
    events, now = events_of(rows), await session.now()
    heading = {
        "partnership": {"id": str(rows.partnership.id), "slug": rows.partnership.slug, "name": rows.partnership.name,
                        "zone": rows.partnership.zone},
        "alert": {"id": str(alert_id), "reference": rows.alert.reference, "type": rows.alert.type,
                  "state": str(rows.alert.state)},
        "made_at": _instant(now), "asked_by": str(asked_by) if asked_by else None,
        "audit_log": await _audit_log(session, rows.recorded),
        "key": key.as_dict(private=False), "key_id": rows.partnership.evidence_key_id,
    }  # fmt: skip
    try:
        document = await asyncio.to_thread(seal, heading, [_entry(event) for event in events], key, sign)
    except StorageError as error:
        raise Conflict(_CANNOT) from error
    detail = {"entries": len(events), "last_hash": document["entries"][-1]["hash"]}
    session.audit_entries.append(Entry("alert.evidence_made", "alert", alert_id, asked_by, detail))
    made = Story(rows.alert.reference, rows.partnership.zone, events)
    return Evidence(rows.alert.reference, document, canonical(document), made, now)


async def printed(found: Evidence) -> bytes:
    """The evidence as a tagged PDF, with what is needed to hold it against the JSON."""
    heading = found.document["heading"]
    lines = [
        {"number": entry["number"], "at": at, "elapsed": elapsed, "said": said, "hash": entry["hash"]}
        for entry, (at, elapsed, said) in zip(
            found.document["entries"], told(found.story.events, found.story.zone), strict=True
        )
    ]
    data = {"heading": heading, "lines": lines, "signature": found.document["signature"], "zone": found.story.zone,
            "made_at": local_time(found.made_at, ZoneInfo(found.story.zone)),
            "kid": OKPKey.import_key(heading["key"]).thumbprint()}  # fmt: skip
    return await render(TEMPLATE, data, found.made_at.replace(microsecond=0))  # PDF counts in seconds


async def public_key(partnership: Partnership) -> OKPKey:
    """What the partnership's evidence is checked with. Raises ``Conflict`` when there is none, or it cannot be read."""
    return (await _signer(partnership))[0]


async def _signer(partnership: Partnership) -> tuple[OKPKey, Sign | None]:
    """The key of the partnership's own, which KMS signs with; before it has one, the installation's."""
    if partnership.evidence_key_id is None:
        return signing_key(), None
    try:
        return await asyncio.to_thread(signing.public_key, partnership), partial(signing.sign, partnership)
    except StorageError as error:
        raise Conflict(_CANNOT) from error


def signing_key() -> OKPKey:
    """The key of the installation, for partnerships without one of their own.

    Raises ``Conflict`` when there is none, or it cannot be read.
    """
    key = ed25519_key(settings().evidence_signing_key)
    if key is not None:
        return key
    raise Conflict("Evidence cannot be signed: EVIDENCE_SIGNING_KEY must be set to an Ed25519 private key as JWK.")


def _entry(event: Event) -> dict[str, Any]:
    return {"at": _instant(event.at), "kind": event.kind, "facts": event.facts, "said": sentence(event)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


async def _audit_log(session: TenantSession, recorded: Sequence[AuditEntry]) -> dict[str, Any]:
    """The part of the partnership's audit log in which the alert lies, whether it holds, and the log's end."""
    head = await repository.audit_head(session)
    said = {"head": {"seq": head.seq, "hash": head.hash} if head else None}
    if not recorded:
        return said | {"first": None, "last": None, "holds": False}
    first, last = recorded[0].seq, recorded[-1].seq
    entries = await repository.audit_range(session, max(first - 1, 1), last)
    return said | {"first": first, "last": last, "holds": _holds(entries, first, last)}


def _holds(entries: Sequence[AuditEntry], first: int, last: int) -> bool:
    """Whether every entry is there, is what was hashed, and follows from the one before."""
    expected = list(range(max(first - 1, 1), last + 1))
    if [entry.seq for entry in entries] != expected:
        return False
    befores = [GENESIS if entries[0].seq == 1 else entries[0].previous_hash, *(entry.hash for entry in entries)]
    return all(
        entry.previous_hash == before and entry_hash(entry.model_dump()) == entry.hash
        for entry, before in zip(entries, befores, strict=False)
    )
