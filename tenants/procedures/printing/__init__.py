"""A manual or its handbook as a whole, to be printed: accessible HTML, and the data of a tagged PDF. Pure."""
