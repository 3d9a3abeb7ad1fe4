"""What customers need, and the register of needs."""
