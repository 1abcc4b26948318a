"""Alerts, their slots, calls and deliveries."""
