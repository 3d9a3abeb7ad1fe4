"""One way to read every result: as rows of a name, an estimate and its interval.

The scoreboard already speaks it (`measure`, `unit`, `estimate`, `low`, `high`). A metric's
own table (`base`, `score`, `low`, `high`) is brought to it here, so that each figure is
written once.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.errors import UnknownName, listed, require_columns, require_known
from cxlab.guard import LABELS, require_guarded
from cxlab.plots.numbers import count
from cxlab.plots.texts import plain, sentence_case, spoken

UNITS = {"score": "points", "share": "share", "mean": "mean"}
NAMES = {"score": "Net promoter score", "share": "Share", "mean": "Mean"}
# One respondent may be in several of these groups: their bases do not add up.
OVERLAPPING = ("theme", "driver", "need")
# Nor do these, and each has a base of its own.
APART = ("asset", "experiment")
Row = dict[str, Any]


def as_long(result: pl.DataFrame, *, measure: str | None = None) -> pl.DataFrame:
    """The guarded result in the long shape, for one measure where there are several.

    Raises ColumnMissing for a result the guard has not seen, UnknownName for a measure
    that is not in it.
    """
    require_guarded(result)
    long = result if "estimate" in result.columns else _named(result)
    if measure is not None:
        require_known(measure, long["measure"].unique(maintain_order=True), what="measure")
        return long.filter(pl.col("measure") == measure)
    return long


def only_measure(long: pl.DataFrame) -> str:
    """The one measure of a figure; raises UnknownName when there are several or none."""
    names = long["measure"].unique(maintain_order=True).to_list()
    if len(names) != 1:
        raise UnknownName(f"a figure shows one measure; name one of {listed(names)}.")
    return str(names[0])


def group_columns(long: pl.DataFrame) -> list[str]:
    """The key columns that say whose answers a row counts."""
    keys = long.columns[: long.columns.index("base")]
    return [name for name in keys if name not in LABELS]


def who(row: Row, groups: list[str]) -> str:
    """A row's group in words: mobile, or mobile · VIP; "All answers" without groups."""
    names = [plain(row[name]) or "(blank)" for name in groups]
    return " · ".join(sentence_case(name) for name in names) if names else "All answers"


def subtitle(long: pl.DataFrame, *, note: str = "") -> str:
    """What is measured and on how many answers, for below a figure's title."""
    name = plain(long["measure"].first() if long.height else "")
    parts = [name, note, _bases(long), "lines show 95% intervals"]
    return " · ".join(part for part in parts if part)


def sections(long: pl.DataFrame) -> list[tuple[str, list[Row]]]:
    """The rows under their grouping: one section per `by`, one without a name if none."""
    if "by" not in long.columns:
        return [("", long.to_dicts())]
    parts = long.partition_by("by", maintain_order=True)
    return [(spoken(str(part["by"].first())), part.to_dicts()) for part in parts]


def _bases(long: pl.DataFrame) -> str:
    """The answers behind a figure; of several groupings or periods, those of the largest."""
    part = next(
        (name for name in ("period", "by", *OVERLAPPING, *APART) if name in long.columns), None
    )
    sums = long.group_by(part).agg(pl.col("base").sum())["base"] if part else long["base"]
    largest = (sums.max() if part else sums.sum()) or 0
    several = part in ("period", *APART) and long[part].n_unique() > 1
    size = count(float(str(largest)))
    each = " a period" if several and part == "period" else ""
    return f"{'up to ' * several}{size} {counted(long)}{each}"


def counted(long: pl.DataFrame) -> str:
    """What bases count: what a column `counted` says, else answers."""
    return str(long["counted"].first()) if "counted" in long.columns and long.height else "answers"


def _named(result: pl.DataFrame) -> pl.DataFrame:
    require_columns(result, ["base", "low", "high"], what="result")
    estimate = result.columns[result.columns.index("low") - 1]
    before = result.columns[: result.columns.index("base")]
    return result.select(
        pl.lit(NAMES.get(estimate, sentence_case(spoken(estimate)))).alias("measure"),
        pl.lit(UNITS.get(estimate, estimate)).alias("unit"),
        *before,
        "base",
        pl.col(estimate).alias("estimate"),
        *("low", "high", "hidden"),
    )
