"""Which short texts are about the same thing?

Ideas and questions come in many wordings: "Spare parts for the lamp", "spare parts please".
The subject of a text is the pair of neighbouring words, stop words left out, that most of the
texts share; a text that shares none with enough others has no subject.

Not here: themes of a codebook (themes), groups of long texts (topics).
"""

from __future__ import annotations

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.text import tokens
from cxlab.text.clean import read
from cxlab.text.stop_words import languages, words

FEWEST = 3


def subjects(texts: pl.Series, *, fewest: int = FEWEST, language: str = "en") -> pl.Series:
    """The subject of each text as two words, null where it has none; lower case.

    Without a list of stop words of the language all words stay. Of pairs that as many
    share, the first in the text. Raises OutOfRange for fewer than 2 texts to a subject.
    """
    if fewest < 2:
        raise OutOfRange(f"fewest must be at least 2 texts; it is {fewest}.")
    pairs = _pairs(texts, words(language) if language in languages() else frozenset())
    shared = pairs.group_by("pair").agg(pl.len().alias("n")).filter(pl.col("n") >= fewest)
    best = (
        pairs.join(shared, on="pair")
        .sort(["row", "n", "at"], descending=[False, True, False])
        .unique("row", keep="first", maintain_order=True)
    )
    # Who shares a commoner pair, too, has left some pairs with too few.
    best = best.filter(pl.len().over("pair") >= fewest)
    rows = pl.DataFrame({"row": range(len(texts))}, schema={"row": pl.Int64})
    return rows.join(best.select("row", "pair"), on="row", how="left", maintain_order="left")[
        "pair"
    ].alias("subject")


def _pairs(texts: pl.Series, stop: frozenset[str]) -> pl.DataFrame:
    """Each pair of neighbouring words of each text, once, and where it stands first."""
    said = tokens.words(tokens.split(read(texts)))
    each = pl.DataFrame(
        {"row": said.owners(), "word": said.known.gather(said.codes)},
        schema={"row": pl.Int64, "word": pl.String},
    ).filter(~pl.col("word").is_in(sorted(stop)))
    after = pl.col("word").shift(-1).over("row")
    pairs = each.with_columns(pl.concat_str("word", pl.lit(" "), after).alias("pair"))
    placed = pairs.drop_nulls("pair").with_columns(at=pl.int_range(pl.len()).over("row"))
    return placed.group_by("row", "pair").agg(pl.col("at").min())
