"""Actors of the directory."""

from backend.directory import reverifying
from backend.kit.actors import register_once
from tenants.contacts.changes import REVERIFY_CONTACTS

register_once(REVERIFY_CONTACTS, reverifying.remind)
