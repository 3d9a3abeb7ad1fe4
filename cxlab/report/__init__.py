"""One period of one study as pages that anybody can open.

`render` runs the notebooks of `notebooks/reports` and publishes the pack. In a notebook,
`evidence` gives guarded tables, `findings.record` writes down what was found, and
`answer`, `came_in`, `differences`, `trust` and `made` write the sentences between the charts.

The only door to papermill and nbconvert; both are loaded when a report is rendered.
"""

from __future__ import annotations

from cxlab.report import evidence, findings
from cxlab.report.pack import Pack, render
from cxlab.report.telling import (
    answer,
    answers_chart,
    came_in,
    differences,
    groups_chart,
    made,
    moved,
    movement,
    trust,
)

__all__ = [
    "Pack",
    "answer",
    "answers_chart",
    "came_in",
    "differences",
    "evidence",
    "findings",
    "groups_chart",
    "made",
    "moved",
    "movement",
    "render",
    "trust",
]
