"""Storage, and the settings that lead to it."""

from collections.abc import AsyncIterator

import pytest

from infra.dev.services import DevelopmentServices
from support.environment import product_settings


@pytest.fixture(autouse=True)
async def storage_settings(services: DevelopmentServices) -> AsyncIterator[None]:
    """This process's settings, with the address that browsers upload from."""
    async with product_settings(services.environment | {"APP_URL": "https://app.example.org/start"}):
        yield
