"""Manuals of procedures over the API."""
