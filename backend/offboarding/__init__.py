"""A partnership takes what is its own with it."""
