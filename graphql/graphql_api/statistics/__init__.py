"""Figures that the partnership returns."""
