"""Whether those who will be on call can be reached, asked before their duty begins."""
