"""What whoever changes how people are reached owes."""

from typing import Final

from backend.kit.tasks import NOTICES, Actor

CONTACTS_CHANGED: Final = Actor("contacts_changed", NOTICES)
"""Owed, on the partnership, by whoever adds, verifies or retires a contact method, changes a person or
the directory: warnings are found from these, and telephone numbers are printed. Owe it with
``owe_once``, in the same transaction."""
REVERIFY_CONTACTS: Final = Actor("reverify_contacts", NOTICES)
"""Reminds of what is not verified in the directory of services, on the partnership. Owed by whoever changes that."""
PERSON_LEFT: Final = Actor("person_left", NOTICES)
"""Owed, on somebody who has left, in the same transaction: what they answered for needs somebody else."""
