"""What a person is qualified for, and until when."""
