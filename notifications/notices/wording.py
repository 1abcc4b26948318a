"""What a notice says: fixed words, nothing about a child, a case or whose number it is.

The words themselves are the providers' templates (``infra/notify-templates.json``).
"""

from typing import Final

from backend.kit.settings import settings

CONTACT_CODE: Final = "contact-code"
NOT_READY: Final = "readiness-reminder"
ON_CALL: Final = "on-call-now"
HANDOVER: Final = "handover-reminder"
SWAP_ASKED: Final = "swap-asked"
GLASS_BROKEN: Final = "case-access-notice"

_PAGES: Final = {
    CONTACT_CODE: "contacts",
    NOT_READY: "readiness",
    ON_CALL: "readiness",
    HANDOVER: "handovers",
    SWAP_ASKED: "swaps",
    GLASS_BROKEN: "cases",
}


def personalisation(template: str, reference: str, own: dict[str, str]) -> dict[str, str]:
    """The values a provider puts into its template; ``own`` are those of this notice alone."""
    return {"reference": reference, "link": f"{settings().app_url}/{_PAGES[template]}", **own}
