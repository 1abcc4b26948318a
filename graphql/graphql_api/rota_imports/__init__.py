"""Importing a rota that is kept elsewhere."""
