"""The chapter on drivers says what goes with satisfaction, and how surely."""

from __future__ import annotations

import json

import polars as pl
import pytest

import cxlab as cx
from cxlab import guard, plots
from cxlab.chapters.drivers import tables as drivers
from cxlab.chapters.drivers import told as drivers_told
from cxlab.chapters.drivers.tables import Explained
from cxlab.errors import ColumnMissing


@pytest.fixture(scope="module")
def said(root: object) -> Explained:
    return drivers.of(cx.open(f"{root}/data/demo"), cx.period("2026-10"))


@pytest.fixture(scope="module")
def found(said: Explained) -> pl.DataFrame:
    return drivers.importance(said)


def test_a_month_is_read_with_the_year_that_ends_with_it(said: Explained) -> None:
    days = said.answers["date"]
    assert (str(days.min()), str(days.max())) == ("2025-11-01", "2026-10-28")
    assert said.since == "November 2025"


def test_delivery_comes_first_and_what_weighs_nothing_is_not_claimed(found: pl.DataFrame) -> None:
    assert found["item"][0] == "delivery"
    claimed = dict(found.select("item", "flagged").iter_rows())
    assert claimed["delivery"]
    assert not claimed["packaging"]
    assert not claimed["returns"]


def test_the_answer_gives_share_interval_and_probability(
    said: Explained, found: pl.DataFrame
) -> None:
    told = drivers_told.answer(found, said).text
    assert told.startswith("Delivery goes with satisfaction most: 5")
    assert "first with a probability of 99%" in told
    assert "goes with" in told


def test_without_a_claim_the_answer_says_so(said: Explained, found: pl.DataFrame) -> None:
    none = found.with_columns(flagged=pl.lit(False))
    told = drivers_told.answer(none, said)
    assert told.text == "No driver goes with satisfaction beyond chance in these answers."


def test_findings_name_each_driver_once(found: pl.DataFrame) -> None:
    rows = drivers.recordable(found)
    assert rows["measure"].is_unique().all()
    assert rows["estimate"].sum() == pytest.approx(1)


def dots(*rows: tuple[str, float, float]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["driver", "performance", "share"], orient="row")
    bounded = table.with_columns(
        base=pl.lit(100),
        quadrant=pl.lit("low priority"),
        importance_line=pl.lit(0.3),
        performance_line=pl.lit(0.5),
        **{name: pl.col("share") for name in ("low", "high")},
        **{f"performance_{end}": pl.col("performance") for end in ("low", "high")},
    )
    keys = ["driver", "base"]
    return guard.hide_small(bounded.select(*keys, pl.exclude(keys)), within=["driver"])


def test_a_name_that_would_cover_another_is_left_to_the_table() -> None:
    heap = [f"near {letter}" for letter in "abcdefghi"]
    figure = plots.quadrants(
        dots(("far", 0.9, 0.6), *((name, 0.30, 0.10) for name in heap)), title="Map"
    )
    named = [text for text in figure.data[0].text if text]
    assert "far" in named
    assert len(named) < 1 + len(heap)
    assert {row[0] for row in figure._shown["table"]["rows"]} == {"far", *heap}
    assert "near a: importance 10%, performance 30%, low priority" in figure._shown["alt"]


def test_the_map_prints_names_as_they_are() -> None:
    drawn = plots.quadrants(dots(("<img src=x>", 0.9, 0.6)), title="Map").to_dict()
    assert "<img" not in json.dumps(drawn["data"])


def test_the_map_refuses_what_the_guard_has_not_seen() -> None:
    with pytest.raises(ColumnMissing):
        plots.quadrants(dots(("a", 0.9, 0.6)).drop("hidden"), title="Map")
