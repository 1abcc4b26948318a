"""Editions of a partnership's definitions: drafted, checked, approved, in force from a day, withdrawn."""
