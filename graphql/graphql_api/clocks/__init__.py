"""Statutory clocks."""
