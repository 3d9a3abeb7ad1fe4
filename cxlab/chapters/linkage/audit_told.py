"""The sentences, charts and tables on who is lost at the joins, and on forecasts.

Not here: who stays and buys (told), units and chains (paths_told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.linkage.audit import AHEAD_WEEKS
from cxlab.chapters.linkage.tables import Linked
from cxlab.chapters.linkage.told import ranged
from cxlab.chapters.linkage.told import who as named
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, spoken

STEPS = {
    "everybody": "Customers of the year",
    "answered": "Of them answered",
    "ordered": "Of them bought",
    "had_case": "Of them got in touch",
}
OUTCOMES = {
    "ordered": "Bought in the year",
    "amount": "Spent in the year",
    "stays": "Stayed through the year",
}


def forecast_table(forecast: pl.DataFrame, linked: Linked) -> Shown:
    """What each attitude is expected to buy and pay in a year, where such forecasts held."""
    if forecast.is_empty():
        return shown.sentence("No forecast of purchases: it takes orders by customer.")
    rows = []
    for who in forecast["attitude"].unique(maintain_order=True):
        cells = {row["figure"]: row for row in forecast.filter(attitude=who).to_dicts()}
        one = cells["purchases"]
        ratio = numbers.NONE if one["ratio"] is None else f"{one['ratio']:.2f}"
        rows.append(
            [
                named({"where": who, "by": "attitude"}),
                numbers.count(one["base"]),
                *(_expected(cells[figure], linked) for figure in ("purchases", "money")),
                ratio,
            ]
        )
    head = ["Who", "Customers", "Purchases to expect", "Money to expect", "Came, for 1 expected"]
    weeks = f"{AHEAD_WEEKS:.0f} weeks"
    caption = f"Per customer in the next {weeks}; the last column tried it on the half year before"
    return shown.table(caption, head, rows, keys=1)


def joins_chart(joins: pl.DataFrame) -> Any:
    """Who is left after each join."""
    if joins.is_empty():
        return shown.sentence("This study has no customers to join anything to.")
    last = joins.row(-1, named=True)
    share = numbers.value(last["of_all"], "share")
    title = f"{share} of the customers are in every table" if last["base"] else "Few are in all"
    return plots.waterfall(joins, title=title, names=STEPS)


def lost_told(different: pl.DataFrame, reweighted: pl.DataFrame, linked: Linked) -> Shown:
    """How those in every table differ, and what weighting those who answered changes."""
    told = []
    if different.height:
        row = different.row(0, named=True)
        if row["estimate"] is not None and abs(row["estimate"]) >= 0.1:
            what = spoken(row["trait"]) + (f" {plain(row['level'])}" if row["level"] else "")
            more = "more" if row["estimate"] > 0 else "less"
            told.append(f"Those in every table differ most in {what}: {more} than everybody else.")
        else:
            told.append("Those in every table hardly differ from everybody else.")
    told += [f"{_weighted(row, linked)}." for row in reweighted.to_dicts() if not row["hidden"]]
    return shown.sentences(told or ["Nothing is known of those who are lost at the joins."])


def _expected(row: dict[str, Any], linked: Linked) -> str:
    if row["hidden"] or row["estimate"] is None:
        return str(row["hidden"] or row["why"] or numbers.NONE)
    return ranged(row["estimate"], row["low"], row["high"], row["unit"], linked)


def _weighted(row: dict[str, Any], linked: Linked) -> str:
    unit = "money" if row["outcome"] == "amount" else row["unit"]
    plainly = numbers.value(row["estimate"], unit, currency=linked.study.currency)
    weighted = numbers.value(row["weighted"], unit, currency=linked.study.currency)
    what = OUTCOMES.get(row["outcome"], spoken(row["outcome"]))
    return f"{what}: {plainly} of those who answered, {weighted} weighted to be like everybody"
