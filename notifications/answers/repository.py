"""Every query on answers by message. Plain rows: what they say is true at the moment that they are read."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.kit.session import TenantSession
from backend.kit.tasks import PAGES
from notifications.answers.models import AnswerContact, Contact

# A page with all that decides whether a message of it may still answer, whichever row changed last.
_CALL: Final = """
    SELECT d.id AS delivery_id, d.channel, d.address, d.reference, p.id AS page_id, p.person_id, p.paged_at,
        p.expires_at, p.answer, p.answered_at, s.id AS slot_id, s.role, s.state AS slot_state, s.acknowledged_by,
        a.id AS alert_id, a.state AS alert_state, a.drill, u.zone, u.state = 'active' AS partnership_active,
        EXISTS (
            SELECT FROM contact_method AS m JOIN person AS n ON n.tenant_id = m.tenant_id AND n.id = m.person_id
            WHERE m.tenant_id = d.tenant_id AND m.person_id = p.person_id AND m.channel = d.channel
                AND m.address = d.address AND m.verified_at IS NOT NULL AND m.retired_at IS NULL AND n.active
        ) AS still_theirs,
        app.now() AS now
    FROM delivery AS d
    JOIN page AS p ON p.tenant_id = d.tenant_id AND p.id = d.page_id
    JOIN alert_slot AS s ON s.tenant_id = d.tenant_id AND s.id = d.slot_id
    JOIN alert AS a ON a.tenant_id = d.tenant_id AND a.id = d.alert_id
    JOIN routing.partnership AS u ON u.id = d.tenant_id
"""
_BY_DELIVERY = text(f"{_CALL} WHERE d.tenant_id = :tenant AND d.id = :delivery")
_WAITING_FOR_TEXTS = text(f"""{_CALL}
    WHERE s.tenant_id = :tenant AND s.state = 'paging' AND s.ladder ->> 'needs_answer' = 'true'
        AND p.answer IS NULL AND p.expires_at > app.now() AND d.channel = 'sms'
    ORDER BY d.id
""")
_ASKED_NOW = text("SELECT DISTINCT tenant_id FROM routing.task WHERE queue = :queue ORDER BY 1")
_COUNT = select(func.count()).where(
    col(AnswerContact.tenant_id) == bindparam("tenant"),
    col(AnswerContact.delivery_id) == bindparam("delivery"),
    col(AnswerContact.contact) == bindparam("contact"),
)


async def call(session: TenantSession, delivery_id: UUID) -> Row[Any] | None:
    """The call that a message belongs to, as it is now; None when there is no such delivery here."""
    values = {"tenant": session.tenant_id, "delivery": delivery_id}
    return (await session.execute(_BY_DELIVERY, values)).one_or_none()


async def waiting_for_texts(session: TenantSession) -> list[Row[Any]]:
    """Text messages of the partnership whose calls still wait for an answer."""
    return list((await session.execute(_WAITING_FOR_TEXTS, {"tenant": session.tenant_id})).all())


async def partnerships_with_calls(on: AsyncEngine) -> list[UUID]:
    """Partnerships with a page on its way or waiting: each such page has a timer among the tasks."""
    async with on.connect() as connection:
        return [UUID(str(row.tenant_id)) for row in await connection.execute(_ASKED_NOW, {"queue": PAGES})]


async def contacts(session: TenantSession, delivery_id: UUID, contact: Contact) -> int:
    """How many contacts of a kind a message has had."""
    values = {"tenant": session.tenant_id, "delivery": delivery_id, "contact": contact}
    return int(await session.scalar(_COUNT, values) or 0)
