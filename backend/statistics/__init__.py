"""Figures that a partnership returns: what each counts, over what, and who may see the small ones."""
