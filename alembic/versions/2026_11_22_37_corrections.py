"""Corrections of cross-references and of the glossary are kinds of their own

Revision ID: 20261122_37
Revises: 20261122_36
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

revision = "20261122_37"
down_revision = "20261122_36"
branch_labels = None
depends_on = None

_CHECK = "procedure_correction_correctionkind_check"
_KINDS = ("set", "merge", "split", "add", "remove", "resolve")
# A cross-reference was named by address and wording; it is named by its provision's key, as all else is.
_REFERENCES = """
    UPDATE procedure_correction AS made SET kind = 'refer', before = '{}',
        key = coalesce((SELECT row.key FROM procedure_provision AS row WHERE row.tenant_id = made.tenant_id
            AND row.edition_id = made.edition_id
            AND made.key = left(row.address || '~' || (after ->> 'reference'), 340) LIMIT 1), key),
        after = after - 'reference' || jsonb_build_object('wording', after -> 'reference')
    WHERE kind = 'resolve' AND after ? 'reference'
"""
_WORDINGS = """
    UPDATE procedure_correction AS made SET kind = 'resolve',
        before = after - 'wording' || jsonb_build_object('reference', after -> 'wording'),
        key = left(coalesce((SELECT row.address FROM procedure_provision AS row WHERE row.tenant_id = made.tenant_id
            AND row.edition_id = made.edition_id AND row.key = made.key LIMIT 1), split_part(key, '#', 1))
            || '~' || (after ->> 'wording'), 340),
        after = after - 'wording' || jsonb_build_object('reference', after -> 'wording')
    WHERE kind = 'refer'
"""


def upgrade() -> None:
    _allow(*_KINDS, "refer", "define")
    with _every_partnership():
        op.execute(_REFERENCES)
        op.execute(
            "UPDATE procedure_correction SET after = after - '{tenant_id,edition_id}'::text[] WHERE kind = 'add'"
        )


def downgrade() -> None:
    with _every_partnership():
        op.execute(_WORDINGS)
        op.execute("DELETE FROM procedure_correction WHERE kind = 'define'")
        op.execute(
            "UPDATE procedure_correction SET after = after || jsonb_build_object('tenant_id', tenant_id,"
            " 'edition_id', edition_id) WHERE kind = 'add'"
        )
    _allow(*_KINDS)


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE procedure_correction DROP CONSTRAINT {_CHECK}")
    op.execute(f"ALTER TABLE procedure_correction ADD CONSTRAINT {_CHECK} CHECK (kind IN ({listed}))")


@contextmanager
def _every_partnership() -> Iterator[None]:
    """The owner of the tables, who migrates, has to see the rows of every partnership."""
    tables = ("procedure_correction", "procedure_provision")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
