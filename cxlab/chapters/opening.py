"""What every chapter opens and ends with: what came in, how far to trust it, how it was made."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters import evidence
from cxlab.chapters.making import facts_of
from cxlab.load.checked.receipt import totals
from cxlab.periods import Period
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain


def came_in(study: Any, period: Period) -> Shown:
    """How many rows came in, were kept and rejected; raises EmptyPeriod when none is dated so."""
    answers = evidence.require_answers(study, period)
    files = len(study.receipt["files"])
    read, kept, rejected = totals(study.receipt)
    text = (
        f"{numbers.count(answers)} answer sheets are dated {period.label}. "
        f"In all, {numbers.count(read)} rows were read from {files} "
        f"file{'' if files == 1 else 's'}: {numbers.count(kept)} kept, "
        f"{numbers.count(rejected)} rejected, each with its reason."
    )
    return shown.sentence(text)


def trust(study: Any, period: Period, *, measure: str) -> Shown:
    """How far the numbers carry: base, weights, unscored answers, rows that found no match."""
    return shown.facts(_doubts(study, period, measure))


def made(study: Any, period: Period) -> Shown:
    """Period, parameters, rows, fingerprint and versions: enough to make the page again."""
    return shown.facts(facts_of(study, period), kind="made")


def _doubts(study: Any, period: Period, measure: str) -> list[tuple[str, str]]:
    levels = evidence.now(study, period)
    row = next(iter(levels.filter(pl.col("measure") == measure).to_dicts()), None)
    answers = evidence.require_answers(study, period)
    rows = [("Answer sheets in the period", numbers.count(answers))]
    if row and row["base"] is not None:
        rows.append((f"Of them with {plain(measure)}", numbers.count(row["base"])))
    if study.weight and row and row["effective_base"] is not None:
        rows.append(("Worth as many unweighted answers as", numbers.count(row["effective_base"])))
    rows.append(("Weighted", _weighted(study)))
    rows.append(("Groups shown from", f"{study.minimum_base} answers up"))
    unscored = study.not_scored.height
    rows.append(
        ("Answers such as “don't know”, in all files", f"{numbers.count(unscored)}, left out")
    )
    return rows


def _weighted(study: Any) -> str:
    """Whether answers are weighted, and what that does to intervals (benchmarks/coverage.py)."""
    if not study.weight:
        return "no, every answer counts the same"
    return (
        "yes; in a trial where those who weigh most also differ most, intervals of shares, "
        "means and scores held the truth in 94 to 96 of 100 cases, from 30 answers up"
    )
