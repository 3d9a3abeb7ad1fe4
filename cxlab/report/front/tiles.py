"""Where do we stand? One tile per measure: value, interval, both changes, trend line."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.findings import PEOPLE
from cxlab.periods import Period
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain
from cxlab.report.front.changes import Row, is_good, since
from cxlab.report.front.spark import spark

MOST = 6
# As many periods as a year and the one before it: the same season is seen twice.
TREND = 13
CHANCE = ", which so many comparisons bring by chance"
AGAINST = ("previous", "year_before")


def tiles(table: pl.DataFrame, *, study: Any, period: Period) -> list[Row]:
    """The first measures of the period over all answers, in the order recorded."""
    return [_tile(row, table, study=study, period=period) for row in levels(table, period)[:MOST]]


def levels(table: pl.DataFrame, period: Period) -> list[Row]:
    """This period's level of each measure over all answers, in the order recorded."""
    return table.filter(_whole("level") & (pl.col("period") == period.text)).to_dicts()


def change_of(table: pl.DataFrame, level: Row, against: str) -> Row | None:
    """The change of a level over all answers, or None where nothing is compared."""
    same = (pl.col("measure") == level["measure"]) & (pl.col("against") == against)
    rows = table.filter(_whole("change") & same).to_dicts()
    return rows[0] if rows else None


def _whole(kind: str) -> pl.Expr:
    return (pl.col("kind") == kind) & (pl.col("where") == PEOPLE)


def _tile(row: Row, table: pl.DataFrame, *, study: Any, period: Period) -> Row:
    unit, currency = row["unit"], study.currency
    compared = [(each, since(period, each)) for each in AGAINST]
    series = table.filter(_whole("level") & (pl.col("measure") == row["measure"]))
    return {
        "name": plain(row["measure"]),
        "gloss": _gloss(row, study),
        "value": numbers.value(row["estimate"], unit, currency=currency),
        "interval": numbers.interval(row["low"], row["high"], unit, currency=currency),
        "base": numbers.count(row["base"]),
        "hidden": row["hidden"],
        "changes": [
            _change(change_of(table, row, each), label, currency)
            for each, label in compared
            if label
        ],
        "spark": spark(_placed(series, period)),
    }


def _gloss(row: Row, study: Any) -> str:
    """What the numbers of a tile run from and to, where that is not plain."""
    if row["unit"] == "points":
        return "from −100 to +100"
    # What no survey item measures, such as stars of reviews, names its scale itself.
    if row["unit"] != "mean" or row["face"] == "reputation":
        return ""
    scale = study.item(row["item"]).scale
    side = "more is better" if row["better"] != "down" else "less is better"
    return f"mean on a scale from {scale.low:g} to {scale.high:g}, {side}"


def _placed(series: pl.DataFrame, period: Period) -> list[float | None]:
    """The estimates of the last periods in order, None where there is none."""
    known = dict(series.select("period", "estimate").iter_rows())
    return [known.get(each.text) for each in period.last(TREND)]


def _change(row: Row | None, label: str, currency: str) -> Row:
    if row is None or row["change"] is None:
        return {"mark": "", "value": "", "text": f"not measured in {label}"}
    unit = row["unit"]
    ends = numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency)
    if not row["flagged"]:
        # Alone it would stand out; beside all that was compared it need not be real.
        doubt = "" if row["change_low"] <= 0 <= row["change_high"] else CHANCE
        return {"mark": "", "value": "", "text": f"{words.NO_CHANGE} on {label} ({ends}{doubt})"}
    side = {True: " better", False: " worse", None: ""}[is_good(row)]
    mark = ("▲" if row["change"] > 0 else "▼") + side
    value = numbers.change(row["change"], unit, currency=currency)
    return {"mark": mark, "value": value, "text": f"on {label} ({ends})"}
