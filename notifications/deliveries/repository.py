"""Every query on deliveries and their history.

The hot path is written out: one statement claims, one records, one takes any number of receipts. Each
writes the history as well and brings the clock along.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Interval, Row, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import defaults_of, grouped, link, table_of
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState
from tenants.contacts.models import Channel

OUTSTANDING: Final = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
MOST_AT_ONCE: Final = 32

# A task's subject is an alert, or a notice. A notice is judged when it is claimed: whether there is still time, and
# its method still its person's; one to somebody outside has no method.
_CLAIM = text("""
    WITH task AS (
        SELECT id, subject_id FROM routing.task WHERE id = :task AND tenant_id = :tenant),
    held AS (
        SELECT id, state FROM delivery
        WHERE tenant_id = :tenant AND state IN ('pending', 'claimed', 'unknown')
          AND (alert_id = (SELECT subject_id FROM task) OR id = (SELECT subject_id FROM task))
          AND (lease_until IS NULL OR lease_until <= app.now())
        ORDER BY id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED),
    claimed AS (
        UPDATE delivery SET state = 'claimed', attempts = attempts + 1, lease_until = app.now() + :lease,
            provider = CASE
                WHEN held.state <> 'pending' AND delivery.provider IS NOT NULL THEN delivery.provider
                WHEN delivery.channel = 'push' THEN coalesce((
                    SELECT method.platform FROM contact_method AS method
                    WHERE method.tenant_id = :tenant AND method.channel = 'push' AND method.address = delivery.address
                      AND method.platform IS NOT NULL LIMIT 1), 'fcm')
                ELSE CAST(:ways AS jsonb) ->> delivery.channel END,
            wanted = delivery.wanted AND (delivery.alert_id IS NOT NULL
                OR delivery.wanted_until IS NULL OR delivery.wanted_until > app.now() AND (
                    delivery.contact_method_id IS NULL OR EXISTS (
                        SELECT FROM contact_method AS method JOIN person
                            ON person.tenant_id = method.tenant_id AND person.id = method.person_id AND person.active
                        WHERE method.tenant_id = :tenant AND method.id = delivery.contact_method_id
                          AND method.retired_at IS NULL)))
        FROM held WHERE delivery.tenant_id = :tenant AND delivery.id = held.id
        RETURNING delivery.id, delivery.alert_id, delivery.page_id, delivery.channel, delivery.address,
            delivery.template, delivery.reference, delivery.wanted, delivery.attempts, delivery.provider,
            delivery.repeated, delivery.drill, delivery.wanted_until, held.state AS was),
    told AS (
        INSERT INTO delivery_event (tenant_id, id, delivery_id, state, at, detail)
        SELECT :tenant, new.id, one.id, 'claimed', app.now(),
            jsonb_build_object('attempt', one.attempts, 'provider', one.provider)
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS number FROM claimed) AS one
        JOIN unnest(CAST(:event_ids AS uuid[])) WITH ORDINALITY AS new(id, number) USING (number))
    SELECT task.subject_id, claimed.*, page.expires_at IS NOT NULL AS critical,
        (SELECT sandbox FROM routing.partnership WHERE id = :tenant) AS sandbox,
        extract(epoch FROM coalesce(page.expires_at, claimed.wanted_until) - app.now()) AS seconds_left
    FROM task LEFT JOIN claimed ON true
    LEFT JOIN page ON page.tenant_id = :tenant AND page.id = claimed.page_id
    ORDER BY claimed.id
""").bindparams(bindparam("lease", type_=Interval()))

# Last of all the task: it goes when nothing of it is outstanding, else it waits for the next that may be tried.
_RECORD = text("""
    WITH done AS (
        UPDATE delivery SET state = 'handed_over', handed_over_at = app.now(), provider = given.provider,
            provider_id = given.provider_id, repeated = given.repeated, lease_until = NULL, failure = NULL
        FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]), CAST(:provider_ids AS text[]),
            CAST(:repeats AS boolean[]), CAST(:event_ids AS uuid[]), CAST(:details AS text[]))
            AS given(id, provider, provider_id, repeated, event_id, detail)
        WHERE delivery.tenant_id = :tenant AND delivery.id = given.id AND delivery.state = 'claimed'
        RETURNING delivery.id, delivery.channel, delivery.first_page, delivery.drill, delivery.raised_at,
            given.event_id, given.detail),
    told AS (
        INSERT INTO delivery_event (tenant_id, id, delivery_id, state, at, detail)
        SELECT :tenant, event_id, id, 'handed_over', app.now(), CAST(detail AS jsonb) FROM done),
    tallied AS (
        INSERT INTO routing.provider_tally (id, at, channel, provider, attempts, faults, slow)
        SELECT id, app.now(), channel, provider, attempts, faults, slow
        FROM unnest(CAST(:tally_ids AS uuid[]), CAST(:tally_channels AS text[]), CAST(:tally_providers AS text[]),
            CAST(:tally_attempts AS int[]), CAST(:tally_faults AS int[]), CAST(:tally_slow AS int[]))
            AS seen(id, channel, provider, attempts, faults, slow)),
    outstanding AS (
        SELECT count(*) AS number, min(coalesce(lease_until, app.now())) AS soonest FROM delivery
        WHERE tenant_id = :tenant AND (alert_id = :subject OR id = :subject)
          AND state IN ('pending', 'claimed', 'unknown') AND id NOT IN (SELECT id FROM done)),
    ended AS (
        DELETE FROM routing.task WHERE id = :task AND tenant_id = :tenant AND (SELECT number FROM outstanding) = 0),
    later AS (
        UPDATE routing.task SET wake_at = (SELECT soonest FROM outstanding)
        WHERE id = :task AND tenant_id = :tenant AND (SELECT number FROM outstanding) > 0)
    SELECT id, channel, first_page, drill, raised_at, app.now() AS now FROM done
