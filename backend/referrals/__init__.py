"""Referrals to children's social care as they come in: from people here, and from applications that were let in."""
