"""Put a partnership's threshold documents in force from its files."""

from collections.abc import Iterable
from datetime import timedelta

from backend.cases.service import local_day
from backend.onboarding.pathways import AUTHORITY, ROLE
from backend.onboarding.rows import Rows
from backend.thresholds import publishing
from tenants.thresholds.continuum import Continuum


async def bring_thresholds(rows: Rows, found: Iterable[Continuum], zone: str) -> None:
    """An edition of each document, in force from the day before; one without levels stays a draft.

    What some edition says already is left alone. Raises ``Invalid`` for the scheme of an agency that is
    not in the partnership.
    """
    yesterday = local_day(await rows.session.now(), zone) - timedelta(days=1)
    for one in found:
        row = await publishing.put_in_force(rows.session, one, yesterday, role=ROLE, authority=AUTHORITY)
        if row is not None:
            rows.report.added["threshold_edition"] += 1
