"""The practitioners' handbook as telephones keep it: items by their hash, and a list of them that is signed. Pure.

A bundle is usable without any network. An item is canonical JSON (keys sorted, no spaces, UTF-8) and is named by its
SHA-256; the manifest lists the items in order and is a compact JWS (RFC 7515) by Ed25519 (RFC 9864). Whoever holds the
public key finds any change: of a word, of the order, of an item left out. To bring an old bundle up to date a telephone
says which items it has and gets the others, with the new manifest; what the manifest no longer lists it forgets.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from tenants.procedures.models import ProcedureEdition, ProcedureHandbookEntry, ProcedureProvision

FORMAT: Final = "safeguard-handbook/1"
_ALGORITHMS: Final = ["Ed25519"]


class Broken(Exception):
    """The bundle is not as it was signed. The message names the first part that does not hold."""


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a bundle: canonical JSON, and its SHA-256 in hexadecimal."""

    hash: str
    content: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A signed manifest and items of it; ``version`` is the manifest's SHA-256."""

    version: str
    manifest: str
    items: tuple[Item, ...]


def items(entries: Sequence[ProcedureHandbookEntry], provisions: Mapping[str, ProcedureProvision]) -> list[Item]:
    """One item for each entry, with the words of the provisions that it cites."""
    return [
        _item({
            "kind": "entry", "heading": entry.heading, "text": entry.text,
            "provisions": [_provision(provisions[address]) for address in entry.addresses],
        })
        for entry in entries
    ]  # fmt: skip


def signed(edition: ProcedureEdition, partnership: str, made: Sequence[Item], key: OKPKey) -> tuple[str, str]:
    """The manifest of an edition's bundle as a compact JWS, and its version. The same for the same arguments."""
    payload = _canonical({
        "format": FORMAT, "partnership": partnership, "edition": str(edition.id), "manual": edition.manual,
        "title": edition.title, "number": edition.number, "amendment": edition.amendment,
        "in_force_from": edition.in_force_from.isoformat() if edition.in_force_from else None,
        "text": edition.digest, "items": [one.hash for one in made],
    })  # fmt: skip
    header = {"alg": "Ed25519", "kid": key.thumbprint()}
    manifest = jws.serialize_compact(header, payload, key, algorithms=_ALGORITHMS)
    return manifest, hashlib.sha256(payload).hexdigest()


def delta(made: Sequence[Item], have: Collection[str]) -> tuple[Item, ...]:
    """The items that somebody who has others lacks."""
    known = set(have)
    return tuple(one for one in made if one.hash not in known)


def verify(manifest: str, held: Mapping[str, str], key: OKPKey) -> list[dict[str, Any]]:
    """The items of a bundle in order, held by hash, as a telephone checks them. Raises ``Broken``."""
    try:
        told = json.loads(jws.deserialize_compact(manifest, key, algorithms=_ALGORITHMS).payload)
        hashes, form = list(told["items"]), told["format"]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Broken("The manifest is not by this key, or was changed.") from error
    if form != FORMAT:
        raise Broken("This is no handbook of a format known here.")
    for one in hashes:
        if one not in held:
            raise Broken(f"Item {one[:12]} is missing; ask for it.")
        if hashlib.sha256(held[one].encode()).hexdigest() != one:
            raise Broken(f"Item {one[:12]} was changed; throw it away and ask for it.")
    return [json.loads(held[one]) for one in hashes]


def _item(value: Mapping[str, Any]) -> Item:
    content = _canonical(value)
    return Item(hashlib.sha256(content).hexdigest(), content.decode())


def _provision(row: ProcedureProvision) -> dict[str, Any]:
    return {"address": row.address, "number": row.number, "heading": row.heading, "text": row.text,
            "force": row.force.value if row.force else None}  # fmt: skip


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
