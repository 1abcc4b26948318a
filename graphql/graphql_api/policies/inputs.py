"""What a draft of an alert policy is given as, read with every fault named by its path."""

from typing import Any

import strawberry
from pydantic import TypeAdapter, ValidationError

from backend.kit.problems import FieldError, Invalid
from graphql_api.alerts.types import Channel
from graphql_api.policies.types import NAMED, BankHolidayRule, TargetKind, as_entered
from graphql_api.wording import in_words
from notifications.ladders.policy import SlotPolicy
from notifications.rotas.rules import BankHolidays
from tenants.contacts.models import Channel as ChannelValue

MOST_SLOTS = 20
_SLOTS = TypeAdapter(tuple[SlotPolicy, ...])
_KINDS = {kind.value for kind in TargetKind}


@strawberry.input(description="Hours of the week by the partnership's clocks. An end at or before the start: next day.")
class HoursInput:
    weekdays: list[int] = strawberry.field(description="0 is Monday.")
    start: str = strawberry.field(description="Local time, such as 08:00.")
    end: str = strawberry.field(description="Local time, such as 20:00.")
    bank_holidays: BankHolidayRule = strawberry.field(  # type: ignore[valid-type]
        default=BankHolidays.REGARDLESS, description="Whether they hold on bank holidays."
    )

    def plain(self) -> dict[str, Any]:
        return {
            "weekdays": self.weekdays, "start": self.start, "end": self.end,
            "bank_holidays": BankHolidays(self.bank_holidays).value,
        }  # fmt: skip


@strawberry.input(description="Whom a step tries.")
class StepTargetInput:
    kind: TargetKind = strawberry.field(description="What the name names.")
    name: str = strawberry.field(description="A role, a person's or contact's code, a team, or an endpoint.")
    position: int | None = strawberry.field(default=None, description="Of a rota: 1 is first on call, 2 second.")
    members: list[str] | None = strawberry.field(default=None, description="Of a team: persons' codes, in turn.")

    def plain(self) -> dict[str, Any]:
        given: dict[str, Any] = {"kind": self.kind.value, NAMED[self.kind]: self.name}
        extra = {"position": self.position, "members": self.members}
        return given | {name: value for name, value in extra.items() if value is not None}


@strawberry.input(description="One rung of a ladder. Times are in seconds and yours to set: no source gives one.")
class PolicyStepInput:
    target: StepTargetInput = strawberry.field(description="Whom it tries.")
    channels: list[Channel] = strawberry.field(description="By what, at once.")  # type: ignore[valid-type]
    acknowledge_within: int | None = strawberry.field(default=None, description="Until the next rung is called.")
    page_again_every: int | None = strawberry.field(default=None, description="Between repeats within the rung.")
    only_between: list[HoursInput] | None = strawberry.field(
        default=None, description="Outside these it is passed over at once."
    )

    def plain(self) -> dict[str, Any]:
        return {
            "target": self.target.plain(), "channels": [ChannelValue(channel).value for channel in self.channels],
            "acknowledge_within": self.acknowledge_within, "page_again_every": self.page_again_every,
            "only_between": [hours.plain() for hours in self.only_between or ()],
        }  # fmt: skip


@strawberry.input(description="A role that must be reached, and its ladder.")
class PolicySlotInput:
    role: str = strawberry.field(description="Such as paediatrician; one slot each.")
    template: str = strawberry.field(description="The wording of its messages.")
    required: bool = strawberry.field(default=True, description="Whether the alert waits for its answer.")
    needs_answer: bool = strawberry.field(default=True, description="False for a notice.")
    repeat: int = strawberry.field(default=0, description="How often the ladder is climbed again, up to 10.")
    confirm_within: int | None = strawberry.field(
        default=None, description="In which who has answered must confirm attendance."
    )
    steps: list[PolicyStepInput] = strawberry.field(description="The ladder, first rung first, up to 10.")

    def plain(self) -> dict[str, Any]:
        return {
            "role": self.role, "template": self.template, "required": self.required,
            "needs_answer": self.needs_answer, "repeat": self.repeat, "confirm_within": self.confirm_within,
            "steps": [step.plain() for step in self.steps],
        }  # fmt: skip


def read(slots: list[PolicySlotInput]) -> tuple[SlotPolicy, ...]:
    """The slots as policies hold them. Raises ``Invalid`` with the path of each fault."""
    if not 1 <= len(slots) <= MOST_SLOTS:
        raise Invalid([FieldError("slots", f"must be 1 to {MOST_SLOTS} roles")])
    if any("\0" in text for slot in slots for text in _texts(slot.plain())):
        raise Invalid([FieldError("slots", "hold a control character; type the names again")])
    try:
        return _SLOTS.validate_python([slot.plain() for slot in slots])
    except ValidationError as error:
        faults = error.errors()
        places = [fault["loc"] for fault in faults]
        # A list none of whose items can be read is also called too short; its items say more.
        own = [f for f in faults if not any(p != f["loc"] and p[: len(f["loc"])] == f["loc"] for p in places)]
        raise Invalid([_fault(fault) for fault in own]) from error


def _texts(value: Any) -> list[str]:  # JSON
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def _fault(fault: Any) -> FieldError:  # pydantic's description of one
    """The fault at the path of the input, which has a target's kind beside what it names."""
    path: list[str] = []
    for part in fault["loc"]:
        if path[-1:] != ["target"] or part not in _KINDS:
            path.append(_camel(str(part)))
    return as_entered(FieldError(".".join(["slots", *path]), in_words(fault)))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
