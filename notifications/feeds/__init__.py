"""Calendar feeds: a person's or a rota's turns, as any calendar program subscribes to them (RFC 5545)."""
