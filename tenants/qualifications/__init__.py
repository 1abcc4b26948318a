"""What a person is qualified for, until when, and where they work."""
