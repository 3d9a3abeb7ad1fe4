"""Who waits longer, all else alike? Cox's proportional hazards.

One row per case: hours waited so far, whether the wait has ended, what describes the case.
A ratio above 1 says that it ended sooner. lifelines does the fitting; cases whose strata
differ are never compared with each other.

Not here: how long they wait (survival), the plain test of groups (logrank).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns

# A feature must vary among so many ended waits for each weight that is fitted.
ENDED_PER_WEIGHT = 10


def ratios(
    frame: pl.DataFrame,
    *,
    features: Sequence[str],
    hours: str = "hours",
    ended: str = "ended",
    strata: Sequence[str] = (),
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How much sooner a wait ends for one more of each feature, the others alike.

    Rows `feature`, `level`, `base`, `ended`, `ratio`, `low`, `high`, `p`: numbers count by
    the unit; texts and flags get a row per `level` against the commonest, which is left
    out. Ties as Efron has them. Rows with a gap are left out. Raises ColumnMissing, and
    OutOfRange for too few ended waits or a feature that does not vary.
    """
    require_columns(frame, [hours, ended, *features, *strata], what="waits")
    rows = frame.select(
        pl.col(hours).cast(pl.Float64).alias("_hours"),
        pl.col(ended).cast(pl.Int8).alias("_ended"),
        *features,
        *strata,
    ).drop_nulls()
    coded, told = _coded(rows, features)
    count = int(rows["_ended"].sum())
    if count < ENDED_PER_WEIGHT * max(len(told), 1):
        raise OutOfRange(
            f"{len(told)} comparisons need {ENDED_PER_WEIGHT * len(told)} ended waits; "
            f"there are {count}."
        )
    names = [f"x{number}" for number in range(len(told))]
    layers = [pl.concat_str(strata, separator="\t").alias("_layer")] if strata else []
    table = rows.select("_hours", "_ended", *layers).hstack(coded)
    fitted = _fitted(table, names, layered=bool(strata), confidence=confidence)
    keys = pl.DataFrame(told, schema={"feature": pl.String, "level": pl.String}, orient="row")
    sizes = [pl.lit(rows.height).alias("base"), pl.lit(count).alias("ended")]
    return keys.with_columns(sizes).hstack(fitted)


def _coded(
    rows: pl.DataFrame, features: Sequence[str]
) -> tuple[list[pl.Series], list[tuple[str, str]]]:
    """The features as columns of numbers, and the feature and level each stands for."""
    columns: list[pl.Series] = []
    told: list[tuple[str, str]] = []
    for name in features:
        values = rows[name]
        if values.n_unique() < 2:
            raise OutOfRange(f"`{name}` must differ between waits; it is the same in all.")
        if values.dtype.is_numeric():
            columns.append(values.cast(pl.Float64).alias(f"x{len(told)}"))
            told.append((name, ""))
            continue
        texts = values.cast(pl.String)
        sizes = texts.value_counts().sort("count", name, descending=[True, False])
        for level in sorted(sizes[name].to_list()[1:]):
            columns.append((texts == level).cast(pl.Float64).alias(f"x{len(told)}"))
            told.append((name, level))
    return columns, told


def _fitted(
    table: pl.DataFrame, names: list[str], *, layered: bool, confidence: float
) -> pl.DataFrame:
    # lifelines takes pandas only, and warns of what the caller was told above.
    import warnings

    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning

    columns = {name: table[name].to_numpy() for name in table.columns if name != "_layer"}
    if layered:
        columns["_layer"] = table["_layer"].rank("dense").cast(pl.Int64).to_numpy()
    model = CoxPHFitter(alpha=1 - confidence)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            model.fit(
                pd.DataFrame(columns),
                duration_col="_hours",
                event_col="_ended",
                strata=["_layer"] if layered else None,
            )
    except (ConvergenceError, ConvergenceWarning) as error:
        raise OutOfRange(
            "the ratios have no single best value: a feature tells the ended waits from the "
            "others without fail, or repeats another."
        ) from error
    bounds = model.confidence_intervals_.loc[names].to_numpy()
    return pl.DataFrame(
        {
            "ratio": model.hazard_ratios_.loc[names].to_numpy(),
            "low": np.exp(bounds[:, 0]),
            "high": np.exp(bounds[:, 1]),
            "p": model.summary.loc[names, "p"].to_numpy(),
        }
    )
