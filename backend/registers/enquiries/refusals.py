"""Why an enquiry cannot go on yet."""

from typing import ClassVar

from backend.kit.problems import Conflict


class EnquirerNotChecked(Conflict):
    """Nothing is looked up for somebody, or told to them, until they have been checked (¶4.126)."""

    code: ClassVar[str] = "ENQUIRER_NOT_CHECKED"

    def __init__(self) -> None:
        super().__init__(
            "Record first how you checked who is asking: call them back on a number of the directory, or say how else."
        )
