"""Why a meeting is refused, in terms that whoever asked can act on."""

from typing import ClassVar

from backend.kit.problems import Conflict
from backend.meetings.quorum import QuorumFound


class NotQuorate(Conflict):
    """Too few agencies were there, and nobody has said why it was held all the same."""

    code: ClassVar[str] = "NOT_QUORATE"

    def __init__(self, found: QuorumFound, text: str, fewer_if: str | None) -> None:
        message = f"There was no quorum: {text} Give the exception's reason, or adjourn the meeting."
        super().__init__(f"{message} Fewer will do where: {fewer_if}" if fewer_if else message)
        self.found = found
