"""The rotas of a reference partnership, changed as its people would."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.rotas import repository
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import Rota, Shift
from support.scene import Scene


@dataclass
class Desk:
    """What one looks at and does about a rota. Each change is committed by itself."""

    scene: Scene = field(repr=False)
    people: dict[str, UUID]
    now: datetime

    @asynccontextmanager
    async def session(self) -> AsyncIterator[TenantSession]:
        """A session that commits on leaving."""
        async with self.scene.partnership.session() as session:
            yield session
            await session.commit()

    async def rota(self, code: str) -> Rota:
        async with self.session() as session:
            return next(rota for rota in await repository.rotas(session) if rota.code == code)

    async def shifts(self, code: str, position: int = 1) -> list[Shift]:
        """The shifts of a rota's position that had not ended when the test began, by start."""
        async with self.session() as session:
            rota = next(rota for rota in await repository.rotas(session) if rota.code == code)
            found = await session.scalars(
                select(Shift).where(col(Shift.rota_id) == rota.id, col(Shift.position) == position)
            )
            ahead = [shift for shift in found if ends_of(shift.during)[1] >= self.now]
            return sorted(ahead, key=lambda shift: ends_of(shift.during))

    async def read(self, code: str, position: int = 1) -> list[tuple[str, datetime, datetime]]:
        """The same as person, start and end."""
        return [(self.name(shift.person_id), *ends_of(shift.during)) for shift in await self.shifts(code, position)]

    async def on_call(self, role: str, at: datetime | None = None, position: int = 1) -> list[str]:
        async with self.session() as session:
            roster = await repository.roster(session, at or await session.now())
        return [self.name(person) for person in roster.find(role, position=position)[0]]

    async def running(self, code: str) -> Shift:
        """The shift that is on."""
        now = await self.time()
        return next(one for one in await self.shifts(code) if ends_of(one.during)[0] <= now < ends_of(one.during)[1])

    async def coming(self, code: str, person: str | None = None) -> Shift:
        """The first shift to come, or a person's first."""
        now = await self.time()
        wanted = [one for one in await self.shifts(code) if ends_of(one.during)[0] > now]
        return next(one for one in wanted if person is None or one.person_id == self.people[person])

    async def time(self) -> datetime:
        async with self.session() as session:
            return await session.now()

    def name(self, person_id: UUID) -> str:
        return next(code for code, known in self.people.items() if known == person_id)

    async def audited(self) -> list[str]:
        async with self.session() as session:
            return list(await session.scalars(text(
                "SELECT action FROM audit_entry WHERE action LIKE 'rota._%' AND action NOT IN ('rota.added')"
                " OR action LIKE 'swap.%' ORDER BY seq"
            )))  # fmt: skip

    async def owed(self) -> list[Any]:
        async with self.session() as session:
            return [tuple(row) for row in await session.execute(text(
                "SELECT actor, subject_id FROM routing.task ORDER BY actor"
            ))]  # fmt: skip


def holes(shifts: Iterable[Shift]) -> list[timedelta]:
    """The time between each shift's turn and the next."""
    turns = sorted(ends_of(shift.turn) for shift in shifts)
    return [later[0] - earlier[1] for earlier, later in pairwise(turns)]
