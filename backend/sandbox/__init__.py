"""Generated partnerships: plainly invented cases to measure, to try and to develop against."""
