"""What an operator of a partnership watches, and evidence of what happened."""
