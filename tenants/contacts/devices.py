"""What a device may be registered as: a push service's token, or a browser's subscription.

The one spelling in which each is stored makes a device known again when it registers twice.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from backend.kit.addresses import Unsafe, check_url
from backend.kit.problems import FieldError, Invalid
from tenants.contacts.models import DevicePlatform

MOST: Final = 2_000  # a longer one does not fit into the index that keeps it single
_LONGEST_ENDPOINT: Final = 1_500
_AUTH_BYTES: Final = 16
_FCM: Final = re.compile(r"[A-Za-z0-9:_-]{10,2000}")
_APNS: Final = re.compile(r"([0-9a-f]{2}){32,100}")  # 32 bytes today; Apple says not to count on it


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser's push subscription: where it listens, its public key and its secret, in base64url (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str


def device_address(platform: DevicePlatform, token: str | None, subscription: Subscription | None) -> str:
    """The address of a device as it is stored: a token, or a subscription as JSON with sorted keys.

    Raises ``Invalid`` naming ``token`` or ``subscription`` for what that push service never gives out.
    """
    browser = platform is DevicePlatform.WEBPUSH
    if browser and (token is not None or subscription is None):
        raise Invalid([FieldError("subscription", "must be given for a browser, and a token left out")])
    if not browser and (token is None or subscription is not None):
        raise Invalid([FieldError("token", "must be given for this platform, and a subscription left out")])
    return _subscribed(subscription) if subscription is not None else _token(platform, token or "")


def endpoint_of(address: str) -> str:
    """Where the push service of a stored subscription is called."""
    endpoint: str = json.loads(address)["endpoint"]
    return endpoint


def _token(platform: DevicePlatform, given: str) -> str:
    entered = given.strip()
    if platform is DevicePlatform.FCM:
        if not _FCM.fullmatch(entered):
            said = f"must be a Firebase registration token: 10 to {MOST:,} letters, digits, colons, _ or -"
            raise Invalid([FieldError("token", said)])
        return entered
    if not _APNS.fullmatch(entered.lower()):
        raise Invalid([FieldError("token", "must be an APNs device token: 64 to 200 hexadecimal digits")])
    return entered.lower()


def _subscribed(given: Subscription) -> str:
    faults = [
        FieldError(f"subscription.{field}", message)
        for field, message in (
            ("endpoint", _fault_of_endpoint(given.endpoint)),
            ("p256dh", _fault_of_key(given.p256dh)),
            ("auth", None if _bytes(given.auth, _AUTH_BYTES) else "must be 16 bytes in base64url"),
        )
        if message is not None
    ]
    keys = {"auth": given.auth.rstrip("="), "p256dh": given.p256dh.rstrip("=")}
    stored = json.dumps({"endpoint": given.endpoint, "keys": keys}, sort_keys=True, separators=(",", ":"))
    if not faults and len(stored) > MOST:
        faults = [FieldError("subscription", f"must be at most {MOST:,} characters")]
    if faults:
        raise Invalid(faults)
    return stored


def _fault_of_endpoint(endpoint: str) -> str | None:
    if len(endpoint) > _LONGEST_ENDPOINT:
        return f"must be at most {_LONGEST_ENDPOINT:,} characters"
    try:
        parts = check_url(endpoint)
    except Unsafe as error:
        return str(error)
    return None if parts.port != 0 and not parts.fragment else "must be the address that the browser gave"


def _fault_of_key(p256dh: str) -> str | None:
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _bytes(p256dh, 65) or b"")
    except ValueError:
        return "must be a point on P-256, uncompressed, in base64url"
    return None


def _bytes(text: str, wanted: int) -> bytes | None:
    """The bytes of unpadded base64url when there are as many as wanted."""
    bare = text.rstrip("=")
    try:
        raw = base64.b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return raw if len(raw) == wanted else None
