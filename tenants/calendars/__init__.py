"""A partnership's own calendar: which days its agencies work, and where its days begin."""
