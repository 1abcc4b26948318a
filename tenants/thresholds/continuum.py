"""What a partnership's threshold document says, as data: levels, domains, indicators and criteria with numbers.

No text in hand gives numbers of levels for every partnership (Working Together 2005 ¶3.13, 3.20 leave them to the
board), so a continuum may say that its levels are not set, and nothing stands in for them.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from backend.kit.texts import text_fault
from tenants.thresholds.spans import Part, Span

PARTNERSHIP: Final = "partnership"
"""The scheme of the partnership itself; an agency's own is named by the agency's code."""


def _plain(text: str) -> str:
    if fault := text_fault("", text, len(text)):
        message = f"{fault.message}; write it or leave the key out"
        raise ValueError(message)
    return text


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain)]
Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_plain)]


class NationalTerm(StrEnum):
    """What a level is called in national guidance, so that levels of different partnerships can be compared."""

    UNIVERSAL = "universal"
    """All children (Working Together 2005 ¶3.12)."""
    TARGETED = "targeted"
    """Vulnerable groups, below a child in need (¶3.13)."""
    CHILD_IN_NEED = "child-in-need"
    """Section 17 (¶1.21)."""
    SIGNIFICANT_HARM = "significant-harm"
    """Section 47 (¶1.22)."""
    EMERGENCY = "emergency"
    """A risk to life, or serious immediate harm likely (¶4.36)."""


class Nature(StrEnum):
    """Whether an indicator happens on a day, or holds until somebody says that it has ended."""

    EVENT = "event"
    STATE = "state"


class Subject(StrEnum):
    """Whom an indicator is recorded of."""

    CHILD = "child"
    ADULT = "adult"
    FAMILY = "family"


class StepUp(Part):
    """What a decision for a higher level has to say besides, unless one of these indicators is recorded."""

    asks: Words
    unless: tuple[Code, ...] = ()
    citation: Line


class Level(Part):
    """One level. Levels are listed from the lowest need to the highest."""

    code: Code
    name: Line
    description: Words
    signs: tuple[Words, ...] = ()
    responses: tuple[Words, ...] = ()
    outcomes: tuple[Words, ...] = ()
    national: tuple[NationalTerm, ...] = ()
    step_up: StepUp | None = None
    citation: Line


class Domain(Part):
    """A group of indicators, such as a child's developmental needs."""

    code: Code
    name: Line


class Indicator(Part):
    """Something that people record of a child, an adult or the family."""

    code: Code
    name: Line
    domain: Code
    nature: Nature = Nature.EVENT
    of: Subject = Subject.CHILD


class Recorded(Part):
    """An indicator that was recorded, so often, close enough together, not too long ago, of so many people."""

    indicator: Code
    at_least: int = Field(default=1, ge=1, le=1_000)
    within: Span | None = None
    """The last of them comes before this has passed since the first."""
    looking_back: Span | None = None
    """Only those since this long ago, that day included."""
    people: int | None = Field(default=None, ge=1, le=20)
    """Of so many different adults, and of each so often; left out, of all of them together."""


class Ages(Part):
    """From a birthday on, and until before another."""

    least: Span | None = Field(default=None, alias="from")
    under: Span | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if self.least is None and self.under is None:
            message = "has no bound; give from, under or both"
            raise ValueError(message)
        return self


class Age(Part):
    """The child's age lies between bounds."""

    age: Ages


class Unborn(Part):
    """The child is not born yet."""

    unborn: Literal[True]


class Either(Part):
    """Any one of several conditions."""

    any: tuple[Recorded | Age | Unborn, ...] = Field(min_length=2)


Condition = Recorded | Age | Unborn | Either


class Opens(Part):
    """A pathway that is to be opened, by the criterion of that pathway which is met."""

    pathway: Code
    criterion: Code | None = None


class Criterion(Part):
    """A rule: when all its conditions hold for the same child, it suggests a level, opens a pathway, or both."""

    code: Code
    text: Words
    suggests: Code | None = None
    all: tuple[Condition, ...] = Field(min_length=1)
    opens: tuple[Opens, ...] = ()
    force: Literal["must", "should", "will", "may"] | None = None
    citation: Line
    inferred: Words | None = None
    """What had to be read into the source, so that it is shown as a choice and not as the source's own."""

    @model_validator(mode="after")
    def _has_an_effect(self) -> Self:
        if self.suggests is None and not self.opens:
            message = f"{self.code} has no effect; give suggests, opens or both"
            raise ValueError(message)
        return self

    def recorded(self) -> Iterator[Recorded]:
        """Every condition on an indicator, those of an ``any`` among them."""
        for one in self.all:
            for each in one.any if isinstance(one, Either) else (one,):
                if isinstance(each, Recorded):
                    yield each


class Continuum(Part):
    """A whole threshold document. ``levels`` is empty only where ``unset`` says whose choice they are."""

    title: Line
    edition: Line
    citation: Line
    scheme: Code = PARTNERSHIP
    levels: tuple[Level, ...] = ()
    unset: Words | None = None
    domains: tuple[Domain, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    criteria: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _says_levels_or_that_there_are_none(self) -> Self:
        if bool(self.levels) == (self.unset is not None):
            message = "has either levels or a sentence in unset; give exactly one of the two"
            raise ValueError(message)
        return self

    def rank(self, code: str) -> int:
        """How high a level is, 0 the lowest. Raises ``KeyError`` for one that is not here."""
        for number, level in enumerate(self.levels):
            if level.code == code:
                return number
        raise KeyError(code)

    def level(self, code: str | None) -> Level | None:
        """The level of this code."""
        return next((one for one in self.levels if one.code == code), None)
