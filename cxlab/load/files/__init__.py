"""Whatever wrote it: is a file safe to open, how is it encoded, how many rows does it hold?

Nothing here knows a tool, a table or a study.
"""
