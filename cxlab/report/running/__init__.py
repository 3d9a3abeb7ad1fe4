"""Chapters run side by side: each notebook in a process of its own, to its end or not at all."""
