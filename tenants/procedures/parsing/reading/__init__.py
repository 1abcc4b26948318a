"""One reader for each format; each gives a source: the text, and its lines with what the format says of them."""
