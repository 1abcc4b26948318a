"""Pathways: editions, runs on cases, and what people owe and settle in them."""
