"""Whether those who are or will be on call can be reached."""
