"""The guarded tables on what management believes and what customers say, expect and trust.

Managers and customers are two groups of people, each with its own base. Customers are read
over the year that ends with the period. Nothing here leaves unguarded.

Not here: offers, units and training (three), sentences and charts (told, drawn).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import polars.selectors as cs

from cxlab import guard
from cxlab.chapters import window
from cxlab.codebook import Item
from cxlab.errors import OutOfRange
from cxlab.metrics import gap, satisfaction, scales
from cxlab.periods import Period, with_period
from cxlab.plots.texts import plain, spoken
from cxlab.scoreboard import ABOUT
from cxlab.stats import reliability

NOTHING = pl.DataFrame()
PERIODS = 13
DIGITS = 10
LONGEST = 40
# What beliefs may be about; a dimension is who can act on the part.
BELIEVED = ("satisfaction", "effort", "recommend", "repurchase", "touchpoint", "trust")
DIMENSIONS = {"people": "People", "process": "Process", "technology": "Technology"}
BALANCE, TRUST = "Better less worse than expected", "Trust"


@dataclass(frozen=True)
class Sides:
    """A study in the year that ends with a period."""

    study: Any
    period: Period

    @property
    def since(self) -> str:
        """The period the year begins with, as a reader says it."""
        return window.first(self.period).label

    def answers(self) -> pl.LazyFrame:
        """The answer sheets of the year."""
        return window.rows(self.study.responses, self.period)

    def beliefs(self) -> pl.LazyFrame | None:
        """What managers believed up to the period's end; None where nobody asked them."""
        if "beliefs" not in self.study.tables:
            return None
        rows, end = self.study.beliefs, self.period.end
        if end is not None and "date" in rows.collect_schema():
            rows = rows.filter(pl.col("date").is_null() | (pl.col("date") < end))
        return None if rows.head(1).collect().is_empty() else rows

    def rated(self, *constructs: str) -> list[Item]:
        """The items of these constructs that are scored."""
        every = [item for name in constructs for item in self.study.items_of(name)]
        return [item for item in every if item.scale is not None]


def of(study: Any, period: Period) -> Sides:
    """The two sides of a study."""
    return Sides(study, period)


def called(item: Item) -> str:
    """An item as a reader knows it: its wording where that is no question, else its name."""
    wording = plain(item.wording)
    short = wording and len(wording) <= LONGEST and not wording.endswith("?")
    return wording if short else spoken(item.name)


def gaps(sides: Sides) -> pl.DataFrame:
    """One row per item asked of both: managers, customers, the difference; none without."""
    believed, items = sides.beliefs(), sides.rated(*BELIEVED)
    if believed is None or not items:
        return NOTHING
    found = gap.delivery(believed, sides.answers(), items=items, weight=sides.study.weight)
    return labelled(sides, found, items, "Belief about {}", prefix="gap")


def dimensions(sides: Sides) -> pl.DataFrame:
    """As `gaps`, by who can act on the part: people, process, technology."""
    believed, items = sides.beliefs(), sides.rated("touchpoint")
    parts = {
        title: [item for item in items if item.who_can_act == name]
        for name, title in DIMENSIONS.items()
    }
    parts = {title: members for title, members in parts.items() if members}
    if believed is None or not parts:
        return NOTHING
    try:
        found = gap.dimensions(believed, sides.answers(), items=parts, weight=sides.study.weight)
    except OutOfRange:
        # Parts of several scales have no mean.
        return NOTHING
    named = [Item(title, title, scale=parts[title][0].scale) for title in parts]
    return labelled(sides, found, named, "Beliefs about what {} can change", prefix="gap")


def functions(sides: Sides) -> pl.DataFrame:
    """What each department believes of all parts together, beside the other departments."""
    believed, items = sides.beliefs(), sides.rated("touchpoint")
    if believed is None or "function" not in believed.collect_schema():
        return NOTHING
    asked = believed.select("item").unique().collect()["item"].to_list()
    items = [item for item in items if item.name in asked]
    if len({item.scale[:2] for item in items if item.scale}) != 1:
        return NOTHING
    found = gap.functions(believed, items=items)
    named = found.with_columns(by=pl.lit("function"), where=pl.col("function"))
    keys = ["item", "unit", "better", "by", "where"]
    told = named.drop("function").select(*keys, pl.exclude(keys))
    whole = [Item("all items", "all parts together", scale=items[0].scale)]
    return labelled(sides, told, whole, "Beliefs about {}", prefix="gap_function")


