"""Meetings of a pathway: called, held with a quorum or with the reason for none, minuted and circulated."""
