"""Drills and their schedules."""
