"""What a partnership still has to set before it can be relied on."""
