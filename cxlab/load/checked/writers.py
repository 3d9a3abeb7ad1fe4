"""Who wrote several of these posts, without knowing who that is?

An author's name stays in raw/. In the tables stands a `writer` instead: the same for the same
name, made from it one way and from the study's own name, so that two studies cannot be put
side by side. Somebody who has the names can still find them again: it is a pseudonym, kept
where ids of customers are, and as little shown.

Not here: names inside what people wrote (redact).
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

LETTERS = 12


def writer(author: pl.Expr, *, study: str) -> pl.Expr:
    """The pseudonym of each author, twelve letters and digits; blanks around do not matter."""
    key = blake2b(study.encode(), digest_size=32).digest()

    def each(name: str) -> str:
        return blake2b(name.encode(), key=key, digest_size=LETTERS // 2).hexdigest()

    def over(names: pl.Series) -> pl.Series:
        known = names.unique().drop_nulls()
        made = [each(name) for name in known]
        return names.replace_strict(known, made, default=None, return_dtype=pl.String)

    plain = author.cast(pl.String).str.strip_chars()
    filled = pl.when(plain != "").then(plain)
    return filled.map_batches(over, return_dtype=pl.String, is_elementwise=True)
