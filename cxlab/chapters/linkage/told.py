"""The sentences, charts and tables on who stays and buys, written from their numbers.

What people say goes with what they do; that it brings it about is never said.

Not here: joins and forecasts (audit_told), units, chains and scenarios (paths_told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.linkage.paths import Way
from cxlab.chapters.linkage.tables import DONE, WITHIN_DAYS, Linked
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

STAYING, BUYING = "Still a customer", "Bought again"
KINDS = {
    "warm, but left": "of those who spoke well of us left within half a year",
    "warm, but did not buy again": "of those who spoke well of us and stayed bought nothing more",
    "cold, but stayed": "of those who spoke badly of us were still customers",
    "cold, but bought again": "of those who spoke badly of us bought again",
}
PLURAL = ("Promoter", "Passive", "Detractor")
UNKNOWN = "This takes answers of customers whose leaving or orders are known."


def answer(
    after: pl.DataFrame,
    stays: pl.DataFrame,
    leaving: pl.DataFrame,
    ways: list[Way],
    lags: pl.DataFrame,
    linked: Linked,
) -> Shown:
    """The chapter's answer: who leaves and buys, by what they said, and what comes before it."""
    told = [f"{_sooner(row)}." for row in _clear(stays) if row["ratio"] > 1][:1]
    told += [f"{_less(row)}." for row in _clear(after) if row["item"] == "linkage_purchases"][:1]
    if not told:
        told = [_nothing(after, stays)]
    told += [f"{_leave(row)}." for row in _clear(leaving) if row["ratio"] > 1][:1]
    for way in ways[:1]:
        row = lags.filter((pl.col("figure") == way.figure) & (pl.col("lag") == way.lag))
        told.append(f"{_figure(way, row.row(0, named=True))}.")
    return shown.sentence(" ".join(told), kind="lead")


def picture(after: pl.DataFrame, stays: pl.DataFrame) -> Any:
    """Attitude and behaviour in one picture: who is still there, who bought, by what they said."""
    parts = [
        _part(stays, STAYING),
        _part(after.filter(item="linkage_bought") if after.height else after, BUYING),
    ]
    long = pl.concat([part for part in parts if part.height] or [pl.DataFrame()])
    if long.is_empty() or long["estimate"].drop_nulls().is_empty():
        return shown.sentence(UNKNOWN)
    clear = [*_clear(stays), *_clear(after)]
    title = "What customers say goes with what they do" if clear else None
    return plots.intervals(
        long,
        title=title or "No clear difference by what customers say",
        note=f"{WITHIN_DAYS} days after the answer",
    )


def curves_chart(curves: pl.DataFrame, stays: pl.DataFrame) -> Any:
    """How many of each attitude are still customers after each month."""
    if curves.is_empty() or curves["share"].drop_nulls().is_empty():
        return shown.sentence(UNKNOWN)
    sooner = [row for row in _clear(stays) if row["ratio"] > 1]
    title = f"{who(sooner[0])} leave soonest" if sooner else "All leave about as soon"
    return plots.survival(
        curves, title=title, what="share still customers", of="answers", unit="months"
    )


def leaving_told(leaving: pl.DataFrame, linked: Linked) -> Shown:
    """Which segments leave sooner or later than all the others."""
    if leaving.is_empty():
        return shown.sentence(
            "Which customers leave is not known: it takes a segment and who left."
        )
    told = [f"{_leave(row)}." for row in sorted(_clear(leaving), key=lambda row: -row["ratio"])]
    return shown.sentences(told or ["No segment clearly leaves sooner than the others."])


def after_table(after: pl.DataFrame, linked: Linked) -> Shown:
    """What each attitude did in the half year after its answer."""
    if after.is_empty():
        return shown.sentence("What customers bought is not known: it takes orders by customer.")
    rows = []
    for where in after["where"].unique().sort():
        cells = {row["item"]: row for row in after.filter(where=where).to_dicts()}
        bought = cells["linkage_bought"]
        told = [_cell(cells[f"linkage_{figure}"], linked) for figure in DONE]
        rows.append([who(bought), bought["hidden"] or numbers.count(bought["base"]), *told])
    head = ["Who", "Customers", *DONE.values()]
    caption = f"In the {WITHIN_DAYS} days after the first answer"
    return shown.table(caption, head, rows, keys=1)


