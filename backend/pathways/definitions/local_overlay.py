"""A partnership's overlay of one definition: what it changes, adds, sets and, with authority, does not apply."""

from datetime import date
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from backend.clocks.limits import Span
from backend.pathways.definitions.shared import Role, Source
from backend.pathways.definitions.vocabulary import Code, Grammar, Line, Words

Section = Literal[
    "criteria", "variants", "stages", "events", "obligations", "decisions", "gates", "sign_offs", "clocks",
    "information", "forms", "notifications", "meetings", "prohibitions", "escalations", "access", "masks", "routing",
    "precedence", "settings", "principles", "cautions",
]  # fmt: skip
# What stands beside the new values of a change and is no part of the item.
RESERVED: Final = frozenset({"ground", "authority"})
PATHWAY_OVERLAYS: Final = "pathway_overlays"
"""The partnership's setting that holds its overlays, each as its file would."""
AT_ONCE: Final = "at_once"
"""What a partnership sets for a clock whose words mean at once, so that it runs by the word."""


class Wording(Grammar):
    """A word of the national text, and what the partnership calls it, in everything that people read."""

    national: Line
    local: Line
    citation: Line | None = None


class NotApplied(Grammar):
    """A national clock that the partnership does not run. One that must be kept needs an authority."""

    clock: Code
    ground: Words
    authority: Line | None = None
    citation: Line | None = None


class LocalOverlay(Grammar):
    """One file of ``tenants/archetypes/<partnership>/pathways``, or the same through the API.

    ``change`` gives new values by list and id. Mappings are merged, lists replaced; a key that ends in ``+`` adds to
    a list. Beside the values stand ``ground``, the reason for a laxer one, and ``authority``, without which nothing
    that must be done is loosened: who decided it and where that is minuted.
    """

    pathway: Code
    partnership: Code
    edition: Line
    """What the partnership's own text is called; local values come from it."""
    written_against: Line | None = None
    """The national edition that the local text follows, where it is another one."""
    revision: int = Field(1, ge=1)
    effective_from: date | None = None
    note: Words | None = None
    sources: tuple[Source, ...] = ()
    roles: tuple[Role, ...] = ()
    title: Line | None = None
    settings: dict[Code, Span | bool | int | str] = Field(default_factory=dict)
    """Chosen values by setting, such as what "immediately" means here: ``{value: 30, unit: minutes}``. ``at_once``
    makes the word itself the limit: due when it starts, and late after the partnership's own minutes for that."""
    starts: dict[Code, Code] = Field(default_factory=dict)
    """By clock, the event from which it counts where no source prints a start."""
    words_stand: Line | None = None
    """The authority on which, where a source has words alone ("immediately") and settings has no figure for them, the
    words stand without one: who decided it and where that is minuted. No date is then worked out."""
    wording: tuple[Wording, ...] = ()
    change: dict[Section, dict[Code, dict[str, Any]]] = Field(default_factory=dict)
    add: dict[Section, tuple[dict[str, Any], ...]] = Field(default_factory=dict)
    not_applied: tuple[NotApplied, ...] = ()

    @model_validator(mode="after")
    def _grounds_are_words(self) -> Self:
        for section, items in self.change.items():
            for code, values in items.items():
                for key in RESERVED & values.keys():
                    if not isinstance(values[key], str) or not 3 <= len(values[key]) <= 300:
                        message = f"change of {section} {code}: {key} is not a sentence; write who or why in words"
                        raise ValueError(message)
                if "id" in values:
                    message = f"change of {section} {code} gives an id; ids stay, so remove it"
                    raise ValueError(message)
        return self
