"""Who waits, for what, how long, and whether promises are kept."""
