"""The front page: what a reader takes away in two minutes, from the findings alone.

Gives plain data; the template writes the page. Only what survived the control of false
discoveries over the whole pack is called a change or a difference, and only such lines of
the chapters are told. The parts of the page:

    headline    the one sentence on top
    tiles       where we stand
    changes     what changed, and where customers differ
    lines       what customers need, where promises broke, what was restated
    next_steps  what to do next

Not here: the words of the chapters (drivers_front and its siblings), the markup (pages).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from cxlab import scoreboard
from cxlab.periods import Period
from cxlab.report import wanted
from cxlab.report.front import changes, headline, lines, next_steps, tiles

# What a loyalty report would like to have, and what a study must bring for it.
WISHES = {
    "advocacy": "Whether customers would recommend us: a survey item from 0 to 10",
    "satisfaction": "How satisfied customers are: a satisfaction item",
    "effort": "How easy it is to be our customer: an effort item",
    "retention": "Who stays: a customers table with the dates people joined and left",
    "purchasing": "What customers buy: an orders table, or an item on buying again",
}


def content(
    table: pl.DataFrame, *, study: Any, period: Period, absent: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Every part of the page, ready for the template.

    `absent` names the chapters the study has nothing for, with what each of them would take.
    """
    currency = study.currency
    return {
        "headline": headline.sentence(table, period=period, currency=currency),
        "tiles": tiles.tiles(table, study=study, period=period),
        "changes": changes.changes(table, period=period, currency=currency),
        "needs": lines.needs(table),
        "promises": lines.promises(table, study=study),
        "steps": next_steps.steps(table, period=period, currency=currency),
        "groups": changes.groups(table, currency=currency),
        "restated": lines.restated(table),
        "compared": table["p_adjusted"].count(),
        "missing": missing(study, absent=absent),
    }


def missing(study: Any, *, absent: Mapping[str, str] | None = None) -> list[str]:
    """What a full report would show and this study does not measure yet.

    A chapter that was left out for it is named.
    """
    faces = {measure.face for measure in scoreboard.measures(study)}
    gaps = [wish for face, wish in WISHES.items() if face not in faces]
    left_out = {wish: chapter for chapter, wish in (absent or {}).items()}
    wishes = [
        f"{wish} (the chapter “{left_out[wish]}” was left out)" if wish in left_out else wish
        for wish in wanted.wishes(study)
    ]
    groups = () if study.groups else ("Who differs: no groups are named in study.toml",)
    return [*gaps, *wishes, *groups]
