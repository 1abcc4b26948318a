"""The development services, once for this folder. Stands until the suite's own `services` fixture does."""

from collections.abc import Iterator

import httpx
import pytest

from infra.dev.services import DevelopmentServices, development_services


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentServices]:
    with development_services(tmp_path_factory.mktemp("services"), durable=False) as running:
        yield running


@pytest.fixture
def carrier(services: DevelopmentServices) -> Iterator[httpx.Client]:
    """A client of the stand-in's control paths, on a stand-in that has received nothing."""
    assert services.carrier_url is not None
    with httpx.Client(base_url=services.carrier_url) as client:
        client.delete("/dev/messages")
        client.delete("/dev/behaviour")
        yield client
        client.delete("/dev/behaviour")
