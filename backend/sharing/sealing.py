"""Seal a transfer for somebody outside the platform: one file that only the holder of their key can open.

A JSON Web Encryption (RFC 7516) to their public key: any library or the command line of JOSE tools opens it, no
password has to travel, and nobody in between reads or changes it, the sender's own mail system among them. A ZIP
under a password would lean on the password's way; a link would leave the plain text on a server.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwe
from joserfc.jwk import RSAKey

from backend.sharing.recipients import sealable

CONTENT_TYPE: Final = "application/jose"
LARGEST: Final = 25 * 1024 * 1024
"""Of all papers together: the file is made in memory, and has to pass through somebody's mail."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A paper with its bytes."""

    kind: str
    title: str
    content_type: str
    sha256: str
    content: bytes


def seal(pem: str, about: Mapping[str, Any], papers: Iterable[Enclosed]) -> bytes:
    """The sealed file, in the compact serialisation. ``pem`` is known to be a key that may be sealed to."""
    key = sealable(pem)
    enclosed = [
        {"kind": one.kind, "title": one.title, "content_type": one.content_type, "sha256": one.sha256,
         "content": base64.b64encode(one.content).decode()}
        for one in papers
    ]  # fmt: skip
    plain = json.dumps({**about, "papers": enclosed}, ensure_ascii=False, sort_keys=True).encode()
    way = "RSA-OAEP-256" if isinstance(key, RSAKey) else "ECDH-ES+A256KW"
    header = {"alg": way, "enc": "A256GCM", "kid": key.thumbprint(), "cty": "json", "zip": "DEF"}
    return jwe.encrypt_compact(header, plain, key, algorithms=[way, "A256GCM", "DEF"]).encode()
