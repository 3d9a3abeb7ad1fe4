"""The front page: what a reader takes away in two minutes, from the findings alone.

Gives plain data; the template writes the page. Only what survived the control of false
discoveries over the whole pack is called a change or a difference.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import scoreboard
from cxlab.periods import Period
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain, sentence_case, spoken
from cxlab.report import wanted
from cxlab.report.findings import PEOPLE
from cxlab.report.spark import spark

MOST_TILES, MOST_LINES = 6, 6
Row = dict[str, Any]
# What a loyalty report would like to have, and what a study must bring for it.
WISHES = {
    "advocacy": "Whether customers would recommend us: a survey item from 0 to 10",
    "satisfaction": "How satisfied customers are: a satisfaction item",
    "effort": "How easy it is to be our customer: an effort item",
    "retention": "Who stays: a customers table with the dates people joined and left",
    "purchasing": "What customers buy: an orders table, or an item on buying again",
}

WITHOUT_CHANGE = (
    "Nothing changed beyond chance.",
    "There is no earlier period to compare with.",
)
WITHOUT_GROUPS = (
    "No group differs from everybody else beyond chance.",
    "There are no groups to compare.",
)


def content(table: pl.DataFrame, *, study: Any, period: Period) -> dict[str, Any]:
    """Headline, tiles, changes, group differences and gaps, ready for the template."""
    currency = study.currency
    tiles = [_tile(row, table, study=study, period=period) for row in _levels(table, period)]
    changed = _together(_flagged(table, "change"), ("measure", "where", "by"))
    differ = _together(_flagged(table, "contrast"), ("where", "by"))
    return {
        "headline": _headline(table, period=period, currency=currency),
        "tiles": tiles[:MOST_TILES],
        "changes": [_change_line(rows, period, currency) for rows in changed[:MOST_LINES]],
        "more_changes": max(0, len(changed) - MOST_LINES),
        "unchanged": _quiet(table, "change", WITHOUT_CHANGE),
        "compared": table.filter(pl.col("p").is_not_null()).height,
        "groups": [_group_line(rows[0], currency) for rows in differ[:MOST_LINES]],
        "more_groups": max(0, len(differ) - MOST_LINES),
        "alike": _quiet(table, "contrast", WITHOUT_GROUPS),
        "missing": missing(study),
    }


def missing(study: Any) -> list[str]:
    """What a full report would show and this study does not measure yet."""
    faces = {measure.face for measure in scoreboard.measures(study)}
    gaps = [wish for face, wish in WISHES.items() if face not in faces]
    groups = () if study.groups else ("Who differs: no groups are named in study.toml",)
    return [*gaps, *wanted.wishes(study), *groups]


def _levels(table: pl.DataFrame, period: Period) -> list[Row]:
    """This period's level of each measure over all answers, in the order recorded."""
    here = pl.col("period") == period.text
    whole = (pl.col("kind") == "level") & (pl.col("where") == PEOPLE)
    return table.filter(whole & here).to_dicts()


def _flagged(table: pl.DataFrame, kind: str) -> list[Row]:
    """Flagged findings of a kind, largest first, each unit on its own footing."""
    rows = table.filter((pl.col("kind") == kind) & pl.col("flagged")).to_dicts()
    return sorted(rows, key=lambda row: (-_size(row), row["measure"], row["where"] or ""))


def _quiet(table: pl.DataFrame, kind: str, told: tuple[str, str]) -> str:
    """Why no finding of a kind is listed: all were within chance, or there were none."""
    tested = table.filter((pl.col("kind") == kind) & pl.col("p").is_not_null())
    return told[0] if tested.height else told[1]


def _together(rows: list[Row], keys: tuple[str, ...]) -> list[list[Row]]:
    """Rows that share keys, in the order their first one came."""
    lines: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        lines.setdefault(tuple(row[key] for key in keys), []).append(row)
    return list(lines.values())


def _size(row: Row) -> float:
    """A difference relative to its scale, so that points, shares and money can be ranked."""
    if row["unit"] == "points":
        return abs(row["change"]) / 100
    if row["unit"] == "share":
        return abs(row["change"])
    return abs(row["change"]) / (abs(row["before"]) or 1.0)


def _headline(table: pl.DataFrame, *, period: Period, currency: str) -> str:
    levels = _levels(table, period)
    if not levels:
        return f"No result to report for {period.label}"
    row = levels[0]
    name, unit = plain(row["measure"]), row["unit"]
    if row["estimate"] is None:
        return f"Too few answers to report {name} for {period.label}"
    text = f"{name}: {numbers.value(row['estimate'], unit, currency=currency)}"
    changed = _change_of(table, row, "previous")
    if changed and changed["change"] is not None:
        text += f", {_briefly(changed, period, currency)}"
    return f"{text}{_standing_out(table, row)}"


