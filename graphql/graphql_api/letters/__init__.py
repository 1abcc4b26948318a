"""Letters, packs and data sets made from what is recorded of a case."""
