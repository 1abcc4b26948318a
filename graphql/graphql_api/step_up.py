"""A fresh, stronger sign-in before restricted records and histories are shown (RFC 9470).

A session may last a shift; what is behind this asks whether it is still the same person who holds the phone.
"""

from typing import Final

from backend.identity.tokens import SignedIn
from backend.kit.problems import Problem
from backend.kit.settings import Settings


class StepUpNeeded(Problem):
    """The sign-in is too old or too weak for this. The message says what to ask the issuer for."""

    code = "STEP_UP_NEEDED"


_CLOCKS_APART: Final = 30.0


def stepped_up(signed_in: SignedIn, configured: Settings, now: float) -> bool:
    """Whether a sign-in is as strong and as fresh as the settings want; ``now`` in Unix seconds."""
    wanted = configured.step_up_acr.split()
    if not wanted:
        return True
    at = signed_in.authenticated_at
    fresh = at is not None and -_CLOCKS_APART <= now - at <= configured.step_up_seconds + _CLOCKS_APART
    return fresh and signed_in.assurance in wanted


def require(signed_in: SignedIn, configured: Settings, now: float) -> None:
    """Raise ``StepUpNeeded`` for a sign-in that is not."""
    if not stepped_up(signed_in, configured, now):
        raise StepUpNeeded(
            f"Sign in again to see this: acr_values={configured.step_up_acr}, max_age={configured.step_up_seconds}."
        )
