"""Alerts: both slots must answer, one answer stops one slot, nobody is forgotten."""

from datetime import UTC, datetime

import httpx

from support.clock import Clock
from support.partnership import Partnership
from support.work import Work

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


async def test_a_report_pages_paediatrician_and_sio_at_once(
    cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    await clock.freeze(NOON)
    await cambs.report_death()
    await work.run_due()
    texts = [m for m in carrier.get("/dev/messages").json() if m["channel"] == "sms"]
    assert len(texts) == 2
