"""How many of those asked answered, and who did not?

`outcomes` matches invitations with answer sheets, `rates` gives AAPOR's response rates,
`nonresponse` compares those who answered with all who were asked on what is known of both.

Not here: making answers stand for everybody (stats.weights).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cxlab.errors import require_columns, require_known
from cxlab.stats import compare, intervals
from cxlab.stats.weights import DISPOSITIONS, response_rates
from cxlab.tally import Frame

RATES = ("rr1", "rr2", "rr3", "rr4", "rr5", "rr6")
ANSWERED = ("complete", "partial")
# The best that came of an invitation counts: who refused first and answered later, answered.
_RANK = {outcome: rank for rank, outcome in enumerate(DISPOSITIONS)}


def outcomes(
    invitations: Frame,
    responses: Frame,
    *,
    status: Mapping[str, str],
    not_answered: str = "unknown",
) -> pl.DataFrame:
    """One row per invitation: `customer_id`, `date`, and its `outcome` (AAPOR's words).

    A sheet belongs to the latest invitation of its customer up to its day. `status` says
    what each status of a sheet means; a status it does not list is "other", a sheet without
    one "complete". Invitations without a sheet are `not_answered`. Raises ColumnMissing.
    """
    require_known(not_answered, DISPOSITIONS, what="not_answered")
    for frame, what in ((invitations, "invitations"), (responses, "responses")):
        require_columns(frame, ["customer_id", "date"], what=what)
    asked = invitations.lazy().select("customer_id", "date").drop_nulls("date").collect()
    asked = asked.sort("date", "customer_id").with_row_index("asked")
    sheets = _sheets(responses, status)
    known = asked.drop_nulls("customer_id")
    # Both are sorted by day, which polars cannot see within customers.
    met = sheets.join_asof(known, on="date", by="customer_id", check_sortedness=False)
    best = met.drop_nulls("asked").group_by("asked").agg(pl.col("rank").min())
    rank = pl.col("rank").fill_null(_RANK[not_answered])
    told = rank.replace_strict(list(_RANK.values()), list(_RANK), return_dtype=pl.String)
    found = asked.join(best, on="asked", how="left").sort("asked")
    return found.select("customer_id", "date", told.alias("outcome"))


def rates(found: pl.DataFrame, *, eligible: float = 1.0) -> pl.DataFrame:
    """AAPOR's six response rates, one row each: `rate`, `base`, `share`, `low`, `high`.

    `found` is as from `outcomes`. `base` is the number of invitations the rate counts as
    eligible, rounded; `share` is 0 to 1 with its Wilson interval on that number. Odd rates
    count complete sheets only. Raises ColumnMissing, OutOfRange.
    """
    counts = counted(found)
    known = response_rates(counts, eligible=eligible)
    some = known.select(whole=pl.col("complete"), any=pl.col("complete") + pl.col("partial"))
    shares = known.select(RATES).row(0)
    hits = [some["whole"][0], some["any"][0]] * 3
    table = pl.DataFrame(
        {"rate": [rate.upper() for rate in RATES], "share": shares, "hits": hits},
        schema_overrides={"share": pl.Float64},
    )
    base = pl.when(pl.col("share") > 0).then(pl.col("hits") / pl.col("share"))
    table = table.with_columns(base.fill_null(found.height).alias("_base"))
    bounds = intervals.wilson(pl.col("share") * pl.col("_base"), pl.col("_base"))
    return table.select(
        "rate",
        pl.col("_base").round().cast(pl.Int64).alias("base"),
        "share",
        bounds.low.alias("low"),
        bounds.high.alias("high"),
    )


def counted(found: pl.DataFrame) -> pl.DataFrame:
    """One row with the number of invitations by outcome, in AAPOR's order."""
    require_columns(found, "outcome", what="outcomes")
    return found.select((pl.col("outcome") == name).sum().alias(name) for name in DISPOSITIONS)


def nonresponse(
    asked: pl.DataFrame, *, columns: Sequence[str], answered: str = "answered"
) -> pl.DataFrame:
    """Who answered, level by level of each column known of everybody asked.

    One row per `column` and `level`: `base` asked, `share` of them who answered with `low`,
    `high`; the level's part of all asked (`before`) and of those who answered
    (`estimate`), their `change` with `change_low`, `change_high`, `p`, and `flagged` at a
    false-discovery rate of 5 % over all rows. A null level is nobody's. `answered` is a flag.
    """
    require_columns(asked, [answered, *columns], what="asked")
    parts = [_levels(asked, column, answered) for column in columns]
    table = pl.concat(parts) if parts else _levels(asked.clear(), answered, answered)
    return compare.flag(table)


def _sheets(responses: Frame, status: Mapping[str, str]) -> pl.DataFrame:
    """Customer, day and rank of what each sheet counts as."""
    ranks = {word: _RANK[outcome] for word, outcome in status.items()}
    known = "status" in responses.collect_schema()
    word = pl.col("status") if known else pl.lit(None, pl.String)
    rank = word.replace_strict(ranks, default=_RANK["other"], return_dtype=pl.Int64)
    rank = pl.when(word.is_null()).then(_RANK["complete"]).otherwise(rank)
    chosen = responses.lazy().select("customer_id", "date", rank.alias("rank"))
    return chosen.drop_nulls(["customer_id", "date"]).collect().sort("date")


def _levels(asked: pl.DataFrame, column: str, answered: str) -> pl.DataFrame:
    known = asked.drop_nulls([column, answered])
    total, yes = known.height, int(known[answered].cast(pl.Int64).sum())
    counts = known.group_by(pl.col(column).cast(pl.String).alias("level")).agg(
        pl.len().cast(pl.Int64).alias("base"), pl.col(answered).cast(pl.Int64).sum().alias("yes")
    )
    base, hits = pl.col("base"), pl.col("yes")
    bounds = intervals.wilson(hits, base)
    others, no = base - hits, total - yes
    # Those who answered are part of those asked, so both sides are not independent; those
    # who answered and those who did not are, and the difference is a fixed part of theirs.
    apart = intervals.newcombe(hits, pl.lit(yes), others, pl.lit(no))
    part = no / total if total else 0.0
    shares = hits / intervals.answered(pl.lit(yes)), others / intervals.answered(pl.lit(no))
    return counts.sort("level").select(
        pl.lit(column).alias("column"),
        "level",
        "base",
        (hits / base).alias("share"),
        bounds.low.alias("low"),
        bounds.high.alias("high"),
        shares[0].alias("estimate"),
        (base / intervals.answered(pl.lit(total))).alias("before"),
        ((shares[0] - shares[1]) * part).alias("change"),
        (apart.low * part).alias("change_low"),
        (apart.high * part).alias("change_high"),
        compare.two_shares_p(shares[0], pl.lit(yes), shares[1], pl.lit(no)).alias("p"),
    )
