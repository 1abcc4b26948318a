"""Who is on call: rota rules in local wall time, expanded into turns on the line of instants."""
