"""Which digital assets earn their place, for whom, and what the experiments say."""
