"""The case file and its timeline, whatever pathway runs on it."""
