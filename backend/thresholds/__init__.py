"""Threshold documents in use: read from files, published, and decided by on cases."""
