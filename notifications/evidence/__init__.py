"""One alert's whole story, from the rows that were written while it happened, in a form that shows tampering."""
