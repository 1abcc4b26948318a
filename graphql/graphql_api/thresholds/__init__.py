"""Threshold documents, and the levels of need that people decide by them."""
