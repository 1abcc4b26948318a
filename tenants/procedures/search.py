"""Search in texts of manuals: by words and phrases, by number, by what else a term is called.

Words are looked up in postings, by equality, which is what row-level security lets an index be used for; the few that
may answer are then ranked, and only those that are shown get their highlights.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Row, Uuid, bindparam, text

from backend.kit.problems import Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from tenants.procedures.postings import MOST as CANDIDATES
from tenants.procedures.postings import Posting, candidates

LONGEST: Final = 200
MOST: Final = 50
_EVERY: Final = 2**31 - 1
_AT_ONCE: Final = 1_000
"""Places that are ranked in one question to the database."""

_LEFT_OUT: Final = re.compile(r"(?<!\S)-\S+")
"""What must not be there: "child -police"."""

_NUMBER: Final = re.compile(r"[0-9A-Za-z]{1,4}(\.[0-9A-Za-z]{1,4})*\.?")
_START, _END = "\x02", "\x03"  # no text here holds control characters, so these stand for nothing else
_OPTIONS: Final = f"StartSel={_START}, StopSel={_END}, MaxFragments=1, MaxWords=35, MinWords=15"

# The words of what is asked for, as an index has them; and its other names: a term and its aliases stand for each
# other while the term is effective.
_ASKED: Final = text("""
    SELECT tsvector_to_array(to_tsvector('english', :text)) AS lexemes, ARRAY(
        SELECT DISTINCT jsonb_build_array(term) || aliases FROM procedure_term
        WHERE tenant_id = :tenant AND edition_id = ANY(:editions)
            AND (effective_from IS NULL OR effective_from <= :day) AND (effective_to IS NULL OR effective_to > :day)
            AND (lower(term) = ANY(:asked) OR EXISTS (
                SELECT 1 FROM jsonb_array_elements_text(aliases) AS alias WHERE lower(alias) = ANY(:asked)))
    ) AS names
""").bindparams(bindparam("editions", type_=ARRAY(Uuid())))
# The words of each other way of asking.
_LEXEMES: Final = text(
    "SELECT tsvector_to_array(to_tsvector('english', way)) FROM unnest(CAST(:ways AS text[])) AS way"
)
# OFFSET keeps the planner from reading all words of an edition for the few that are asked for: each is looked up.
_LOOKED_UP: Final = """
    SELECT posting.* FROM unnest(:editions) AS edition(id), unnest(CAST(:lexemes AS text[])) AS asked(lexeme),
        LATERAL (
            SELECT edition_id, lexeme, headed, {positions} FROM procedure_posting
            WHERE tenant_id = :tenant AND edition_id = edition.id AND lexeme = asked.lexeme OFFSET 0
        ) AS posting
"""
_EDITIONS: Final = bindparam("editions", type_=ARRAY(Uuid()))
# Several words have to be met; of a word that is asked for quite alone the places that have it most often will do.
_POSTINGS: Final = text(_LOOKED_UP.format(positions="positions")).bindparams(_EDITIONS)
_FIRST_POSTINGS: Final = text(_LOOKED_UP.format(positions=f"positions[1:{CANDIDATES}]")).bindparams(_EDITIONS)
_QUERY: Final = """(SELECT coalesce(nullif(string_agg('(' || one::text || ')', ' | '), ''), '')::tsquery
    FROM unnest(CAST(:ways AS text[])) AS way, websearch_to_tsquery('english', way) AS one WHERE numnode(one) > 0)"""
# OFFSET keeps the planner from asking all words of the partnership whether they match: each place is looked up.
_RANKED: Final = text(f"""
    WITH query AS MATERIALIZED (SELECT {_QUERY} AS of),
    ranked AS (
        SELECT row.id, row.edition_id, ts_rank_cd('{{0.1, 0.15, 0.4, 1.0}}', words, query.of, 1) AS rank
        FROM query, unnest(:editions, :positions) AS place(edition_id, position)
        CROSS JOIN LATERAL (
            SELECT id, edition_id, position, words FROM procedure_words
            WHERE tenant_id = :tenant AND edition_id = place.edition_id AND position = place.position OFFSET 0
        ) AS row
        WHERE words @@ query.of ORDER BY rank DESC, row.edition_id, row.position LIMIT :most
    )
    SELECT ranked.edition_id, address, rank, number, heading,
        ts_headline('english', concat_ws('. ', heading, nullif(text, '')), query.of, '{_OPTIONS}') AS shown
    FROM ranked JOIN procedure_provision AS provision ON provision.tenant_id = :tenant AND provision.id = ranked.id,
        query
    ORDER BY rank DESC, provision.edition_id, position
""").bindparams(bindparam("editions", type_=ARRAY(Uuid())), bindparam("positions", type_=ARRAY(Integer())))  # noqa: S608
# Numbers are ordered sign by sign: what is under 4.2 lies between 4.2 and 4.2/, and an index finds it, which OFFSET
# has the planner use though it knows nothing yet of a text that was approved just now.
_NUMBERED: Final = text("""
    SELECT found.* FROM unnest(:editions) AS edition(id), LATERAL (
        SELECT edition_id, position, address, CASE WHEN number = :asked THEN 3 ELSE 2 END AS rank, number, heading,
            left(concat_ws('. ', heading, nullif(text, '')), 200) AS shown
        FROM procedure_provision
        WHERE tenant_id = :tenant AND edition_id = edition.id AND number >= :asked AND number < :asked || '/'
            AND (number = :asked OR left(number, length(:asked) + 1) = :asked || '.')
        UNION ALL
        SELECT edition_id, position, address, 3, number, heading,
            left(concat_ws('. ', heading, nullif(text, '')), 200)
        FROM procedure_provision
        WHERE tenant_id = :tenant AND edition_id = edition.id AND address = :asked OFFSET 0
    ) AS found
    ORDER BY rank DESC, position LIMIT :most
