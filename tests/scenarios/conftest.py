"""The product's own processes on a database of their own, beside services that no other test uses."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.dev.product import Product, process_environment, product
from infra.dev.services import DevelopmentServices, development_services
from support import databases
from support.environment import product_settings

CARRIED = ("NOTIFY_", "FCM_", "SINCH_", "SMTP_", "APNS_", "WEBPUSH_", "VONAGE_", "WEBHOOK_", "HEARTBEAT_")
"""Variables of what each module here has for itself, as it has its broker; everything else is the suite's."""


@pytest.fixture(scope="module")
async def own(
    services: DevelopmentServices, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    """Running processes. Settings of this process follow them, so that it can read the database."""
    folder: Path = tmp_path_factory.mktemp("scenario")
    given = {
        name: value
        for name, value in services.environment.items()
        if name != "BROKER_URL" and not name.startswith(CARRIED)
    }
    async with databases.copy_of(template, services.environment["POSTGRES_ADMIN_URL"]) as name:
        urls = databases.urls(services.environment, name)
        with development_services(folder, environment={**given, **urls}, durable=False) as private:
            async with product_settings(process_environment(private, folder)):
                with product(private, folder) as running:
                    yield running
