"""The domain: cases, clocks, documents, identity, and the entry points that run them."""
