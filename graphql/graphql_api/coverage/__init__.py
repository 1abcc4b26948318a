"""Warnings about rotas, and how fairly their load is shared."""
