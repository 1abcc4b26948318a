"""The printed rota."""
