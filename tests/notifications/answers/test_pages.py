"""What somebody who is woken sees: on a telephone, without script, with nothing of the case, and what to do."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend.kit.settings import settings
from notifications.alerts.models import SlotState
from notifications.answers import pages
from notifications.answers.service import Standing
from support.pages import contrast, usable

PAGED = datetime(2026, 7, 1, 2, 10, tzinfo=UTC)  # 03:10 in London
WHAT_TO_DO = ("Safeguard app", "There is nothing that you need to do", "The next person is called")


def call(**changes: Any) -> Any:
    facts = {
        "reference": "7F3K-2Q9D", "role": "sio", "drill": False, "zone": "Europe/London", "paged_at": PAGED,
        "expires_at": PAGED + timedelta(minutes=2), "answered_at": PAGED + timedelta(seconds=7),
        "slot_state": SlotState.PAGING,
    }  # fmt: skip
    return cast("Any", SimpleNamespace(**{**facts, **changes}))


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Those by which a link ends; no service stands behind them."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere")
    monkeypatch.setenv("BROKER_URL", "redis://nowhere")
    for name in ("OIDC_ISSUER", "ANSWER_SECRET"):
        monkeypatch.setenv(name, f"nowhere-{'x' * 32}")
    settings.cache_clear()
    yield
    settings.cache_clear()


def made() -> dict[str, str]:
    """Every page that a message's link can lead to."""
    standings = {standing.value: pages.call_page(call(), standing) for standing in Standing}
    return standings | {
        "unknown": pages.unknown_page(), "too often": pages.too_often_page(), "failed": pages.failed_page(),
        "refused": pages.refused_page(),
        "alert": pages.alert_page("7F3K-2Q9D"), "app": pages.app_page(),
    }  # fmt: skip


def test_every_page_can_be_used_by_everybody_and_says_what_to_do() -> None:
    for name, html in made().items():
        text = " ".join("".join(usable(html).text).split())
        assert not re.search(r"https?://|@import|url\(", html), name
        if name != Standing.OPEN:
            assert any(words in text for words in WHAT_TO_DO), name
            assert "<button" not in html, name
    assert all("duty manager" in made()[name] for name in ("expired", "not_yours", "unknown", "failed"))


def test_the_call_names_the_role_and_the_time_as_people_say_them_and_a_drill_as_one() -> None:
    real = pages.call_page(call(), Standing.OPEN)
    assert "called as <strong>senior investigating officer</strong>" in real
    assert "Answer before 03:12:00" in real
    assert "drill" not in real
    drill = pages.call_page(call(drill=True, role="designated_doctor"), Standing.OPEN)
    assert drill.index("This is a drill.") < drill.index("<button")
    assert "called as <strong>designated doctor</strong>" in drill
    assert "at 03:10:07" in pages.call_page(call(), Standing.ACCEPTED)


@pytest.mark.parametrize("standing", [Standing.DECLINED, Standing.EXPIRED])
def test_nobody_is_said_to_be_called_when_nobody_is_left(standing: Standing) -> None:
    assert "next person" in pages.call_page(call(), standing)
    last = pages.call_page(call(slot_state=SlotState.EXHAUSTED), standing)
    assert "next person" not in last
    assert "Nobody is left to call." in last
    assert "ring your duty manager" in last


def test_words_buttons_and_the_focus_stand_out() -> None:
    style = re.search(r"<style>(.*?)</style>", pages.unknown_page(), re.DOTALL)
    assert style is not None
    rules = dict(re.findall(r"([^{}]+)\{([^}]*)\}", style[1].replace("\n", "")))

    def colour(rule: str, name: str) -> str:
        (found,) = re.findall(rf"(?:^|;|\s){name}:[^;]*?(#[0-9a-f]{{3,6}})", rules[rule])
        return str(found)

    assert contrast(colour("body", "color"), colour("body", "background")) >= 7
    for button in ("button", ".no"):
        assert contrast(colour("button", "color"), colour(button, "background")) >= 7, button
    edge = colour(":focus-visible", "box-shadow")
    assert contrast(edge, colour("body", "background")) >= 3
    assert contrast(edge, colour(":focus-visible", "outline")) >= 3


def test_a_reference_that_somebody_made_up_is_shown_as_text() -> None:
    html = pages.alert_page("<b onload=x>&")
    assert "<b onload" not in html
    usable(html)
