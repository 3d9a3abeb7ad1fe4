"""Does a journey with machine and person together end in a purchase more often than with one?

What counts is what came before the first purchase, so that help after it explains nothing.
Longer journeys have more chances for both, so journeys are compared with those of as many
steps, too.

Not here: satisfaction of those helped (channels).
"""

from __future__ import annotations

import math

import polars as pl

from cxlab.stats import compare, intervals

BOTH, MACHINE, PERSON = "both", "technical", "human"
SIDES = ((BOTH, MACHINE), (BOTH, PERSON))
# Journeys of so many steps or more are one kind.
LONG = 6


def interplay(found: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Two rows: journeys with `both` against those with technical or human help only.

    `mode`, `against`; `base` and `base_before` journeys of two steps or more before the
    first purchase or the end, `share` and `before` that end in a purchase, 0 to 1 with
    `low`, `high` of the first; `change` with `change_low`, `change_high` (Newcombe). `alike`,
    the difference among journeys of equally many steps, with `alike_low`, `alike_high`, and
    `p` (Mantel-Haenszel); `flagged` over both. Hybrid events count as both.
    """
    cells = _cells(found)
    rows = [_side(cells, mode, against, confidence) for mode, against in SIDES]
    return compare.flag(pl.concat(rows))


def _cells(found: pl.DataFrame) -> pl.DataFrame:
    """How many journeys of each mode and number of steps there are, and how many bought."""
    bought = pl.col("kind") == "transaction"
    when = pl.col("at").filter(bought).min()
    per = (
        found.lazy()
        .with_columns(bought.cum_sum().over("journey").alias("_so_far"))
        .group_by("journey")
        .agg(
            (pl.col("_so_far") == 0).sum().alias("steps"),
            *(
                ((pl.col("mode") == mode) & (pl.col("_so_far") == 0)).any().alias(f"_{mode}")
                for mode in ("technical", "human", "hybrid")
            ),
            when.is_not_null().alias("bought"),
        )
        .filter(pl.col("steps") > 1)
    )
    machine, person, hybrid = pl.col("_technical"), pl.col("_human"), pl.col("_hybrid")
    mode = (
        pl.when(hybrid | (machine & person))
        .then(pl.lit(BOTH))
        .when(machine)
        .then(pl.lit(MACHINE))
        .when(person)
        .then(pl.lit(PERSON))
    )
    return (
        per.group_by(mode.alias("mode"), pl.col("steps").clip(upper_bound=LONG))
        .agg(pl.len().cast(pl.Int64).alias("base"), pl.col("bought").sum().cast(pl.Int64))
        .drop_nulls("mode")
        .collect(engine="streaming")
        .sort("mode", "steps")
    )


def _side(cells: pl.DataFrame, mode: str, against: str, confidence: float) -> pl.DataFrame:
    sums: dict[str, int] = {}
    for name, side in (("", mode), ("_before", against)):
        part = cells.filter(pl.col("mode") == side)
        sums |= {
            f"base{name}": int(part["base"].sum()),
            f"_bought{name}": int(part["bought"].sum()),
        }
    row = pl.DataFrame({"mode": [mode], "against": [against], **{k: [v] for k, v in sums.items()}})
    counts = [pl.col(name) for name in ("_bought", "base", "_bought_before", "base_before")]
    own = intervals.wilson(counts[0], counts[1], confidence=confidence)
    apart = intervals.newcombe(*counts, confidence=confidence)
    share, before = (
        counts[0] / intervals.answered(counts[1]),
        counts[2] / intervals.answered(counts[3]),
    )
    alike = dict(
        zip(
            ("alike", "alike_low", "alike_high", "p"),
            _alike(cells, mode, against, confidence),
            strict=True,
        )
    )
    return row.select(
        "mode",
        "against",
        "base",
        "base_before",
        share=share,
        low=own.low,
        high=own.high,
        before=before,
        change=share - before,
        change_low=apart.low,
        change_high=apart.high,
        **{name: pl.lit(value, pl.Float64) for name, value in alike.items()},
    )


def _alike(
    cells: pl.DataFrame, mode: str, against: str, confidence: float
) -> tuple[float | None, ...]:
    """The risk difference over strata of steps (Mantel-Haenszel; variance of Sato 1989)."""
    one, two = (cells.filter(pl.col("mode") == side).drop("mode") for side in (mode, against))
    strata = one.join(two, on="steps", suffix="_other")
    weight = top = spread = score = variance = 0.0
    for row in strata.to_dicts():
        n, m, a, b = row["base"], row["base_other"], row["bought"], row["bought_other"]
        every, hits = n + m, a + b
        weight += n * m / every
        top += (a * m - b * n) / every
        score += a - n * hits / every
        spread += (a * (n - a) * m**3 + b * (m - b) * n**3) / (n * m * every**2)
        if every > 1:
            variance += n * m * hits * (every - hits) / (every**2 * (every - 1))
    if not weight or not variance:
        return None, None, None, None
    alike = top / weight
    reach = intervals.normal_quantile(confidence) * math.sqrt(spread) / weight
    p = math.erfc(abs(score) / math.sqrt(variance) / math.sqrt(2))
    return alike, max(alike - reach, -1.0), min(alike + reach, 1.0), p