def expected(sides: Sides) -> pl.DataFrame:
    """The period's shares below, as and above what was expected; none without the question."""
    items = sides.rated("expectation")
    if not items:
        return NOTHING
    rows = sides.period.only(sides.study.responses)
    found = gap.disconfirmed(rows, item=items[0], weight=sides.study.weight)
    return hidden(sides, found, within=["side"])


def expected_over_time(sides: Sides) -> pl.DataFrame:
    """Better less worse than expected, in points, over the last periods."""
    items = sides.rated("expectation")
    if not items:
        return NOTHING
    found = gap.balance(_lately(sides), item=items[0], by="period", weight=sides.study.weight)
    about = (BALANCE, "gap_expectation", "points", "up", "gap")
    return _over_time(sides, found, about, "score")


def trusted(sides: Sides) -> pl.DataFrame:
    """How well the questions on trust agree: Cronbach's alpha; none for fewer than two."""
    items = sides.rated("trust")
    if len(items) < 2:
        return NOTHING
    # Answers of one scale that are bad at its high end are turned first.
    down = [-pl.col(item.name) for item in items if item.scale and item.scale.better == "down"]
    sheets = sides.answers().select(item.name for item in items).collect().with_columns(down)
    found = reliability.cronbach_alpha(sheets, items=[item.name for item in items])
    return hidden(sides, found)


def trusted_over_time(sides: Sides) -> pl.DataFrame:
    """The mean of the questions on trust over the last periods; none where scales differ."""
    items = sides.rated("trust")
    if not items or len({item.scale[:2] for item in items if item.scale}) > 1:
        return NOTHING
    rows = scales.scored(_lately(sides).collect(), items=items, into="gap_trust")
    scale = items[0].scale or scales.FIVE
    upwards = scale._replace(better="up")
    found = satisfaction.mean_score(
        rows, item="gap_trust", by="period", scale=upwards, weight=sides.study.weight
    )
    return _over_time(sides, found, (TRUST, "gap_trust", "mean", "up", "gap"), "mean")


def labelled(
    sides: Sides, found: pl.DataFrame, items: Sequence[Item], measure: str, *, prefix: str
) -> pl.DataFrame:
    """A comparison by item with names for readers, guarded: keys first, then numbers."""
    names = {item.name: called(item) for item in items}
    who = {item.name: item.who_can_act for item in items}
    told = found.with_columns(
        name=pl.col("item").replace_strict(names, return_dtype=pl.String),
        who=pl.col("item").replace_strict(who, return_dtype=pl.String),
        face=pl.lit("gap"),
        item=pl.format(f"{prefix}_{{}}", "item"),
    ).with_columns(measure=pl.format(measure, "name"))
    front = [*ABOUT, "name", "who"]
    keys = [*front, *found.columns[: found.columns.index("base")]]
    ordered = list(dict.fromkeys(keys))
    return hidden(sides, told.select(*ordered, pl.exclude(ordered)), within=front)


def hidden(sides: Sides, table: pl.DataFrame, *, within: Sequence[str] = ()) -> pl.DataFrame:
    """The table guarded, its numbers the same in every run."""
    rounded = table.with_columns(cs.float().round(DIGITS))
    return guard.hide_small(rounded, minimum=sides.study.minimum_base, within=within)


def _lately(sides: Sides) -> pl.LazyFrame:
    """The answers of the last periods, each with its `period`."""
    rows = with_period(sides.study.responses, sides.period.grain)
    return rows.filter(pl.col("period").is_in([each.text for each in sides.period.last(PERIODS)]))


def _over_time(
    sides: Sides, found: pl.DataFrame, about: tuple[str, ...], value: str
) -> pl.DataFrame:
    named = [pl.lit(text).alias(name) for name, text in zip(ABOUT, about, strict=True)]
    numbers: list[Any] = ["base", pl.col(value).alias("estimate"), "low", "high", "se"]
    return hidden(sides, found.select(*named, "period", *numbers))
