"""Proof that a contact method reaches its person: a code is sent to it and given back."""
