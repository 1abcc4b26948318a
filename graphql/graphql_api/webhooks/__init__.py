"""Webhook endpoints, as a partnership's administrators keep and watch them."""
