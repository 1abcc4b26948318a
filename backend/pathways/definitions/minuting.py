"""What of a meeting an item of its minutes is filled with: what is recorded of the meeting is typed nowhere twice."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from backend.pathways.definitions.vocabulary import AgencyCode, Grammar, Line, RoleCode


class MeetingFact(StrEnum):
    """What is recorded of a meeting."""

    HELD = "held"
    """When it was held."""
    CALLED_BY = "called-by"
    INVITED = "invited"
    ATTENDED = "attended"
    """Who came, or came for somebody, each with the role."""
    REPORTED = "reported"
    """Who sent a report instead of coming."""
    DECISIONS = "decisions"
    DECISIONS_WITH_REASONS = "decisions-with-reasons"
    ACTIONS = "actions"
    """What was agreed to be done, by whom and by when."""


OF_PEOPLE = frozenset({MeetingFact.INVITED, MeetingFact.ATTENDED, MeetingFact.REPORTED})


class FromMeeting(Grammar):
    """What of the meeting fills an item of its minutes, in this order. Without either, nothing does."""

    tells: tuple[MeetingFact, ...] = ()
    agenda: tuple[Line, ...] = ()
    """What is minuted of these items, by their words on the agenda of the meeting."""
    agencies: tuple[AgencyCode, ...] = ()
    """Of people, only those who come for one of these."""
    roles: tuple[RoleCode, ...] = ()
    """Of people, only those who were asked in one of these."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.tells and not self.agenda:
            message = "is filled with nothing; name what the meeting tells, or items of its agenda"
            raise ValueError(message)
        if (self.agencies or self.roles) and not OF_PEOPLE & set(self.tells):
            message = "chooses among people and tells of none; name invited, attended or reported in tells"
            raise ValueError(message)
        return self
