"""Answering a call without the app: the one-time link of a message, and a text sent back."""
