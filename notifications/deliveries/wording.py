"""What a message may say: the alert's reference and a way to answer, never anything about a child."""

from uuid import UUID

from backend.kit.settings import settings


def personalisation(tenant_id: UUID, delivery_id: UUID, reference: str) -> dict[str, str]:  # noqa: ARG001
    """The values a provider puts into its template for one delivery; the same at every attempt."""
    return {"reference": reference, "link": f"{settings().app_url}/alerts/{reference}"}
