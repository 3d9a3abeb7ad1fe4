"""Do the items of a scale measure one thing, and how well?

A scale is a list of items, each an `Item` of the study or a name (then 1 to 5, more is
better). Items whose low end is good are turned first (reverse coding), so that more is
better everywhere. `quality` is the one table: item by item, with the figures of the scale
beside; `summary` one row per scale; `structure` which item belongs to which factor;
`scored` makes the score.

Codes are taken as distances. Only sheets with every item count, and they count alike:
there are no weights here, these tables describe the questionnaire and not the customers.

Not here: SUS and UMUX-Lite (usability); a score's mean and interval (satisfaction).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cxlab.codebook import Item, Scale
from cxlab.errors import NotConverged, OutOfRange, require_columns
from cxlab.stats import extraction, factors, omega, reliability
from cxlab.tally import Frame, require_within, tally

FIVE = Scale(1, 5)
Block = Sequence[Item | str]
# Below this an item has little to do with the others (Nunnally and Bernstein 1994).
WEAK = 0.3
VERDICTS = ("fits", "weak", "against the others")


def quality(
    responses: Frame,
    *,
    items: Block,
    samples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per item, in the order given, with the figures of the whole scale beside.

    `wording`, `turned` (reverse coded), `base`, `mean`, `sd`; `rest_r`, the correlation with
    the sum of the others, its bounds and `verdict` (weak: below .3; against the
    others: below 0, perhaps to be turned); `loading` on the one factor with bounds;
    `alpha_without` it. The same in every row: `alpha`, `omega` with bounds. Where one factor
    has no solution `loading` and `omega` are null. Raises ColumnMissing, OutOfRange.
    """
    known, sheets = _turned(responses, items)
    names = [item.name for item in known]
    factors.correlations(factors.complete_sheets(sheets, names))
    each = reliability.item_analysis(sheets, items=names, confidence=confidence)
    about = pl.DataFrame(
        {
            "item": names,
            "wording": [item.wording for item in known],
            "turned": [_scale(item).better == "down" for item in known],
        }
    )
    drawn = {"samples": samples, "seed": seed, "confidence": confidence}
    shown = _loadings(sheets, names, drawn)
    whole = _whole(sheets, names, drawn)
    judged = each.with_columns(verdict=_verdict()).drop("item", "alpha_without", "total_r")
    return pl.concat([about, judged, shown, each.select("alpha_without")], how="horizontal").join(
        whole.drop("base", "items"), how="cross", maintain_order="left"
    )


