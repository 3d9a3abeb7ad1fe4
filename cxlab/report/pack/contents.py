"""The page that leads to the reports of all groups: what each stands at, and who is missing.

Levels with their intervals, and nothing flagged: false discoveries are controlled within
each report, and here they would add up over all of them.

Not here: making the reports (each), what a report's own front page says (front).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.chapters import evidence, making
from cxlab.errors import EmptyPeriod
from cxlab.periods import Period
from cxlab.plots import numbers
from cxlab.plots.texts import plain, sentence_case, spoken
from cxlab.report.page import pages
from cxlab.study_part import Part

ABOVE = "All reports"
MOST_MEASURES = 6
Cell = dict[str, Any]


@dataclass(frozen=True)
class Groups:
    """The groups of a column: those that get a report, and those that get none, and why.

    `unknown`: there are answer sheets of no known group.
    """

    by: str
    shown: tuple[Part, ...]
    small: tuple[Part, ...]
    why: str
    unknown: bool


def groups(study: Any, period: Period, *, by: str) -> Groups:
    """Which groups of a column have enough answer sheets in the period to be reported on.

    The largest come first. A group nobody is in this time is small; sheets of no known
    group count as one that gets no report. Raises EmptyPeriod where none is large enough.
    """
    inside = period.only(study.responses).group_by(by).agg(pl.len().cast(pl.Int64).alias("base"))
    every = study.responses.select(by).unique()
    counted = every.join(inside, on=by, how="left", nulls_equal=True).with_columns(
        pl.col("base").fill_null(0)
    )
    judged = guard.hide_small(counted.sort(by).collect(), minimum=study.minimum_base)
    known, large = judged.filter(pl.col(by).is_not_null()), pl.col("hidden").is_null()
    shown = known.filter(large).sort("base", by, descending=[True, False])
    if shown.is_empty():
        raise EmptyPeriod(
            f"no {_called(by)} has {study.minimum_base} answers or more in {period.label}; "
            "there is nothing to report by it."
        )
    return Groups(
        by=by,
        shown=tuple(Part(by, value) for value in shown[by]),
        small=tuple(Part(by, value) for value in known.filter(~large)[by]),
        why=str(judged["hidden"].drop_nulls().first() or ""),
        unknown=judged.height > known.height,
    )


def write(
    folder: Path,
    found: Groups,
    *,
    hrefs: Mapping[str, str],
    failed: Mapping[str, str],
    study: Any,
    period: Period,
) -> None:
    """Write index.html; `hrefs` has the page of each group that has one, by its part."""
    about = {
        "language": study.settings.language,
        "study": study.name,
        "period": period.label,
        "made": [*making.facts_of(study, period), ("Divided by", sentence_case(_called(found.by)))],
        "links": [{"href": "index.html", "title": ABOVE, "here": True}],
        "title": ABOVE,
    }
    page = pages.contents(content(found, hrefs, failed, study=study, period=period), about)
    (folder / "index.html").write_text(page, encoding="utf-8")


def content(
    found: Groups,
    hrefs: Mapping[str, str],
    failed: Mapping[str, str],
    *,
    study: Any,
    period: Period,
) -> dict[str, Any]:
    """What the page says, as plain data: one row for each report, in the order of the names."""
    table = evidence.by_group(study, period, by=found.by)
    measures = table.select("measure", "unit").unique(maintain_order=True).rows()[:MOST_MEASURES]
    cells = {
        (row["measure"], row[found.by]): _cell(row, study.currency) for row in table.to_dicts()
    }
    rows = [
        {
            "name": plain(part.value),
            "href": hrefs[part.text],
            "whole": part.text not in failed,
            "cells": [cells.get((name, part.value), _cell(None, "")) for name, _ in measures],
        }
        for part in _by_name(found.shown)
        if part.text in hrefs
    ]
    return {
        "by": _called(found.by),
        "head": [_head(name, unit) for name, unit in measures],
        "rows": rows,
        "failed": [plain(part.value) for part in _by_name(found.shown) if part.text in failed],
        "small": [plain(part.value) for part in _by_name(found.small)],
        "why": found.why,
        "unknown": found.unknown,
    }


def _called(column: str) -> str:
    return spoken(column.removesuffix("_id"))


def _by_name(parts: tuple[Part, ...]) -> list[Part]:
    return sorted(parts, key=lambda part: (part.value.casefold(), part.value))


def _head(measure: str, unit: str) -> str:
    gloss = {"points": " (−100 to +100)", "mean": " (mean)"}.get(unit, "")
    return f"{plain(measure)}{gloss}"


def _cell(row: dict[str, Any] | None, currency: str) -> Cell:
    """A value with its interval and base, or why there is none."""
    if row is None or row["hidden"] or row["estimate"] is None:
        why = plain(row["hidden"]) if row and row["hidden"] else "not measured"
        return {"value": numbers.NONE, "notes": [why]}
    unit = row["unit"]
    ends = numbers.interval(row["low"], row["high"], unit, currency=currency)
    return {
        "value": numbers.value(row["estimate"], unit, currency=currency),
        "notes": [ends, f"{numbers.count(row['base'])} answers"],
    }
