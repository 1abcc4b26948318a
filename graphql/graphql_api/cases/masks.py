"""What is withheld, and why: a mask is an answer of its own, never an unexplained null."""

from enum import Enum
from typing import Annotated, Final

import strawberry

from backend.cases.policies import Mask as MaskValue

Mask: type[Enum] = strawberry.enum(
    MaskValue, name="WithheldReason", description="Whom or what the withholding protects."
)

_WHY: Final = {
    MaskValue.PUBLIC_REFERRER: "Who referred this is a member of the public, and is named to few.",
    MaskValue.ACCUSER: "Who made the allegation is named to few.",
    MaskValue.WHISTLEBLOWER: "Who raised the concern is protected, and is named to few.",
    MaskValue.HIDDEN_ADDRESS: "This address is kept hidden for somebody's safety.",
}


@strawberry.type(description="Something is there, or may be, that your roles do not let you see.")
class Withheld:
    reason: Mask  # type: ignore[valid-type]
    explanation: str = strawberry.field(description="Why, for a person to read.")

    @classmethod
    def because(cls, mask: MaskValue) -> "Withheld":
        return cls(reason=mask, explanation=_WHY[mask])


@strawberry.type(description="An address, in the open.")
class Address:
    text: str


AddressShown = Annotated[
    Address | Withheld, strawberry.union("AddressShown", description="An address, or that it is withheld.")
]


def address(text: str, mask: MaskValue | None) -> Address | Withheld:
    """The address, unless it is masked."""
    return Withheld.because(mask) if mask is not None else Address(text=text)
