"""When what a form tells of happened: as the form says, and not when it was written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.pathways.definitions.library import shipped
from backend.pathways.forms import FormTold, moment_faults, moments_told
from backend.pathways.moments import MomentTold

POLICE = shipped().entry("police-protection").definition
ORDER = shipped().entry("emergency-protection-order").definition
NOW = datetime(2026, 12, 5, 21, tzinfo=UTC)
BEGUN = datetime(2026, 12, 5, 19, 30, tzinfo=UTC)


def entry(begun: Any, **events: MomentTold) -> FormTold:
    named = {code.replace("_", "-"): moment for code, moment in events.items()}
    return FormTold("police-protection-entry", {"begun-at": begun}, named)


def test_an_event_happened_when_the_answer_to_its_item_says() -> None:
    assert moments_told(POLICE, entry("2026-12-05T19:30:00+00:00")) == {"police-protection-begun": MomentTold(BEGUN)}
    extended = FormTold("order-extension", {"extended": "2026-12-20"})
    assert moments_told(ORDER, extended) == {"order-extended-until": MomentTold(on="2026-12-20")}
    assert moment_faults(ORDER, extended, NOW) == [], "a day that is to come, and is meant to"


@pytest.mark.parametrize("begun", [None, "", "yesterday", "2026-12-05T19:30:00", 7])
def test_an_answer_that_is_no_moment_tells_none(begun: Any) -> None:
    assert moments_told(POLICE, entry(begun)) == {}
    beside = entry(begun, police_protection_begun=MomentTold(BEGUN))
    assert moments_told(POLICE, beside) == {"police-protection-begun": MomentTold(BEGUN)}


def test_what_has_happened_does_not_lie_ahead() -> None:
    slip = entry((NOW + timedelta(days=365)).isoformat())
    assert [(one.field, one.message) for one in moment_faults(POLICE, slip, NOW)] == [
        ("answers.begun-at", "must not lie in the future")
    ]
    assert moment_faults(POLICE, entry(NOW.isoformat()), NOW) == []


def test_a_moment_is_told_once() -> None:
    same = entry("2026-12-05T20:30:00+01:00", police_protection_begun=MomentTold(BEGUN))
    assert moment_faults(POLICE, same, NOW) == [], "one instant in two zones"
    other = entry("2026-12-05T20:30:00+00:00", police_protection_begun=MomentTold(BEGUN))
    assert [one.field for one in moment_faults(POLICE, other, NOW)] == ["events.police-protection-begun"]
