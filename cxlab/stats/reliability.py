"""Do the items of a scale agree, and do people of one group?

The door to pingouin and pandas. pingouin takes no weights, so weighted data is refused
instead of being run unweighted.

Not here: agreement between coders of comments; McDonald's omega (omega).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cxlab.errors import UnweightedOnly, require_columns
from cxlab.stats import factors
from cxlab.stats.intervals import answered, normal_quantile

KINDS = {
    "ICC(1,1)": "one random rater each",
    "ICC(A,1)": "random raters, agreement",
    "ICC(C,1)": "fixed raters, consistency",
    "ICC(1,k)": "mean of one random rater each",
    "ICC(A,k)": "mean of random raters, agreement",
    "ICC(C,k)": "mean of fixed raters, consistency",
}


def cronbach_alpha(
    responses: pl.DataFrame,
    *,
    items: Sequence[str],
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Cronbach's alpha of the items with Feldt's interval, one row: `base`, `items`, `alpha`.

    Only sheets with every item answered count. Raises ColumnMissing, OutOfRange for fewer
    than two items, UnweightedOnly when a weight is named.
    """
    complete = factors.complete_sheets(responses, items, weight=weight, what="reliability")
    alpha = _alpha(complete, items)
    people, count = complete.height, len(items)
    low, high = feldt(alpha, people, count, confidence)
    return pl.DataFrame(
        {"base": [people], "items": [count], "alpha": [alpha], "low": [low], "high": [high]}
    )


def item_analysis(
    responses: pl.DataFrame,
    *,
    items: Sequence[str],
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What each item adds: `mean`, `sd`, `total_r`, `rest_r` and `alpha_without` it.

    `total_r` is the correlation with the sum of all items, `rest_r` with the sum of the
    others, from `rest_low` to `rest_high` (Fisher's z). `alpha_without` is null for two
    items. Sheets and errors as `cronbach_alpha`.
    """
    complete = factors.complete_sheets(responses, items, weight=weight, what="reliability")
    every = pl.sum_horizontal(items)
    rows = []
    for item in items:
        others = [other for other in items if other != item]
        own = pl.col(item)
        figures = complete.select(
            mean=own.mean(),
            sd=own.std(),
            total_r=pl.corr(own, every),
            rest_r=pl.corr(own, every - own),
        ).row(0, named=True)
        without = _alpha(complete, others) if len(others) > 1 else None
        rows.append({"item": item, "base": complete.height, **figures, "alpha_without": without})
    reach = normal_quantile(confidence) / answered(pl.col("base") - 3).sqrt()
    turned = pl.col("rest_r").arctanh()
    found = pl.DataFrame(rows).with_columns(
        pl.col("alpha_without").cast(pl.Float64),
        rest_low=(turned - reach).tanh(),
        rest_high=(turned + reach).tanh(),
    )
    return found.select(pl.exclude("alpha_without"), "alpha_without").fill_nan(None)


def intraclass(
    ratings: pl.DataFrame, *, target: str, rater: str, rating: str, weight: str | None = None
) -> pl.DataFrame:
    """Intraclass correlations (Shrout and Fleiss 1979): one row per kind, with interval.

    Columns `kind`, `meaning`, `icc`, `low`, `high`; the bounds come with two decimals.
    Targets that not every rater rated are left out. Raises ColumnMissing, UnweightedOnly.
    """
    require_columns(ratings, [target, rater, rating], what="ratings")
    _require_unweighted(weight)
    import pingouin

    long = _pandas(ratings.select(target, rater, rating).drop_nulls(rating))
    found = pingouin.intraclass_corr(
        long, targets=target, raters=rater, ratings=rating, nan_policy="omit"
    )
    bounds = [tuple(float(end) for end in ends) for ends in found["CI95"]]
    return pl.DataFrame(
        {
            "kind": list(KINDS),
            "meaning": list(KINDS.values()),
            "icc": [float(found.set_index("Type")["ICC"][kind]) for kind in KINDS],
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
        }
    )


def between_groups(
    responses: pl.DataFrame, *, group: str, answer: str, weight: str | None = None
) -> pl.DataFrame:
    """How much of an answer belongs to the group: ICC(1), ICC(2) and F of one-way anova.

    One row: `base`, `groups`, `icc1` (share of the variance between groups), `icc2`
    (reliability of a group's mean), `f`. Groups of unequal size enter with their mean size,
    as Bliese (2000) does. Raises ColumnMissing, UnweightedOnly.
    """
    require_columns(responses, [group, answer], what="responses")
    _require_unweighted(weight)
    each = (
        responses.drop_nulls([group, answer])
        .group_by(group)
        .agg(n=pl.len(), mean=pl.col(answer).mean(), within=_squares(pl.col(answer)))
    )
    n, groups = pl.col("n").sum(), pl.len()
    grand = (pl.col("n") * pl.col("mean")).sum() / n
    between = (pl.col("n") * (pl.col("mean") - grand) ** 2).sum() / (groups - 1)
    within = pl.col("within").sum() / (n - groups)
    size = n / groups
    return each.select(
        base=n.cast(pl.Int64),
        groups=groups.cast(pl.Int64),
        icc1=(between - within) / (between + (size - 1) * within),
        icc2=(between - within) / between,
        f=between / within,
    )


def _squares(values: pl.Expr) -> pl.Expr:
    return ((values - values.mean()) ** 2).sum()


def _require_unweighted(weight: str | None) -> None:
    if weight is not None:
        raise UnweightedOnly(
            f"reliability must be measured without weights; `{weight}` was given. "
            "Leave weight out to describe the answers as they came."
        )


def _alpha(complete: pl.DataFrame, items: Sequence[str]) -> float:
    # pingouin has this, and takes longer to load than a chapter to render.
    count = len(items)
    own = pl.sum_horizontal(pl.col(item).var() for item in items)
    total = pl.sum_horizontal(pl.col(item).cast(pl.Float64) for item in items).var()
    figures = complete.select(alpha=(1 - own / total) * count / (count - 1))
    return float(figures["alpha"].fill_null(float("nan")).item())


def feldt(alpha: float, people: int, count: int, confidence: float) -> tuple[float, float]:
    """Feldt's interval of an alpha of so many items, from so many complete sheets."""
    # pingouin gives the same interval (Feldt 1965), but rounded to three decimals.
    from scipy.special import fdtri

    freedom = (people - 1, (people - 1) * (count - 1))
    tail = (1 - confidence) / 2
    low, high = (1 - (1 - alpha) * fdtri(*freedom, at) for at in (1 - tail, tail))
    return float(low), float(high)


def _pandas(frame: pl.DataFrame) -> Any:
    import pandas

    return pandas.DataFrame(frame.to_dict(as_series=False))
