"""Policies in force that have come to lean on something that is not there: told before an alert finds out."""

from uuid import UUID

from backend.kit.session import TenantSession
from notifications.alerts.models import AlarmKind
from notifications.alerts.paging import Trouble
from notifications.alerts.raising import CONFIGURATION_ALARM, note_alarm, raise_alert
from notifications.ladders import repository
from notifications.ladders.reliance import faults_in_force


async def check(session: TenantSession, _partnership_id: UUID) -> list[str]:
    """Note an alarm for each policy in force that has become faulty since it was last looked at.

    One alarm for each time that it becomes so, however often it is looked at, and one message about all that
    are found together. Returns their types.
    """
    now = await session.now()
    faulty = await faults_in_force(session)
    new: dict[str, UUID] = {}
    for policy in await repository.all_in_force(session):
        if policy.id not in faulty:
            policy.faulty_since = None
        elif policy.faulty_since is None:
            policy.faulty_since = now
            trouble = Trouble(AlarmKind.POLICY_FAULT, policy.alert_type)
            new[policy.alert_type] = note_alarm(session, trouble, policy.id, now)
    await session.flush()
    for alarm_id in list(new.values())[:1]:
        await raise_alert(session, CONFIGURATION_ALARM, subject_kind="configuration_alarm", subject_id=alarm_id)
    return list(new)
