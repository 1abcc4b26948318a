"""Every figure of immediate protection, child protection and movement: once, with its force and its source."""

import pytest

from backend.pathways.definitions import archetypes, clock_table
from backend.pathways.definitions.clock_table import ClockRow
from backend.pathways.definitions.library import shipped

FAMILIES = {"immediate-protection", "child-protection", "movement-and-transfer"}
Figure = tuple[str, str, str, str, str, str, str]
CONFERENCE = "initial-child-protection-conference"
NATIONAL: list[Figure] = [
    ("emergency-protection-order", "order-made", "8", "calendar_days", "after", "must", "appendix 1 ¶16"),
    ("emergency-protection-order", "order-extended", "7", "calendar_days", "after", "must", "appendix 1 ¶16"),
    ("police-protection", "police-protection-begun", "72", "hours", "after", "must", "appendix 1 ¶16"),
    ("strategy-discussion", "strategy-discussion-held", "1", "working_days", "after", "should", "¶4.44"),
    ("section-47-enquiry", "curfew-breach-told", "48", "hours", "after", "must", "box 1"),
    (CONFERENCE, "strategy-discussion-held", "15", "working_days", "after", "should", "¶4.67"),
    (CONFERENCE, "conference-held", "1", "working_days", "after", "should", "¶4.82"),
    ("core-group", "conference-held", "10", "working_days", "after", "should", "¶4.95"),
    ("child-protection-review-conference", "conference-held", "3", "months", "after", "should", "¶4.110"),
    ("child-protection-review-conference", "review-conference-held", "6", "months", "after", "should", "¶4.110"),
    ("discontinue-child-protection-plan", "child-born", "18", "years", "after", "should", "¶4.114, 1.18"),
]  # fmt: skip
MOVE = "transfer-child-protection-plan"
RECEIVING = (
    "transfer-child-protection-plan",
    "transfer-notification-received",
    "15",
    "working_days",
    "after",
    "should",
)
LOCAL: list[Figure] = [
    (MOVE, "child-moves", "14", "calendar_days", "before", "must", "L4337"),
    (MOVE, "move-becomes-known", "0", "calendar_days", "after", "should", "L4337"),
    (MOVE, "child-moves", "0", "calendar_days", "after", "must", "L4347"),
    (MOVE, "record-keeper-told", "7", "working_days", "after", "should", "L4347"),
    (MOVE, "move-becomes-known", "6", "months", "before", "will", "L4322"),
    (*RECEIVING, "L4338"),
    ("transfer-section-47", "enquiry-concluded", "0", "calendar_days", "after", "should", "L4359"),
    ("transfer-child-in-need", "need-move-known", "6", "months", "before", "will", "L4373"),
    ("transfer-child-in-need", "need-move-known", "3", "months", "before", "will", "L4374"),
    ("looked-after-out-of-area-placement", "young-person-born", "25", "years", "after", "must", "L4416"),
]  # fmt: skip


OWN = "; the figure is the partnership's own"


def rows(name: str) -> list[ClockRow]:
    families = {pathway: family for pathway, (family, _) in shipped().catalogue.items()}
    found = archetypes.effective(shipped(), archetypes.overlays(name))
    return [row for row in clock_table.rows(found.values()) if families[row.pathway] in FAMILIES]


def figures(name: str, origin: str) -> list[Figure]:
    """Those printed in a text; what the partnership itself sets where none is printed is not."""
    return sorted(
        (row.pathway, row.start_event, row.value, row.unit, row.direction, row.force, place(row.citation))
        for row in rows(name)
        if row.value and row.origin == origin and not row.citation.endswith(OWN)
    )


def place(citation: str) -> str:
    return citation.removeprefix("Working Together 2005 ").removeprefix("Cambridgeshire and Peterborough manual ")


@pytest.mark.parametrize("name", ["baseline", "hertfordshire"])
def test_the_national_figures_are_each_there_once(name: str) -> None:
    assert figures(name, "baseline") == sorted([*NATIONAL, (*RECEIVING, "¶4.114")])


def test_the_local_protocol_adds_its_own_figures_and_doubles_none() -> None:
    name = "cambs-peterborough"
    assert figures(name, "baseline") == sorted(NATIONAL)
    assert figures(name, "local") == sorted(LOCAL)


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("baseline", []), ("hertfordshire", ["professional-differences"] * 3),
        ("cambs-peterborough", [*["professional-differences"] * 3, "threat-to-life-warning"]),
    ],
)  # fmt: skip
def test_what_no_text_prints_is_shown_as_a_reading_or_as_the_partnerships_own(name: str, figures: list[str]) -> None:
    shown = [row for row in rows(name) if row.value and row.confidence == "inferred"]
    own = [row for row in shown if row.citation.endswith(OWN)]
    assert sorted(row.pathway for row in own) == figures
    read = {(row.pathway, row.value) for row in shown if row not in own}
    plain_days = {(MOVE, "14")} if name == "cambs-peterborough" else set()
    assert read == {("strategy-discussion", "1"), (CONFERENCE, "1")} | plain_days


def test_what_an_extension_adds_is_told_from_the_limit_itself() -> None:
    first, more = [row.action for row in rows("baseline") if row.pathway == "emergency-protection-order" and row.value]
    assert more == f"{first}, when extended: counted from the end of the first limit"


def test_social_care_and_not_the_independent_chair_keeps_the_time_of_the_conference() -> None:
    kept = {row.action: row.role for row in rows("baseline") if row.pathway == CONFERENCE and row.value}
    assert kept["Hold the initial child protection conference"] == "social-care-manager"


def test_only_further_reviews_come_again() -> None:
    assert [(row.value, row.unit) for row in rows("baseline") if row.recurring == "yes" and row.value] == [
        ("6", "months")
    ]


def test_every_definition_of_the_three_families_is_written() -> None:
    wanted = {pathway for pathway, (family, _) in shipped().catalogue.items() if family in FAMILIES}
    assert wanted <= set(shipped().entries)
