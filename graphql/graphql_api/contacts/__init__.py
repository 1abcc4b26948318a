"""How people are reached, as they keep it themselves."""
