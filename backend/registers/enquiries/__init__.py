"""Enquiries about a child: who asks, how they were checked, what was found, and what they were told."""
