"""Pathways: the procedures of child protection as data, from the national definition to the case that follows it."""
