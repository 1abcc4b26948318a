"""The caller, their partnership, its areas and people."""
