"""What is said of us in public, who says it, and how far its numbers can be trusted."""
