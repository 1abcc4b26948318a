"""What a message may say: the alert's reference and ways to answer, never anything about a child."""

from uuid import UUID

from backend.kit.settings import settings
from notifications.deliveries.credentials import link_token, reply_code


def personalisation(tenant_id: UUID, delivery_id: UUID, reference: str) -> dict[str, str]:
    """The values a provider puts into its template for one delivery; the same at every attempt.

    ``link`` opens the app, which asks who is there. ``answer_link`` and ``code`` let the receiver of
    this one message answer without it, so they go by text and email only, never into a push.
    """
    configured = settings()
    secret = configured.answer_secret.get_secret_value()
    return {
        "reference": reference,
        "link": f"{configured.app_url}/alerts/{reference}",
        "answer_link": f"{configured.app_url}/r/{link_token(secret, tenant_id, delivery_id)}",
        "code": reply_code(secret, tenant_id, delivery_id),
    }
