"""Letters, packs, plans and data sets that are made from what is recorded of a case, kept as its documents."""
