"""Is this month out of line with what usually happens?

Control charts: limits three standard errors either side of what is usual. Inside them, ups
and downs are the usual ones; about 3 points in 1,000 fall outside by chance.

    counts    shares (p), counts (np) and counts per answer (u)
    means     samples of ratings: their means (x-bar) and their spread (s)
    singles   one number per month: individuals and moving range (I-MR)
    drifts    slow drifts (EWMA, CUSUM), and runs on one side of the centre

Each gives the samples in the order given, with `centre`, `lower`, `upper` and `out`.

Not here: where a series breaks (breaks), whether it rises (trends), one change (compare).
"""

from cxlab.stats.control.counts import np_chart, p_chart, u_chart
from cxlab.stats.control.drifts import cusum, ewma, runs
from cxlab.stats.control.means import s_chart, within_deviation, xbar_chart
from cxlab.stats.control.singles import individuals, moving_range

# How often a point of a steady series falls outside limits of three standard errors.
BY_CHANCE = 0.0026997960632601866

__all__ = [
    "BY_CHANCE",
    "cusum",
    "ewma",
    "individuals",
    "moving_range",
    "np_chart",
    "p_chart",
    "runs",
    "s_chart",
    "u_chart",
    "within_deviation",
    "xbar_chart",
]
