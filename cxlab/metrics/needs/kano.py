"""Is a feature taken for granted, wanted or a delight? (Kano 1984, Berger et al. 1993)

People say how they would feel with a feature (`first` of a pair) and without it (`second`):
1 I like it, 2 it must be so, 3 I do not mind, 4 I can live with it, 5 I dislike it. The two
answers make a category: must-be (M), one-dimensional (O), attractive (A), indifferent (I),
reverse (R), questionable (Q). Ties go to the first of M, O, A, I, R, Q.

Berger's table; the newer one that calls (2, 2) and (4, 4) questionable is not offered, nor
are continuous scores, which take the five answers as distances.

Not here: how important a feature is said to be (opportunity).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.needs.pairs import Pair, groups, keyed, require_pairs
from cxlab.stats import compare, intervals, resample
from cxlab.tally import Frame, names, tally

CATEGORIES = ("M", "O", "A", "I", "R", "Q")
NAMES = {
    "M": "must-be",
    "O": "one-dimensional",
    "A": "attractive",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}
# Rows: with the feature, 1 to 5; columns: without it, 1 to 5.
TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
# Fong's 90 per cent: differences below this many standard errors are no difference.
FONG = 1.65


def answers(
    responses: Frame,
    *,
    pairs: Sequence[Pair],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The full distribution: one row per group, need and category, also where it is 0.

    `base` who answered both, `count` of this category, its `share` 0 to 1 with its Wilson
    interval. Raises ColumnMissing, WeightsInvalid, OutOfRange for an answer not 1 to 5.
    """
    parts = []
    for keys, cells, of in _of_groups(responses, pairs, by, weight):
        rows = of.rows @ of.values
        shares = resample.ratios(of.sums()[None, :], _answered(of.sums()[None, :]))[0]
        people, bases = _answered(rows[None, :])[0], _bases(of)
        table = pl.DataFrame(
            {
                "need": [pair.need for pair in pairs for _ in CATEGORIES],
                "category": [NAMES[letter] for _ in pairs for letter in CATEGORIES],
                "base": people.round().astype(np.int64),
                **({"effective_base": bases} if weight is not None else {}),
                "count": rows.round().astype(np.int64),
                "share": shares,
                "_base": bases,
            }
        ).with_columns(pl.col(pl.Float64).fill_nan(None))
        bounds = intervals.wilson(
            pl.col("share") * pl.col("_base"), pl.col("_base"), confidence=confidence
        )
        table = table.with_columns(low=bounds.low, high=bounds.high).drop("_base")
        parts.append(keyed(table, keys, cells))
    place = pl.col("category").replace_strict({NAMES[x]: at for at, x in enumerate(CATEGORIES)})
    return pl.concat(parts).sort(*names(by), "need", place)


