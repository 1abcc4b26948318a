"""Applications of third parties, and what each partnership lets each of them read."""
