"""What the tests of each provider share."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.kit.settings import settings
from notifications.channels.outcomes import Message
from support.scene import WORDS, Phones

PointElsewhere = Callable[..., None]


@pytest.fixture
def phones(environment: dict[str, str], carrier: httpx.Client) -> Phones:
    return Phones(carrier)


@pytest.fixture
def message() -> Callable[..., Message]:
    """Makes a page to an address, as a worker would."""

    def make(address: str, template: str = "rapid-response-page", **more: Any) -> Message:  # fields of a message
        return Message(f"{uuid4()}.{uuid4()}", address, template, WORDS, **more)

    return make


@pytest.fixture
def point_elsewhere(monkeypatch: pytest.MonkeyPatch) -> PointElsewhere:
    """Changes settings for one test; None takes one away."""

    def change(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name)
            else:
                monkeypatch.setenv(name, value)
        settings.cache_clear()

    return change
