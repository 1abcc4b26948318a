"""How WordprocessingML says a property: an element with a value, or one that is there unless it is switched off."""

from typing import Final

from lxml import etree

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def inner(element: etree._Element | None, name: str) -> str | None:
    """The value of the element of this name within another; None where either is not there."""
    found = element.find(f"{W}{name}") if element is not None else None
    return found.get(f"{W}val") if found is not None else None


def is_on(properties: etree._Element, name: str) -> bool:
    """Whether a property that may be switched off is there and on."""
    found = properties.find(f"{W}{name}")
    return found is not None and found.get(f"{W}val") not in ("0", "false", "off", "none")
