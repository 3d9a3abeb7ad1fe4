"""How many respondents say each term, in each group?

A respondent counts once for a term in a group, however often and in however many comments
it is said. Counts of parts of the comments can be put together, as tallies can.

Not here: what an n-gram is (grams), shares (terms), differences between groups (contrasts).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import OutOfRange, listed, require_columns
from cxlab.tally import Frame, names
from cxlab.text.terms import grams, respondents
from cxlab.text.tokens import Tokens

SUMS = ("respondents", "comments", "occurrences")
WEIGHED = ("respondents_w", "respondents_ww")
# Rows that wait to be added up.
MERGE = 1 << 22


def counts(
    comments: Frame,
    *,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    longest: int = 2,
    stop: str | Collection[str] = "en",
    least: int = 1,
    words: Tokens | None = None,
) -> pl.DataFrame:
    """The tally of terms of 1 to `longest` words: one row per group, `size` and `term`.

    `respondents`, `comments`, `occurrences`; with a weight also the sums of weights and of
    squared weights over respondents. Rows of size 0, without a term, hold the bases: everybody
    with a text. A term stays in its sentence and neither begins nor ends with a stop word
    (`stop`: a language, or the words). Terms of fewer than `least` respondents, added over the
    groups, are left out. Comments without text or response_id count nowhere. Raises
    ColumnMissing, OutOfRange, and WeightsInvalid unless a respondent has one weight above 0.
    """
    keys = list(dict.fromkeys(names(by)))
    _require_free(keys)
    rows, seen = respondents.read(comments, keys, weight, words)
    grams.require_room(seen, longest=longest)
    require_least(least)
    asked = respondents.Asked.of(rows, keys, weight)
    parts = [_bases(asked, seen)]
    edge, kept = grams.edges(seen, stop), grams.often(seen, least=least)
    found = _counted(seen, asked, longest=longest, edge=edge, kept=kept)
    for size, sums_of in enumerate(found, start=1):
        often = sums_of.filter(pl.col("respondents").sum().over("key") >= least)
        term = grams.spelt(often["key"].to_numpy(), seen, size=size)
        parts.append(often.with_columns(size=pl.lit(size, pl.Int8), term=term))
    sums = [name for name in (*SUMS, *WEIGHED) if name in parts[0].columns]
    every = pl.concat([part.select("group", "size", "term", *sums) for part in parts])
    # Words are coded in their alphabetical order, so each part stands in that of its terms.
    every = every.sort("group", "size", maintain_order=True)
    whole = every.with_columns(pl.col(SUMS).cast(pl.Int64)).select("size", "term", *sums)
    return whole.select(*(asked.keys[key].gather(every["group"]) for key in keys), pl.all())


def added(parts: Sequence[pl.DataFrame], *, least: int = 1) -> pl.DataFrame:
    """Counts of several parts of the comments as one, as if they had been counted together.

    All comments of a respondent must stand in one part. Terms of fewer than `least`
    respondents, added over the groups, are left out; parts that were themselves counted with
    a `least` above 1 give too little for terms that are rare in some of them.
    Raises ColumnMissing for a table that is not of counts.
    """
    every = pl.concat(parts)
    keys = groups_of(every)
    sums = [name for name in (*SUMS, *WEIGHED) if name in every.columns]
    order = [*keys, "size", "term"]
    found = every.sort(order).group_by(order, maintain_order=True).agg(pl.col(sums).sum())
    return frequent(found, least=least)


def frequent(counted: pl.DataFrame, *, least: int) -> pl.DataFrame:
    """The counts without the terms of fewer than `least` respondents, added over the groups.

    The bases stay. Raises OutOfRange for a `least` below 1.
    """
    groups_of(counted)
    require_least(least)
    said_by = pl.col("respondents").sum().over("size", "term")
    return counted.filter((pl.col("size") == 0) | (said_by >= least))


def groups_of(counted: pl.DataFrame) -> list[str]:
    """The columns that counts are grouped by. Raises ColumnMissing for another table."""
    require_columns(counted, ["size", "term", *SUMS], what="counts of terms")
    return [name for name in counted.columns if name not in ("size", "term", *SUMS, *WEIGHED)]


def _require_free(keys: Sequence[str]) -> None:
    taken = [key for key in keys if key in ("size", "term", *SUMS, *WEIGHED)]
    if taken:
        raise OutOfRange(f"{listed(taken)} is a column of the counts; rename it to group by it.")


def require_least(least: int) -> None:
    """Raise OutOfRange unless terms are said by at least one respondent."""
    if least < 1:
        raise OutOfRange(f"least must be at least 1 respondent; it is {least}.")


def _bases(asked: respondents.Asked, words: Tokens) -> pl.DataFrame:
    """Everybody with a text, by group: the rows of size 0."""
    every, said = np.arange(len(asked.texts)), words.counts()[asked.texts]
    one = grams.Cells(np.zeros(1, np.int64), np.array([0, len(every)]), every, said)
    found = _reduced(one if len(every) else _NOTHING, asked, 0)
    return found.with_columns(size=pl.lit(0, pl.Int8), term=pl.lit(None, pl.String))


def _counted(
    words: Tokens,
    asked: respondents.Asked,
    *,
    longest: int,
    edge: NDArray[np.bool_],
    kept: NDArray[np.bool_] | None,
) -> list[pl.DataFrame]:
    """For each size the sums for each n-gram (`key`) and group, by n-gram and group."""
    done: list[list[pl.DataFrame]] = [[_reduced(_NOTHING, asked, 0)] for _ in range(longest)]
    for first, last in asked.parts(words):
        part = grams.part(words, asked.texts[first:last], edge=edge, kept=kept)
        for size in range(1, longest + 1):
            sums = done[size - 1]
            sums += [_reduced(cells, asked, first) for cells in part.cells(size)]
            if sum(rows.height for rows in sums[1:]) > max(MERGE, sums[0].height):
                done[size - 1] = [_finished(sums)]
    return [_finished(sums) for sums in done]


_NOTHING = grams.Cells(*(np.zeros(size, np.int64) for size in (0, 1, 0, 0)))


def _reduced(cells: grams.Cells, asked: respondents.Asked, first: int) -> pl.DataFrame:
    """The cells of part of the comments, the first of them given, added up by group."""
    rows = cells.texts + first
    unit, group = asked.units[rows], asked.groups[rows]
    start = np.zeros(len(rows), np.bool_)
    start[cells.starts[:-1]] = True
    person, fresh = start.copy(), start.copy()
    person[1:] |= unit[1:] != unit[:-1]
    fresh[1:] |= group[1:] != group[:-1]
    at = np.flatnonzero(fresh)
    gram = (np.cumsum(start) - 1)[at]
    sums = {
        "key": cells.keys[gram],
        "group": group[at],
        "respondents": _added(person.astype(np.int32), at),
        "comments": np.diff(at, append=len(rows)).astype(np.int32),
        "occurrences": _added(cells.times.astype(np.int32), at),
    }
    if asked.weights is not None:
        weights = np.where(person, asked.weights[rows], 0.0)
        sums |= {WEIGHED[0]: _added(weights, at), WEIGHED[1]: _added(weights * weights, at)}
    return pl.DataFrame(sums)


def _finished(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Sums of several parts of the comments as one, by n-gram and group."""
    every = pl.concat(parts)
    if len(parts) > 1:
        every = every.sort("key", "group", maintain_order=True)
    at = np.flatnonzero(respondents.changes(every, ["key", "group"]))
    sums = every.columns[2:]
    found = {name: _added(every[name].to_numpy(), at) for name in sums}
    return every.select("key", "group")[at].with_columns(
        pl.Series(name, values) for name, values in found.items()
    )


def _added(values: NDArray, at: NDArray) -> NDArray:
    """The sums of the stretches that begin at these places."""
    return np.add.reduceat(values, at, dtype=values.dtype) if len(at) else values[:0]
