"""The directory of posts, desks and endpoints."""
