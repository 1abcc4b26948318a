"""Forgetting what was told: delivered messages, their attempts and the events, once nobody can ask for them again."""

from typing import Any, Final

from sqlalchemy import text

from backend.kit.session import TenantSession
from notifications.webhooks.service import OLDEST_REPLAY

KEPT: Final = OLDEST_REPLAY
"""How long after the last attempt a message that is done with is kept, and an event after it happened."""
_ATTEMPTS_A_MESSAGE: Final = 10


async def prune(session: TenantSession, *, most: int) -> int:
    """Delete the oldest of what is done with and older than ``KEPT``, at most so many rows of a table.

    A message that is on its way, or held until its endpoint is resumed, is kept however old it is, and its event
    with it; so is one that failed, as long as it can be replayed. Gives how many messages were deleted.
    """
    asked = {"tenant": session.tenant_id, "before": await session.now() - KEPT}
    done: Any = await session.execute(_MESSAGES, {**asked, "most": most // _ATTEMPTS_A_MESSAGE})
    await session.execute(_EVENTS, {**asked, "most": most})
    return int(done.rowcount)


_MESSAGES: Final = text("""
    WITH spent AS MATERIALIZED (
        SELECT message.id FROM webhook_message AS message
        JOIN webhook_endpoint AS endpoint ON endpoint.tenant_id = :tenant AND endpoint.id = message.endpoint_id
        WHERE message.tenant_id = :tenant AND message.created_at < :before
            AND (message.state IN ('delivered', 'failed') OR (message.state = 'held' AND endpoint.state = 'retired'))
            AND NOT EXISTS (
                SELECT FROM webhook_attempt AS attempt
                WHERE attempt.tenant_id = :tenant AND attempt.message_id = message.id AND attempt.at >= :before)
        ORDER BY message.created_at LIMIT :most),
    attempts AS (
        DELETE FROM webhook_attempt WHERE tenant_id = :tenant AND message_id IN (SELECT id FROM spent))
    DELETE FROM webhook_message WHERE tenant_id = :tenant AND id IN (SELECT id FROM spent)
""")
_EVENTS: Final = text("""
    DELETE FROM webhook_event WHERE tenant_id = :tenant AND id IN (
        SELECT event.id FROM webhook_event AS event
        WHERE event.tenant_id = :tenant AND event.at < :before
            AND NOT EXISTS (
                SELECT FROM webhook_message AS message
                WHERE message.tenant_id = :tenant AND message.event_id = event.id)
            AND NOT EXISTS (
                SELECT FROM routing.task
                WHERE task.tenant_id = :tenant AND task.actor = 'tell_webhooks' AND task.subject_id = event.id)
        ORDER BY event.at, event.id LIMIT :most)
""")
