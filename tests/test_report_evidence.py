"""The tables of a chapter, judged together."""

from __future__ import annotations

import polars as pl

from cxlab.chapters import evidence


def comparisons(*p: float | None) -> pl.DataFrame:
    table = pl.DataFrame({"p": list(p)}, schema={"p": pl.Float64})
    return table.with_columns(p_adjusted=pl.lit(0.0), flagged=pl.lit(True))


def test_tables_judged_together_share_one_control_of_false_discoveries() -> None:
    # Alone, .008 would be flagged; as the third of four comparisons its limit is .0075.
    one, other = evidence.judged(comparisons(0.008, None), comparisons(0.001, 0.002, 0.9))
    assert one["flagged"].to_list() == [False, False]
    assert other["flagged"].to_list() == [True, True, False]
    assert other["p_adjusted"].round(4).to_list() == [0.004, 0.004, 0.9]


def test_a_table_without_rows_is_judged_with_the_others() -> None:
    none, one = evidence.judged(comparisons(), comparisons(0.008))
    assert none.height == 0
    assert one["flagged"].to_list() == [True]
