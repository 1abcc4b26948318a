"""Telephone numbers as the networks want them."""

import phonenumbers

_HOME = "GB"


def e164(number: str) -> str | None:
    """The number in international form with its plus sign; None when it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, _HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
