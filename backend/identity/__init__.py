"""Who is calling: verified tokens, memberships of partnerships, roles and what they allow."""
