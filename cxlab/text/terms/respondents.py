"""Who wrote which comment, in which group, and with what weight?

The comments in order of group and respondent, so that all of one respondent stand together
and are counted as one.

Not here: terms (grams) and their sums (tallies).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, WeightsInvalid, require_columns
from cxlab.tally import Frame
from cxlab.text import tokens
from cxlab.text.tokens import Tokens

RESPONDENT, TEXT = "response_id", "text"
# Words read at a time: what bounds the memory.
PART = 1 << 20
_AT = "place of the text"


@dataclass(frozen=True, eq=False)
class Asked:
    """The comments in order of group and respondent."""

    texts: NDArray[np.int64]  # by comment: which of the texts
    units: NDArray[np.int64]  # by comment: which respondent of which group, ascending
    groups: NDArray[np.int32]  # by comment: which group, ascending
    weights: NDArray[np.float64] | None  # by comment: its respondent's weight
    keys: pl.DataFrame  # by group: what the columns say of it

    @classmethod
    def of(cls, rows: pl.DataFrame, keys: list[str], weight: str | None) -> Asked:
        ordered = rows.select(_AT, *keys, RESPONDENT, *([weight] if weight else []))
        ordered = ordered.sort([*keys, RESPONDENT], maintain_order=True)
        group, unit = changes(ordered, keys), changes(ordered, [*keys, RESPONDENT])
        weights = None if weight is None else ordered[weight].to_numpy().astype(np.float64)
        if weights is not None and (np.diff(weights) != 0)[~unit[1:]].any():
            count = len(np.unique(np.cumsum(unit)[1:][(np.diff(weights) != 0) & ~unit[1:]]))
            raise WeightsInvalid(f"a respondent must have one `{weight}`; {count} have several.")
        return cls(
            ordered[_AT].to_numpy().astype(np.int64),
            np.cumsum(unit),
            (np.cumsum(group) - 1).astype(np.int32),
            weights,
            ordered.filter(pl.Series(group)).select(keys),
        )

    def parts(self, words: Tokens) -> Iterator[tuple[int, int]]:
        """Stretches of comments of about PART words, all comments of a respondent in one."""
        upto = np.cumsum(words.counts()[self.texts])
        first = np.flatnonzero(np.diff(self.units, prepend=0))
        part = (upto[first] - 1) // PART
        cuts = first[np.flatnonzero(np.diff(part, prepend=-2))]
        yield from pairwise([*cuts, len(self.units)])


def read(
    comments: Frame, keys: list[str], weight: str | None, words: Tokens | None
) -> tuple[pl.DataFrame, Tokens]:
    """The comments that count, without their texts, and the words of all of them."""
    wanted = list(dict.fromkeys([*keys, RESPONDENT, *([weight] if weight else [])]))
    require_columns(comments, [*wanted, TEXT], what="comments")
    rows = comments.lazy().select(*wanted, TEXT).collect()
    seen = tokens.words(tokens.split(rows[TEXT])) if words is None else words
    if len(seen) != rows.height:
        raise OutOfRange(
            f"words must be those of the comments: {rows.height} texts; they are of {len(seen)}."
        )
    here = pl.col(TEXT).is_not_null() & pl.col(RESPONDENT).is_not_null()
    counted = rows.with_row_index(_AT).filter(here).drop(TEXT)
    if weight is not None:
        good = (pl.col(weight) > 0) & (pl.col(weight) < float("inf"))
        bad = counted.height - int(counted.select(good.sum()).item())
        if bad:
            raise WeightsInvalid(
                f"weights must be above zero; `{weight}` has {bad} that are empty, zero, "
                "negative or infinite."
            )
    return counted, seen


def changes(ordered: pl.DataFrame, keys: list[str]) -> NDArray[np.bool_]:
    """Whether a row differs from the one before in any of the columns; the first one does."""
    new = np.zeros(ordered.height, np.bool_)
    new[:1] = True
    for key in keys:
        new |= ordered.select(pl.col(key).ne_missing(pl.col(key).shift())).to_series().to_numpy()
    return new
