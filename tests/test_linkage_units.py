"""Figures of units and what their customers say: peers, by hand, by law, the demo, by message."""

from __future__ import annotations

from datetime import date

import numpy as np
import peers
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import linkage
from cxlab.metrics.linkage.lags import earlier
from cxlab.metrics.linkage.units import APART, DIFFER, UNSURE, r_wg
from cxlab.stats import panels

MONTHS = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(18)]
FIVE = Scale(1, 5)


def panel(*, shops: int = 12, seed: int = 1, tie: float = 0.0, lag: int = 0) -> pl.DataFrame:
    """Units × 18 months: a figure, and an outcome that follows it by `tie`, `lag` months on.

    Each unit and each month has a level of its own in both, which ties them together too.
    """
    random = np.random.default_rng(seed)
    level, month = random.normal(size=(shops, 1)), random.normal(size=(1, 18))
    figure = random.normal(size=(shops, 18))
    outcome = random.normal(size=(shops, 18))
    outcome[:, lag:] += tie * figure[:, : 18 - lag]
    return pl.DataFrame(
        {
            "unit_id": [f"unit {at:02}" for at in range(shops) for _ in MONTHS],
            "month": MONTHS * shops,
            "answers": [20] * (18 * shops),
            "unit: engagement": (figure + 3 * level + 3 * month).ravel(),
            "happy": (outcome + 3 * level + 3 * month).ravel(),
        }
    )


def sheets(*rows: tuple[str, str, list[int | None]]) -> pl.DataFrame:
    """Unit, day, answers of that day."""
    flat = [(unit, date.fromisoformat(day), each) for unit, day, marks in rows for each in marks]
    return pl.DataFrame(
        flat, schema={"unit_id": pl.String, "date": pl.Date, "happy": pl.Int64}, orient="row"
    )


FIGURES = pl.DataFrame(
    {
        "unit_id": ["a", "a", "b"],
        "month": [date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 1)],
        "domain": ["staff"] * 3,
        "metric": ["happy"] * 3,
        "value": [3.0, 4.0, 5.0],
    }
)


@pytest.fixture(scope="module")
def demo():
    study = cx.open(DEMO)
    items = ["delivery", "staff", "satisfaction", "recommend"]
    return linkage.unit_months(study.responses, study.units, items=items)


# -------------------------------------------------------------------------------- beside peers
@peers.beside
def test_07a_agreement_within_groups():
    want = peers.expected("07a-icc-rwg-bh1996")
    rows = peers.data("07a-icc-rwg-bh1996")
    found = r_wg(rows, group="grp", answer="y", chance=2.0)
    assert found["r_wg"].mean() == pytest.approx(want["rwg_mean"], rel=1e-9)
    assert found["r_wg"].median() == pytest.approx(want["rwg_median"], rel=1e-9)
    assert found["r_wg"].to_list()[:5] == pytest.approx(want["rwg_first5"], rel=1e-9)


@peers.beside
def test_07a_means_of_units_by_the_peer():
    want = peers.expected("07a-icc-rwg-bh1996")
    rows = peers.data("07a-icc-rwg-bh1996").select(
        pl.col("grp").cast(pl.String).alias("unit_id"), pl.lit(MONTHS[0]).alias("date"), "y"
    )
    found = linkage.unit_agreement(rows, scales={"y": FIVE}).row(0, named=True)
    assert (found["base"], found["cells"]) == (want["n"], want["groups"])
    assert found["icc1"] == pytest.approx(want["ICC1"], rel=1e-9)
    assert found["icc2"] == pytest.approx(want["ICC2"], rel=1e-9)
    assert found["low"] < want["ICC1"] < found["high"]
    assert found["usable"]


# -------------------------------------------------------------------------------- by hand
def test_means_stand_beside_figures_of_the_same_name_unit_and_month():
    rows = sheets(
        ("a", "2026-01-05", [1, 2, None]), ("a", "2026-01-31", [3]), ("b", "2026-02-01", [4, 5])
    )
    found = linkage.unit_months(rows, FIGURES, items=["happy"])
    assert found.rows() == [
        ("a", date(2026, 1, 1), 4, 2.0, 3.0),
        ("a", date(2026, 2, 1), 0, None, 4.0),
        ("b", date(2026, 1, 1), 0, None, 5.0),
        ("b", date(2026, 2, 1), 2, None, None),
    ]


def test_what_the_table_of_units_holds():
    found = linkage.figures(FIGURES, start=date(2026, 1, 1), end=date(2026, 2, 1))
    assert found.rows() == [("staff", "happy", 2, 1, 4.0, 3.0, 5.0)]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("a", [4, 4, 5, 4]), ("b", [2, 2, 1, 2]), ("c", [4, 5, 4, 4])], None),
        ([("a", [1, 5, 1, 5]), ("b", [5, 1, 5, 1]), ("c", [1, 5, 5, 1])], DIFFER),
        ([("a", [5] * 9 + [1]), ("b", [1] * 9 + [5]), ("c", [3] * 5 + [1, 5] * 3)], APART),
        (
            [(each, [3, 4] * 40 + [4] * more) for each, more in (("a", 0), ("b", 4), ("c", 2))],
            DIFFER,
        ),
    ],
)
def test_means_are_refused_where_units_do_not_differ_or_people_do_not_agree(rows, why):
    days = sheets(*((unit, "2026-03-01", marks) for unit, marks in rows))
    found = linkage.unit_agreement(days, scales={"happy": FIVE}).row(0, named=True)
    assert found["why"] == why
    assert found["usable"] == (why is None)


