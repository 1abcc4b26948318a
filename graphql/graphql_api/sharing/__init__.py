"""Transfers between partnerships in the API."""
