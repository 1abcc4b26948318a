"""What pydantic finds wrong with an input, in our words."""

from collections.abc import Mapping
from typing import Any, Final

_WORDING: Final = {
    "missing": "must be given",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters",
    "time_parsing": "must be a local time such as 08:00",
}


def in_words(fault: Mapping[str, Any]) -> str:
    """One of ``ValidationError.errors()``, to stand after its field's name."""
    known = _WORDING.get(fault["type"])
    if known is not None:
        return known.format_map(fault.get("ctx", {}))
    return str(fault["msg"]).removeprefix("Value error, ")
