"""Alert policies: who is tried, by which channel, for how long, and who is next."""
