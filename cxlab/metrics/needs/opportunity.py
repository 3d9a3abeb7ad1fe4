"""Which needs are important and badly met?

Opportunity (Ulwick 2005): importance + max(importance - satisfaction, 0). In the form
"top-box" both are ten times the share of the best boxes, so that it runs from 0 to 20; in
the form "mean" both are mean answers, in scale points. The two forms can rank differently.
Only people who answered both questions about a need count for it.

Intervals and chances of ranks come from a bootstrap of people, all their needs at once.
Shares are drawn with one pseudo-person, a quarter in each corner of the table important ×
satisfied, so that 30 of 30 is not certain; the estimate itself is without.

Not here: importance derived from loyalty (metrics.drivers).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_known
from cxlab.metrics.needs.pairs import Pair, best, both_rated, groups, keyed
from cxlab.stats import compare, resample
from cxlab.stats.importance.ranks import QUADRANTS
from cxlab.tally import Frame, names

FORMS = ("top-box", "mean")
BOXES = 2
# Per corner of important × satisfied; one pseudo-person in all.
PSEUDO = 0.25
CHANCES = ("p_concentrate", "p_keep_up", "p_low_priority", "p_overkill")


def scores(
    responses: Frame,
    *,
    pairs: Sequence[Pair],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    form: str = "top-box",
    confidence: float = 0.95,
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """One row per group and need, the largest opportunity first, each with its interval.

    `base` who answered both; `importance`, `satisfaction`, `opportunity` with `low`, `high`;
    `rank`, the ranks not ruled out, the chance to be first and in the top three, and the
    same of the importance (`importance_rank`, …). `p`: the
    same opportunity as the mean of all needs of the group; `flagged` at a false discovery
    rate of 5 % over the table. A need nobody answered has base 0 and nulls. Raises
    ColumnMissing, WeightsInvalid, OutOfRange (forms of means need one scale).
    """
    drawn = _drawn(responses, pairs, by, weight, form, samples, seed)
    parts = [
        keyed(_scored(pairs, one, weight is not None, confidence, seed), keys, cells)
        for keys, cells, one in drawn
    ]
    table = compare.flag(pl.concat(parts)) if parts else pl.DataFrame()
    return table.sort(*names(by), "rank", "need", nulls_last=True)


def importance_performance(
    responses: Frame,
    *,
    pairs: Sequence[Pair],
    by: str | Sequence[str] = (),
    weight: str | None = None,
    form: str = "mean",
    samples: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """The map of stated importance × performance: one row per group and need, by name.

    `base`, `importance`, `performance` and the two lines, each the mean of the needs;
    `quadrant` and the chance of each of the four. At or above a line is important, or good.
    Raises as `scores`.
    """
    drawn = _drawn(responses, pairs, by, weight, form, samples, seed)
    parts = [keyed(_mapped(pairs, one), keys, cells) for keys, cells, one in drawn]
    return pl.concat(parts).sort(*names(by), "need")


class _Drawn:
    """Importance and satisfaction of each need, as they are and in the samples."""

    def __init__(self, of: resample.Cells, *, needs: int, scale: float, **how: Any) -> None:
        self.needs, self.cells = needs, of
        self.here = self._rates(of.sums()[None, :], scale)
        joined = of
        if scale != 1:
            corners = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0]], dtype=float)
            joined = of.joined(np.tile(corners, needs), PSEUDO)
        self.samples = self._rates(resample.sums(joined, size=of.size, **how), scale)
        self.bases = of.base(of.values[:, 0::3])

    def _rates(self, sums: resample.Floats, scale: float) -> tuple[resample.Floats, ...]:
        people = sums[:, 0::3]
        first = scale * resample.ratios(sums[:, 1::3], people)
        second = scale * resample.ratios(sums[:, 2::3], people)
        return first, second, first + np.maximum(first - second, 0)


def _drawn(
    responses: Frame,
    pairs: Sequence[Pair],
    by: str | Sequence[str],
    weight: str | None,
    form: str,
    samples: int,
    seed: int,
) -> list[tuple[dict[str, Any], pl.DataFrame, _Drawn]]:
    require_known(form, FORMS, what="form")
    scales = {scale[:2] for pair in pairs for scale in (pair.first_scale, pair.second_scale)}
    if form == "mean" and len(scales) > 1:
        raise OutOfRange(f"scales must be one for the form `mean`; there are {len(scales)}.")
    rows = both_rated(responses, pairs, whole=form == "top-box")
    sides = [(f"_first_{at}", f"_second_{at}") for at in range(len(pairs))]
    if form == "top-box":
        rows = rows.with_columns(
            (pl.when(pl.col(name).is_not_null()).then(hit)).cast(pl.Float64).alias(name)
            for pair, columns in zip(pairs, sides, strict=True)
            for name, hit in zip(columns, best(pair, boxes=BOXES), strict=True)
        )
    answers = [name for columns in sides for name in columns]
    how: Any = {"samples": samples, "seed": seed, "scale": 10.0 if form == "top-box" else 1.0}
    found = []
    for keys, cells in groups(rows, by=by, answer=answers, weight=weight):
        values = np.column_stack(
            [
                part
                for first, second in sides
                for part in (
                    cells[first].is_not_null().cast(pl.Float64).to_numpy(),
                    cells[first].fill_null(0).to_numpy(),
                    cells[second].fill_null(0).to_numpy(),
                )
            ]
        )
        found.append((keys, cells, _Drawn(resample.cells(cells, values), needs=len(pairs), **how)))
    return found


def _scored(
    pairs: Sequence[Pair], found: _Drawn, weighted: bool, confidence: float, seed: int
) -> pl.DataFrame:
    columns: dict[str, Any] = {"need": [pair.need for pair in pairs], "base": _people(found)}
    if weighted:
        columns["effective_base"] = found.bases
    for name, here, drawn in zip(
        ("importance", "satisfaction", "opportunity"), found.here, found.samples, strict=True
    ):
        low, high = resample.bounds(drawn, list(found.bases), confidence=confidence)
        prefix = "" if name == "opportunity" else f"{name}_"
        columns |= {name: here[0], f"{prefix}low": low, f"{prefix}high": high}
    opportunity = found.here[2][0]
    table = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    how: Any = {"confidence": confidence, "seed": seed}
    order = resample.order(opportunity, found.samples[2], **how)
    stated = resample.order(found.here[0][0], found.samples[0], **how)
    stated = stated.select(pl.all().name.prefix("importance_"))
    p = pl.Series("p", _unlike_the_mean(found), dtype=pl.Float64).fill_nan(None)
    return pl.concat([table, order, stated, p.to_frame()], how="horizontal")


def _people(found: _Drawn) -> list[int]:
    return [round(float(count)) for count in found.cells.rows @ found.cells.values[:, 0::3]]


def _unlike_the_mean(found: _Drawn) -> resample.Floats:
    """p of a need having just the mean opportunity of all needs; NaN for one need alone."""
    drawn, here = found.samples[2], found.here[2]
    known = np.isfinite(here[0]) & (np.asarray(_people(found)) > 1)
    if known.sum() < 2:
        return np.full(found.needs, np.nan)
    away = (here - here[:, known].mean())[0]
    spread = np.nanstd(drawn - drawn[:, known].mean(axis=1, keepdims=True), axis=0, ddof=1)
    z = pl.Series(np.where(known & (spread > 0), away / np.where(spread > 0, spread, 1), np.nan))
    freedom = pl.Series(np.maximum(found.bases - 1, 1))
    table = pl.DataFrame({"t": z, "freedom": freedom}).with_columns(pl.col("t").fill_nan(None))
    p = table.select(compare.student_p(pl.col("t"), pl.col("freedom"))).to_series()
    return p.fill_null(float("nan")).to_numpy()


def _mapped(pairs: Sequence[Pair], found: _Drawn) -> pl.DataFrame:
    first, second = found.here[0], found.here[1]
    corners = _corners(first, second)
    chances = _corners(found.samples[0], found.samples[1])
    known = np.isfinite(first[0])
    columns: dict[str, Any] = {
        "need": [pair.need for pair in pairs],
        "base": _people(found),
        "importance": first[0],
        "performance": second[0],
        "importance_line": [float(np.mean(first[0][known])) if known.any() else None] * len(pairs),
        "performance_line": [float(np.mean(second[0][known])) if known.any() else None]
        * len(pairs),
        "quadrant": [
            QUADRANTS[int(np.argmax([corner[0, at] for corner in corners]))] if known[at] else None
            for at in range(len(pairs))
        ],
    }
    for name, corner in zip(CHANCES, chances, strict=True):
        columns[name] = np.where(known, corner.mean(axis=0), np.nan)
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))


def _corners(first: resample.Floats, second: resample.Floats) -> list[Any]:
    """Whether each need is in each quadrant, in the order of `QUADRANTS`."""
    lines = []
    for values in (first, second):
        counts = np.isfinite(values).sum(axis=1, keepdims=True)
        lines.append(np.nansum(values, axis=1, keepdims=True) / np.maximum(counts, 1))
    important, good = first >= lines[0] - 1e-12, second >= lines[1] - 1e-12
    return [important & ~good, important & good, ~important & ~good, ~important & good]
