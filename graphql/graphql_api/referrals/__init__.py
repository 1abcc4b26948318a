"""Referrals, as people and applications make them and see what became of them."""
