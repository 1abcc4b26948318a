"""What may be entered as a number, an address or a device, and the one way in which it is written down."""

import base64
import re
from typing import Final

import msgspec
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from backend.kit.addresses import Unsafe, check_url
from backend.kit.problems import FieldError, Invalid
from tenants.contacts.models import Channel, DevicePlatform

REGION: Final = "GB"
_COUNTRY_CODE: Final = 44
_MOST: Final = {"email": 254, "push": 2_000}  # a longer token does not fit into the index that keeps it single
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{10,}")
_APPLE_TOKEN: Final = re.compile(r"[0-9A-Fa-f]{64,200}")
_POINT_BYTES, _UNCOMPRESSED, _SECRET_BYTES = 65, 4, 16  # RFC 8291 §3.1 and §3.2
# Ofcom keeps these for drama. No network carries them, so the library calls them invalid; drills and demonstrations
# are to use nothing else.
_FOR_DRAMA: Final = re.compile(r"\+44(7700900|1632960|2079460)\d{3}")
_COSTLY: Final = frozenset({
    PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER,
})  # fmt: skip
_MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class _Keys(msgspec.Struct):
    p256dh: str
    auth: str


class _Subscription(msgspec.Struct):
    """A browser's push subscription; what else it says, such as when it expires, is not kept."""

    endpoint: str
    keys: _Keys


def normal_address(channel: Channel, entered: str, platform: DevicePlatform | None = None) -> str:
    """The address as it is stored: a number in E.164, an email address with its domain in lower case.

    A device's is the token of its ``platform``, a browser's its push subscription as compact JSON. Raises
    ``Invalid`` naming ``address`` for what no message should be sent to: no number of the United Kingdom,
    an emergency or premium-rate one, a landline for text messages, a push service that is none.
    """
    if platform is not None and channel is not Channel.PUSH:
        raise _fault("is of a device; leave it out for other channels", field="platform")
    if platform is DevicePlatform.WEBPUSH:
        return _subscription(entered)
    if platform is DevicePlatform.APNS and not _APPLE_TOKEN.fullmatch(entered.strip()):
        raise _fault("must be an Apple device token: 64 to 200 hexadecimal digits")
    match channel.value:
        case "sms" | "voice":
            return _number(entered, mobile=channel is Channel.SMS)
        case "email":
            return _email(entered.strip())
        case "push":
            return _token(entered.strip())
        case _:
            raise _fault("is set up by your partnership's administrator", field="channel")


def same_address(channel: Channel, stored: str, normal: str) -> bool:
    """Whether a stored address, which on-boarding may have written another way, is ``normal``."""
    try:
        return normal_address(channel, stored) == normal
    except Invalid:
        return stored == normal


def _number(entered: str, *, mobile: bool) -> str:
    if len(entered) > 40:
        raise _fault("is too long for a telephone number")
    if phonenumbers.is_emergency_number(re.sub(r"[^0-9]", "", entered), REGION):
        raise _fault("is an emergency number; give a telephone of your own")
    try:
        number = phonenumbers.parse(entered, REGION)
    except phonenumbers.NumberParseException:
        raise _fault("is not a telephone number; write it as 07700 900123 or +44 7700 900123") from None
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.extension:
        raise _fault("has an extension, which cannot be dialled; give a direct number")
    if number.country_code != _COUNTRY_CODE:
        raise _fault("must be a number of the United Kingdom")
    kind = _kind(number, written)
    if kind in _COSTLY:
        raise _fault("is a premium-rate number, or one that charges like it; give an ordinary one")
    if mobile and kind not in _MOBILE:
        raise _fault("must be a mobile number, because text messages go to it")
    return written


def _kind(number: PhoneNumber, written: str) -> int:
    """What kind of number it is. Raises ``Invalid`` for one that nobody can have."""
    if _FOR_DRAMA.fullmatch(written):
        return PhoneNumberType.MOBILE if written.startswith("+447") else PhoneNumberType.FIXED_LINE
    if not phonenumbers.is_valid_number(number):
        raise _fault("is no number in use in the United Kingdom; check its digits")
    return phonenumbers.number_type(number)


def _email(entered: str) -> str:
    if len(entered) > _MOST["email"] or not _EMAIL.fullmatch(entered) or ".." in entered:
        raise _fault("must be an email address, such as wren.saltmarsh@example.org")
    local, _, domain = entered.rpartition("@")
    return f"{local}@{domain.lower()}"


def _token(entered: str) -> str:
    if len(entered) > _MOST["push"] or not _TOKEN.fullmatch(entered):
        raise _fault(f"must be a device's push token: 10 to {_MOST['push']:,} characters without spaces")
    return entered


def endpoint_of(subscription: str) -> str:
    """Where the push service of a stored subscription is called."""
    return msgspec.json.decode(subscription, type=_Subscription).endpoint


def _subscription(entered: str) -> str:
    if len(entered) > _MOST["push"]:
        raise _fault(f"must be a push subscription of at most {_MOST['push']:,} characters")
    try:
        found = msgspec.json.decode(entered, type=_Subscription)
        point, secret = _bytes(found.keys.p256dh), _bytes(found.keys.auth)
    except (msgspec.DecodeError, ValueError):
        raise _fault("must be what the browser gives as its push subscription, as JSON") from None
    if len(point) != _POINT_BYTES or point[0] != _UNCOMPRESSED or len(secret) != _SECRET_BYTES:
        raise _fault("has keys that are none of a push subscription")
    try:
        check_url(found.endpoint)
    except Unsafe as error:
        raise _fault(f"has an endpoint that {error}") from error
    return msgspec.json.encode(found).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _fault(message: str, field: str = "address") -> Invalid:
    return Invalid([FieldError(field, message)])
