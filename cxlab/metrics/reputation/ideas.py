"""Which ideas do customers vote for, and is any of them surely ahead?

Votes are counts: an idea with 12 votes may be no better liked than one with 9. So each gets
an interval, a span of ranks and its chance of being first. Who votes chose to do so; older
ideas had longer.

Not here: needs of everybody (needs), best-worst tasks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.stats import counts, intervals, resample
from cxlab.tally import Frame

SAMPLES = 4000
SUBJECT: dict[str, Any] = {"subject": pl.String, "base": pl.Int64, "ideas": pl.Int64}
SUBJECT |= dict.fromkeys(("estimate", "low", "high", "before", "change", "p", "p_all"), pl.Float64)


def ranked(
    ideas: Frame,
    *,
    idea: str = "idea_id",
    samples: int = SAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The ideas by votes for less votes against, best first.

    `idea`, `base` (votes cast), `up`, `down`, `estimate` (net votes), `low`, `high`; `rank`,
    `rank_low`, `rank_high`, `p_first`, `p_top3`; and beside all other ideas `expected` votes
    for, `ratio`, and the `p` of so many or more by chance with `p_all` after looking at all
    of them, and `flagged`. Votes are taken as Poisson counts (Jeffreys), but beside others as
    varying as much as ideas do. Ideas of the same name are added up. Raises ColumnMissing,
    OutOfRange for votes below 0.
    """
    require_columns(ideas, [idea, "votes_up"], what="ideas")
    has = ideas.collect_schema().names()
    down = pl.col("votes_down").fill_null(0) if "votes_down" in has else pl.lit(0)
    rows = (
        ideas.lazy()
        .drop_nulls([idea, "votes_up"])
        .group_by(idea)
        .agg(
            pl.col("votes_up").sum().cast(pl.Int64).alias("up"),
            down.sum().cast(pl.Int64).alias("down"),
        )
        .collect()
        .sort(idea)
    )
    if rows.filter((pl.col("up") < 0) | (pl.col("down") < 0)).height:
        raise OutOfRange("votes must be 0 or more; some ideas have negative ones.")
    net = (rows["up"] - rows["down"]).cast(pl.Float64).to_numpy()
    drawn = _drawn(rows, samples, seed)
    tail = (1 - confidence) / 2
    intervals.normal_quantile(confidence)
    ends = np.quantile(drawn, [tail, 1 - tail], axis=0) if rows.height else np.zeros((2, 0))
    order = resample.order(net, drawn, confidence=confidence, seed=seed)
    beside = counts.unusual(rows.select("up"), count="up", confidence=confidence)
    told = rows.with_columns(
        (pl.col("up") + pl.col("down")).alias("base"),
        pl.Series("estimate", net, dtype=pl.Float64),
        pl.Series("low", ends[0], dtype=pl.Float64),
        pl.Series("high", ends[1], dtype=pl.Float64),
    )
    also = beside.select("expected", "ratio", "ratio_low", "ratio_high", "p", "p_all", "flagged")
    found = pl.concat([told, order, also], how="horizontal")
    first = [idea, "base", "up", "down", "estimate", "low", "high"]
    return found.select(*first, pl.exclude(first)).sort(
        ["estimate", idea], descending=[True, False]
    )


def subjects(
    ideas: Frame, *, samples: int = SAMPLES, seed: int = 0, confidence: float = 0.95
) -> pl.DataFrame:
    """The subjects that ideas share, by votes for each idea of theirs, best first.

    `subject`, `base` (votes for them), `ideas`, `estimate` (mean votes for an idea) with `low`,
    `high` (bootstrap of its ideas and their votes), `before` (mean of all other ideas),
    `change`; `p`, the chance of so high a mean among as many ideas drawn from all, `p_all`
    after looking at all subjects (Bonferroni); then `rank`, `rank_low`, `rank_high`,
    `p_first`, `p_top3`. Ideas without a `subject` are others. Raises ColumnMissing.
    """
    require_columns(ideas, ["subject", "votes_up"], what="ideas")
    rows = ideas.lazy().drop_nulls("votes_up").select("subject", "votes_up").collect()
    rows = rows.sort("subject", "votes_up")
    every = rows["votes_up"].cast(pl.Float64).to_numpy()
    draw, tail = np.random.default_rng(seed), (1 - confidence) / 2
    intervals.normal_quantile(confidence)
    told, drawn = [], []
    for (name,), part in rows.drop_nulls("subject").group_by("subject", maintain_order=True):
        votes = part["votes_up"].cast(pl.Float64).to_numpy()
        # Ideas drawn anew, and their votes, too: two ideas of five votes are not surely alike.
        resampled = draw.standard_gamma(draw.choice(votes, (samples, len(votes))) + 0.5)
        resampled = resampled.mean(axis=1)
        drawn.append(resampled)
        ends = np.quantile(resampled, [tail, 1 - tail]) if len(votes) > 1 else (None, None)
        others = (every.sum() - votes.sum()) / max(len(every) - len(votes), 1)
        p = _by_chance(votes, every, draw, samples) if len(votes) < len(every) else None
        mean = float(votes.mean())
        told.append((name, int(votes.sum()), len(votes), mean, *ends, others, mean - others, p))
    table = pl.DataFrame(told, schema=[n for n in SUBJECT if n != "p_all"], orient="row")
    found = table.cast({name: kind for name, kind in SUBJECT.items() if name != "p_all"})
    sums = np.column_stack(drawn) if drawn else np.zeros((samples, 0))
    order = resample.order(found["estimate"].to_numpy(), sums, confidence=confidence, seed=seed)
    many = (pl.col("p") * pl.col("p").count()).clip(0, 1).alias("p_all")
    judged = found.with_columns(many).select(list(SUBJECT))
    both = pl.concat([judged, order], how="horizontal")
    return both.sort(["estimate", "subject"], descending=[True, False])


def _by_chance(
    votes: np.ndarray, every: np.ndarray, draw: np.random.Generator, samples: int
) -> float:
    """How often as many ideas drawn from all have so many votes; never quite never."""
    keys = draw.random((samples, len(every)))
    chosen = np.argpartition(keys, len(votes) - 1, axis=1)[:, : len(votes)]
    sums = every[chosen].sum(axis=1)
    return float((1 + (sums >= votes.sum() - 1e-9).sum()) / (samples + 1))


def _drawn(rows: pl.DataFrame, samples: int, seed: int) -> np.ndarray:
    """What the net votes may be worth, samples × ideas."""
    draw = np.random.default_rng(seed)
    up, down = (rows[name].cast(pl.Float64).to_numpy() for name in ("up", "down"))
    size = (samples, rows.height)
    # A vote against that nobody cast says nothing against the idea.
    against = np.where(down > 0, draw.standard_gamma(down + 0.5, size=size), 0.0)
    return draw.standard_gamma(up + 0.5, size=size) - against
