"""Grids of shares and words that tell groups apart: what is drawn, and in which order."""

from __future__ import annotations

import json

import polars as pl
import pytest

from cxlab import guard, plots
from cxlab.errors import ColumnMissing


def shares(*rows: tuple[str, str, int, float | None]) -> pl.DataFrame:
    told = pl.DataFrame(rows, schema=["theme", "period", "base", "share"], orient="row")
    bounded = told.with_columns(low=pl.col("share"), high=pl.col("share"))
    # Themes overlap: no theme can be found by taking the others from a total.
    return guard.hide_small(bounded, within=["theme"])


GRID = (
    ("Delivery", "2026-08", 400, 0.30),
    ("Delivery", "2026-10", 420, 0.42),
    ("Staff", "2026-08", 400, 0.10),
    ("Staff", "2026-10", 5, 0.20),
    ("Price", "2026-10", 420, 0.08),
)


def test_a_grid_keeps_the_order_of_its_rows_and_sorts_its_periods() -> None:
    drawn = plots.heat(shares(*GRID), rows="theme", columns="period", title="Themes").data[0]
    assert [list(line) for line in drawn.z] == [[0.30, 0.42], [0.10, None], [None, 0.08]]
    assert list(drawn.y) == [3, 2, 1]


def test_a_hidden_cell_stays_blank_and_is_a_dash_in_the_table() -> None:
    shown = plots.heat(shares(*GRID), rows="theme", columns="period", title="Themes")._shown
    assert shown["table"]["head"] == ["Theme", "August 2026", "October 2026"]
    assert shown["table"]["rows"] == [
        ["Delivery", "30%", "42%"],
        ["Staff", "10%", "–"],
        ["Price", "–", "8%"],
    ]


def test_the_last_period_is_written_out_and_told() -> None:
    figure = plots.heat(shares(*GRID), rows="theme", columns="period", title="Themes")
    assert [note.text for note in figure.layout.annotations] == ["42%", "–", "8%"]
    assert figure._shown["alt"] == "Themes. October 2026: Delivery 42%; Staff –; Price 8%."


def test_only_the_first_and_the_last_period_are_named_below() -> None:
    months = [("Delivery", f"2026-{month:02}", 400, 0.3) for month in range(1, 11)]
    axis = plots.heat(shares(*months), rows="theme", columns="period", title="Themes").layout.xaxis
    assert list(axis.tickvals) == [0, 9]
    assert list(axis.ticktext) == ["January<br>2026", "October<br>2026"]


def test_two_of_the_same_kind_stand_in_one_order_both_ways() -> None:
    pairs = pl.DataFrame(
        [("b", "a", 90, 0.2), ("b", "b", 90, 1.0), ("a", "a", 80, 1.0), ("a", "b", 80, 0.3)],
        schema=["theme", "beside", "base", "share"],
        orient="row",
    ).with_columns(low=pl.col("share"), high=pl.col("share"))
    drawn = plots.heat(
        guard.hide_small(pairs), rows="theme", columns="beside", title="Together"
    ).data[0]
    assert [list(line) for line in drawn.z] == [[1.0, 0.2], [0.3, 1.0]]


def test_a_grid_the_guard_has_not_seen_is_not_drawn() -> None:
    with pytest.raises(ColumnMissing):
        plots.heat(shares(*GRID).drop("hidden"), rows="theme", columns="period", title="Themes")


def words(*rows: tuple[str, float, bool]) -> pl.DataFrame:
    told = pl.DataFrame(rows, schema=["term", "log_odds", "flagged"], orient="row").with_columns(
        base=pl.lit(50), low=pl.col("log_odds") - 0.5, high=pl.col("log_odds") + 0.5
    )
    return told.select(
        *("term", "base", "log_odds", "low", "high", "flagged"),
        z=pl.col("log_odds") * 2,
        hidden=pl.lit(None, pl.String),
    )


WORDS = (("late", -2.0, True), ("lovely", 1.5, True), ("the", 0.1, False), ("rude", -1.0, True))


def test_each_side_has_its_own_words_the_clearest_outermost() -> None:
    figure = plots.keyness(words(*WORDS), groups=("Detractors", "Promoters"), title="Words")
    assert list(figure.layout.yaxis.ticktext) == ["lovely", "rude", "late"]
    assert list(figure.data[0].x) == [1.5, -1.0, -2.0]
    assert len(set(figure.data[0].marker.color)) == 2


def test_a_word_within_chance_is_not_drawn() -> None:
    drawn = json.dumps(plots.keyness(words(*WORDS), groups=("a", "b"), title="Words").to_dict())
    assert "the" not in json.loads(drawn)["layout"]["yaxis"]["ticktext"]


def test_the_table_says_whose_word_it_is_and_how_much_more() -> None:
    shown = plots.keyness(words(*WORDS), groups=("Detractors", "Promoters"), title="Words")._shown
    assert shown["table"]["rows"][-1] == [
        "late",
        "Detractors",
        "7.4",
        "4.5\u00a0to\u00a012.2",
        "50",
    ]
    assert shown["alt"] == "Words. More from Detractors: late, rude; Promoters: lovely."


def test_no_word_beyond_chance_is_said() -> None:
    figure = plots.keyness(words(("the", 0.1, False)), groups=("a", "b"), title="Words")
    assert figure._shown["title"] == "Words: no word tells them apart beyond chance"


@pytest.mark.parametrize("name", ["<img src=x>", "%{customdata}", "a<br>b"])
def test_no_word_is_read_as_markup(name: str) -> None:
    drawn = plots.keyness(words((name, 2.0, True)), groups=(name, name), title="Words")
    text = json.dumps(drawn.to_dict()["data"]) + json.dumps(drawn.to_dict()["layout"]["yaxis"])
    assert "<img" not in text
    assert "%{" not in text
    assert "a<br>b" not in text