def categories(
    responses: Frame,
    *,
    pairs: Sequence[Pair],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """One row per group and need: its category and how sure that is, Better and Worse.

    `p_category` the chance that it is the commonest; `undecided` the categories that Fong's
    test cannot tell from it, `fong` how far apart they must be (people) and whether the
    second is `clear`. `better` = (A+O)/(A+O+M+I) from 0 to 1, `worse` = -(O+M)/(A+O+M+I)
    from -1 to 0, with Wilson intervals, and their ranks (`better_rank` 1: pleases most;
    `worse_rank` 1: its lack displeases most). `total_strength` the share of A, O and M,
    `category_strength` the lead of the category. `p` from Fong's test of the first against
    the second; `flagged`: clearly something else than indifferent or questionable, at a
    false discovery rate of 5 %. Raises as `answers`.
    """
    parts = [
        keyed(_decided(pairs, of, weight is not None, confidence, samples, seed), keys, cells)
        for keys, cells, of in _of_groups(responses, pairs, by, weight)
    ]
    table = compare.flag(pl.concat(parts))
    claimed = ~pl.col("category").is_in(["indifferent", "questionable"]).fill_null(True)
    return table.with_columns(flagged=pl.col("flagged") & claimed).sort(*names(by), "need")


def category(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """The letter of one person's two answers, 1 to 5 each; null unless both were given."""
    letters = dict(enumerate("".join(TABLE)))
    place = 5 * (first.cast(pl.Int64) - 1) + second.cast(pl.Int64) - 1
    return place.replace_strict(letters, default=None, return_dtype=pl.String)


def fong(first: float, second: float, base: float) -> float:
    """How many people two categories of that size must be apart to be told apart."""
    both = first + second
    return FONG * float(np.sqrt(max(both * (2 * base - both), 0) / (2 * base))) if base else 0.0


def _of_groups(
    responses: Frame, pairs: Sequence[Pair], by: str | Sequence[str], weight: str | None
) -> Any:
    """The keys, tally and category flags of each group; six columns per need."""
    require_pairs(responses, pairs)
    for pair in pairs:
        for column in (pair.first, pair.second):
            _require_codes(responses, column, pair)
    rows = responses.lazy().with_columns(
        category(_code(pair.first, pair), _code(pair.second, pair)).alias(f"_kano_{at}")
        for at, pair in enumerate(pairs)
    )
    columns = [f"_kano_{at}" for at in range(len(pairs))]
    for keys, cells in groups(rows, by=by, answer=columns, weight=weight):
        flags = cells.select(
            (pl.col(column) == letter).fill_null(False).cast(pl.Float64).alias(column + letter)
            for column in columns
            for letter in CATEGORIES
        )
        yield keys, cells, resample.cells(cells, flags.to_numpy())


def _code(column: str, pair: Pair) -> pl.Expr:
    """The code of an answer that is stored as a number or as its label; else null."""
    text = pl.col(column).cast(pl.String)
    code = text.replace_strict(dict(pair.codes), default=None, return_dtype=pl.Float64)
    number = text.cast(pl.Float64, strict=False)
    found = pl.coalesce(number, code) if pair.codes else number
    return pl.when(found.is_in([1.0, 2.0, 3.0, 4.0, 5.0])).then(found)


def _require_codes(responses: Frame, column: str, pair: Pair) -> None:
    cells = tally(responses, answer=column)
    odd = pl.col(column).is_not_null() & _code(column, pair).is_null()
    bad = cells.filter(odd)["tally_n"].sum()
    if bad:
        raise OutOfRange(
            f"`{column}` must be 1 (like) to 5 (dislike); {bad} of its answers are not."
        )


def _answered(sums: resample.Floats) -> resample.Floats:
    """For each column of each need, the sum of all six."""
    wide = sums.reshape(len(sums), -1, len(CATEGORIES))
    return np.repeat(wide.sum(axis=2), len(CATEGORIES), axis=1)


def _bases(of: resample.Cells, chosen: str = "MOAIRQ") -> resample.Floats:
    """Effective base of each need among some categories, once per category."""
    inside = np.array([letter in chosen for letter in CATEGORIES])
    flags = of.values.reshape(len(of.values), -1, len(CATEGORIES))[:, :, inside].sum(axis=2)
    return np.repeat(of.base(flags), len(CATEGORIES))


def _decided(
    pairs: Sequence[Pair],
    of: resample.Cells,
    weighted: bool,
    confidence: float,
    samples: int,
    seed: int,
) -> pl.DataFrame:
    six = len(CATEGORIES)
    shares = of.sums().reshape(-1, six)
    total = shares.sum(axis=1, keepdims=True)
    shares = resample.ratios(shares, np.broadcast_to(total, shares.shape))
    drawn = resample.sums(of, samples=samples, seed=seed).reshape(samples, -1, six)
    bases = _bases(of)[::six]
    people = (of.rows @ of.values).reshape(-1, six).sum(axis=1).round().astype(np.int64)
    rows = [
        _one(shares[at], bases[at], drawn[:, at]) if people[at] else dict.fromkeys(_ONE)
        for at in range(len(pairs))
    ]
    about: dict[str, Any] = {"need": [pair.need for pair in pairs], "base": people}
    if weighted:
        about["effective_base"] = bases
    parts = [pl.DataFrame(about), pl.DataFrame(rows, schema=_ONE)]
    for name, letters, sign in (("better", "AO", 1), ("worse", "OM", -1)):
        parts.append(_coefficient(of, drawn, name, letters, sign, confidence, seed))
    return pl.concat(parts, how="horizontal")


_ONE: Any = {"category": pl.String, "p_category": pl.Float64, "undecided": pl.String}
_ONE |= {"fong": pl.Float64, "clear": pl.Boolean, "total_strength": pl.Float64}
_ONE |= {"category_strength": pl.Float64, "p": pl.Float64}


def _one(shares: resample.Floats, base: float, drawn: resample.Floats) -> dict[str, Any]:
    """What one need is, from its six shares and those of the samples."""
    counts = shares * base
    # Sums of weights may differ in the last digit; a tie is a tie all the same.
    first, second = sorted(range(len(counts)), key=lambda at: (-round(float(counts[at]), 9), at))[
        :2
    ]
    lead = counts[first] - counts[second]
    limits = [fong(counts[first], count, base) for count in counts]
    alike = [
        NAMES[CATEGORIES[at]]
        for at in range(len(counts))
        if at != first and counts[first] - counts[at] < limits[at]
    ]
    z = lead / limits[second] * FONG if limits[second] else 0.0
    return {
        "category": NAMES[CATEGORIES[first]],
        "p_category": float((drawn.argmax(axis=1) == first).mean()),
        "undecided": ", ".join(alike),
        "fong": limits[second],
        "clear": bool(lead >= limits[second] > 0),
        "total_strength": float(shares[[CATEGORIES.index(letter) for letter in "AOM"]].sum()),
        "category_strength": float(lead / base),
        "p": pl.select(compare.normal_p(pl.lit(z))).item(),
    }


def _coefficient(
    of: resample.Cells,
    drawn: resample.Floats,
    name: str,
    letters: str,
    sign: int,
    confidence: float,
    seed: int,
) -> pl.DataFrame:
    """Better or Worse with its Wilson interval and its rank by size."""
    six = len(CATEGORIES)
    above = [CATEGORIES.index(letter) for letter in letters]
    below = [CATEGORIES.index(letter) for letter in "AOMI"]
    sums = of.sums().reshape(-1, six)
    sizes = resample.ratios(sums[:, above].sum(axis=1), sums[:, below].sum(axis=1))
    samples = resample.ratios(drawn[:, :, above].sum(axis=2), drawn[:, :, below].sum(axis=2))
    table = pl.DataFrame({"size": sizes, "base": _bases(of, "AOMI")[::six]})
    table = table.with_columns(pl.col("size").fill_nan(None))
    bounds = intervals.wilson(
        pl.col("size") * pl.col("base"), pl.col("base"), confidence=confidence
    )
    low, high = (bounds.low, bounds.high) if sign > 0 else (0 - bounds.high, 0 - bounds.low)
    values = table.select(
        (pl.col("size") if sign > 0 else 0 - pl.col("size")).alias(name),
        low.alias(f"{name}_low"),
        high.alias(f"{name}_high"),
    )
    order = resample.order(sizes, samples, confidence=confidence, seed=seed)
    order = order.rename({column: f"{name}_{column}" for column in order.columns})
    return pl.concat([values, order], how="horizontal")
