"""The partnership, and everything it sets locally over the national baseline."""
