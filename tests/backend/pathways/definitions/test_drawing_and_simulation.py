"""Drawings that can be read aloud, and dates in the partnership's calendar."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from backend.pathways.definitions import archetypes, simulation
from backend.pathways.definitions.drawing.graph import graph
from backend.pathways.definitions.drawing.mermaid import mermaid
from backend.pathways.definitions.drawing.svg import svg
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import shipped
from tenants.calendars.working_days import Calendar, england_bank_holidays

REFERRAL = "referral-to-childrens-social-care"
PATHWAYS = [REFERRAL, "allegation-against-staff", "child-death-joint-agency-response"]
PRACTICE = simulation.Practice(Calendar("Europe/London", england_bank_holidays(range(2026, 2028))))
CHRISTMAS_EVE = datetime(2026, 12, 24, 16, 30, tzinfo=UTC)


def cambs(pathway: str) -> Effective:
    return archetypes.effective(shipped(), archetypes.overlays("cambs-peterborough"))[pathway]


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_the_drawing_is_accessible_and_shows_every_stage_and_clock(pathway: str) -> None:
    one = cambs(pathway)
    drawn = svg(graph(one))
    root = ElementTree.fromstring(drawn)  # noqa: S314  # our own drawing
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title description"
    title, description = root.find(f"{space}title"), root.find(f"{space}desc")
    assert title is not None
    assert description is not None
    assert one.definition.title in (title.text or "")
    for stage in one.definition.stages:
        assert stage.title in (description.text or "")
    for clock in one.definition.clocks:
        assert clock.action in (description.text or ""), clock.id
    assert root.findall(f".//{space}text"), "words are text, not outlines"


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_no_box_stands_on_another(pathway: str) -> None:
    root = ElementTree.fromstring(svg(graph(cambs(pathway))))  # noqa: S314
    boxes = [
        tuple(int(rect.get(side, "0")) for side in ("x", "y", "width", "height"))
        for rect in root.iter("{http://www.w3.org/2000/svg}rect")
    ][1:]
    for number, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[number + 1 :]:
            apart = x + width <= other_x or other_x + other_width <= x
            assert apart or y + height <= other_y or other_y + other_height <= y


def test_mermaid_holds_nothing_that_it_would_read_as_syntax() -> None:
    text = mermaid(graph(cambs(REFERRAL)))
    assert text.startswith("---\ntitle:")
    assert "flowchart TD" in text
    for line in text.splitlines()[6:]:
        assert line.count('"') % 2 == 0, line


def test_bank_holidays_are_left_out_of_working_days_and_not_of_hours() -> None:
    events = {"referral-received": (CHRISTMAS_EVE,), "referral-telephoned": (CHRISTMAS_EVE,)}
    found = {one.clock: one for one in simulation.simulate(cambs(REFERRAL), PRACTICE, events, {}, CHRISTMAS_EVE)}
    assert found["referral-confirmed-in-writing"].due_at == datetime(2026, 12, 25, 16, 30, tzinfo=UTC)
    assert found["referral-acknowledged"].last_day == "2026-12-29"
    assert found["referral-evaluated-same-day"].last_day == "2026-12-24"
    assert "bank holidays" in " ".join(found["referral-acknowledged"].trace)


def test_words_that_the_partnership_has_not_put_a_figure_to_name_its_setting() -> None:
    one = archetypes.effective(shipped(), [])[REFERRAL]
    found = {each.clock: each for each in simulation.simulate(one, PRACTICE, {}, {}, CHRISTMAS_EVE)}
    assert found["police-informed-of-offence"].due_at is None
    assert "set inform-police-of-offence-within" in found["police-informed-of-offence"].why_not


def test_a_misspelt_event_is_told() -> None:
    assert "did you mean `referral-received`?" in str(simulation.unknown_event(cambs(REFERRAL), "referal-received"))
