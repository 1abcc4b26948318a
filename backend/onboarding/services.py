"""Bring a partnership's directory of services in line with its file."""

from backend.directory import importing
from backend.directory.listing import Listing
from backend.onboarding.rows import Rows


async def bring_services(rows: Rows, listing: Listing) -> None:
    """As ``importing.bring``; what was verified since is kept, and named in the report of the run."""
    outcome = await importing.bring(rows.session, listing)
    rows.report.added.update(outcome.added)
    rows.report.changed.update(outcome.changed)
    rows.report.noted += [*outcome.conflicts, *outcome.duplicates, *(f"left out: {one}" for one in outcome.left_out)]
