"""A report of a child death starts a run of its pathway; what is in force is part of the configuration

Clocks that earlier reports began belong to no run. They stay as they are, with the rules they began with, are still
warned of, breached and worked out anew, and end with their duties: a run would be pinned to an edition that was not
in force when those deaths were reported. Whoever wants the pathway on such a case starts it there.

The setting ``clocks`` is read by nothing any more: a partnership's own limits stand in its overlays. A setting that
says nothing is removed. One that holds limits is kept as ``clocks_before_editions``, so that somebody can compare it
with the overlay; it has no effect.

Revision ID: 20261122_15
Revises: 20261122_14
"""

from alembic import op

revision = "20261122_15"
down_revision = "20261122_14"
branch_labels = None
depends_on = None

_KINDS = ("no_policy", "nobody_found", "ladder_exhausted", "policy_fault")
_KEEP_LIMITS = "UPDATE partnership_setting SET key = 'clocks_before_editions' WHERE key = 'clocks' AND value <> '{}'"
_DROP_EMPTY = "DELETE FROM partnership_setting WHERE key = 'clocks'"
_TAKE_BACK = "UPDATE partnership_setting SET key = 'clocks' WHERE key = 'clocks_before_editions'"
# An earlier release reads the setting of every partnership; empty, it says that the national limits hold.
_EMPTY_AGAIN = """
    INSERT INTO partnership_setting (tenant_id, id, key, value, origin, citation)
    SELECT partnership.id, gen_random_uuid(), 'clocks', '{}', 'baseline', 'Working Together 2005 chapter 5'
    FROM routing.partnership WHERE NOT EXISTS (
        SELECT FROM partnership_setting WHERE tenant_id = partnership.id AND key = 'clocks')
"""


def upgrade() -> None:
    op.execute(
        "CREATE TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE ON pathway_edition"
        " FOR EACH ROW EXECUTE FUNCTION app.configuration_changed()"
    )
    _kinds(*_KINDS, "no_pathway")
    _all_tenants("partnership_setting", _KEEP_LIMITS, _DROP_EMPTY)


def downgrade() -> None:
    op.execute("DROP TRIGGER configuration_changed ON pathway_edition")
    op.execute("DELETE FROM routing.task WHERE actor = 'begin_joint_agency_response'")
    _all_tenants("configuration_alarm", "DELETE FROM configuration_alarm WHERE kind = 'no_pathway'")
    _kinds(*_KINDS)
    _all_tenants("partnership_setting", _TAKE_BACK, _EMPTY_AGAIN)


def _kinds(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE configuration_alarm DROP CONSTRAINT configuration_alarm_alarmkind_check")
    op.execute(
        f"ALTER TABLE configuration_alarm ADD CONSTRAINT configuration_alarm_alarmkind_check CHECK (kind IN ({listed}))"
    )


def _all_tenants(table: str, *statements: str) -> None:
    """Row-level security is forced on the owner too, who has no partnership here."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
