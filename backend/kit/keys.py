"""Keys of the installation's own, from its settings."""

import json

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import SecretStr


def ed25519_key(given: SecretStr | None) -> OKPKey | None:
    """The private key that a setting holds as JWK; None when it holds none that can be read."""
    if given is None:
        return None
    try:
        key = OKPKey.import_key(json.loads(given.get_secret_value()))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if key.is_private and key.curve_name == "Ed25519" else None