def _briefly(row: Row, period: Period, currency: str) -> str:
    since = _since(period, "previous")
    if not row["flagged"]:
        return f"with {words.NO_CHANGE} on {since}"
    way = "up" if row["change"] > 0 else "down"
    return f"{way} {numbers.amount(row['change'], row['unit'], currency=currency)} on {since}"


def _standing_out(table: pl.DataFrame, level: Row) -> str:
    """The group furthest from everybody else on the headline measure."""
    rows = [row for row in _flagged(table, "contrast") if row["measure"] == level["measure"]]
    if not rows:
        return ""
    row = rows[0]
    side = "above" if row["change"] > 0 else "below"
    where = sentence_case(plain(row["where"]))
    return f". {where} is {numbers.amount(row['change'], row['unit'])} {side} everybody else"


def _tile(row: Row, table: pl.DataFrame, *, study: Any, period: Period) -> Row:
    unit, currency = row["unit"], study.currency
    same = (pl.col("kind") == "level") & (pl.col("where") == PEOPLE)
    series = table.filter(same & (pl.col("measure") == row["measure"])).sort("period")
    return {
        "name": plain(row["measure"]),
        "gloss": _gloss(row, study),
        "value": numbers.value(row["estimate"], unit, currency=currency),
        "interval": numbers.interval(row["low"], row["high"], unit, currency=currency),
        "base": numbers.count(row["base"]),
        "hidden": row["hidden"],
        "changes": [
            _tile_change(_change_of(table, row, against), _since(period, against), currency)
            for against in ("previous", "year_before")
            if _since(period, against)
        ],
        "spark": spark(_placed(series, period)),
    }


def _gloss(row: Row, study: Any) -> str:
    """What the numbers of a tile run from and to, where that is not plain."""
    if row["unit"] == "points":
        return "from −100 to +100"
    if row["unit"] != "mean":
        return ""
    scale = study.item(row["item"]).scale
    side = "more is better" if row["better"] != "down" else "less is better"
    return f"mean on a scale from {scale.low:g} to {scale.high:g}, {side}"


def _placed(series: pl.DataFrame, period: Period) -> list[float | None]:
    """The estimates of the last periods in order, None where there is none."""
    known = dict(series.select("period", "estimate").iter_rows())
    places = [each.text for each in period.last(13)]
    return [known.get(place) for place in places]


def _change_of(table: pl.DataFrame, level: Row, against: str) -> Row | None:
    same = (pl.col("measure") == level["measure"]) & (pl.col("where") == PEOPLE)
    kind = (pl.col("kind") == "change") & (pl.col("against") == against)
    rows = table.filter(same & kind).to_dicts()
    return rows[0] if rows else None


def _since(period: Period, against: str) -> str:
    earlier = period.previous() if against == "previous" else period.year_before()
    # A year's previous period is the year before it: say it once.
    if earlier is None or (against == "year_before" and earlier == period.previous()):
        return ""
    return earlier.label


def _tile_change(row: Row | None, since: str, currency: str) -> Row:
    if row is None or row["change"] is None:
        return {"mark": "", "value": "", "text": f"not measured in {since}"}
    unit = row["unit"]
    ends = numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency)
    if not row["flagged"]:
        return {"mark": "", "value": "", "text": f"{words.NO_CHANGE} on {since} ({ends})"}
    side = {True: " better", False: " worse", None: ""}[_is_good(row)]
    mark = ("▲" if row["change"] > 0 else "▼") + side
    value = numbers.change(row["change"], unit, currency=currency)
    return {"mark": mark, "value": value, "text": f"on {since} ({ends})"}


def _change_line(rows: list[Row], period: Period, currency: str) -> Row:
    """One measure, with each comparison that stands out, the nearest first."""
    first = rows[0]
    ordered = sorted(rows, key=lambda row: row["against"] or "")
    told = [
        words.change(
            {**row, "flagged": True}, since=_since(period, row["against"]), currency=currency
        )
        for row in ordered
    ]
    where = "" if first["where"] == PEOPLE else f", {plain(first['where'])}"
    return {
        "name": f"{plain(first['measure'])}{where}",
        "text": words.listing(told),
        "mark": "▲" if first["change"] > 0 else "▼",
        "good": _is_good(first),
    }


def _group_line(row: Row, currency: str) -> Row:
    unit = row["unit"]
    side = "above" if row["change"] > 0 else "below"
    size = numbers.amount(row["change"], unit, currency=currency)
    ends = numbers.change_interval(row["change_low"], row["change_high"], unit, currency=currency)
    value = numbers.value(row["estimate"], unit, currency=currency)
    return {
        "name": f"{sentence_case(plain(row['where']))} ({spoken(row['by'] or '')})",
        "text": f"{plain(row['measure'])} {value}, {size} {side} everybody else ({ends})",
        "mark": "▲" if row["change"] > 0 else "▼",
        "good": _is_good(row),
    }


def _is_good(row: Row) -> bool | None:
    """Whether a difference is for the better; None where no end is the good one."""
    return None if row["better"] == "none" else (row["change"] > 0) == (row["better"] != "down")
