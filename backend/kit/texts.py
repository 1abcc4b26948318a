"""Free text as people type it: bounded, and without characters that no keyboard makes. Pure."""

import unicodedata

from backend.kit.problems import FieldError


def text_fault(field: str, text: str, most: int) -> FieldError | None:
    """What is wrong with a required text of at most ``most`` characters; line breaks and tabs are fine."""
    if not any(char.isprintable() and not char.isspace() for char in text):
        return FieldError(field, "must not be empty")
    if len(text) > most:
        return FieldError(field, f"must be at most {most:,} characters; it has {len(text):,}")
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\r\t" for char in text):
        return FieldError(field, "holds a control character; type it again instead of pasting it")
    return None


def text_faults(**given: tuple[str | None, int]) -> list[FieldError]:
    """The faults of optional texts, each given as the text and the most characters, by field."""
    return [
        fault for field, (text, most) in given.items() if text is not None and (fault := text_fault(field, text, most))
    ]
