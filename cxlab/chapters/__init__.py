"""What the notebooks of a report show: one room per chapter, and what all of them share.

A chapter's `tables` are what it rests on, guarded; `told` writes the sentences, charts and
tables of its page; `front` records its findings and tells the front page of them. `evidence`
is where every table is guarded, `wanted` says what each chapter needs of a study.

Not here: measuring (metrics, text, scoreboard), running notebooks and publishing (report).
"""

from __future__ import annotations

from cxlab.chapters import evidence
from cxlab.chapters.loyalty.told import (
    answer,
    answers_chart,
    differences,
    groups_chart,
    moved,
    movement,
)
from cxlab.chapters.opening import came_in, made, trust

__all__ = [
    "answer",
    "answers_chart",
    "came_in",
    "differences",
    "evidence",
    "groups_chart",
    "made",
    "moved",
    "movement",
    "trust",
]
