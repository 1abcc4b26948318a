"""Meetings through the API."""
