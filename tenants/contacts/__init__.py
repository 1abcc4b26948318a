"""Agencies, people, how each is reached, and the directory of posts."""
