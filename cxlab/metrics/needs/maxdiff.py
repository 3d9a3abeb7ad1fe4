"""Which of several offers matters most? Best-worst scaling, the object case (MaxDiff).

Each screen shows a few options; one is picked as best, one as worst. `choices` as in
`screens`; `by` and `weight` are columns of it, the same on all rows of a person (join
them from the answer sheets). Only whole screens count.

The answers of one person are alike, so intervals, tests and ranks go by person (Taylor
linearisation; a bootstrap of people). `se_analytic` is the closed form's own, which takes
every screen for another person's.

Not here: each person's own utilities (they need a hierarchical Bayes library).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange
from cxlab.metrics.needs.pairs import keyed
from cxlab.metrics.needs.pickers import (
    PERSON,
    Floats,
    People,
    items_of,
    kinds_of,
    people_of,
    rows_of,
    sums,
)
from cxlab.metrics.needs.screens import counted
from cxlab.stats import choices as models
from cxlab.stats import compare, intervals, resample
from cxlab.tally import Frame, names


def counts(
    choices: Frame,
    *,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """One row per group and item, the highest score first.

    `base` people shown it, `shown`, `best` and `worst` how often; `score` (best - worst) /
    shown from -1 to 1 with its interval and error; rank, the ranks not ruled out, the
    chance to be first and in the top three. `p`: no more often best than worst, `flagged`
    at a false discovery rate of 5 %. Raises ColumnMissing, OutOfRange, WeightsInvalid.
    """
    parts = []
    for keys, rows, people in _groups(choices, by, weight):
        found = _scores(people, confidence=confidence)
        drawn = people.drawn(samples, seed)
        order = resample.order(people.scores, drawn, confidence=confidence, seed=seed)
        t = pl.col("score") / pl.when(pl.col("se") > 0).then(pl.col("se"))
        p = found.select(p=compare.student_p(t, pl.col("_base") - 1))
        table = pl.concat([found.drop("_base"), order, p], how="horizontal")
        parts.append(keyed(table, keys, rows))
    return compare.flag(pl.concat(parts)).sort(*names(by), "rank", "item")


def utilities(
    choices: Frame,
    *,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """The closed form of Lipovetsky and Conklin (2014), one row per group and item.

    `base`; `utility` ln(p / (1 - p)) of p = (T - W + B) / 2T with `low`, `high` and `se` by
    person and `se_analytic`; `share` of preference 0 to 1, all items adding up to 1, with
    interval; rank and its chances. 0 is an item best as often as worst. An item always or
    never picked has no finite utility: nulls. Raises as `counts`.
    """
    parts = []
    for keys, rows, people in _groups(choices, by, weight):
        found = analytic(people.totals(), confidence=confidence)
        slope = 2 / (1 - people.scores**2).clip(1e-300)
        error = np.where(found["utility"].is_not_null().to_numpy(), slope, np.nan)
        error = error * people.errors
        freedom = pl.Series((people.bases - 1).clip(0))
        table = pl.DataFrame({"item": people.items, "base": people.people})
        if people.weighted:
            table = table.with_columns(effective_base=people.bases)
        table = table.with_columns(
            utility=found["utility"], se=pl.Series(error).fill_nan(None), _free=freedom
        )
        bounds = intervals.student(
            pl.col("utility"), pl.col("se"), pl.col("_free"), confidence=confidence
        )
        table = table.with_columns(low=bounds.low, high=bounds.high).drop("_free")
        drawn = models.shares(_logit(people.drawn(samples, seed)))
        low, high = resample.bounds(drawn, list(people.bases), confidence=confidence)
        columns = {"share": found["share"], "share_low": low, "share_high": high}
        shares = pl.DataFrame({"se_analytic": found["se"], **columns})
        order = resample.order(people.scores, drawn, confidence=confidence, seed=seed)
        table = pl.concat([table, shares.fill_nan(None), order], how="horizontal")
        front = [name for name in ("item", "base", "effective_base") if name in table.columns]
        value = ("utility", "low", "high")
        table = table.select(*front, *value, pl.exclude(*front, *value))
        parts.append(keyed(table, keys, rows))
    return pl.concat(parts).sort(*names(by), "rank", "item")


def analytic(totals: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """The closed form from counts alone: `shown`, `best`, `worst`, one row per item.

    Adds `utility`, `low`, `high`, `se` and the `share` of preference; every screen is taken
    for another person's. Nulls where a utility is endless. Raises OutOfRange.
    """
    shown, best, worst = (
        totals[name].cast(pl.Float64).to_numpy() for name in ("shown", "best", "worst")
    )
    if ((best < 0) | (worst < 0) | (best + worst > shown + 1e-9)).any():
        raise OutOfRange("best and worst must be from 0 to shown, together; some are not.")
    utility, error = models.closed_form(shown, best, worst)
    share = models.shares(utility) if np.isfinite(utility).any() else utility
    bounds = intervals.wald(pl.col("utility"), pl.col("se"), confidence=confidence)
    return (
        totals.with_columns(utility=utility, se=error, share=share)
        .with_columns(pl.col("utility", "se", "share").fill_nan(None))
        .with_columns(low=bounds.low, high=bounds.high)
        .select(*totals.columns, "utility", "low", "high", "se", "share")
    )


def logit(
    choices: Frame,
    *,
    model: str = "maxdiff",
    reference: str | None = None,
    by: str | Sequence[str] = (),
    weight: str | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Utilities that know which items were shown together: a conditional logit.

    `model` maxdiff, sequential or marginal (stats.choices). One row per group and item:
    `base` people, `utility` above that of the `reference` (by default the last by name)
    with `low`, `high`, `se` by person; `se_model` as if screens were people; `share` of
    preference; `likelihood` and that `by_chance`. Raises as `counts`, NotConverged.
    """
    parts = []
    for keys, rows, people in _groups(choices, by, weight):
        items = _last(people.items, reference)
        fit = models.logit(kinds_of(rows, items, weight), options=items, model=model)
        zero = np.zeros(1)
        utility = np.concatenate([fit.utilities, zero])
        errors = [
            np.concatenate([np.sqrt(np.diag(covariance).clip(0)), zero])
            for covariance in (fit.of_people, fit.covariance)
        ]
        table = pl.DataFrame(
            {"item": items, "utility": utility, "se": errors[0], "se_model": errors[1]}
        )
        bounds = intervals.wald(pl.col("utility"), pl.col("se"), confidence=confidence)
        bases = pl.DataFrame({"item": people.items, "base": people.people})
        table = table.join(bases, on="item", how="left", maintain_order="left").select(
            "item",
            "base",
            "utility",
            bounds.low.alias("low"),
            bounds.high.alias("high"),
            pl.col("se").fill_nan(None),
            "se_model",
            pl.Series("share", models.shares(utility)),
            pl.lit(fit.likelihood).alias("likelihood"),
            pl.lit(fit.by_chance).alias("by_chance"),
        )
        parts.append(keyed(table, keys, rows))
    found = pl.concat(parts)
    return found.sort(
        [*names(by), "utility", "item"], descending=[False] * len(names(by)) + [True, False]
    )


