"""Every query of the auditor. The one that finds reads only what still waits, by index."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Interval, Row, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.alerts.attendance import CONFIRMATION_DUE
from notifications.alerts.offers import OFFER_ENDED
from notifications.deliveries.service import DELIVER_NOTICES, DELIVER_PAGES, PAGE_ENDED
from notifications.rotas.service import EXTEND_ROTA, HORIZON
from notifications.watch.models import WatchFinding
from tenants.partnerships.models import Partnership

# What is younger than this may be half way through the ordinary course of things.
SETTLED: Final = timedelta(seconds=15)
PAGE_LATE: Final = timedelta(seconds=30)
NOTICE_LATE: Final = timedelta(minutes=15)
HORIZON_LEFT: Final = HORIZON - timedelta(days=14)
EVERY: Final = timedelta(seconds=60)
SWEEP_KEPT: Final = timedelta(seconds=30)
MOST: Final = 200  # of one partnership in one pass; the rest is found by the next

# One statement, so one snapshot: what is written together, such as a page and its timer, is seen
# together. ``owed_to`` is the subject of the task that is missing, null when none is, and ``actor`` whose task it is.
_FIND: Final = text("""
    WITH waiting AS MATERIALIZED (
        SELECT id, step FROM alert_slot
        WHERE tenant_id = :tenant AND state = 'paging' AND ladder ->> 'needs_answer' = 'true'),
    asked AS MATERIALIZED (
        SELECT p.id, p.slot_id, p.expires_at, p.paged_at FROM waiting AS s
        JOIN page AS p ON p.tenant_id = :tenant AND p.slot_id = s.id AND p.step = s.step
            AND p.purpose = 'call' AND p.answer IS NULL),
    timed AS MATERIALIZED (
        SELECT p.slot_id FROM asked AS p JOIN routing.task AS t
            ON t.subject_id = p.id AND t.tenant_id = :tenant AND t.actor = :page_ended),
    unsent AS MATERIALIZED (
        SELECT owed_to, min(created_at) AS since, bool_or(urgent) AS urgent, bool_and(notice) AS notice, EXISTS (
            SELECT FROM routing.task AS t WHERE t.subject_id = owed_to AND t.tenant_id = :tenant
                AND t.actor IN (:deliver_pages, :deliver_notices)) AS owed
        FROM (
            SELECT coalesce(d.alert_id, d.id) AS owed_to, d.created_at, s.id IS NOT NULL AS urgent,
                d.alert_id IS NULL AS notice
            FROM delivery AS d LEFT JOIN waiting AS s ON s.id = d.slot_id
            WHERE d.tenant_id = :tenant AND d.state IN ('pending', 'claimed', 'unknown')
                AND coalesce(d.lease_until, d.created_at) < app.now() - :page_late) AS late
        GROUP BY owed_to)
    (SELECT 'page_without_delivery' AS kind, p.id AS subject_id, CASE WHEN NOT EXISTS (
        SELECT FROM routing.task AS t WHERE t.subject_id = p.id AND t.tenant_id = :tenant
            AND t.actor = :page_ended AND t.due_at <= app.now()) THEN p.id END AS owed_to, app.now() AS due_at,
        :page_ended AS actor
    FROM asked AS p WHERE p.paged_at < app.now() - :settled AND NOT EXISTS (
        SELECT FROM delivery AS d WHERE d.tenant_id = :tenant AND d.slot_id = p.slot_id AND d.page_id = p.id))
    UNION ALL
    (SELECT 'delivery_stuck', owed_to, CASE WHEN NOT owed THEN owed_to END, app.now(),
        CASE WHEN notice THEN :deliver_notices ELSE :deliver_pages END
    FROM unsent
    WHERE urgent OR NOT owed OR since < app.now() - :notice_late)
    UNION ALL
    (SELECT DISTINCT ON (p.slot_id) 'timer_missing', p.slot_id, p.id, p.expires_at, :page_ended
    FROM asked AS p
    WHERE p.expires_at IS NOT NULL AND p.slot_id NOT IN (SELECT slot_id FROM timed)
    ORDER BY p.slot_id, p.id)
    UNION ALL
    (SELECT 'timer_missing', s.id, s.id, s.confirm_by, :confirmation_due
    FROM alert_slot AS s JOIN alert AS a ON a.tenant_id = s.tenant_id AND a.id = s.alert_id AND a.state <> 'closed'
    WHERE s.tenant_id = :tenant AND s.state = 'acknowledged' AND s.confirm_by IS NOT NULL AND s.confirmed_at IS NULL
        AND NOT EXISTS (SELECT FROM routing.task AS t WHERE t.subject_id = s.id AND t.tenant_id = :tenant
            AND t.actor = :confirmation_due))
    UNION ALL
    (SELECT 'timer_missing', o.id, o.id, o.expires_at, :offer_ended FROM slot_offer AS o
    WHERE o.tenant_id = :tenant AND o.state = 'open'
        AND NOT EXISTS (SELECT FROM routing.task AS t WHERE t.subject_id = o.id AND t.tenant_id = :tenant
            AND t.actor = :offer_ended))
    UNION ALL
    (SELECT 'slot_idle', s.id, NULL, app.now(), NULL FROM waiting AS s
    WHERE s.id NOT IN (SELECT slot_id FROM asked))
    UNION ALL
    (SELECT 'alert_stalled', a.id, NULL, app.now(), NULL FROM alert AS a
    WHERE a.tenant_id = :tenant AND a.state = 'open' AND a.accepted_at > app.now() - interval '1 day'
        AND EXISTS (SELECT FROM alert_slot AS s WHERE s.tenant_id = :tenant AND s.alert_id = a.id
            AND s.required AND s.ladder ->> 'needs_answer' = 'true')
        AND NOT EXISTS (SELECT FROM alert_slot AS s WHERE s.tenant_id = :tenant AND s.alert_id = a.id
            AND s.ladder ->> 'needs_answer' = 'true' AND s.state IN ('paging', 'exhausted')))
    UNION ALL
    (SELECT 'task_overdue', t.id, NULL, t.due_at, NULL FROM routing.task AS t
    WHERE t.tenant_id = :tenant AND (t.queue = 'pages' AND t.due_at < app.now() - :page_late
        OR t.queue = 'notices' AND t.due_at < app.now() - :notice_late) LIMIT :most)
    UNION ALL
    (SELECT 'rota_not_extended', r.id, CASE WHEN t.id IS NULL THEN r.id END, app.now(), :extend_rota
    FROM rota AS r LEFT JOIN routing.task AS t
        ON t.subject_id = r.id AND t.tenant_id = r.tenant_id AND t.actor = :extend_rota
    WHERE r.tenant_id = :tenant AND r.materialised_until IS NOT NULL AND r.ended_at IS NULL
        AND (t.id IS NULL OR r.materialised_until < app.now() + :horizon_left))
    LIMIT :most
