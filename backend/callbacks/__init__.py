"""What providers tell us over HTTP. Each is known by its own way of signing; what cannot be understood is taken.

An answer of 2xx means that the receipt is recorded, or never can be; anything else makes the provider
try again.
"""

from typing import Final

from backend.callbacks.receipts import notify_receipt, sinch_report
from backend.callbacks.voice import voice_event, voice_key

__all__ = ["CALLBACKS"]

CALLBACKS: Final = (notify_receipt, sinch_report, voice_event, voice_key)
