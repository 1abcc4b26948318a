"""Reporting and reading the death of a child."""
