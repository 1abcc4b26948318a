"""What may be entered as a number, an address or a device, and the one way in which it is written down. Pure."""

import re
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from backend.kit.problems import FieldError, Invalid
from tenants.contacts.models import Channel

REGION: Final = "GB"
_COUNTRY_CODE: Final = 44
_MOST: Final = {"email": 254, "push": 2_000}  # a longer token does not fit into the index that keeps it single
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{10,}")
# Ofcom keeps these for drama. No network carries them, so the library calls them invalid; drills and demonstrations
# are to use nothing else.
_FOR_DRAMA: Final = re.compile(r"\+44(7700900|1632960|2079460)\d{3}")
_COSTLY: Final = frozenset({
    PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER,
})  # fmt: skip
_MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def normal_address(channel: Channel, entered: str) -> str:
    """The address as it is stored: a number in E.164, an email address with its domain in lower case.

    Raises ``Invalid`` naming ``address`` for what no message should be sent to: no number of the
    United Kingdom, an emergency or premium-rate one, a landline for text messages.
    """
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
    if not is_email(entered):
        raise _fault("must be an email address, such as wren.saltmarsh@example.org")
    local, _, domain = entered.rpartition("@")
    return f"{local}@{domain.lower()}"


def is_email(entered: str) -> bool:
    """Whether somebody may have such an address."""
    return len(entered) <= _MOST["email"] and _EMAIL.fullmatch(entered) is not None and ".." not in entered


def _token(entered: str) -> str:
    if len(entered) > _MOST["push"] or not _TOKEN.fullmatch(entered):
        raise _fault(f"must be a device's push token: 10 to {_MOST['push']:,} characters without spaces")
    return entered


def _fault(message: str, field: str = "address") -> Invalid:
    return Invalid([FieldError(field, message)])
