"""The third parties' way in: credentials, short tokens, and what an application may do where."""