def disagree_told(found: pl.DataFrame) -> Shown:
    """Who says one thing and does another."""
    rows = found.filter(pl.col("share").is_not_null()).to_dicts() if found.height else []
    told = [
        f"{numbers.value(row['share'], 'share')} "
        f"({numbers.interval(row['low'], row['high'], 'share')}) {KINDS[row['kind']]}."
        for row in rows
    ]
    return shown.sentences(told or [UNKNOWN])


def _clear(found: pl.DataFrame) -> list[dict[str, Any]]:
    """The comparisons that stand out, the largest against the others first."""
    if "flagged" not in found.columns:
        return []
    return found.filter("flagged").sort("p", maintain_order=True).to_dicts()


def who(row: dict[str, Any]) -> str:
    """Whose row it is, in the plural."""
    name = sentence_case(plain(row["where"]))
    plural = row["by"] == "attitude" and name in PLURAL
    return f"{name}s" if plural else name


def _ratio(row: dict[str, Any]) -> str:
    ends = f"{row['ratio_low']:.1f}{numbers.TO}{row['ratio_high']:.1f}"
    return f"{row['ratio']:.1f} times as fast as everybody else ({ends})"


def _sooner(row: dict[str, Any]) -> str:
    return f"{who(row)} leave {_ratio(row)}"


def _leave(row: dict[str, Any]) -> str:
    stayed = numbers.value(row["estimate"], "share")
    return f"{who(row)} leave {_ratio(row)}; {stayed} of them stayed through the year"


def _less(row: dict[str, Any]) -> str:
    less = "fewer" if row["change"] < 0 else "more"
    return (
        f"In the half year after they answer, {who(row).lower()} make {less} purchases: "
        f"{row['estimate']:.2f} each, the others {row['before']:.2f}"
    )


def _nothing(after: pl.DataFrame, stays: pl.DataFrame) -> str:
    if after.is_empty() and stays.is_empty():
        return UNKNOWN
    return "What customers say and what they do afterwards do not clearly go together."


def _figure(way: Way, row: dict[str, Any]) -> str:
    when = {0: "in the same month", 1: "a month later"}.get(way.lag, f"{way.lag} months later")
    more = "more" if row["r"] > 0 else "less"
    return (
        f"Where {spoken(way.figure)} is higher, customers are {more} satisfied {when} "
        f"({row['r']:.2f} of 1, {row['low']:.2f}{numbers.TO}{row['high']:.2f})".replace("-", "−")
    )


def _part(found: pl.DataFrame, name: str) -> pl.DataFrame:
    if found.is_empty():
        return found
    return found.select(
        pl.lit("Share of customers").alias("measure"),
        pl.lit("linkage_shares").alias("item"),
        *("unit", "better", "face"),
        pl.lit(name).alias("by"),
        pl.struct("where", "by").map_elements(who, return_dtype=pl.String).alias("where"),
        *("base", "estimate", "low", "high", "hidden"),
    )


def _cell(row: dict[str, Any], linked: Linked) -> str:
    if row["hidden"]:
        return str(row["hidden"])
    return ranged(row["estimate"], row["low"], row["high"], row["unit"], linked)


def ranged(estimate: float, low: float, high: float, unit: str, linked: Linked) -> str:
    """An estimate in its unit with its interval."""
    if unit == "per customer":
        return f"{estimate:.2f} ({low:.2f}{numbers.TO}{high:.2f})"
    money = {"currency": linked.study.currency}
    ends = numbers.interval(low, high, unit, **money)
    return f"{numbers.value(estimate, unit, **money)} ({ends})"
