"""An alert as its people live through it: who is called, by what, when, and when their phones stay silent."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import delete, select, text
from sqlmodel import col

from backend.child_deaths.response import JOINT_RESPONSE_ALERT
from backend.kit.session import TenantSession, open_session
from infra.dev.clock import Clock
from notifications.alerts import repository as alerts
from notifications.alerts import service
from notifications.alerts.models import Alert, AlertSlot, ConfigurationAlarm, Page
from notifications.deliveries import repository as deliveries
from notifications.deliveries.models import Delivery
from notifications.rotas import repository as rotas
from notifications.rotas.models import Shift
from notifications.rotas.service import materialise
from support.environment import owner_engine
from support.partnership import Partnership
from support.work import Work
from tenants.contacts.models import ContactMethod, Person

TEMPLATES: Final = Path(__file__).parents[2] / "infra" / "notify-templates.json"
PAGE: Final = "rapid-response-page"
WORDS: Final = {
    "reference": "7F3K-2Q9D",
    "link": "https://example.org/alerts/7F3K-2Q9D",
    "answer_link": "https://example.org/r/a-token",
    "code": "4071",
}
"""What a page is filled in with."""
WINDOW: Final = timedelta(seconds=120)
"""How long a page of the reference partnership ``cambs-peterborough`` may go unanswered."""
FIRST: Final = ("push", "sms")
AGAIN: Final = ("sms", "email")


def coming(weekday: int, hour: int, minute: int = 0, zone: str = "Europe/London") -> datetime:
    """Such a local time in the week that begins with the next Tuesday, on whatever day the tests are run.

    A Wednesday is the day after the Tuesday at noon at which most scenes begin. Shifts are always laid out that far.
    """
    here = ZoneInfo(zone)
    today = datetime.now(here).date()
    tuesday = today + timedelta(days=(1 - today.weekday() - 1) % 7 + 1)
    day = tuesday + timedelta(days=(weekday - 1) % 7)
    return datetime.combine(day, time(hour, minute), here).astimezone(UTC)


@cache
def template_names() -> dict[str, str]:
    return {entry["id"]: entry["name"] for entry in json.loads(TEMPLATES.read_text())}


@dataclass
class Phones:
    """Everybody's phone, device and mailbox."""

    carrier: httpx.Client
    seen: int = 0

    def messages(self) -> list[dict[str, Any]]:
        """Everything accepted so far."""
        found: list[dict[str, Any]] = self.carrier.get("/dev/messages").json()
        return found

    def new(self) -> dict[str, list[str]]:
        """What has arrived since the last look: channel and address, by the kind of message."""
        arrived = self.carrier.get("/dev/messages", params={"since": self.seen}).json()
        kinds: dict[str, list[str]] = {}
        for message in arrived:
            self.seen = message["received_ns"]
            kind = template_names().get(message["template_id"], PAGE)
            kinds.setdefault(kind, []).append(f"{message['channel']} {message['to']}")
        return {kind: sorted(addresses) for kind, addresses in kinds.items()}

    def misbehave(self, mode: str, match: str = "*", **more: float | str) -> None:
        """The provider does ``mode`` to the next requests for ``match``."""
        self.carrier.post("/dev/behaviour", json={"mode": mode, "match": match, **more}).raise_for_status()

    def behave(self) -> None:
        self.carrier.delete("/dev/behaviour").raise_for_status()


