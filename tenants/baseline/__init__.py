"""National definitions, as data: one file an item, in our own words, each figure with its paragraph."""
