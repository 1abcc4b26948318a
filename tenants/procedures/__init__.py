"""The partnership's manuals of procedures: editions, their provisions, and how both change."""
