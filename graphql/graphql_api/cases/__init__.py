"""Case files and timelines."""
