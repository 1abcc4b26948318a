"""The registers in the API."""
