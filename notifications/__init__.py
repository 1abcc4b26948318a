"""Rotas, alerts, ladders and deliveries: reaching the right person at once, and proving it."""
