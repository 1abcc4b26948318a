"""A rota that is kept elsewhere, taken from its iCalendar export (RFC 5545)."""
