"""What a letter can be made from: the name of each source, what it gives, and where it is recorded. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class About(StrEnum):
    """What a letter is made about; a meeting is of a run, and a run of a case."""

    CASE = "case"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class Source:
    """``columns`` make it a table. ``remedy`` says where what is missing is recorded. ``needs``: only of such."""

    remedy: str
    columns: tuple[str, ...] = ()
    needs: About = About.CASE


_CHILD: Final = "record it on the child's record"
_MEETING: Final = "record it of the meeting"
_DEATH: Final = "it is of a reported death; report the death"


def _of_meeting(remedy: str, *columns: str) -> Source:
    return Source(remedy, columns, About.MEETING)


SOURCES: Final[Mapping[str, Source]] = {
    "partnership.name": Source("name the partnership"),
    "letter.date": Source("it is the day of issue"),
    "issuer.name": Source("it is whoever issues the letter"),
    "issuer.post": Source("give the issuer a post"),
    "recipient.name": Source("name the recipient"),
    "recipient.role": Source("address it to an invitation"),
    "case.reference": Source("it is the case's"),
    "case.opened": Source("it is the case's"),
    "case.area": Source("give the case an area"),
    "child.name": Source(_CHILD),
    "child.born": Source(_CHILD),
    "child.sex": Source(_CHILD),
    "child.nhs-number": Source(_CHILD),
    "child.ethnicity": Source(_CHILD),
    "child.language": Source(_CHILD),
    "child.address": Source(_CHILD),
    "case.practitioners": Source("put people on the case", ("Name", "Role")),
    "case.family": Source("record the people around the child", ("Name", "Who they are", "Address")),
    "meeting.title": _of_meeting(_MEETING),
    "meeting.planned": _of_meeting(_MEETING),
    "meeting.held": _of_meeting("record that the meeting was held"),
    "meeting.place": _of_meeting("give the meeting a place"),
    "meeting.joining": _of_meeting("say how to join the meeting"),
    "meeting.chair": _of_meeting("give the meeting a chair"),
    "meeting.quorum": _of_meeting("record that the meeting was held"),
    "meeting.invitees": _of_meeting("invite people to the meeting", "Name", "Role", "Agency", "Asked to"),
    "meeting.attendance": _of_meeting("record that the meeting was held", "Name", "Role", "Agency", "Attendance"),
    "meeting.agenda": _of_meeting("put items on the agenda", "No.", "Item"),
    "meeting.outcomes": _of_meeting("minute the items of the agenda", "No.", "Item", "Minuted"),
    "meeting.decisions": _of_meeting("record the decisions at the meeting", "Question", "Decision", "Reasons"),
    "meeting.actions": _of_meeting("record the actions of the meeting", "Action", "Who", "By when"),
    "meeting.reports": _of_meeting("complete the reports for the meeting", "Report", "By", "Item", "Answer"),
    "death.name": Source(_DEATH),
    "death.born": Source(_DEATH),
    "death.sex": Source(_DEATH),
    "death.nhs-number": Source(_DEATH),
    "death.address": Source(_DEATH),
    "death.home-area": Source(_DEATH),
    "death.setting": Source(_DEATH),
    "death.place": Source(_DEATH),
    "death.area": Source(_DEATH),
    "death.coroner-area": Source(_DEATH),
    "death.died": Source(_DEATH),
    "death.confirmed": Source(_DEATH),
    "death.confirmed-by": Source(_DEATH),
    "death.unexpected": Source(_DEATH),
    "death.anticipated": Source(_DEATH),
    "death.collapse": Source(_DEATH),
    "death.circumstances": Source(_DEATH),
    "death.suspicion": Source(_DEATH),
    "death.other-children": Source(_DEATH),
    "death.reporter": Source(_DEATH),
    "death.reporter-telephone": Source(_DEATH),
    "death.reported": Source(_DEATH),
}
"""By name. ``item.PATHWAY.CODE`` is beside these an item of information of the case's latest run of a pathway."""

ITEM: Final = "item."


def item_of(source: str) -> tuple[str, str] | None:
    """The pathway and code of an item of information; None for any other source."""
    if not source.startswith(ITEM) or source.count(".") != 2:
        return None
    _, pathway, code = source.split(".")
    return pathway, code
