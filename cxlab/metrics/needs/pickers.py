"""Who was shown which options, and what did they pick?

Best-worst choices as tables of people × items, and as screens that are alike.

Not here: which screens count (screens), what the picks say (maxdiff).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, WeightsInvalid
from cxlab.metrics.needs.screens import counted
from cxlab.stats import choices as models
from cxlab.stats import resample
from cxlab.tally import Frame

PERSON = "response_id"
Floats = resample.Floats


@dataclass(frozen=True)
class People:
    """People × items: how often shown, best and worst; one weight each."""

    items: list[str]
    shown: Floats
    best: Floats
    worst: Floats
    weight: Floats
    weighted: bool

    @property
    def people(self) -> list[int]:
        return [int(count) for count in (self.shown > 0).sum(axis=0)]

    @property
    def bases(self) -> Floats:
        met = (self.shown > 0).astype(float)
        squares = self.weight**2 @ met
        return np.where(
            squares > 0, (self.weight @ met) ** 2 / np.where(squares > 0, squares, 1), 0
        )

    @property
    def scores(self) -> Floats:
        picked = self.weight @ (self.best - self.worst)
        return resample.ratios(picked, self.weight @ self.shown)

    @property
    def errors(self) -> Floats:
        """Standard errors of the scores by person, Taylor linearisation of the ratio."""
        total = self.weight @ self.shown
        away = (self.best - self.worst) - np.nan_to_num(self.scores) * self.shown
        squares = (self.weight[:, None] * away) ** 2
        people = len(self.weight)
        stretch = people / (people - 1) if people > 1 else np.nan
        return np.sqrt(stretch * squares.sum(axis=0)) / np.where(total > 0, total, np.nan)

    def totals(self) -> pl.DataFrame:
        """Counts for the closed form; weighted ones as large as the effective number."""
        lessened = self.weight.sum() / (self.weight**2).sum()
        sums = [lessened * (self.weight @ part) for part in (self.shown, self.best, self.worst)]
        return pl.DataFrame(dict(zip(("shown", "best", "worst"), sums, strict=True)))

    def drawn(self, samples: int, seed: int) -> Floats:
        """The scores of other people, samples × items."""
        values = np.hstack([self.shown, self.best - self.worst])
        ones = np.ones(len(self.weight))
        cells = resample.Cells(values, ones, self.weight, self.weight**2)
        sums = resample.sums(cells, samples=samples, seed=seed)
        return resample.ratios(sums[:, len(self.items) :], sums[:, : len(self.items)])


def rows_of(choices: Frame, keys: Sequence[str], weight: str | None) -> pl.DataFrame:
    columns = [*keys, *([weight] if weight else [])]
    rows = counted(choices, columns=columns)
    if rows.is_empty():
        raise OutOfRange("choices must have at least one whole screen; there is none.")
    for column in columns:
        several = rows.group_by(PERSON).agg(pl.col(column).n_unique() > 1)[column].sum()
        if several:
            raise OutOfRange(f"`{column}` must be one per person; {several} people have several.")
    if weight:
        bad = rows.select((~((pl.col(weight) > 0) & pl.col(weight).is_finite())).fill_null(True))
        wrong = int(bad.to_series().sum())
        if wrong:
            raise WeightsInvalid(
                f"weights must be above zero; `{weight}` has {wrong} rows that are not."
            )
    return rows


def items_of(rows: pl.DataFrame) -> list[str]:
    return rows["item"].unique().sort().to_list()


def people_of(rows: pl.DataFrame, weight: str | None, *, items: list[str]) -> People:
    if rows.is_empty():
        empty = np.zeros((0, len(items)))
        return People(items, empty, empty, empty, np.zeros(0), weight is not None)
    each = rows.group_by(PERSON, "item").agg(*sums()).sort(PERSON, "item")
    person = each[PERSON].rank("dense").to_numpy().astype(np.intp) - 1
    item = each["item"].replace_strict({name: at for at, name in enumerate(items)}).to_numpy()
    wide = {}
    for name in ("shown", "best", "worst"):
        wide[name] = np.zeros((int(person.max()) + 1, len(items)))
        wide[name][person, item] = each[name].to_numpy()
    ones = np.ones(len(wide["shown"]))
    if weight:
        ones = rows.group_by(PERSON).agg(pl.col(weight).first()).sort(PERSON)[weight].to_numpy()
    return People(items, **wide, weight=ones.astype(np.float64), weighted=weight is not None)


def kinds_of(rows: pl.DataFrame, items: list[str], weight: str | None) -> models.Screens:
    """Screens that are alike counted as one kind."""
    place = pl.col("item").replace_strict({name: at for at, name in enumerate(items)})
    screens = rows.group_by(PERSON, "task").agg(
        pl.col("item")
        .replace_strict({name: at for at, name in enumerate(items)})
        .sort()
        .alias("shown"),
        *(place.filter(pl.col("choice") == pick).first().alias(pick) for pick in ("best", "worst")),
        (pl.col(weight).first() if weight else pl.lit(1.0)).cast(pl.Float64).alias("_weight"),
    )
    screens = screens.sort(PERSON, "task")
    kinds = screens.select("shown", "best", "worst").unique().sort("best", "worst", "shown")
    numbered = screens.join(
        kinds.with_row_index("_kind"), on=["shown", "best", "worst"], maintain_order="left"
    )
    return models.Screens(
        tuple(tuple(shown) for shown in kinds["shown"].to_list()),
        tuple(kinds["best"].to_list()),
        tuple(kinds["worst"].to_list()),
        numbered["_kind"].to_numpy().astype(np.intp),
        numbered[PERSON].rank("dense").to_numpy().astype(np.intp) - 1,
        numbered["_weight"].to_numpy(),
    )


def sums() -> list[pl.Expr]:
    sums = {
        "shown": pl.len(),
        **{pick: (pl.col("choice") == pick).sum() for pick in ("best", "worst")},
    }
    return [total.cast(pl.Int64).alias(name) for name, total in sums.items()]
