"""How many are still waiting, or still customers, as time goes by: steps with their bands."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.guard import LABELS, require_guarded
from cxlab.plots import numbers
from cxlab.plots.longform import who
from cxlab.plots.steps import MOST_LINES, Mark, Row, layout, share, traces, when
from cxlab.plots.texts import plain

# More moments than this would tell of single cases when each of them ended.
MOST_TIMES = 100


def survival(
    result: pl.DataFrame,
    *,
    title: str,
    what: str = "share still waiting",
    of: str = "cases",
    unit: str = "hours",
    mark: Mark | None = None,
) -> Any:
    """A figure of the share that is left after each time: steps, bands, names at the edge.

    Takes `survival.at` of a curve, guarded within `hours`: the groups, `hours` (any unit of
    time, told by `unit`), `base` (counted in `of`), `share`, `low`, `high`; a null share is
    a time nobody was followed to. A column `censored`, where there is one, marks the times
    up to which some were followed no further. `mark` draws a promised time with its name.

    Raises ColumnMissing unless guarded, OutOfRange for over 100 times: a step per case.
    """
    from cxlab.plots.chart import chart

    require_guarded(result)
    require_columns(result, ["hours", "base", "share", "low", "high"], what="result")
    times, every = _times(result), _groups(result)
    seen = {name: rows for name, rows in every.items() if _hidden(rows) is None}
    lines = dict(list(seen.items())[:MOST_LINES])
    return chart(
        traces(lines, unit=unit, of=of),
        layout(lines, times, unit=unit, mark=mark),
        title=title,
        subtitle=_subtitle(every, what=what, of=of),
        alt=f"{title}. {_told(every, unit=unit, mark=mark)}",
        numbers=_numbers(every, times, title=title, unit=unit),
    )


def _times(result: pl.DataFrame) -> list[float]:
    times = result["hours"].unique().sort().to_list()
    if len(times) > MOST_TIMES:
        raise OutOfRange(
            f"a curve must be read at {MOST_TIMES} times or fewer; it has {len(times)}. "
            "Read it with stats.survival.at first."
        )
    return times


def _groups(result: pl.DataFrame) -> dict[str, list[Row]]:
    """The rows of each group in time order, as far as anybody was followed."""
    keys = result.columns[: result.columns.index("base")]
    groups = [name for name in keys if name not in (*LABELS, "hours")]
    known = result.filter(pl.col("share").is_not_null() | pl.col("hidden").is_not_null())
    every: dict[str, list[Row]] = {}
    for row in known.sort(*groups, "hours").to_dicts():
        every.setdefault(who(row, groups) if groups else "", []).append(row)
    return every


def _hidden(rows: list[Row]) -> str | None:
    """Why a group is not shown; null where it is."""
    return next((row["hidden"] for row in rows if row["hidden"] is not None), None)


def _subtitle(every: dict[str, list[Row]], *, what: str, of: str) -> str:
    base = sum(rows[0]["base"] for rows in every.values() if _hidden(rows) is None)
    gone = [f"{name} ({why})" for name, rows in every.items() if (why := _hidden(rows))]
    parts = [plain(what, longest=160), f"{numbers.count(base)} {of}", "bands show 95% intervals"]
    return " · ".join([*parts, *([f"not shown: {', '.join(gone)}"] if gone else [])])


def _told(every: dict[str, list[Row]], *, unit: str, mark: Mark | None) -> str:
    """What is left at the promised or the middle time, and at the last one, of each group."""
    told = []
    for name, rows in every.items():
        aim = mark[0] if mark else rows[-1]["hours"] / 2
        middle = [row for row in rows if row["hours"] <= aim][-1:]
        ends = {row["hours"]: row for row in (*middle, rows[-1])}.values()
        each = ", ".join(f"{share(row)} after {when(row['hours'], unit)}" for row in ends)
        told.append(": ".join(part for part in (name, _hidden(rows) or each) if part))
    return f"{'; '.join(told)}." if told else "Nothing to show."


def _numbers(
    every: dict[str, list[Row]], times: list[float], *, title: str, unit: str
) -> dict[str, Any]:
    """One line per time, one column per group: what is left, with its interval."""
    cells = {name: {row["hours"]: row for row in rows} for name, rows in every.items()}
    rows = [
        [
            when(time, unit),
            *(_hidden(every[name]) or share(cells[name].get(time, {})) for name in every),
        ]
        for time in times
    ]
    heads = [f"{name} ({numbers.count(part[0]['base'])})" for name, part in every.items() if name]
    return {"caption": title, "head": ["After", *(heads or ["Share"])], "rows": rows, "keys": 1}
