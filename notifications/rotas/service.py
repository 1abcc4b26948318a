"""Rotas made into shifts, ahead of time and again each day."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range

from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from notifications.rotas import repository
from notifications.rotas.expansion import RotaRule, expand
from notifications.rotas.models import Rota, Shift

EXTEND_ROTA: Final = Actor("extend_rota", NOTICES)
HORIZON: Final = timedelta(days=90)

_RULE: Final = TypeAdapter(RotaRule)


def rule_of(rota: Rota) -> RotaRule:
    """The rota's rule. Raises ``pydantic.ValidationError`` for one that could not have been stored."""
    return _RULE.validate_python(rota.rule)


async def materialise(session: TenantSession, rota: Rota, until: datetime) -> int:
    """Write the rota's shifts up to ``until`` from where they end now. Returns how many were added."""
    begins = rota.materialised_until or await session.now()
    if until <= begins:
        return 0
    first_time = rota.materialised_until is None
    turns = [turn for turn in expand(rule_of(rota), begins, until) if first_time or turn.handed_over_at >= begins]
    if turns:
        await session.execute(insert(Shift), [
            {"tenant_id": rota.tenant_id, "id": uuid7(), "rota_id": rota.id, "person_id": turn.person,
             "during": Range(turn.starts_at, turn.ends_at), "turn": Range(turn.handed_over_at, turn.ends_at)}
            for turn in turns
        ])  # fmt: skip
    rota.materialised_until = max([until, *(turn.ends_at for turn in turns)])
    return len(turns)


async def extend(session: TenantSession, rota_id: UUID) -> None:
    """Keep the rota's shifts ``HORIZON`` ahead; owes itself again tomorrow."""
    now = await session.now()
    await materialise(session, await repository.rota(session, rota_id), now + HORIZON)
    await owe(session, EXTEND_ROTA, rota_id, due_at=now + timedelta(days=1))
