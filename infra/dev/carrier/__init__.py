"""A stand-in for the providers that carry notifications, on loopback.

Speaks the wire formats of GOV.UK Notify (as its official client expects them) and of Firebase Cloud
Messaging HTTP v1, shows what was sent in an inbox for the browser, and fails on demand. Like the real
providers it does not deduplicate: the same request twice is two messages.
"""
