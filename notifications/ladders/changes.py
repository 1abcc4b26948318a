"""What whoever changes an alert policy owes."""

from typing import Final

from backend.kit.tasks import NOTICES, Actor

LADDERS_CHANGED: Final = Actor("ladders_changed", NOTICES)
"""Owed, on the partnership, by whoever puts another version of an alert policy in force: the ladders are
printed. Owe it with ``owe_once``, in the same transaction."""
