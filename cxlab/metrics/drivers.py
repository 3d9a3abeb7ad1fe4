"""What goes with loyalty, how much, and how sure is the order?

A `Model` says which answer is explained (an item; a yes or no where `loyal` is given) and
which items go with it. Importance is a driver's share of what all of them explain: 0 to 1,
adding up to 1. "Goes with" is all it means; what would happen if a driver got better is a
question for an experiment.

Answers are turned so that more is better, whatever the scale's good end. Codes are taken
as distances, also those of a rating from 1 to 5. An empty answer, "not applicable" too, is
no answer; `missing` says what becomes of its sheet:
    pairwise  each correlation from the sheets that have both answers (linear models)
    complete  only sheets with every answer
    mean      the empty answer counts as the mean

Not here: the arithmetic (stats.importance), importance as stated by customers (needs).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange, listed
from cxlab.stats import compare
from cxlab.stats.importance import asymmetry, moments, ranks, sheets, tables
from cxlab.stats.importance.model import FIVE, Asked, Model, answered, estimated
from cxlab.tally import Frame

__all__ = ["Model", "chances", "coverage", "importance", "of_study", "penalties", "segments"]
ABOUT = ("touchpoint", "attribute")


def of_study(study: Any, *, outcome: str, constructs: Sequence[str] = ABOUT, **how: Any) -> Model:
    """The model of a study's item by name, on its items of the constructs, with its weight.

    Touchpoints and attributes by default. Raises UnknownName; OutOfRange without any.
    """
    drivers = [
        item
        for construct in constructs
        for item in study.items_of(construct)
        if item.scale is not None and item.name != outcome
    ]
    if not drivers:
        raise OutOfRange(
            f"drivers must be at least one rated item; the study `{study.name}` has none of "
            f"{listed(constructs)}."
        )
    return Model(study.item(outcome), drivers, **{"weight": study.weight, **how})


def importance(responses: Frame, *, model: Model) -> pl.DataFrame:
    """One row per driver, the most important first; shares 0 to 1, each with its interval.

    `base` sheets with driver and outcome, `share` of what is explained (`low`, `high`), the
    `part` of `r2`; `beta` standardised (log odds per standard deviation where logistic),
    `correlation`, `sign` (± where the two differ), `vif`, `redundancy` group (0: none) and
    its share; `rank`, the ranks not ruled out, the chance to be first and in the top three;
    `performance` and the chance of each quadrant of the map (its lines beside). `p`: has
    nothing of its own beside the others (a redundancy group is tested together). `flagged`:
    may be claimed. Raises ColumnMissing, WeightsInvalid, OutOfRange for too few answers.
    """
    asked = answered(responses, model)
    found = estimated(asked.answers, model, model.seed)
    sure: Any = {"confidence": model.confidence}
    parts = [
        asked.about(),
        tables.shares(found, **sure, weighted=model.weight is not None),
        pl.select(missing=pl.lit(asked.answers.missing).repeat_by(len(found.parts)).explode()),
        tables.slopes(found, **sure),
        tables.order(found, **sure),
        asked.performance(model),
        tables.quadrants(found),
    ]
    table = pl.concat(parts, how="horizontal")
    return compare.flag(table, rate=model.rate).sort("rank", "driver")


def chances(responses: Frame, *, model: Model) -> pl.DataFrame:
    """The probability of each rank: one row per `driver` and `rank`, with `base`, `chance`.

    Chances of a driver add up to 1, those of a rank too. Raises as `importance`.
    """
    asked = answered(responses, model)
    found = estimated(asked.answers, model, model.seed)
    wide = pl.DataFrame(
        ranks.chances(found.samples, base=found.effective),
        schema=[str(rank + 1) for rank in range(len(found.parts))],
    )
    named = asked.about().select("driver").with_columns(base=pl.Series(found.bases))
    long = pl.concat([named, wide], how="horizontal").unpivot(
        index=["driver", "base"], variable_name="rank", value_name="chance"
    )
    return long.with_columns(pl.col("rank").cast(pl.Int64)).sort("driver", "rank")


def segments(responses: Frame, *, model: Model, by: str) -> pl.DataFrame:
    """Does a driver matter more in one group? Each group beside everybody else.

    One row per group and driver: `base`, `share` (`low`, `high`), the same of the others,
    `difference` with interval and p, adjusted over the table, `flagged`. A group in which
    the model has too few answers, or none that differ, has nulls. Sheets without a group
    are left out. Raises as `importance`.
    """
    asked = answered(responses, model, by)
    groups = asked.frame[by].unique().sort().to_list()
    parts = [_beside_others(asked, model, number, by, group) for number, group in enumerate(groups)]
    return compare.flag(pl.concat(parts), rate=model.rate).sort(by, "driver")


def penalties(responses: Frame, *, model: Model) -> pl.DataFrame:
    """Does a bad experience cost more than a good one gains? One row per driver, by name.

    All drivers in one regression: `penalty` and `reward` are what bad and good answers go
    with, beside middle ones and all else alike, in units of the outcome (as a share where
    `loyal`), with interval and base. Bad and good are the ends of the scale, 2 codes of 5,
    3 of 7. `asymmetry` is what a scale point upwards gains less what one downwards costs:
    below 0 bad experiences weigh more; `p` and `flagged` are its. `kind`: penalty, reward,
    both or none is there at all. Empty answers are a state of their own beside these three,
    unless `missing` is complete. Raises as `importance`.
    """
    asked = answered(responses, model)
    scales = [item.scale or FIVE for item in model.items]
    ends = [_end_codes(scale) for scale in scales]
    bad = np.array([scale.low + codes - 1 for scale, codes in zip(scales, ends, strict=True)])
    good = np.array([scale.high - codes + 1 for scale, codes in zip(scales, ends, strict=True)])
    answers = asked.answers
    used = answers.used if model.missing == "complete" else ~np.isnan(answers.values[:, -1])
    drivers, outcome = answers.values[used, :-1], answers.values[used, -1]
    found = asymmetry.effects(drivers, outcome, bad=bad, good=good, weights=answers.weights[used])
    counts = pl.DataFrame(
        {
            "base": (~np.isnan(drivers)).sum(axis=0),
            "base_bad": (drivers <= bad).sum(axis=0),
            "base_good": (drivers >= good).sum(axis=0),
        }
    )
    effects = tables.effects(found, confidence=model.confidence)
    table = pl.concat([asked.about(), counts, effects], how="horizontal")
    # What has neither penalty nor reward has no difference between them to claim.
    claimed = pl.col("flagged") & (pl.col("kind") != "none")
    return compare.flag(table, rate=model.rate).with_columns(flagged=claimed).sort("driver")


def coverage(responses: Frame, *, model: Model) -> pl.DataFrame:
    """What each choice of `missing` rests on: one row per choice.

    `sheets` with the outcome, `base` of them used, their `share`; `smallest`, the fewest
    that any correlation rests on; `fits`, whether correlations from different sheets fit
    together as they are (else the least contradicting ones are taken; null where there are
    too few answers to tell). Raises ColumnMissing, WeightsInvalid, OutOfRange.
    """
    asked = answered(responses, model, enough=False)
    values, weights = asked.answers.values, asked.answers.weights
    every = int((~np.isnan(values[:, -1])).sum())
    rows = []
    for choice in sheets.MISSING:
        answers = sheets.answers(values, weights=weights, missing=choice)
        base = int(answers.used.sum())
        smallest = base if choice == "mean" else int(answers.bases().min(initial=every))
        fits = moments.fit_together(moments.sums(answers)) if smallest > 2 else None
        rows.append((choice, every, base, base / every if every else None, smallest, fits))
    schema = {"missing": pl.String, "sheets": pl.Int64, "base": pl.Int64, "share": pl.Float64}
    schema |= {"smallest": pl.Int64, "fits": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _beside_others(asked: Asked, model: Model, number: int, by: str, group: Any) -> pl.DataFrame:
    """The drivers of one group beside those of all others."""
    inside = (asked.frame[by] == group).to_numpy()
    about = asked.about().select(pl.lit(group, dtype=asked.frame.schema[by]).alias(by), pl.all())
    sides = [asked.answers.only(inside), asked.answers.only(~inside)]
    try:
        for side in sides:
            sheets.require_enough(side, model.names)
        one, other = (
            estimated(side, model, (model.seed, number, at)) for at, side in enumerate(sides)
        )
    except OutOfRange:
        bases = [pl.Series(side.bases()[:-1, -1]) for side in sides]
        compared = pl.DataFrame({"base": bases[0], "base_others": bases[1]})
    else:
        compared = tables.difference(one, other, confidence=model.confidence)
    there = compared.columns
    whole = compared.select(
        (pl.col(name) if name in there else pl.lit(None)).cast(kind).alias(name)
        for name, kind in tables.BESIDE.items()
    )
    return pl.concat([about, whole], how="horizontal")


def _end_codes(scale: Scale) -> int:
    """How many codes at either end are bad or good: two in five, and a middle is left."""
    points = int(scale.high - scale.low) + 1
    return max(1, min((points - 1) // 2, round(0.4 * points)))
