"""A chain drawn: every link with its size, what is not clear told apart, nothing unguarded."""

from __future__ import annotations

import polars as pl
import pytest

from cxlab import guard, plots
from cxlab.errors import ColumnMissing

CHAIN = pl.DataFrame(
    [
        ("customers", "on_time → happy", "step", 200, 0.5, 0.4, 0.6),
        ("customers", "happy → money", "step", 200, -0.004, -0.03, 0.02),
        ("customers", "on_time → happy → money", "through", 200, -0.002, -0.01, 0.01),
        ("customers", "on_time → money", "total", 200, 0.1, 0.05, 0.15),
    ],
    schema=["level", "path", "kind", "base", "estimate", "low", "high"],
    orient="row",
)


def drawn(found: pl.DataFrame = CHAIN, **more):
    guarded = guard.hide_small(found, within=["level", "path", "kind"])
    return plots.chain(guarded, title="On time and money", of="customers", **more)


def texts(figure) -> list[str]:
    return [each.text for each in figure.layout.annotations if each.text]


def test_every_measure_has_a_box_and_every_link_its_size():
    figure = drawn(names={"money": "Spent after"})
    assert len(figure.layout.shapes) == 3
    told = [text.replace("\u00a0", " ") for text in texts(figure)]
    assert "0.50 (0.40 to 0.60)" in told
    assert {"On time", "Happy", "Spent after"} <= set(told)
    assert told[-1] == "The whole way: −0.002 (−0.010 to 0.010)"


def test_a_link_that_may_be_nothing_is_thin_and_says_so():
    arrows = [each for each in drawn().layout.annotations if each.showarrow]
    assert len(arrows) == 2
    assert arrows[0].arrowwidth > 2 * arrows[1].arrowwidth
    assert arrows[0].arrowcolor != arrows[1].arrowcolor
    assert sum("not clear" in text for text in texts(drawn())) == 1


def test_the_arrow_is_thicker_the_larger_the_link_whichever_its_sign():
    strong = CHAIN.with_columns(pl.Series("estimate", [0.5, -0.9, 0, 0])).with_columns(
        pl.Series("low", [0.4, -0.95, -1, -1]), pl.Series("high", [0.6, -0.85, 1, 1])
    )
    first, second = [each for each in drawn(strong).layout.annotations if each.showarrow]
    assert second.arrowwidth > first.arrowwidth


def test_words_and_numbers_say_the_same_as_the_figure():
    shown = drawn(what="one answer each")._shown
    assert shown["subtitle"] == "One answer each · 200 customers · 95% intervals in brackets"
    assert [row[0] for row in shown["table"]["rows"]] == [
        "On time, then Happy",
        "Happy, then Money",
        "The whole way",
        "First and last together",
    ]
    assert shown["table"]["rows"][0][2] == "200"
    assert "Happy, then Money: −0.004 (−0.030\u00a0to\u00a00.020), not clear" in shown["alt"]


def test_a_small_base_is_hidden_and_an_unguarded_chain_is_refused():
    few = drawn(CHAIN.with_columns(base=pl.lit(9)))
    assert "fewer than 10" in few._shown["alt"]
    assert "0.50" not in few.to_json()
    with pytest.raises(ColumnMissing, match="`hidden`"):
        plots.chain(CHAIN, title="Unseen")


def test_names_from_data_stay_letters():
    evil = CHAIN.with_columns(pl.col("path").str.replace_all("happy", "<a href='x'>x</a>%{y}"))
    assert "<a href" not in drawn(evil).to_json()
