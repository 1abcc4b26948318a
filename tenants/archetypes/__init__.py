"""Reference partnerships as data: what one partnership sets locally, each value with where it comes from.

Every person, number and address in them is invented, numbers from the ranges kept for drama. They
show how a partnership is described; its board confirms or replaces each value before going live.
"""
