"""Exports, as the tools write them, to checked tables, rejected rows and a receipt.

    recognise → read (one module for each tool, over files/) → checked/ → intake

Every reader gives the same `Loaded`: text cells, physical row numbers, the item codebook
the file brings, and notes. Nothing here guesses what a cell means; study.toml says it.
"""
