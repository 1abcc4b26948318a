"""Pathway definitions: their grammar, how files are read and checked, and what a partnership makes of them.

Everything here is a function of files and arguments: no database, no wall clock.
"""
