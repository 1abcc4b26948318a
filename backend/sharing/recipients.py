"""Who receives a transfer outside the platform, and the key that only they can open it with. Pure."""

import re
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from backend.kit.problems import FieldError
from backend.kit.texts import text_fault

_LEAST_RSA_BITS: Final = 2048
_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]{60,4000}-----END PUBLIC KEY-----\s*")


@dataclass(frozen=True, slots=True)
class OutsideTold:
    """An authority without Safeguard: a named person there and their public key, as PEM.

    ``verified_by_calling`` is the telephone number, known from elsewhere, by which its thumbprint was compared
    with them.
    """

    organisation: str
    person: str
    post: str
    key: str
    verified_by_calling: str


def key_of(pem: str) -> RSAKey | ECKey | OKPKey | None:
    """The public key, if it is one that a file can be sealed to: RSA of 2,048 bits or more, P-256, P-384, X25519."""
    if not _PEM.fullmatch(pem):
        return None
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            key: Any = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(key, RSAKey):
            return key if key.raw_value.key_size >= _LEAST_RSA_BITS else None
        return key if key.curve_name in {"P-256", "P-384", "X25519"} else None
    return None


def sealable(pem: str) -> RSAKey | ECKey | OKPKey:
    """As ``key_of``, for a key that was checked. Raises ``ValueError`` for one that was not."""
    key = key_of(pem)
    if key is None:
        message = "no key that may be sealed to"
        raise ValueError(message)
    return key


def thumbprint(pem: str) -> str:
    """The RFC 7638 thumbprint of a key that is known to be right: what two people compare by telephone."""
    return str(sealable(pem).thumbprint())


def outside_faults(told: OutsideTold) -> list[FieldError]:
    """Everything that is wrong with somebody outside, named as the API spells it."""
    texts = {
        "organisation": told.organisation, "person": told.person, "post": told.post,
        "verifiedByCalling": told.verified_by_calling,
    }  # fmt: skip
    found = [
        FieldError(f"outside.{name}", fault.message)
        for name, value in texts.items()
        if (fault := text_fault(name, value, 200))
    ]
    if key_of(told.key) is None:
        hint = "must be a public key in PEM: RSA of 2,048 bits or more, P-256, P-384 or X25519"
        found.append(FieldError("outside.key", hint))
    return found
