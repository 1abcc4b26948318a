"""Applications of third parties, as a partnership's administrators see them and let them in."""
