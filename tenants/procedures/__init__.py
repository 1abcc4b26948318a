"""Local procedure manuals: what they say, edition by edition."""
