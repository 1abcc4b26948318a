"""Statutory clocks: when a duty is due, reminded of, met or breached."""