def test_a_mean_of_few_answers_is_mostly_chance():
    random = np.random.default_rng(5)
    rows = [
        (f"u{at}", "2026-03-01", [int(x) for x in random.integers(2, 5, 4) + (at % 4 == 0)])
        for at in range(80)
    ]
    found = linkage.unit_agreement(sheets(*rows), scales={"happy": FIVE}).row(0, named=True)
    assert found["p"] < 0.05
    assert found["icc2"] < 0.5
    assert found["why"] == UNSURE


# --------------------------------------------------------------------------------- by law
def test_a_month_of_delay_is_found_at_that_month_and_at_no_other():
    found = linkage.lags(panel(tie=0.6, lag=1), outcomes=["happy"], samples=999)
    assert found.filter(pl.col("p_any") < 0.05)["lag"].to_list() == [1]
    row = found.row(1, named=True)
    assert 0.3 < row["low"] < row["r"] < row["high"] < 0.8
    assert (row["units"], row["cells"], row["base"]) == (12, 204, 4320)
    assert found["p"].min() == pytest.approx(0.001)


def test_levels_of_units_and_seasons_make_no_tie():
    claimed = held = 0
    for seed in range(40):
        found = linkage.lags(panel(shops=6, seed=seed), outcomes=["happy"], samples=199)
        claimed += found["p_any"].min() < 0.05
        held += found.filter((pl.col("low") <= 0) & (pl.col("high") >= 0)).height
    assert claimed <= 6
    assert held >= 0.88 * 160


def test_intervals_are_as_wide_as_what_is_left_of_few_units_allows():
    found = [
        linkage.lags(panel(shops=6, seed=seed), outcomes=["happy"], most=0) for seed in range(9)
    ]
    reach = [np.arctanh(each["high"].item()) - np.arctanh(each["r"].item()) for each in found]
    # 5 units and 17 months are free once the means of both are taken off.
    assert np.mean(reach) == pytest.approx(1.96 / (5 * 17) ** 0.5, rel=0.04)


def test_the_order_of_the_rows_and_the_unit_of_measure_do_not_matter():
    some = panel(tie=0.5)
    other = some.sample(fraction=1, shuffle=True, seed=3).with_columns(
        pl.col("unit: engagement") * 1000 + 5
    )
    one, two = (linkage.lags(each, outcomes=["happy"], samples=99) for each in (some, other))
    assert_frame_equal(one, two, rel_tol=1e-6)


def test_gaps_are_gaps_and_no_month_slides_into_the_next():
    some = panel(tie=0.8, lag=1)
    holes = some.with_columns(
        pl.when(pl.int_range(pl.len()) % 7 != 0).then("happy").alias("happy")
    ).filter(pl.col("happy").is_not_null() | (pl.col("month") != MONTHS[4]))
    found = linkage.lags(holes, outcomes=["happy"], samples=199)
    assert found.sort("p", "lag")["lag"][0] == 1
    assert found["r"][1] == pytest.approx(0.6, abs=0.15)


def test_a_figure_of_earlier_months_stands_where_it_is_needed():
    found = earlier(panel(), figure="engagement", months=2)
    by_month = found.filter(pl.col("unit_id") == "unit 03").sort("month")
    before = by_month["unit: engagement"].to_list()
    assert by_month["engagement"].to_list() == [None, None, *before[:-2]]


def test_too_few_units_or_months_have_no_rows_and_are_refused_in_words():
    assert linkage.lags(panel(shops=4), outcomes=["happy"]).is_empty()
    with pytest.raises(OutOfRange, match="5 units and 8 months; there are 4 and 18"):
        panels.lagged(panel(shops=4), first="unit: engagement", second="happy")
    with pytest.raises(OutOfRange, match="most must be 0 or more months; it is -1"):
        panels.lagged(panel(), first="happy", second="unit: engagement", most=-1)
    with pytest.raises(ColumnMissing, match="`happiness`"):
        panels.lagged(panel(), first="happiness", second="happy")


# ------------------------------------------------------------------------------- the demo
def test_staff_comes_a_month_before_customers(demo):
    found = linkage.lags(demo, outcomes=["satisfaction"], samples=999)
    clear = found.filter(pl.col("p") <= 0.001).sort("figure")
    assert clear.select("figure", "lag").rows() == [("engagement", 1), ("on_time_share", 0)]
    row = clear.row(0, named=True)
    assert row["low"] < 0.5 < row["high"]
    assert found.filter((pl.col("figure") == "engagement") & (pl.col("lag") != 1))["p"].min() > 0.1


def test_training_goes_with_the_rating_of_the_people_met(demo):
    row = linkage.lags(demo, figures=["trained_share"], outcomes=["staff"], most=0, samples=999)
    assert row["p"].item() <= 0.002
    assert row["r"].item() > 0.2


def test_punctual_depots_make_a_chain_at_the_level_of_units(demo):
    found = linkage.of_units(
        demo, figure="on_time_share", steps=["delivery", "satisfaction", "recommend"], samples=300
    )
    steps = found.filter(pl.col("kind") == "step")
    assert found["level"].unique().to_list() == ["units and months"]
    assert steps["path"].to_list() == [
        "on_time_share → delivery",
        "delivery → satisfaction",
        "satisfaction → recommend",
    ]
    assert (steps["low"] > 0).all()
    assert steps["estimate"][0] == pytest.approx(0.9, abs=0.05)
    assert (steps["least"] <= steps["estimate"]).all()
    assert (steps["estimate"] <= steps["most"]).all()
    assert 0 < linkage.whole(found) == steps["p"].max() < 0.05


def test_a_chain_of_too_few_months_and_units_is_refused():
    few = panel(shops=5).filter(pl.col("month") < MONTHS[9])
    with pytest.raises(OutOfRange, match="needs 12 rows or clusters; it has 9"):
        linkage.of_units(few, figure="engagement", steps=["happy"])
