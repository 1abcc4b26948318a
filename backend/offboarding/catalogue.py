"""Which tables hold records of partnerships, as the database itself tells: one added later is not left out."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, text

from backend.kit.session import TenantSession

Tables: TypeAlias = Sequence[Row[Any]]

_TABLES: Final = text("""
    SELECT kept.oid, namespace.nspname AS schema, kept.relname AS name,
        array_agg(attribute.attname ORDER BY attribute.attnum) AS columns,
        (SELECT string_agg(quote_ident(part.attname), ', ' ORDER BY array_position(key.indkey, part.attnum))
            FROM pg_index AS key JOIN pg_attribute AS part ON part.attrelid = key.indrelid
                AND part.attnum = ANY (key.indkey)
            WHERE key.indrelid = kept.oid AND key.indisprimary) AS ordered,
        array(SELECT confrelid FROM pg_constraint
            WHERE contype = 'f' AND conrelid = kept.oid AND confrelid <> kept.oid) AS named
    FROM pg_class AS kept
    JOIN pg_namespace AS namespace ON namespace.oid = kept.relnamespace
    JOIN pg_attribute AS attribute ON attribute.attrelid = kept.oid AND attribute.attnum > 0
    WHERE kept.relkind IN ('r', 'p') AND NOT kept.relispartition AND NOT attribute.attisdropped
        AND namespace.nspname NOT IN ('pg_catalog', 'information_schema')
    GROUP BY kept.oid, 2, 3
    HAVING bool_or(attribute.attname = 'tenant_id')
    ORDER BY 2, 3
""")


async def tables(session: TenantSession) -> Tables:
    """Each with its ``oid``, ``schema``, ``name``, ``columns``, what its rows are ``ordered`` by, and the oids of
    the tables that its foreign keys have ``named``.
    """
    return (await session.execute(_TABLES)).all()
