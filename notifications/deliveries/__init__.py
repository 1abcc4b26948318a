"""Each message as a leased state machine with its whole history."""
