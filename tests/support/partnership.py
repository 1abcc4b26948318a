"""A reference partnership as a test meets it: sessions, people, callers, reports."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.cases.children.identity import Sex
from backend.child_deaths import service as child_deaths
from backend.child_deaths.models import ChildDeath, Setting, Suspicion
from backend.child_deaths.report import Report, Reporter
from backend.identity.models import Membership
from backend.identity.policies import Caller
from backend.kit.database import engine
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession, open_session
from notifications.rotas import repository as rotas

CHILD = "Fernleaf Testchild"
BORN = date(2024, 2, 29)
HOME = "7 Invented Row, Nowhere-on-the-Wold"
SEEDED = (
    CHILD,
    "Fernleaf",
    "Testchild",
    "2024-02-29",
    "29/02/2024",
    "29 February 2024",
    HOME,
    "Invented Row",
)
"""What a test looks for in everything that left and in every log line."""


@dataclass(frozen=True)
class Partnership:
    """One reference partnership in the test's database."""

    id: UUID
    slug: str
    zone: str

    @classmethod
    async def named(cls, slug: str) -> "Partnership":
        async with engine().connect() as connection:
            row = (
                await connection.execute(
                    text("SELECT id, slug, zone FROM routing.partnership WHERE slug = :slug"), {"slug": slug}
                )
            ).one()
        return cls(row.id, row.slug, row.zone)

    def session(self) -> AbstractAsyncContextManager[TenantSession]:
        return open_session(self.id)

    async def caller(self, subject: str) -> Caller:
        """The reference person with this subject, as the API would see them."""
        async with self.session() as session:
            row = (await session.scalars(select(Membership).where(col(Membership.subject) == subject))).one()
        return Caller(self.id, self.slug, row.person_id, tuple(row.roles))

    async def on_call(self, role: str) -> UUID:
        """Who is on call for a role by the database clock."""
        async with self.session() as session:
            return (await rotas.roster(session, await session.now())).find(role)[0][0]

    async def member(self, role: str) -> Caller:
        """Some member with a role, and as few others as there are."""
        async with self.session() as session:
            found = (await session.scalars(select(Membership).order_by(col(Membership.subject)))).all()
        row = min((one for one in found if role in one.roles), key=lambda one: len(one.roles))
        return Caller(self.id, self.slug, row.person_id, tuple(row.roles))

    async def report_death(self, **changes: Any) -> ChildDeath:
        """Report an unexpected death as a clinician would, and commit."""
        clinician = await self.member("clinician")
        async with self.session() as session:
            told = report(await session.now(), self.slug, **changes)
            death = await child_deaths.report(session, clinician, told, zone=self.zone, death_id=uuid7())
            await session.commit()
        return death


AREAS = {"cambs-peterborough": ("cambridgeshire", "coroner-north"), "hertfordshire": ("hertfordshire", None)}


def report(now: datetime, slug: str = "cambs-peterborough", **changes: Any) -> Report:
    """A complete report of an unexpected death an hour before ``now``."""
    authority, coroner = AREAS[slug]
    facts: dict[str, Any] = {
        "child_name": CHILD, "date_of_birth": BORN, "sex": Sex.FEMALE, "nhs_number": None,
        "usual_home_address": HOME, "home_area": authority, "home_area_outside": None,
        "setting": Setting.EMERGENCY_DEPARTMENT, "place_of_death": "Reedwater Hospital, emergency department",
        "area_of_death": authority, "coroner_area": coroner, "died_at": now.astimezone(UTC) - timedelta(hours=1),
        "confirmed_at": now.astimezone(UTC) - timedelta(minutes=45), "confirmed_by": "Dr Juniper Blythe",
        "anticipated_24h_before": False, "unexpected_collapse": False,
        "circumstances": f"{CHILD} was found unresponsive in the cot.", "suspicion": Suspicion.NONE,
        "other_children_in_household": True,
        "reporter": Reporter("Dr Juniper Blythe", "emergency department consultant", "01632 960123"),
    }  # fmt: skip
    return Report(**{**facts, **changes})