@dataclass
class Scene:
    """One partnership with a stopped clock, and the latest joint response alert in it."""

    partnership: Partnership
    environment: dict[str, str]
    clock: Clock
    work: Work
    phones: Phones
    alert_id: UUID = field(init=False)
    slot_ids: dict[str, UUID] = field(init=False)

    async def at(self, instant: datetime) -> None:
        await self.clock.freeze(instant)

    async def report(self, *, send: bool = True, **changes: Any) -> None:  # fields of a report
        """Report an unexpected death; ``send`` lets the workers run."""
        death = await self.partnership.report_death(**changes)
        async with self.partnership.session() as session:
            about = (await alerts.by_subject(session, [death.case_id]))[death.case_id]
            self.alert_id = next(alert.id for alert in about if alert.type == JOINT_RESPONSE_ALERT)
            found = (await alerts.slots(session, [self.alert_id]))[self.alert_id]
        self.slot_ids = {slot.role: slot.id for slot in found}
        if send:
            await self.work.run_due()

    async def wait(self, by: timedelta) -> None:
        """Let time pass, then let the workers do what is due."""
        await self.clock.advance(by)
        await self.work.run_due()

    async def acknowledge(self, role: str, person_id: UUID) -> AlertSlot:
        async with self.partnership.session() as session:
            slot = await service.acknowledge(session, self.slot_ids[role], person_id)
            await session.commit()
        return slot

    async def decline(self, role: str, person_id: UUID) -> AlertSlot:
        """Decline and let the workers run."""
        async with self.partnership.session() as session:
            slot = await service.decline(session, self.slot_ids[role], person_id, "in theatre until noon")
            await session.commit()
        await self.work.run_due()
        return slot

    async def alert(self) -> Alert:
        async with self.partnership.session() as session:
            return await alerts.alert(session, self.alert_id)

    async def slot(self, role: str) -> AlertSlot:
        async with self.partnership.session() as session:
            return await alerts.locked_slot(session, self.slot_ids[role])

    async def pages(self, role: str) -> list[Page]:
        async with self.partnership.session() as session:
            return (await alerts.pages(session, [self.slot_ids[role]]))[self.slot_ids[role]]

    async def deliveries(self, role: str) -> list[Delivery]:
        async with self.partnership.session() as session:
            return (await deliveries.by_slot(session, [self.slot_ids[role]]))[self.slot_ids[role]]

    async def alarms(self) -> list[tuple[str, str]]:
        """Configuration alarms so far: kind and role."""
        async with self.partnership.session() as session:
            found = await session.scalars(select(ConfigurationAlarm).order_by(col(ConfigurationAlarm.id)))
            return [(str(alarm.kind), alarm.role) for alarm in found]

    async def on_call(self, role: str) -> UUID:
        return await self.partnership.on_call(role)

    async def reach(self, channels: Iterable[str], *persons: UUID) -> list[str]:
        """Channel and address of each person's methods, as ``Phones.new`` shows them."""
        async with self.partnership.session() as session:
            found = await session.scalars(
                select(ContactMethod).where(
                    col(ContactMethod.person_id).in_(persons), col(ContactMethod.channel).in_(list(channels))
                )
            )
            return sorted(f"{method.channel} {method.address}" for method in found)

    async def person(self, code: str) -> UUID:
        async with self.partnership.session() as session:
            return (await session.scalars(select(Person).where(col(Person.code) == code))).one().id

    async def address(self, person_id: UUID, channel: str) -> str:
        return (await self.reach([channel], person_id))[0].split(" ", 1)[1]

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[TenantSession]:
        """A session that may change what the application only reads; commits on leaving."""
        async with open_session(self.partnership.id, on=owner_engine()) as session:
            yield session
            await session.commit()

    async def change(self, statement: str, **values: object) -> None:
        """Change set-up as its owner would."""
        async with self.owner() as session:
            await session.execute(text(statement), values)

    async def lay_out_shifts(self, around: datetime) -> None:
        """Make the shifts of every rota anew, from two weeks before ``around`` until two after."""
        async with self.owner() as session:
            await session.execute(delete(Shift))
            for rota in await rotas.rotas(session):
                rota.materialised_until = around - timedelta(days=14)
                await materialise(session, rota, around + timedelta(days=14))


async def forget_daily_work(partnership: Partnership) -> None:
    """Drop what on-boarding left for tomorrow, which a clock that is set ahead would make due."""
    async with partnership.session() as session:
        await session.execute(text("DELETE FROM routing.task"))
        await session.commit()