""").bindparams(
    bindparam("settled", SETTLED, type_=Interval()),
    bindparam("page_late", PAGE_LATE, type_=Interval()),
    bindparam("notice_late", NOTICE_LATE, type_=Interval()),
    bindparam("horizon_left", HORIZON_LEFT, type_=Interval()),
    page_ended=PAGE_ENDED.name,
    confirmation_due=CONFIRMATION_DUE.name,
    offer_ended=OFFER_ENDED.name,
    deliver_pages=DELIVER_PAGES.name,
    deliver_notices=DELIVER_NOTICES.name,
    extend_rota=EXTEND_ROTA.name,
    most=MOST,
)
# Of any number of schedulers one gets the row, and none other for a minute.
_CLAIM = text("""
    UPDATE routing.duty SET claimed_at = app.now()
    WHERE name = 'audit' AND NOT claimed_at BETWEEN app.now() - :every AND app.now() RETURNING name
""").bindparams(bindparam("every", EVERY, type_=Interval()))
_FINISH = text("UPDATE routing.duty SET finished_at = app.now(), findings = :findings WHERE name = 'audit'")
_SIGNS = text("""
    SELECT EXISTS (SELECT FROM routing.task WHERE queue = 'pages' AND due_at < app.now() - :late) AS page_overdue,
        EXISTS (SELECT FROM routing.duty WHERE name = 'audit' AND finished_at > app.now() - :audit_kept) AS audited,
        EXISTS (SELECT FROM routing.duty WHERE name = 'sweep' AND finished_at > app.now() - :sweep_kept) AS swept
""").bindparams(
    bindparam("late", SETTLED, type_=Interval()),
    bindparam("audit_kept", 3 * EVERY, type_=Interval()),
    bindparam("sweep_kept", SWEEP_KEPT, type_=Interval()),
)


async def find(session: TenantSession) -> list[Row[Any]]:
    """What is wrong in the partnership at this moment: kind, subject, and the task that is missing, if one is."""
    return list((await session.execute(_FIND, {"tenant": session.tenant_id})).all())


async def open_findings(session: TenantSession) -> list[WatchFinding]:
    """Findings that were not gone when they were last looked for, locked."""
    found = await session.scalars(
        select(WatchFinding)
        .where(col(WatchFinding.tenant_id) == session.tenant_id, col(WatchFinding.cleared_at).is_(None))
        .order_by(col(WatchFinding.id))
        .with_for_update(key_share=True)
    )
    return list(found)


async def claim(on: AsyncEngine) -> bool:
    """Whether this process is to audit now. True for one process a minute, whatever becomes of it."""
    async with on.begin() as connection:
        return (await connection.execute(_CLAIM)).first() is not None


async def finish(on: AsyncEngine, findings: int) -> None:
    """Record that an audit has come to its end."""
    async with on.begin() as connection:
        await connection.execute(_FINISH, {"findings": findings})


async def signs(on: AsyncEngine) -> Row[Any]:
    """Whether any page is late (``page_overdue``), and the last ``audited`` and ``swept`` are recent."""
    async with on.connect() as connection:
        return (await connection.execute(_SIGNS)).one()


async def partnerships(on: AsyncEngine) -> list[UUID]:
    """Every partnership, suspended ones too: what they were promised still runs."""
    async with on.connect() as connection:
        return list(await connection.scalars(select(col(Partnership.id)).order_by(col(Partnership.id))))
