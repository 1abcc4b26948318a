"""Registers that a partnership keeps, and enquiries about children answered from them at any hour."""
