"""Storage alone, and the settings that lead to it. Stands until the suite's own `services` fixture does."""

from collections.abc import Iterator

import pytest

from backend.kit.settings import settings
from infra.dev.services import LAUNCHERS, DevelopmentServices, development_services
from tenants.partnerships import storage

ELSEWHERE = {name: "http://localhost:1" for name in ("DATABASE_URL", *LAUNCHERS) if name != "S3_ENDPOINT_URL"}


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentServices]:
    folder = tmp_path_factory.mktemp("storage")
    with (
        development_services(folder, environment=ELSEWHERE) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in (running.environment | {"APP_URL": "https://app.example.org/start"}).items():
            patch.setenv(name, value)
        settings.cache_clear()
        storage._session.cache_clear()
        yield running
    settings.cache_clear()
    storage._session.cache_clear()