""")

_MOVE = text("""
    UPDATE delivery SET provider = :provider, repeated = repeated OR :repeats
    WHERE tenant_id = :tenant AND id = :id AND state = 'claimed' AND attempts = :attempt AND wanted
    RETURNING id
""")

_ARRIVED = text("""
    WITH given AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:providers AS text[]),
            CAST(:provider_ids AS text[]), CAST(:event_ids AS uuid[]))
            AS given(id, state, provider, provider_id, event_id)),
    arrived AS (
        UPDATE delivery SET state = given.state, lease_until = NULL, provider = given.provider,
            provider_id = given.provider_id, handed_over_at = coalesce(handed_over_at, app.now()), failure = NULL
        FROM given WHERE delivery.tenant_id = :tenant AND delivery.id = given.id
          AND (delivery.state IN ('pending', 'claimed', 'unknown', 'handed_over')
               OR given.state = 'opened' AND delivery.state = 'delivered')
        RETURNING delivery.id, delivery.channel, delivery.attempts, delivery.state, delivery.drill, given.event_id,
            delivery.provider),
    told AS (
        INSERT INTO delivery_event (tenant_id, id, delivery_id, state, at, detail)
        SELECT :tenant, event_id, id, state, app.now(), jsonb_build_object('attempt', attempts, 'provider', provider)
        FROM arrived)
    SELECT delivery.id, arrived.channel, arrived.state, arrived.drill FROM delivery
    LEFT JOIN arrived ON arrived.id = delivery.id
    WHERE delivery.tenant_id = :tenant AND delivery.id IN (SELECT id FROM given)
""")


_UNWANT = text("""
    UPDATE delivery SET wanted = false, state = CASE state WHEN 'pending' THEN 'cancelled' ELSE state END
    WHERE tenant_id = :tenant AND slot_id = :slot AND state IN ('pending', 'claimed', 'unknown')
    RETURNING id, channel, state, attempts, drill
""")


_RECALL = text("""
    UPDATE delivery SET wanted = false, state = CASE state WHEN 'pending' THEN 'cancelled' ELSE state END
    WHERE tenant_id = :tenant AND subject_id = ANY(:subjects) AND template = ANY(:templates)
      AND state IN ('pending', 'claimed', 'unknown')
    RETURNING id, channel, state, attempts, drill, subject_id
