"""What somebody has begun to write: kept by the server, so that no session can lose it."""
