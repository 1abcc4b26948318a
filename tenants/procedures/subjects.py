"""The alphabetical index of a text: each term and heading, with the provisions about it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.kit.session import TenantSession

MOST_PLACES: Final = 30
"""A subject that more provisions speak of is the manual's whole matter; an index that lists them all helps nobody."""

# A term is looked for by all its words, and by those of its other names; a heading stands for its own section.
_TERMS: Final = text("""
    SELECT term, array(
        SELECT address FROM procedure_words AS row JOIN procedure_provision AS provision USING (tenant_id, id)
        WHERE row.tenant_id = :tenant AND row.edition_id = :edition
            AND row.words @@ (SELECT string_agg('(' || one::text || ')', ' | ')::tsquery
                FROM unnest(term || array(SELECT jsonb_array_elements_text(aliases))) AS name,
                    phraseto_tsquery('english', name) AS one WHERE numnode(one) > 0)
        ORDER BY row.position LIMIT :most) AS places
    FROM procedure_term WHERE tenant_id = :tenant AND edition_id = :edition
""")
_HEADINGS: Final = text("""
    SELECT heading, array_agg(address ORDER BY position) AS places FROM procedure_provision
    WHERE tenant_id = :tenant AND edition_id = :edition AND heading IS NOT NULL GROUP BY heading
""")


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of a manual and the addresses of the provisions about it, in order."""

    subject: str
    addresses: tuple[str, ...]


async def index(session: TenantSession, edition_id: UUID) -> list[Subject]:
    """The subjects of a text in the order of the alphabet, each once."""
    given = {"tenant": session.tenant_id, "edition": edition_id}
    found: dict[str, tuple[str, dict[str, None]]] = {}
    terms = (await session.execute(_TERMS, given | {"most": MOST_PLACES})).all()
    for name, places in [*terms, *(await session.execute(_HEADINGS, given)).all()]:
        _, known = found.setdefault(name.casefold().strip(), (name.strip(), {}))
        known.update(dict.fromkeys(places))
    return [Subject(name, tuple(places)) for _, (name, places) in sorted(found.items()) if name and places]