""")


async def claim(session: TenantSession, task_id: UUID, ways: Mapping[str, str], lease: timedelta) -> list[Row[Any]]:
    """Claim deliveries of a task that nobody holds; those another worker is locking are passed over.

    No row when the task is done; a row without ``id`` when it is there but nothing of it can be claimed.
    ``was`` is the state before: anything but pending may have left already. ``ways`` is the provider to
    use for each channel.
    """
    values = {
        "tenant": session.tenant_id, "task": task_id, "lease": lease, "most": MOST_AT_ONCE,
        "ways": msgspec.json.encode(ways).decode(), "event_ids": [uuid7() for _ in range(MOST_AT_ONCE)],
    }  # fmt: skip
    return list((await session.execute(_CLAIM, values)).all())


async def record(session: TenantSession, values: Mapping[str, Any]) -> list[Row[Any]]:
    """Record what the providers took, where it is still claimed, and settle the task.

    Returns what was handed over.
    """
    return list((await session.execute(_RECORD, {"tenant": session.tenant_id, **values})).all())


async def move(session: TenantSession, delivery_id: UUID, attempt: int, provider: str, *, repeats: bool) -> bool:
    """Note that ``provider`` is about to be given it. False when it is not wanted, or not held, any more."""
    values = {"tenant": session.tenant_id, "id": delivery_id, "attempt": attempt, "provider": provider,
              "repeats": repeats}  # fmt: skip
    return (await session.execute(_MOVE, values)).one_or_none() is not None


async def arrived(session: TenantSession, values: Mapping[str, Any]) -> list[Row[Any]]:
    """Record that messages are on the handset, or were heard. One row for each delivery that exists.

    ``channel`` is None for one of which as much was known already, or which never will arrive.
    """
    return list((await session.execute(_ARRIVED, {"tenant": session.tenant_id, **values})).all())


async def add_notices(session: TenantSession, rows: Iterable[Mapping[str, Any]]) -> list[tuple[UUID, Channel]]:
    """Write the notices that are not there yet; returns their ids and channels."""
    values = [{**defaults_of(Delivery), "tenant_id": session.tenant_id, **row} for row in rows]
    if not values:
        return []
    table = table_of(Delivery)
    made = await session.execute(
        insert(table).values(values).on_conflict_do_nothing().returning(table.c.id, table.c.channel)
    )
    return [(row.id, Channel(row.channel)) for row in made]


async def notices(session: TenantSession, subject_ids: Iterable[UUID]) -> dict[UUID, list[Delivery]]:
    """Notices by what they are about, oldest first."""
    found = await session.scalars(
        select(Delivery)
        .where(col(Delivery.tenant_id) == session.tenant_id, col(Delivery.subject_id).in_(set(subject_ids)))
        .order_by(col(Delivery.id))
    )
    return grouped(found, lambda delivery: delivery.subject_id or delivery.id)


async def locked(session: TenantSession, delivery_ids: Iterable[UUID]) -> list[Delivery]:
    found = await session.scalars(
        select(Delivery)
        .where(col(Delivery.tenant_id) == session.tenant_id, col(Delivery.id).in_(set(delivery_ids)))
        .order_by(col(Delivery.id))
        .with_for_update(key_share=True)
    )
    return list(found)


async def called(session: TenantSession, delivery_id: UUID) -> Row[Any] | None:
    """Slot, person called, template, reference and provider's id of a delivery; None when there is none."""
    asked = text("""
        SELECT delivery.slot_id, page.person_id, delivery.template, delivery.reference, delivery.provider_id
        FROM delivery LEFT JOIN page ON page.tenant_id = delivery.tenant_id AND page.id = delivery.page_id
        WHERE delivery.tenant_id = :tenant AND delivery.id = :id
    """)
    return (await session.execute(asked, {"tenant": session.tenant_id, "id": delivery_id})).one_or_none()


async def by_slot(session: TenantSession, slot_ids: Iterable[UUID]) -> dict[UUID, list[Delivery]]:
    """Deliveries by slot, oldest first."""
    found = await session.scalars(
        select(Delivery)
        .where(col(Delivery.tenant_id) == session.tenant_id, col(Delivery.slot_id).in_(set(slot_ids)))
        .order_by(col(Delivery.id))
    )
    return grouped(found, lambda delivery: delivery.slot_id or delivery.id)


async def of_page(session: TenantSession, page_id: UUID, slot_id: UUID | None) -> list[Delivery]:
    """Every message of one page."""
    found = await session.scalars(
        select(Delivery).where(
            col(Delivery.tenant_id) == session.tenant_id,
            col(Delivery.slot_id) == slot_id,
            col(Delivery.page_id) == page_id,
        )
    )
    return list(found)


async def history(session: TenantSession, delivery_ids: Iterable[UUID]) -> dict[UUID, list[DeliveryEvent]]:
    """States by delivery, first to last."""
    return await by_parent(session, DeliveryEvent, "delivery_id", delivery_ids, order=("at", "id"))


async def unwant(session: TenantSession, slot_id: UUID) -> list[Row[Any]]:
    """Mark the slot's outstanding deliveries as no longer wanted; gives those of them that had not left.

    They are cancelled by this: id, channel, attempts and drill of each.
    """
    found = await session.execute(_UNWANT, {"tenant": session.tenant_id, "slot": slot_id})
    return [row for row in found.all() if row.state == DeliveryState.CANCELLED]


async def recall(session: TenantSession, subject_ids: Iterable[UUID], templates: Iterable[str]) -> list[Row[Any]]:
    """As ``unwant``, for notices in these wordings about these subjects; gives those that had not left."""
    values = {"tenant": session.tenant_id, "subjects": list(subject_ids), "templates": list(templates)}
    found = (await session.execute(_RECALL, values)).all()
    return [row for row in found if row.state == DeliveryState.CANCELLED]


async def last_arrived(
    session: TenantSession, slot_ids: Iterable[UUID], since: datetime
) -> dict[tuple[str, str], datetime]:
    """When a message to a channel and address last reached its handset, among the slots' deliveries."""
    found = await session.execute(
        select(col(Delivery.channel), col(Delivery.address), func.max(col(DeliveryEvent.at)).label("at"))
        .join(DeliveryEvent, link(DeliveryEvent, "delivery_id", Delivery))
        .where(
            col(Delivery.tenant_id) == session.tenant_id,
            col(Delivery.slot_id).in_(list(slot_ids)),
            col(DeliveryEvent.state).in_((DeliveryState.DELIVERED, DeliveryState.OPENED)),
            col(DeliveryEvent.at) > since,
        )
        .group_by(col(Delivery.channel), col(Delivery.address))
    )
    return {(row.channel, row.address): row.at for row in found}
