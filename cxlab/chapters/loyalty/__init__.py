"""How loyal customers are, and who differs."""
