"""A member of one partnership who may do everything there, and asks for another's things."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from graphql_api.ids import encode
from support.api import Api
from support.neighbours import Things
from support.partnership import Partnership
from support.ways import NAMES, VALUES, Way, request

KINDS = {
    "areaIds": "Area", "slotId": "AlertSlot", "rotaId": "Rota", "shiftId": "Shift", "personId": "Person",
    "toPersonId": "Person", "insteadId": "Person", "otherId": "Person", "members": "Person", "areaId": "Area",
    "caseId": "Case", "childId": "Child", "entryId": "ChronologyEntry", "personIds": "Person", "teamId": "Team",
    "changeDirectoryEntry.entryId": "DirectoryEntry", "giveThresholdView.decisionId": "ThresholdDecision",
    "runId": "PathwayRun", "editionId": "PathwayEdition", "taskId": "PathwayTask", "ownerId": "Person",
    "earlierId": "PathwayEdition", "laterId": "PathwayEdition", "decisionId": "PathwayDecision",
    "meetingId": "Meeting", "documentId": "Document", "itemId": "MeetingItem", "minutesId": "MeetingMinutes",
    "invitationId": "MeetingInvitation", "recordProcedureAdoption.editionId": "ProcedureEdition",
    "transferId": "Transfer", "accountableId": "Person", "deputyId": "Person", "keyWorkerId": "Person",
    "recipientId": "Person",
    "requestProcedurePrint.editionId": "ProcedureEdition", "issueLetter.aboutId": "Meeting",
    "letterPreview.aboutId": "Meeting",
    "enquiryId": "ChildEnquiry", "noticeId": "DeathNotice", "recordDeathStep.deathId": "ChildDeath",
    "postId": "DirectoryPost", "changeProcedureRegisterEntry.entryId": "ProcedureRegisterEntry",
    "procedureDifferences.earlierId": "ProcedureEdition", "procedureDifferences.laterId": "ProcedureEdition",
}  # fmt: skip
"""The kind of id that an input takes whose name does not say it, by its name, or by its mutation and name."""


class State:
    """All that is stored of a partnership, read as nobody in the product can."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def of(self, partnership: Partnership) -> dict[str, list[str]]:
        tables = await self._connection.fetch(
            "SELECT attrelid::regclass::text AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE attname = 'tenant_id' AND relkind = 'r'"
        )
        found = {}
        for name in sorted(row["name"] for row in tables):
            query = f"SELECT t::text FROM {name} AS t WHERE tenant_id = $1 ORDER BY 1"  # noqa: S608
            found[name] = [row[0] for row in await self._connection.fetch(query, partnership.id)]
        assert found["audit_entry"]
        assert found["child_death"]
        return found


@dataclass(frozen=True)
class Inquiry:
    """A member of one partnership who may do everything there, and another partnership."""

    member: Api
    own: Things
    other: Things
    state: State
    _of_nothing: dict[tuple[Way, str], Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """What else an input needs, with the caller's own areas, slots and people."""
        names = {name: self.own.names[name][0] for name in NAMES if name != "reference"}
        ids = {name: encode(kind, self.own.ids[kind][0]) for name, kind in KINDS.items()}
        other = {"otherCaseId": encode("Case", self.own.ids["Case"][1])}
        return VALUES | names | other | {"people": {"name": "x", "personId": ids["personId"]}} | ids

    async def answer(self, way: Way, value: str) -> Any:  # JSON
        answer = await self.member.send(*request(way, value, self.values))
        return {key: answer.get(key) for key in ("data", "errors")}

    async def answer_for_nothing(self, way: Way, kind: str) -> Any:  # JSON
        """The answer for what looks like a thing of the kind and never existed, asked for once."""
        if (way, kind) not in self._of_nothing:
            never = "ZZZZ-9999" if kind == "reference" else "never-was"
            value = encode(kind, uuid4()) if way.is_id else never
            self._of_nothing[way, kind] = await self.answer(way, value)
        return self._of_nothing[way, kind]

    def values_of(self, way: Way, kind: str, things: Things) -> list[str]:
        """Ids of two things of a kind, or every name that the way may take."""
        return [encode(kind, one) for one in things.ids[kind][:2]] if way.is_id else list(things.names[kind])

    async def taken(self, way: Way) -> str:
        """The kind of thing that the way takes: the first of whose own the answer is another than for nothing.

        Fails where there is none: such a way would keep another partnership's things from a caller only by
        answering nothing, whatever it is given.
        """
        said = KINDS.get(f"{way.name}.{way.path[-1]}", KINDS.get(way.path[-1]))
        likely = sorted(self.own.ids, key=lambda kind: (kind == said, way.likeness(kind)), reverse=True)
        kinds = likely if way.is_id else [way.path[-1]]
        for kind in kinds:
            for value in self.values_of(way, kind, self.own):
                if await self.answer(way, value) != await self.answer_for_nothing(way, kind):
                    return kind
        pytest.fail(
            f"{way} answers for every seeded thing of the caller's own partnership as for one that never existed."
            " Seed a thing that it takes in seeded(), or add to VALUES what else it needs."
        )
