"""Which few offers together reach most people? (total unduplicated reach and frequency)

A person is reached by a set when they want at least `depth` of its offers; frequency is how
many of them they want on average. Every set is tried while there are at most `EVERY` of a
size; beyond, the set of a size is that of the size before and the offer that adds most
("greedy"), which need not be the best. `method` says which.

The set chosen for its reach in this sample reaches a little less in the next: `optimism`
says how much, by choosing again in bootstrap samples. Intervals are Wilson's, which do not
shrink to nothing when everybody is reached, as a bootstrap would.

Not here: which of two offers somebody prefers (maxdiff).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import intervals, resample
from cxlab.tally import ROWS, Frame, tally, weighed

EVERY = 20_000
# Only so many of the best sets take part in the chances: others could hardly be best.
CANDIDATES = 300
_AT_ONCE = 4_000_000
_TIE = 1e-9


def sets(
    responses: Frame,
    *,
    items: Sequence[str],
    size: int,
    depth: int = 1,
    keep: int = 10,
    weight: str | None = None,
    confidence: float = 0.95,
    samples: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """The best sets of so many items: one row per `size` and `place`, sets up to `size`.

    Items are columns of 0 and 1 (or true and false); a person with one left empty is left
    out. `items` by name; `base`; `reach` 0 to 1 with interval; `frequency` in items with t
    interval; `p_best` the chance that no set of the size reaches more (null where greedy);
    `optimism` of the best set; `tried` sets, `method`. Equal reach goes by frequency, then
    by the order of the items given. Raises ColumnMissing, WeightsInvalid, OutOfRange.
    """
    _require_size(items, size=size, depth=depth, keep=keep)
    cells = _cells(responses, items, weight)
    wanted = cells.select(pl.col(items).cast(pl.Float64)).to_numpy()
    of = resample.cells(cells, wanted)
    chosen: tuple[int, ...] = ()
    tables = []
    for number in range(max(1, depth), size + 1):
        every = comb(len(items), number) <= EVERY
        tried = _every(len(items), number) if every else _one_more(of, chosen, number, depth)
        best = _best(of, tried, depth=depth, most=max(keep, CANDIDATES))
        chosen = tuple(int(at) for at in np.flatnonzero(best[0]))
        table = _told(of, best[: keep if every else 1], items, depth, confidence)
        chances, optimism = _chances(of, best, depth, samples, seed) if every else (None, None)
        tables.append(
            table.with_columns(
                size=pl.lit(number, pl.Int64),
                p_best=pl.lit(None, pl.Float64)
                if chances is None
                else pl.Series(chances[: table.height]),
                optimism=pl.when(pl.col("place") == 1).then(pl.lit(optimism, pl.Float64)),
                tried=pl.lit(len(tried), pl.Int64),
                method=pl.lit("every set" if every else "greedy"),
            )
        )
    shown = pl.concat(tables).select("size", "place", pl.exclude("size", "place"))
    return shown if weight is not None else shown.drop("effective_base")


def _require_size(items: Sequence[str], *, size: int, depth: int, keep: int) -> None:
    if len(set(items)) < len(items):
        raise OutOfRange("items must each be named once; some are named twice.")
    if not 1 <= size <= len(items):
        raise OutOfRange(f"size must be from 1 to {len(items)}, the items; it is {size}.")
    if not 1 <= depth <= size:
        raise OutOfRange(f"depth must be from 1 to {size}, the size; it is {depth}.")
    if keep < 1:
        raise OutOfRange(f"keep must be at least 1; it is {keep}.")


def _cells(responses: Frame, items: Sequence[str], weight: str | None) -> pl.DataFrame:
    require_columns(responses, items, what="responses")
    schema = responses.collect_schema()
    flags = [pl.col(item).cast(pl.Int8) for item in items if schema[item] == pl.Boolean]
    cells = tally(responses.lazy().with_columns(flags), answer=items, weight=weight)
    for item in items:
        number = pl.col(item).cast(pl.Float64, strict=False)
        odd = pl.col(item).is_not_null() & ~number.is_in([0.0, 1.0]).fill_null(False)
        bad = cells.filter(odd)[ROWS].sum()
        if bad:
            raise OutOfRange(f"`{item}` must be 0 or 1; {bad} of its answers are not.")
    complete = weighed(cells, weighted=weight is not None).drop_nulls(items)
    if complete.is_empty():
        raise OutOfRange("responses must have somebody who answered every item; there is nobody.")
    return complete


def _every(items: int, size: int) -> np.ndarray[Any, Any]:
    found = np.zeros((comb(items, size), items), dtype=bool)
    for at, chosen in enumerate(combinations(range(items), size)):
        found[at, list(chosen)] = True
    return found


def _one_more(
    of: resample.Cells, chosen: tuple[int, ...], size: int, depth: int
) -> np.ndarray[Any, Any]:
    """The chosen set and one item more, for each item; grown first if it is too small."""
    while len(chosen) < size - 1:
        step = _one_more(of, chosen, len(chosen) + 1, depth)
        chosen = tuple(int(at) for at in np.flatnonzero(_best(of, step, depth=depth, most=1)[0]))
    items = of.values.shape[1]
    rest = [at for at in range(items) if at not in chosen]
    found = np.zeros((len(rest), items), dtype=bool)
    found[:, list(chosen)] = True
    found[np.arange(len(rest)), rest] = True
    return found


def _reached(
    of: resample.Cells, tried: np.ndarray[Any, Any]
) -> Iterator[tuple[slice, resample.Floats]]:
    """Some sets at a time: how many of the set each cell wants, cells × sets."""
    at_once = max(1, _AT_ONCE // max(1, len(of.rows)))
    for start in range(0, len(tried), at_once):
        chunk = slice(start, start + at_once)
        yield chunk, of.values @ tried[chunk].T.astype(np.float64)


def _best(
    of: resample.Cells, tried: np.ndarray[Any, Any], *, depth: int, most: int
) -> np.ndarray[Any, Any]:
    """The sets that reach most, the best first."""
    reach, frequency = np.zeros(len(tried)), np.zeros(len(tried))
    share = of.weights / of.weights.sum()
    for chunk, counts in _reached(of, tried):
        reach[chunk] = share @ (counts >= depth)
        frequency[chunk] = share @ counts
    # Rounded, so that sums in another order do not undo a tie.
    order = np.lexsort((np.arange(len(tried)), -np.round(frequency, 10), -np.round(reach, 10)))
    return tried[order[:most]]


def _told(
    of: resample.Cells,
    best: np.ndarray[Any, Any],
    items: Sequence[str],
    depth: int,
    confidence: float,
) -> pl.DataFrame:
    counts = of.values @ best.T.astype(np.float64)
    share = of.weights / of.weights.sum()
    base = round(float(of.rows.sum()))
    effective = float(of.weights.sum() ** 2 / of.squares.sum())
    frequency = share @ counts
    spread = (of.squares @ (counts - frequency) ** 2) / of.weights.sum() ** 2
    stretch = base / (base - 1) if base > 1 else np.nan
    table = pl.DataFrame(
        {
            "place": np.arange(1, len(best) + 1),
            "items": [" + ".join(_named(one, items)) for one in best],
            "base": [base] * len(best),
            "effective_base": [effective] * len(best),
            "reach": share @ (counts >= depth),
            "frequency": frequency,
            "_error": np.sqrt(spread * stretch),
        }
    ).with_columns(pl.col("_error").fill_nan(None))
    bases = pl.col("effective_base")
    reach = intervals.wilson(pl.col("reach") * bases, bases, confidence=confidence)
    often = intervals.student(
        pl.col("frequency"), pl.col("_error"), bases - 1, low=0, confidence=confidence
    )
    bounds = [reach.low.alias("low"), reach.high.alias("high")]
    bounds += [often.low.alias("frequency_low"), often.high.alias("frequency_high")]
    front = ["place", "items", "base", "effective_base", "reach"]
    return table.select(*front, *bounds[:2], "frequency", *bounds[2:])


def _named(one: np.ndarray[Any, Any], items: Sequence[str]) -> Iterator[str]:
    return (item for item, inside in zip(items, one, strict=True) if inside)


def _chances(
    of: resample.Cells, best: np.ndarray[Any, Any], depth: int, samples: int, seed: int
) -> tuple[resample.Floats, float]:
    """How often each set is best in other samples, and how much the best one flatters itself.

    Sets that reach alike in a sample share it.
    """
    candidates = best[:CANDIDATES]
    hits = (of.values @ candidates.T.astype(np.float64) >= depth).astype(np.float64)
    flags = np.hstack([hits, np.ones((len(hits), 1))])
    cells = resample.Cells(flags, of.rows, of.weights, of.squares)
    drawn = resample.sums(cells, samples=samples, seed=seed)
    reach = resample.ratios(drawn[:, :-1], drawn[:, -1:])
    top = reach >= reach.max(axis=1, keepdims=True) - _TIE
    here = of.weights @ hits / of.weights.sum()
    flattered = reach.max(axis=1) - (top * here).sum(axis=1) / top.sum(axis=1)
    return (top / top.sum(axis=1, keepdims=True)).mean(axis=0), max(0.0, float(flattered.mean()))
