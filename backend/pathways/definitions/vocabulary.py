"""The words that every part of a definition is written in."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

CODE: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


class Grammar(BaseModel):
    """A part of a definition: never changed once read, and nothing in it that the grammar does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Refers:
    """Marks a code that must be the ``id`` of something of the kind ``to``, such as ``stage`` or ``role``."""

    to: str


# Unicode's control characters save the line feed and the tab, and halves of surrogate pairs.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _plain(text: str) -> str:
    if not text.strip():
        message = "is empty; write it or leave the key out"
        raise ValueError(message)
    if _CONTROL.search(text):
        message = "holds a control character; type it again instead of pasting it"
        raise ValueError(message)
    return text


Code = Annotated[str, Field(pattern=CODE, max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain)]
Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_plain)]
# One or more sources, each by its title and the places in it, separated by semicolons.
Citation = Annotated[str, Field(min_length=3, max_length=400), AfterValidator(_plain), Refers("source")]

RoleCode = Annotated[Code, Refers("role")]
AgencyCode = Annotated[Code, Refers("agency")]
PathwayCode = Annotated[Code, Refers("pathway")]
StageCode = Annotated[Code, Refers("stage")]
VariantCode = Annotated[Code, Refers("variant")]
EventCode = Annotated[Code, Refers("event")]
ClockCode = Annotated[Code, Refers("clock")]
DecisionCode = Annotated[Code, Refers("decision")]
GateCode = Annotated[Code, Refers("gate")]
FormCode = Annotated[Code, Refers("form")]
InformationCode = Annotated[Code, Refers("information")]
MeetingCode = Annotated[Code, Refers("meeting")]
NotificationCode = Annotated[Code, Refers("notification")]
SignOffCode = Annotated[Code, Refers("sign-off")]
ObligationCode = Annotated[Code, Refers("obligation")]
SettingCode = Annotated[Code, Refers("setting")]
MaskCode = Annotated[Code, Refers("mask")]
