"""Which answers are explained by which, and what do the sheets say?

A `Model` as a researcher states it, and its answers: checked, turned so that more is
better whatever the scale's good end, as a frame and as numbers.

Not here: what comes out (estimate), the tables for readers (metrics.drivers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.stats import compare, estimates, intervals
from cxlab.stats.importance import estimate, sheets
from cxlab.tally import Frame, require_within, tally

FIVE = Scale(1, 5)
PERFORMANCES = ("top_box", "mean")
METHODS = ("lmg", "johnson")
FEWEST = 20


@dataclass(frozen=True)
class Model:
    """What is explained by what, and how; items by name have the scale 1 to 5.

    `loyal` best boxes of the outcome make a sheet loyal (2 of 0 to 10: promoters): the
    model is then logistic, and `r2` McFadden's.
    `method` lmg (up to 20 drivers) or johnson; by default lmg up to 15. `missing` is
    pairwise by default, mean in logistic models. `performance` top_box is the share in the
    best `boxes`; mean is the mean answer, 0 at the worst end of its scale, 1 at the best.
    """

    outcome: Item | str
    drivers: Sequence[Item | str]
    weight: str | None = None
    loyal: int | None = None
    method: str | None = None
    missing: str | None = None
    performance: str = "top_box"
    boxes: int = 2
    samples: int = 1000
    seed: int = 1
    confidence: float = 0.95
    rate: float = compare.RATE

    def __post_init__(self) -> None:
        """Refuse what can be refused without answers."""
        require_known(self.performance, PERFORMANCES, what="performance")
        require_known(self.method or METHODS[0], METHODS, what="method")
        intervals.normal_quantile(self.confidence)
        if not self.drivers:
            raise OutOfRange("drivers must be at least one item; there are 0.")
        if len(set(self.names)) < len(self.names):
            raise OutOfRange(
                "drivers and outcome must be different items; one of them is there twice."
            )
        if self.samples < FEWEST:
            raise OutOfRange(f"samples must be at least {FEWEST}; they are {self.samples}.")

    @property
    def items(self) -> tuple[Item, ...]:
        """The drivers as items."""
        return tuple(_item(driver) for driver in self.drivers)

    @property
    def logistic(self) -> bool:
        """Whether the outcome is yes or no."""
        return self.loyal is not None

    @property
    def names(self) -> list[str]:
        """Columns of the drivers, then that of the outcome."""
        outcome = self.outcome if isinstance(self.outcome, str) else self.outcome.name
        return [*(item.name for item in self.items), outcome]


@dataclass(frozen=True)
class Asked:
    """The answers a model rests on, as a frame (1 the good end) and as numbers."""

    frame: pl.DataFrame
    items: tuple[Item, ...]
    answers: sheets.Answers

    def about(self) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "driver": [item.name for item in self.items],
                "wording": [item.wording for item in self.items],
                "who_can_act": [item.who_can_act for item in self.items],
            },
            schema=dict.fromkeys(("driver", "wording", "who_can_act"), pl.String),
        )

    def performance(self, model: Model) -> pl.DataFrame:
        """How each driver does among all who rated it: `performance` and its interval."""
        rows = []
        for item in self.items:
            cells = tally(self.frame, answer=item.name, weight=model.weight)
            of = estimates.sample(cells, answer=item.name, weighted=model.weight is not None)
            rows.append(_performance(of, item, model))
        return pl.concat(rows)


def _performance(of: estimates.Sample, item: Item, model: Model) -> pl.DataFrame:
    scale = (item.scale or FIVE)._replace(better="up")
    if model.performance == "top_box":
        hit = estimates.best_boxes(item.name, scale=scale, boxes=model.boxes)
        found = estimates.share(of, hit, confidence=model.confidence).rename({"share": "value"})
    else:
        found = estimates.mean(of, low=scale.low, high=scale.high, confidence=model.confidence)
        part = (pl.col("mean", "low", "high") - scale.low) / (scale.high - scale.low)
        found = found.with_columns(part).rename({"mean": "value"})
    return found.select(
        performance_base="base",
        performance="value",
        performance_low="low",
        performance_high="high",
    )


def _item(driver: Item | str) -> Item:
    return Item(driver, scale=FIVE) if isinstance(driver, str) else driver


def answered(responses: Frame, model: Model, by: str = "", *, enough: bool = True) -> Asked:
    """The answers, checked and turned so that more is better."""
    wanted = [*model.names, *filter(None, [by, model.weight])]
    require_columns(responses, wanted, what="responses")
    named = pl.lit(True) if not by else pl.col(by).is_not_null()
    rows = responses.lazy().filter(named).select(dict.fromkeys(wanted).keys()).collect()
    turned = [_turned(rows, item) for item in model.items]
    frame = rows.with_columns(turned).with_columns(_outcome(rows, model))
    if model.weight is not None:
        tally(frame, answer=(), weight=model.weight)
    answers = _numbers(frame, model)
    if enough:
        sheets.require_enough(answers, model.names)
    return Asked(frame, model.items, answers)


def _turned(rows: pl.DataFrame, item: Item) -> pl.Expr:
    scale = item.scale or FIVE
    cells = tally(rows, answer=item.name)
    require_within(cells, item.name, low=scale.low, high=scale.high, whole=False)
    code = pl.col(item.name).cast(pl.Float64)
    turned = scale.low + scale.high - code if scale.better == "down" else code
    return turned.alias(item.name)


def _outcome(rows: pl.DataFrame, model: Model) -> pl.Expr:
    name = model.names[-1]
    if isinstance(model.outcome, Item):
        turned = _turned(rows, model.outcome)
        if model.loyal is None:
            return turned
        scale = model.outcome.scale or FIVE
        hit = estimates.best_boxes(name, scale=scale, boxes=model.loyal)
        return hit.cast(pl.Float64).alias(name)
    if model.loyal is not None:
        raise OutOfRange(
            f"outcome must be an item with a scale to say who is loyal; `{name}` is a name."
        )
    if not (rows.schema[name].is_numeric() or rows.schema[name] == pl.Boolean):
        raise OutOfRange(f"`{name}` must be numbers, or true and false; it is text.")
    return pl.col(name).cast(pl.Float64)


def _numbers(frame: pl.DataFrame, model: Model) -> sheets.Answers:
    values = frame.select(pl.col(model.names).cast(pl.Float64)).to_numpy()
    weights = None
    if model.weight is not None:
        weights = frame[model.weight].cast(pl.Float64).to_numpy()
    return sheets.answers(
        values,
        weights=weights,
        missing=model.missing or ("mean" if model.logistic else "pairwise"),
        beside=_beside(values[:, :-1], model),
    )


def _beside(drivers: NDArray[np.float64], model: Model) -> NDArray[np.float64]:
    """How well each sheet rates each driver, 0 to 1, and whether it does: for the map."""
    known = ~np.isnan(drivers)
    scales = [item.scale or FIVE for item in model.items]
    low, high = (np.array([scale[end] for scale in scales]) for end in (0, 1))
    if model.performance == "top_box":
        good = (drivers >= high - model.boxes + 1).astype(np.float64)
    else:
        good = (drivers - low) / (high - low)
    return np.hstack([np.where(known, good, 0.0), known])


def estimated(
    answers: sheets.Answers, model: Model, seed: int | tuple[int, ...]
) -> estimate.Importance:
    how: dict[str, Any] = {"samples": model.samples, "seed": seed}
    if model.logistic:
        return estimate.yes_or_no(answers, **how)
    method = model.method or estimate.default_method(len(model.items))
    return estimate.linear(answers, method=method, **how)
