"""What happened, in the order in which it happened, with what practitioners enter by hand."""
