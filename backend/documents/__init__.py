"""Documents of a case in the partnership's own bucket."""
