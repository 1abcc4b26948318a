"""The system watches itself: what should have happened, compared with what did."""
