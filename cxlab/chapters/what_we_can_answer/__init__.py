"""Which questions the study's data can answer, and what would answer the others."""
