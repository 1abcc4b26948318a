"""What one person on call leaves to the next, signed by both."""
