"""What goes with what people say: do they stay, buy, and bring money?

Attitude and behaviour of the same people in one picture. Each question is one file:
`table` makes one customer table of purchase, service, values and feedback, the other
files read it or the tables it was made from.

Time order is always stated: what people do counts from after their answer, never
before. Nothing here is causal: an attitude goes with what people do, it is not shown
to bring it about.

Not here: the statistics themselves (stats), small bases and personal data (guard).
"""

from __future__ import annotations

from cxlab.metrics.linkage.agreement import Agreement, agreement
from cxlab.metrics.linkage.disagreement import after_answers, disagreement, stated_and_done
from cxlab.metrics.linkage.joins import joins, lost, strays
from cxlab.metrics.linkage.matching import links, sorted_out
from cxlab.metrics.linkage.retention import curves, leaving_by_month, retention
from cxlab.metrics.linkage.reweighting import reweighted
from cxlab.metrics.linkage.spells import answer_spells, attitude, customer_spells
from cxlab.metrics.linkage.table import bought, customer_table

__all__ = [
    "Agreement",
    "after_answers",
    "agreement",
    "answer_spells",
    "attitude",
    "bought",
    "curves",
    "customer_spells",
    "customer_table",
    "disagreement",
    "joins",
    "leaving_by_month",
    "links",
    "lost",
    "retention",
    "reweighted",
    "sorted_out",
    "stated_and_done",
    "strays",
]
