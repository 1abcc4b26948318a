"""Reads a manual as it comes and says what was understood, and every doubt. Pure: no database, no clock, no network."""
