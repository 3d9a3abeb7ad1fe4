"""How customers go their way, and what moved it."""
