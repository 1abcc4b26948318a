"""Names, numbers and addresses that are plainly invented. Pure: all of it follows from the random numbers given.

Telephone numbers come from the ranges that Ofcom reserves for drama, NHS numbers from those that are never issued,
addresses from places that are not.
"""

from random import Random
from typing import Final

FIRST: Final = (
    "Acorn", "Alder", "Aspen", "Barley", "Bracken", "Bramble", "Briar", "Brook", "Burdock", "Campion", "Cedar",
    "Clover", "Comfrey", "Cowslip", "Cricket", "Damson", "Elderberry", "Fennel", "Fern", "Finch", "Foxglove", "Gorse",
    "Hawthorn", "Heather", "Hickory", "Juniper", "Larch", "Lichen", "Linden", "Mallow", "Maple", "Meadow", "Medlar",
    "Moss", "Nettle", "Oakley", "Pebble", "Pimpernel", "Quince", "Reed", "Rowan", "Rush", "Sedge", "Sorrel", "Tansy",
    "Teasel", "Thistle", "Thrush", "Vetch", "Willow", "Wren", "Yarrow",
)  # fmt: skip
LAST: Final = (
    "Exampleton", "Fictonby", "Inventwell", "Makebelieve", "Mockford", "Neverwas", "Nobodyson", "Nosuchman",
    "Placeholder", "Pretendly", "Samplewell", "Sandboxer", "Testchild", "Testfield", "Trialbourne", "Unrealby",
)  # fmt: skip
STREETS: Final = ("Invented Row", "Madeup Lane", "Nowhere Street", "Pretend Close", "Sample Crescent", "Testing Way")
PLACES: Final = ("Nowhere-on-the-Wold", "Great Fiction", "Little Example", "Upper Sample", "Mocking St Test")
SCHOOLS: Final = ("Made-up Primary School", "Invented Academy", "Pretend Nursery", "Example High School")


def person_name(chance: Random, last: str | None = None) -> str:
    """A first and a last name, the last one given for members of a family."""
    return f"{chance.choice(FIRST)} {last or chance.choice(LAST)}"


def telephone(chance: Random) -> str:
    """A number that belongs to nobody: 07700 900000 to 900999, 01632 960000 to 960999 or 020 7946 0000 to 0999."""
    kind, last = chance.randrange(3), chance.randrange(1000)
    return (f"07700 900{last:03}", f"01632 960{last:03}", f"020 7946 0{last:03}")[kind]


def address(chance: Random) -> str:
    """A house in a place that is not."""
    return f"{chance.randint(1, 99)} {chance.choice(STREETS)}, {chance.choice(PLACES)}"


def nhs_number(chance: Random) -> str:
    """Ten digits that begin with 999, which is kept for tests, and end with a right check digit (modulus 11)."""
    while True:
        digits = [9, 9, 9, *(chance.randrange(10) for _ in range(6))]
        check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return "".join(str(digit) for digit in (*digits, check % 11))
