"""What a phone is told of changes."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Final, TypeAlias

import strawberry

from backend.cases import service as cases
from backend.changes.folding import Entry
from backend.changes.keeping import NOT_AT_ALL, keep_for
from backend.changes.models import ChangeKind
from graphql_api.alerts.types import Alert
from graphql_api.cases.types import Case, log_look
from graphql_api.changes.sight import Shown
from graphql_api.clocks.types import Clock
from graphql_api.contacts.types import ContactMethod
from graphql_api.context import Info
from graphql_api.documents.types import Document
from graphql_api.handovers.types import Handover
from graphql_api.ids import encode
from graphql_api.meetings.types import Meeting
from graphql_api.pathways.tasks import PathwayTask
from graphql_api.pathways.types import PathwayRun
from graphql_api.problems import AnyProblem, Problem
from graphql_api.scalars import Instant

ChangeType: type[Enum] = strawberry.enum(
    ChangeKind, name="ChangeType", description="A kind of thing of which a phone keeps copies."
)

ChangedThing = Annotated[
    Alert | Case | PathwayRun | PathwayTask | Clock | Meeting | Document | Handover | ContactMethod,
    strawberry.union("ChangedThing", description="A thing that has changed, as it is now."),
]

# By kind: the type whose ids it has, and how it is made from its row.
_MADE: Final[dict[ChangeKind, tuple[str, Callable[[Any], Any]]]] = {
    ChangeKind.ALERT: ("Alert", Alert.of), ChangeKind.CASE: ("Case", Case.of),
    ChangeKind.RUN: ("PathwayRun", PathwayRun.of), ChangeKind.TASK: ("PathwayTask", PathwayTask.of),
    ChangeKind.CLOCK: ("Clock", Clock.of), ChangeKind.MEETING: ("Meeting", Meeting.of),
    ChangeKind.DOCUMENT: ("Document", Document.of), ChangeKind.HANDOVER: ("Handover", Handover.of),
    ChangeKind.CONTACT_METHOD: ("ContactMethod", ContactMethod.of),
}  # fmt: skip


@strawberry.type(
    description="A thing that changed, or one of which no copy may be kept. All that belongs to a thing, such as an"
    " alert's slots and calls, counts as a change of it."
)
class Change:
    type: ChangeType  # type: ignore[valid-type]
    id: strawberry.ID = strawberry.field(description="The thing's id.")
    case_id: strawberry.ID | None = strawberry.field(
        description="The case it belongs to. When that case is gone, drop this too."
    )
    gone: bool = strawberry.field(
        description="Drop your copy: it is there for you no longer. A case takes with it all that names it."
    )
    keep_for: int = strawberry.field(
        description="Seconds for which you may keep the copy, encrypted, while you are offline; 0 for not at all."
    )
    cursor: str = strawberry.field(description="To go on after this change.")
    entry: strawberry.Private[Entry]
    shown: strawberry.Private[Shown]

    @strawberry.field(description="The thing as it is now; null when it is gone. A look at its case is logged.")
    async def thing(self, info: Info) -> ChangedThing | None:
        entry = self.entry
        row = self.shown.things.get((entry.kind, entry.subject_id)) if not entry.gone else None
        if row is None:
            return None
        seen = self.shown.cases.get(entry.case_id) if entry.case_id is not None else None
        if seen is not None and entry.kind is not ChangeKind.ALERT:
            async with info.context.db() as session:
                await log_look(info, session, seen.case.id, action=cases.action_of(seen.ties))
        made: ChangedThing = _MADE[entry.kind][1](row)
        return made

    @classmethod
    def of(cls, entry: Entry, shown: Shown, cursor: str) -> "Change":
        """As ``shown`` when it was last asked; ``cursor`` leads on to what comes after it."""
        seen = shown.cases.get(entry.case_id) if entry.case_id is not None else None
        kept = NOT_AT_ALL if entry.gone else keep_for(entry.kind, seen.ties if seen else None)
        return cls(
            type=entry.kind, id=strawberry.ID(encode(_MADE[entry.kind][0], entry.subject_id)),
            case_id=strawberry.ID(encode("Case", entry.case_id)) if entry.case_id else None,
            gone=entry.gone, keep_for=int(kept.total_seconds()), cursor=cursor, entry=entry, shown=shown,
        )  # fmt: skip


@strawberry.type(description="Changes after a cursor, in the order in which each thing was first touched.")
class Changes:
    changes: list[Change] = strawberry.field(description="None, if nothing has changed that is there for you.")
    cursor: str = strawberry.field(description="Ask with this next. Valid for 14 days.")
    more: bool = strawberry.field(description="Whether to ask again at once.")
    server_time: Instant = strawberry.field(description="To know how far the phone's own clock is out.")


@strawberry.type(
    description="The cursor is too old, or your roles have changed since: drop all copies, begin with the cursor"
    " given here, and fetch anew."
)
class ResyncNeededProblem(Problem):
    cursor: str = strawberry.field(description="Begin with this one, got before you fetch anew.")


ChangesAnswer: TypeAlias = Annotated[
    Changes | ResyncNeededProblem | AnyProblem,
    strawberry.union("ChangesAnswer", description="Changes, or why they cannot be told."),
]