def segments(
    choices: Frame, *, by: str, weight: str | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """Does one group want something else? Each group beside everybody else.

    One row per group and item: `base`, `score` (`low`, `high`), the same of the others,
    `difference` with its interval, Welch's `p` by person, adjusted over the table,
    `flagged`. Raises as `counts`.
    """
    rows = rows_of(choices, [by], weight).drop_nulls(by)
    parts = []
    for group in rows[by].unique().sort():
        inside = rows[by] == group
        one, other = (
            _scores(people_of(part, weight, items=items_of(rows)), confidence=confidence)
            for part in (rows.filter(inside), rows.filter(~inside))
        )
        beside = other.select(pl.all().name.suffix("_others"))
        table = pl.concat([one, beside], how="horizontal")
        error = (pl.col("se") ** 2 + pl.col("se_others") ** 2).sqrt()
        freedom = compare.welch_freedom(
            pl.col("se"), pl.col("_base"), pl.col("se_others"), pl.col("_base_others")
        )
        change = pl.col("score") - pl.col("score_others")
        bounds = intervals.student(change, error, freedom, low=-2, high=2, confidence=confidence)
        t = change / pl.when(error > 0).then(error)
        compared = table.select(
            "item",
            *(
                f"{name}{side}"
                for side in ("", "_others")
                for name in ("base", "score", "low", "high")
            ),
            change.alias("difference"),
            bounds.low.alias("difference_low"),
            bounds.high.alias("difference_high"),
            compare.student_p(t, freedom).alias("p"),
        )
        parts.append(keyed(compared, {by: group}, rows))
    if not parts:
        raise OutOfRange(f"`{by}` must name at least one group; it is always empty.")
    return compare.flag(pl.concat(parts)).sort(by, "item")


def individuals(choices: Frame) -> pl.DataFrame:
    """Each person's own counts: one row per `response_id` and `item` shown to them.

    `shown`, `best`, `worst` and their difference `score`, in whole numbers. Not a utility:
    few screens say little about one person. Raises as `counts`.
    """
    picked = counted(choices).group_by(PERSON, "item").agg(*sums())
    return picked.with_columns(score=pl.col("best") - pl.col("worst")).sort(PERSON, "item")


def _scores(people: People, *, confidence: float) -> pl.DataFrame:
    table = pl.DataFrame(
        {
            "item": people.items,
            "base": people.people,
            **({"effective_base": people.bases} if people.weighted else {}),
            "shown": people.shown.sum(axis=0).astype(np.int64),
            "best": people.best.sum(axis=0).astype(np.int64),
            "worst": people.worst.sum(axis=0).astype(np.int64),
            "score": people.scores,
            "se": people.errors,
            "_base": people.bases,
        }
    ).with_columns(pl.col("score", "se").fill_nan(None))
    bounds = intervals.student(
        pl.col("score"), pl.col("se"), pl.col("_base") - 1, low=-1, high=1, confidence=confidence
    )
    front = [name for name in table.columns if name not in ("se", "_base")]
    return table.select(*front, bounds.low.alias("low"), bounds.high.alias("high"), "se", "_base")


def _groups(
    choices: Frame, by: str | Sequence[str], weight: str | None
) -> Iterator[tuple[dict[str, Any], pl.DataFrame, People]]:
    keys = names(by)
    rows = rows_of(choices, keys, weight)
    items = items_of(rows)
    if not keys:
        yield {}, rows, people_of(rows, weight, items=items)
        return
    for part in rows.drop_nulls(keys).sort(keys).partition_by(keys, maintain_order=True):
        yield part.select(keys).row(0, named=True), part, people_of(part, weight, items=items)


def _last(items: list[str], reference: str | None) -> list[str]:
    if reference is None:
        return items
    if reference not in items:
        raise OutOfRange(f"reference must be an item that was shown; `{reference}` was not.")
    return [*(item for item in items if item != reference), reference]


def _logit(scores: Floats) -> Floats:
    # A sample in which an item was always best is taken as just short of it.
    p = ((1 + scores) / 2).clip(1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))
