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
from cxlab.metrics.linkage.buying import bought_after, held_out, histories, worth_ahead
from cxlab.metrics.linkage.chain import levels, of_people, of_units, people, whole
from cxlab.metrics.linkage.disagreement import after_answers, disagreement, stated_and_done
from cxlab.metrics.linkage.joins import joins, lost, strays
from cxlab.metrics.linkage.lags import lags
from cxlab.metrics.linkage.matching import links, sorted_out
from cxlab.metrics.linkage.retention import curves, leaving_by_month, retention
from cxlab.metrics.linkage.reweighting import reweighted
from cxlab.metrics.linkage.spells import answer_spells, attitude, customer_spells
from cxlab.metrics.linkage.table import bought, customer_table
from cxlab.metrics.linkage.units import figures, unit_agreement, unit_months
from cxlab.metrics.linkage.worth import ASSUMPTIONS, worth

__all__ = [
    "ASSUMPTIONS",
    "Agreement",
    "after_answers",
    "agreement",
    "answer_spells",
    "attitude",
    "bought",
    "bought_after",
    "curves",
    "customer_spells",
    "customer_table",
    "disagreement",
    "figures",
    "held_out",
    "histories",
    "joins",
    "lags",
    "leaving_by_month",
    "levels",
    "links",
    "lost",
    "of_people",
    "of_units",
    "people",
    "retention",
    "reweighted",
    "sorted_out",
    "stated_and_done",
    "strays",
    "unit_agreement",
    "unit_months",
    "whole",
    "worth",
    "worth_ahead",
]
