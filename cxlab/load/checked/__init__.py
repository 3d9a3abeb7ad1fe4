"""Text cells → typed values with their faults → tables, rejected rows and the receipt.

    mapping → cells (quick) → stage → publish → asked, weighting, receipt

What a column must hold comes from the codebook and study.toml, never from the reader.
"""
