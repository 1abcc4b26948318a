"""The seal of an evidence document: each entry chained to the one before, the end of the chain signed. Pure.

Whoever holds the document and the public key finds any change: of a fact, of an entry's place, of
an entry left out or put in. JSON is canonical: keys sorted, no spaces, UTF-8, instants in UTC to
the microsecond.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

FORMAT: Final = "safeguard-alert-evidence/1"
_ALGORITHMS: Final = ["Ed25519"]  # RFC 9864


Sign: TypeAlias = Callable[[bytes], bytes]
"""Makes the Ed25519 signature of a text, 64 bytes."""


class Broken(Exception):
    """The document is not as it was sealed. The message names the first part that does not hold."""


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def seal(
    heading: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], key: OKPKey, sign: Sign | None = None
) -> dict[str, Any]:
    """The document: heading, entries with their number and hash, and a signature over the last hash and the count.

    ``sign`` signs for ``key`` where its private half is elsewhere.
    """
    previous = _heading_hash(heading)
    sealed: list[dict[str, Any]] = []
    for number, entry in enumerate(entries, start=1):
        content = {**entry, "number": number}
        previous = _entry_hash(previous, content)
        sealed.append({**content, "hash": previous})
    header = canonical({"alg": "Ed25519", "kid": key.thumbprint()})
    text = _base64(header) + b"." + _base64(_signed(previous, len(sealed)))  # RFC 7515 §5.1
    made = (sign or partial(_sign, key))(text)
    signature = (text + b"." + _base64(made)).decode()
    return {"format": FORMAT, "heading": dict(heading), "heading_hash": _heading_hash(heading), "entries": sealed,
            "signature": signature}  # fmt: skip


def verify(document: Any, key: OKPKey) -> int:
    """How many entries hold. Raises ``Broken``, naming the first that does not, for anything but an intact document."""
    try:
        if document["format"] != FORMAT:
            raise Broken("This is no evidence document of a format known here.")
        entries, signature = list(document["entries"]), str(document["signature"])
        previous = _heading_hash(document["heading"])
        if document["heading_hash"] != previous:
            raise Broken("The heading was changed.")
        for number, entry in enumerate(entries, start=1):
            content = {name: value for name, value in entry.items() if name != "hash"}
            previous = _entry_hash(previous, content)
            if entry["number"] != number or entry["hash"] != previous:
                raise Broken(f"Entry {number} was changed, moved, added or left out; trust nothing from there on.")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Broken("This is no whole evidence document.") from error
    try:
        payload = jws.deserialize_compact(signature, key, algorithms=_ALGORITHMS).payload
    except (JoseError, ValueError) as error:
        raise Broken("The signature is not by this key, or was changed.") from error
    if payload != _signed(previous, len(entries)):
        raise Broken("Every entry follows from the one before, but the signature is of another sequence.")
    return len(entries)


def _sign(key: OKPKey, text: bytes) -> bytes:
    private = key.get_op_key("sign")
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("Evidence is signed with Ed25519.")
    return private.sign(text)


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _heading_hash(heading: Any) -> str:
    return hashlib.sha256(canonical([FORMAT, heading])).hexdigest()


def _entry_hash(previous: str, content: Any) -> str:
    return hashlib.sha256(canonical([previous, content])).hexdigest()


def _signed(last_hash: str, count: int) -> bytes:
    return canonical([FORMAT, last_hash, count])
