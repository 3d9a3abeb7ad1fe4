"""From chapters to a published pack: what it holds, what it says of itself, whole or not at all."""