def summary(
    responses: Frame,
    *,
    scales: Mapping[str, Block],
    samples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """One row per scale, in the order given: how well its items agree.

    `scale`, `base`, `items`; `alpha` and `omega`, each with bounds; `mean_r` between items;
    `first`, the share of all variance that the first component has, and `factors`, how many
    components are beyond chance (more than 1: not one thing). Omega is null for two items
    and where one factor has no solution. Raises as `quality`.
    """
    rows = []
    for scale, items in scales.items():
        known, sheets = _turned(responses, items)
        names = [item.name for item in known]
        drawn = {"samples": samples, "seed": seed, "confidence": confidence}
        whole = _whole(sheets, names, drawn)
        table = factors.correlations(factors.complete_sheets(sheets, names))
        mean_r = float((table.sum() - len(names)) / (len(names) * (len(names) - 1)))
        beyond = factors.eigenvalues(sheets, items=names, seed=seed)
        extra = whole.with_columns(
            mean_r=pl.lit(mean_r),
            first=pl.lit(beyond["share"][0]),
            factors=pl.lit(int(beyond["beyond"].sum()), dtype=pl.Int64),
        )
        rows.append(extra.select(pl.lit(scale).alias("scale"), pl.all()))
    return pl.concat(rows)


def structure(
    responses: Frame,
    *,
    items: Block,
    model: extraction.Model | None = None,
    samples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Which item belongs to which factor? One row per `item` and `factor`, by item.

    `base`, `loading` with bounds, `communality`, and `main`: the factor the item shows most.
    Without a `model`, as many factors as are beyond chance (at least one), by minres and
    oblimin. Raises as `quality`, and NotConverged where there is no solution.
    """
    known, sheets = _turned(responses, items)
    names = [item.name for item in known]
    if model is None:
        beyond = factors.eigenvalues(sheets, items=names, seed=seed)["beyond"].sum()
        model = extraction.Model(max(int(beyond), 1), "oblimin")
    found = factors.loadings(
        sheets, items=names, model=model, samples=samples, seed=seed, confidence=confidence
    )
    most = pl.col("loading").abs() == pl.col("loading").abs().max().over("item")
    return found.with_columns(main=most)


def scored(
    responses: pl.DataFrame, *, items: Block, into: str, answered: float = 1.0
) -> pl.DataFrame:
    """The sheets with the mean of the items, turned where less is better, as a column.

    In scale points of the items, which must have one scale. A sheet with fewer than the
    share `answered` of the items has no score; the mean is that of the items it has.
    Raises ColumnMissing, OutOfRange.
    """
    if not 0 < answered <= 1:
        raise OutOfRange(f"answered must be above 0 and at most 1; it is {answered:g}.")
    known, sheets = _turned(responses, items)
    ends = {(_scale(item).low, _scale(item).high) for item in known}
    if len(ends) > 1:
        raise OutOfRange(f"items must have one scale to be averaged; they have {len(ends)}.")
    there = pl.sum_horizontal(pl.all().is_not_null())
    score = pl.when(there >= answered * len(known)).then(pl.mean_horizontal(pl.all()))
    return responses.with_columns(sheets.select(score.alias(into)).to_series())


def _turned(responses: Frame, items: Block) -> tuple[list[Item], pl.DataFrame]:
    """The items, and their answers as numbers of which more is better."""
    known = [Item(item, scale=FIVE) if isinstance(item, str) else item for item in items]
    require_columns(responses, [item.name for item in known], what="responses")
    columns = []
    for item in known:
        scale, code = _scale(item), pl.col(item.name).cast(pl.Float64)
        cells = tally(responses, answer=item.name)
        require_within(cells, item.name, low=scale.low, high=scale.high, whole=False)
        columns.append(scale.low + scale.high - code if scale.better == "down" else code)
    named = [column.alias(item.name) for column, item in zip(columns, known, strict=True)]
    return known, responses.lazy().select(named).collect()


def _scale(item: Item) -> Scale:
    return item.scale or FIVE


def _verdict() -> pl.Expr:
    rest = pl.col("rest_r")
    return (
        pl.when(rest < 0)
        .then(pl.lit(VERDICTS[2]))
        .when(rest < WEAK)
        .then(pl.lit(VERDICTS[1]))
        .when(rest.is_not_null())
        .then(pl.lit(VERDICTS[0]))
    )


def _loadings(sheets: pl.DataFrame, names: list[str], drawn: dict[str, Any]) -> pl.DataFrame:
    """The loadings on one factor, in the order of the items; nulls where it has no solution."""
    columns = ("loading", "loading_low", "loading_high")
    if len(names) > 2:
        with contextlib.suppress(NotConverged):
            found = factors.loadings(sheets, items=names, **drawn)
            return found.select(pl.col("loading", "low", "high")).rename(
                dict(zip(("loading", "low", "high"), columns, strict=True))
            )
    return pl.DataFrame(dict.fromkeys(columns, [None] * len(names)), schema=_floats(columns))


def _whole(sheets: pl.DataFrame, names: list[str], drawn: dict[str, Any]) -> pl.DataFrame:
    """`base`, `items`, `alpha` and `omega` with bounds; omega null where it has no solution."""
    alpha = reliability.cronbach_alpha(sheets, items=names, confidence=drawn["confidence"])
    columns = ("omega", "omega_low", "omega_high")
    found = (None, None, None)
    if len(names) > 2:
        with contextlib.suppress(NotConverged):
            found = omega.mcdonald_omega(sheets, items=names, **drawn).row(0)[2:]
    shown = pl.DataFrame([found], schema=_floats(columns), orient="row")
    named = alpha.rename({"low": "alpha_low", "high": "alpha_high"})
    return pl.concat([named, shown], how="horizontal")


def _floats(columns: Sequence[str]) -> dict[str, Any]:
    return dict.fromkeys(columns, pl.Float64)
