"""A partnership's continuum of need: its levels, what it looks for, and the numbers that its criteria turn on."""
