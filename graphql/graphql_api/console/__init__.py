"""GraphiQL for developers: the page, its files, which come from here alone, and where it may be used."""
