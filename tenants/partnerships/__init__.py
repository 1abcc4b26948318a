"""The partnership itself, its areas and its settings."""
