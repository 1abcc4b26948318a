"""Which provisions may answer a search, by the words that they have. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias
from uuid import UUID

Place: TypeAlias = tuple[UUID, int]
"""An edition and a position in it."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a word stands in one text: ``positions`` by how often, ``headed`` those that have it in a heading."""

    edition_id: UUID
    lexeme: str
    headed: Sequence[int]
    positions: Sequence[int]


MOST: Final = 160
"""How many are ranked by all that is known of them. Of more, those come first that have the words in their headings,
then those that have the rarest word most often."""


def candidates(wanted: Iterable[frozenset[str]], postings: Iterable[Posting], most: int = MOST) -> list[Place]:
    """Provisions that have every word of one of the ``wanted`` groups, the likeliest first, ``most`` of them."""
    by_edition: dict[UUID, dict[str, Posting]] = {}
    for one in postings:
        by_edition.setdefault(one.edition_id, {})[one.lexeme] = one
    buckets: dict[int, list[Place]] = {}
    for group in wanted:
        for edition_id, words in by_edition.items():
            if group and group <= words.keys():
                _gather(buckets, edition_id, [words[word] for word in group], most)
    found: dict[Place, None] = {}
    for score in sorted(buckets, reverse=True):
        for place in _in_turn(buckets[score]):
            found[place] = None
            if len(found) == most:
                return list(found)
    return list(found)


def _gather(buckets: dict[int, list[Place]], edition_id: UUID, words: list[Posting], most: int) -> None:
    """Sort the places of one text that have all words by how many of these are in their heading.

    Of those that have none there, ``most`` are enough: whoever comes after them comes after as many.
    """
    rarest, *others = sorted(words, key=lambda one: len(one.positions))
    among = [frozenset(other.positions) for other in others]
    headed: Mapping[int, int] = _counted(one.headed for one in words)
    for position in [one for one in rarest.positions if one in headed]:
        if all(position in one for one in among):
            buckets.setdefault(headed[position], []).append((edition_id, position))
    kept = (one for one in rarest.positions if one not in headed and all(one in other for other in among))
    buckets.setdefault(0, []).extend((edition_id, one) for one in islice(kept, most))


def _counted(lists: Iterable[Sequence[int]]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for positions in lists:
        for position in positions:
            counts[position] = counts.get(position, 0) + 1
    return counts


def _in_turn(places: list[Place]) -> Iterable[Place]:
    """One of each edition, then the next of each: no manual crowds the others out."""
    by_edition: dict[UUID, list[Place]] = {}
    for place in places:
        by_edition.setdefault(place[0], []).append(place)
    longest = max(map(len, by_edition.values()), default=0)
    return (rows[turn] for turn in range(longest) for rows in by_edition.values() if turn < len(rows))
