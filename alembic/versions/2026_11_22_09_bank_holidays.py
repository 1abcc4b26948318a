"""England's bank holidays as rows, each with its source and the checksum of the list it was read from

Revision ID: 20261122_09
Revises: 20261122_08
"""

import hashlib
from datetime import UTC, datetime

import holidays
import sqlalchemy as sa
from alembic import op

revision = "20261122_09"
down_revision = "20261122_08"
branch_labels = None
depends_on = None

_YEARS = range(2000, 2101)
_ENTRIES = ("listed", "proclaimed", "withdrawn")


def upgrade() -> None:
    table = op.create_table(
        "bank_holiday",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "entry",
            sa.Enum(*_ENTRIES, name="dayentry", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="bank_holiday_pkey"),
        schema="routing",
    )
    op.create_index("bank_holiday_day_number_idx", "bank_holiday", ["day", "number"], schema="routing")
    # Operators enter days as the owner; nothing changes or removes an entry.
    op.execute("GRANT SELECT ON routing.bank_holiday TO safeguard_app")
    listed = holidays.country_holidays("GB", subdiv="ENG", years=list(_YEARS), expand=False)
    # A holiday at a weekend counts on its substitute day only, which is listed as well.
    days = sorted((day, name) for day, name in listed.items() if day.weekday() < 5)
    lines = "".join(f"{day.isoformat()} {name}\n" for day, name in days)
    common = {
        "entry": "listed",
        "source": f"holidays {holidays.__version__}, GB subdivision ENG",
        "fetched_at": datetime.now(UTC),
        "checksum": hashlib.sha256(lines.encode()).hexdigest(),
    }
    op.bulk_insert(table, [{"day": day, "name": name, **common} for day, name in days])


def downgrade() -> None:
    op.drop_table("bank_holiday", schema="routing")
