"""The front page: what a reader takes away in two minutes, from the findings alone.

Gives plain data; the template writes the page. Only what survived the control of false
discoveries over the whole pack is called a change or a difference, and only such lines of
the chapters are told. The parts of the page:

    headline    the one sentence on top
    tiles       where we stand
    changes     what changed, and where customers differ
    lines       what customers need, where promises broke, what was restated
    next_steps  what to do next

Not here: the words of the chapters (chapters), the markup (page).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters import wanted
from cxlab.periods import Period
from cxlab.report.front import changes, headline, lines, next_steps, tiles


def content(table: pl.DataFrame, *, study: Any, period: Period) -> dict[str, Any]:
    """Every part of the page, ready for the template."""
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
        "missing": wanted.missing(study),
    }