""").bindparams(bindparam("editions", type_=ARRAY(Uuid())))


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of a hit's words; ``matched`` where it is what was asked for."""

    text: str
    matched: bool


@dataclass(frozen=True)
class Hit:
    """A provision that answers, with an excerpt around what was asked for. A higher rank is a better answer."""

    edition_id: UUID
    address: str
    number: str | None
    heading: str | None
    rank: float
    excerpt: tuple[Fragment, ...]


async def search(
    session: TenantSession, asked: str, edition_ids: Sequence[UUID], day: date, most: int = MOST
) -> list[Hit]:
    """The provisions of approved texts that answer best, at most ``MOST``.

    Several words must all be there; ``"child protection"`` in quotation marks is a phrase. A number finds its
    provision and what is under it. Raises ``Invalid``.
    """
    if fault := text_fault("text", asked, LONGEST):
        raise Invalid([fault])
    await session.plan_for_values()
    asked, most, editions = asked.strip(), min(most, MOST), list(edition_ids)
    numbered = asked.rstrip(".")
    hits: dict[tuple[UUID, str], Hit] = {}
    if _NUMBER.fullmatch(asked) and any(char.isdigit() for char in asked):
        given = {"tenant": session.tenant_id, "editions": editions, "asked": numbered, "most": most}
        _add(hits, await session.execute(_NUMBERED, given))
    ways, groups = await _ways(session, asked, editions, day)
    _add(hits, await _ranked(session, ways, groups, editions, most))
    return list(hits.values())[:most]


async def _ranked(
    session: TenantSession, ways: list[str], groups: list[frozenset[str]], editions: list[UUID], most: int
) -> list[Row[Any]]:
    """The best of the places that have all words, the best first.

    Of those that come first few may have the words of a phrase side by side; then all others are looked at too.
    """
    alone = not any(_LEFT_OUT.search(way) for way in ways)
    postings = await _postings(session, groups, editions, alone=alone)
    places = candidates(groups, postings)
    given = {"tenant": session.tenant_id, "ways": ways, "most": most}
    found: list[Row[Any]] = []
    done = 0
    while done < len(places) and len(found) < most:
        of, at = zip(*places[done : done + _AT_ONCE], strict=True)
        found += (await session.execute(_RANKED, {**given, "editions": list(of), "positions": list(at)})).all()
        done += len(of)
        if done == len(places) == CANDIDATES and len(found) < most:
            places = candidates(groups, postings, _EVERY)
    return sorted(found, key=lambda row: -row.rank)


async def _ways(
    session: TenantSession, asked: str, editions: list[UUID], day: date
) -> tuple[list[str], list[frozenset[str]]]:
    """The ways of asking, by every name of a term whose name is asked for, whole or as a word; the words of each."""
    words = asked.lower().replace('"', " ").split()
    said = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(len(words), i + 5) + 1)}
    wanted = _LEFT_OUT.sub(" ", asked)
    given = {"tenant": session.tenant_id, "text": wanted, "editions": editions, "asked": sorted(said), "day": day}
    lexemes, terms = (await session.execute(_ASKED, given)).one()
    others: dict[str, None] = {}
    for names in terms:
        for name in names:
            for other in names:
                if name.lower() in said and other.lower() != name.lower():
                    others[_instead(" ".join(words), name.lower(), other.lower())] = None
    ways = list(others)[:10]
    more = await session.scalars(_LEXEMES, {"ways": ways}) if ways else ()
    return [asked, *ways], [frozenset(lexemes), *(frozenset(one) for one in more)]


def _instead(asked: str, name: str, other: str) -> str:
    """The question with another name for one that it has; a name of several words is a phrase."""
    phrase = f'"{other}"' if " " in other else other
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: phrase, asked)


async def _postings(
    session: TenantSession, groups: list[frozenset[str]], editions: list[UUID], *, alone: bool
) -> list[Posting]:
    lexemes = sorted(frozenset[str]().union(*groups))
    asked = _FIRST_POSTINGS if alone and all(len(group) <= 1 for group in groups) else _POSTINGS
    given = {"tenant": session.tenant_id, "lexemes": lexemes, "editions": editions}
    return [Posting(*row) for row in await session.execute(asked, given)]


def _add(hits: dict[tuple[UUID, str], Hit], rows: Iterable[Row[Any]]) -> None:
    for row in rows:
        hits.setdefault(
            (row.edition_id, row.address),
            Hit(row.edition_id, row.address, row.number, row.heading, float(row.rank), fragments(row.shown)),
        )


def fragments(shown: str) -> tuple[Fragment, ...]:
    """An excerpt as PostgreSQL marks it, in runs."""
    found = []
    for number, part in enumerate(re.split(f"[{_START}{_END}]", shown)):
        if part:
            found.append(Fragment(part, matched=number % 2 == 1))
    return tuple(found)
