"""How different are those who are left alone, and what does leaving them out do?

`apart` compares, level by level, everybody a poll is about with those who may be asked.
`shifted` says how far the estimate from those who may be asked lies from that of all, as
far as earlier answers tell: of each person the last one. Those who never answered are
taken to be like those of their group who did.

Not here: who may be asked, and why not (rules).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from cxlab.asking.rules import OUTSIDE
from cxlab.errors import require_columns
from cxlab.stats import compare, intervals

# A standardised difference below it is called negligible (Austin 2009).
NEGLIGIBLE = 0.1


def inside(people: pl.DataFrame) -> pl.DataFrame:
    """Those a poll is about, with a flag `free` for those who may be asked."""
    require_columns(people, "reason", what="people")
    about = people.filter(pl.col("reason").is_null() | ~pl.col("reason").is_in(OUTSIDE))
    return about.with_columns(pl.col("reason").is_null().alias("free"))


def apart(people: pl.DataFrame, *, columns: Sequence[str]) -> pl.DataFrame:
    """One row per `column` and `level`: `base` people, `estimate` its share of those who may
    be asked, `before` of those who are left alone, their `change` with bounds and `p`, and
    `standardised`, the change over the mean standard deviation of both.

    `flagged` at a false-discovery rate of 5 %, where the difference is not negligible too.
    A null level is nobody's. Raises ColumnMissing.
    """
    about = inside(people)
    require_columns(about, columns, what="people")
    # A column in which all are alike compares nobody.
    parts = [_levels(about, name) for name in columns if about[name].drop_nulls().n_unique() > 1]
    found = compare.flag(pl.concat(parts) if parts else _levels(about.clear(), "reason"))
    far = pl.col("standardised").abs() >= NEGLIGIBLE
    return found.with_columns((pl.col("flagged") & far).fill_null(value=False).alias("flagged"))


def shifted(
    people: pl.DataFrame,
    answers: pl.DataFrame,
    *,
    value: str,
    within: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What leaving people out does to a mean, one row.

    `answers` has customer_id, date and the `value`; each is taken beside its month, so that
    a bad month is not held against those asked in it. `base` people with an earlier answer,
    `known` their part of all, `estimate` the mean of those who may be asked, `before` that
    of all, `change` with bounds (the two share people: what differs are the ones left
    alone, by their part), `standardised` and `p`. With `within` both are weighted to all people
    by group. Null where one side has no answers. Raises ColumnMissing.
    """
    require_columns(answers, ["customer_id", "date", value], what="answers")
    about = inside(people)
    last = _of_their_month(answers.drop_nulls(["customer_id", "date", value]), value)
    one = last.unique("customer_id", keep="last", maintain_order=True)
    met = about.join(one.select("customer_id", value), on="customer_id", how="inner")
    if within is not None:
        met, about = (frame.drop_nulls(within) for frame in (met, about))
    sides = _side(met, about, value, within), _side(met.filter("free"), about, value, within)
    return _change(met, about, value, sides, confidence=confidence)


def _of_their_month(answers: pl.DataFrame, value: str) -> pl.DataFrame:
    """Answers less the mean of their month, more the mean of all; in the order of their days."""
    number = pl.col(value).cast(pl.Float64)
    beside = number - number.mean().over(pl.col("date").dt.truncate("1mo")) + number.mean()
    return answers.with_columns(beside.alias(value)).sort("date", "customer_id", value)


def _levels(about: pl.DataFrame, column: str) -> pl.DataFrame:
    known = about.drop_nulls(column)
    counts = known.group_by(pl.col(column).cast(pl.String).alias("level")).agg(
        pl.len().cast(pl.Int64).alias("base"), pl.col("free").cast(pl.Int64).sum().alias("hits")
    )
    free = int(known["free"].sum())
    alone = known.height - free
    hits, others = pl.col("hits"), pl.col("base") - pl.col("hits")
    shares = hits / intervals.answered(pl.lit(free)), others / intervals.answered(pl.lit(alone))
    bounds = intervals.newcombe(hits, pl.lit(free), others, pl.lit(alone))
    spread = ((shares[0] * (1 - shares[0]) + shares[1] * (1 - shares[1])) / 2).sqrt()
    z = compare.two_shares_z(shares[0], pl.lit(free), shares[1], pl.lit(alone))
    return counts.sort("level").select(
        pl.lit(column).alias("column"),
        *("level", "base"),
        shares[0].alias("estimate"),
        shares[1].alias("before"),
        (shares[0] - shares[1]).alias("change"),
        bounds.low.alias("change_low"),
        bounds.high.alias("change_high"),
        ((shares[0] - shares[1]) / pl.when(spread > 0).then(spread)).alias("standardised"),
        compare.normal_p(z).alias("p"),
    )


def _side(
    met: pl.DataFrame, about: pl.DataFrame, value: str, within: str | None
) -> tuple[float | None, float | None]:
    """A mean and its variance; by group, weighted by how many people each has."""
    if within is None:
        one = met.select(mean=pl.col(value).mean(), var=pl.col(value).var() / pl.len())
        return one.row(0)
    sizes = about.group_by(within).agg(pl.len().alias("_size")).sort(within)
    cells = met.group_by(within).agg(mean=pl.col(value).mean(), var=pl.col(value).var() / pl.len())
    told = sizes.join(cells, on=within, how="inner").drop_nulls("mean")
    part = pl.col("_size") / pl.col("_size").sum()
    if told.is_empty():
        return None, None
    return told.select(mean=(part * pl.col("mean")).sum(), var=(part**2 * pl.col("var")).sum()).row(
        0
    )


def _change(
    met: pl.DataFrame,
    about: pl.DataFrame,
    value: str,
    sides: tuple[tuple[float | None, float | None], tuple[float | None, float | None]],
    *,
    confidence: float,
) -> pl.DataFrame:
    """All beside those who may be asked; the variance is that of two parts that share none."""
    (whole, _), (free, of_free) = sides
    alone = met.filter(~pl.col("free")).select(
        n=pl.len().cast(pl.Float64), var=pl.col(value).cast(pl.Float64).var() / pl.len()
    )
    left, of_left = alone.row(0)
    spread = met.select(pl.col(value).cast(pl.Float64).std()).item()
    change = None if whole is None or free is None else free - whole
    error = None
    if change is not None and of_left is not None and of_free is not None:
        error = left / met.height * math.sqrt(of_left + of_free)
    reach = None if error is None else intervals.normal_quantile(confidence) * error
    row = {
        "known": met.height / about.height if about.height else None,
        "estimate": free,
        "before": whole,
        "change": change,
        "change_low": None if change is None or reach is None else change - reach,
        "change_high": None if change is None or reach is None else change + reach,
        "standardised": change / spread if change is not None and spread else None,
    }
    z = None if change is None or not error else change / error
    row["p"] = pl.select(compare.normal_p(pl.lit(z, dtype=pl.Float64))).item()
    floats = pl.DataFrame([row], schema=dict.fromkeys(row, pl.Float64))
    return floats.insert_column(0, pl.Series("base", [met.height], dtype=pl.Int64))
