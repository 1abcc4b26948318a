"""Which provisions may answer a search, by the words that they have. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
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
    headed: dict[int, list[Place]] = {}
    plain: list[Iterator[Place]] = []
    for group in wanted:
        for edition_id, words in by_edition.items():
            if group and group <= words.keys():
                _gather(headed, plain, edition_id, [words[word] for word in group])
    best = (_in_turn(_by_text(headed[score])) for score in sorted(headed, reverse=True))
    found: dict[Place, None] = {}
    for place in chain(chain.from_iterable(best), _in_turn(plain)):
        found[place] = None
        if len(found) == most:
            break
    return list(found)


def _gather(
    buckets: dict[int, list[Place]], plain: list[Iterator[Place]], edition_id: UUID, words: list[Posting]
) -> None:
    """Sort the places of one text that have all words by how many of these are in their heading.

    Those that have none there are only looked for as they are asked for: they may be nearly all.
    """
    rarest, *others = sorted(words, key=lambda one: len(one.positions))
    headed = Counter(chain.from_iterable(one.headed for one in words))
    # Set against set, as the words may stand in nearly every provision.
    first = frozenset(headed).intersection(rarest.positions, *(other.positions for other in others))
    for position in [one for one in rarest.positions if one in first] if first else ():
        buckets.setdefault(headed[position], []).append((edition_id, position))
    among = [frozenset(other.positions) for other in others]
    later = (one for one in rarest.positions if one not in first and all(one in other for other in among))
    plain.append((edition_id, position) for position in later)


def _by_text(places: Iterable[Place]) -> list[Iterator[Place]]:
    by_edition: dict[UUID, list[Place]] = {}
    for place in places:
        by_edition.setdefault(place[0], []).append(place)
    return [iter(each) for each in by_edition.values()]


def _in_turn(texts: Sequence[Iterator[Place]]) -> Iterator[Place]:
    """One of each text, then the next of each: no manual crowds the others out."""
    left = list(texts)
    while left:
        going_on = []
        for places in left:
            if (place := next(places, None)) is not None:
                yield place
                going_on.append(places)
        left = going_on
