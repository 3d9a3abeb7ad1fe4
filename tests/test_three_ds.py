"""Design, delivery, development: by hand, by law, on the planted truths, by message."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from packs import DEMO
from peers import beside, data, expected
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.changed import Change
from cxlab.codebook import Item, Scale
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import gap
from cxlab.periods import with_period
from cxlab.stats import between, clustered, exact

FIVE = Scale(1, 5)
PARTS = [Item(name, scale=FIVE) for name in ("range", "price", "site")]
START = date(2026, 3, 1)


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


@pytest.fixture(scope="module")
def year(demo):
    """The answers of the demo's last year with their months and their score in points."""
    recommend = pl.col("recommend")
    points = 100 * ((recommend >= 9).cast(pl.Int64) - (recommend <= 6).cast(pl.Int64))
    rows = demo.responses.filter(pl.col("date") >= date(2025, 11, 1))
    return with_period(rows.with_columns(points=points), "month").collect()


# --------------------------------------------------------------------------------- design
def offers() -> pl.DataFrame:
    """Twenty people of two groups; group b rates everything 1 lower and the range 3 lower."""
    marks = [(5, 4, 4), (4, 5, 4), (4, 4, 5), (5, 5, 4), (5, 4, 5)] * 2
    rows = [("a", f"a{at}", *each) for at, each in enumerate(marks)]
    rows += [("b", f"b{at}", r - 3, p - 1, s - 1) for at, (r, p, s) in enumerate(marks)]
    columns = ["group", "customer_id", "range", "price", "site"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def test_a_misfit_is_what_a_group_rates_lower_beside_the_rest():
    found = gap.fit(offers(), items=PARTS, by="group").filter(pl.col("group") == "b")
    assert dict(found.select("item", "change").rows()) == pytest.approx(
        {"range": -2, "price": 0, "site": 0}
    )
    assert found.sort("change")["flagged"].to_list() == [True, False, False]
    assert found.filter(pl.col("item") == "range").select("estimate", "before").row(0) == (1.6, 4.6)


def test_a_group_that_rates_all_lower_is_no_misfit():
    rows = offers().with_columns(range=pl.col("range") + 2 * (pl.col("group") == "b"))
    assert gap.fit(rows, items=PARTS, by="group")["change"].abs().max() == pytest.approx(0)


def test_people_who_answer_twice_count_once():
    twice = pl.concat([offers(), offers()])
    once, again = (gap.fit(rows, items=PARTS, by="group") for rows in (offers(), twice))
    assert_frame_equal(once.select("change", "se", "p"), again.select("change", "se", "p"))
    assert again["base"].to_list() == [20] * 6
    assert again["clusters"].to_list() == [10] * 6


def test_two_parts_have_no_rest():
    with pytest.raises(OutOfRange, match=r"items must be 3 or more of one scale; there are 2 of 1"):
        gap.fit(offers(), items=PARTS[:2], by="group")


def test_the_planted_misfit_is_found_and_no_other_is_as_large(demo, year):
    found = gap.fit(year, items=demo.items_of("touchpoint"), by="segment")
    worst = found.filter(pl.col("flagged") & (pl.col("change") < 0))
    assert worst.select("item", "segment").rows() == [("range", "Trade")]
    assert -0.9 < worst["shrunk"][0] < -0.6


# ------------------------------------------------------------------------------- delivery
def visits(**marks: list[float]) -> pl.DataFrame:
    rows = [
        (unit, "shop", f"{unit}{at}", float(mark))
        for unit, each in marks.items()
        for at, mark in enumerate(each)
    ]
    return pl.DataFrame(rows, schema=["unit", "channel", "customer_id", "mark"], orient="row")


THREE = visits(a=[1, 2, 1, 2], b=[4, 5, 4, 5], c=[4, 5, 5, 4])


def test_a_unit_stands_beside_all_others():
    found = gap.apart(THREE, value="mark", unit="unit")
    assert found.select("base", "estimate", "base_before", "before", "change").rows() == [
        (4, 1.5, 8, 4.5, -3.0),
        (4, 4.5, 8, 3.0, 1.5),
        (4, 4.5, 8, 3.0, 1.5),
    ]
    assert found["shrunk"].abs().max() < 3


def test_a_unit_is_held_against_others_in_its_own_circumstances():
    # b is worse in both channels, and looks better for it serves the kinder one.
    rows = pl.DataFrame(
        {
            "unit": ["a"] * 6 + ["b"] * 6,
            "channel": ["web"] * 5 + ["shop"] + ["web"] + ["shop"] * 5,
            "mark": [2.0] * 5 + [5.0] + [1.0] + [4.0] * 5,
        }
    )
    more = pl.concat([rows, rows])
    plain = gap.apart(more, value="mark", unit="unit", cluster=None)
    fair = gap.apart(more, value="mark", unit="unit", alike=["channel"], cluster=None)
    assert plain["change"].to_list() == [-1, 1]
    assert fair["change"].to_list() == [1, -1]
    assert fair["base_before"].to_list() == [12, 12]


def test_circumstances_of_one_unit_only_count_nowhere():
    rows = pl.concat([THREE, visits(a=[5, 5]).with_columns(channel=pl.lit("yard"))])
    found = gap.apart(rows, value="mark", unit="unit", alike=["channel"])
    assert found["base"].to_list() == [4, 4, 4]


def test_the_share_below_counts_reliable_units_only():
    found = gap.apart(THREE, value="mark", unit="unit")
    assert gap.below(found).select("base", "count").row(0) == (3, 1)
    assert gap.below(found, better="down")["count"][0] == 0
    turned = gap.apart(THREE.with_columns(-pl.col("mark")), value="mark", unit="unit")
    assert gap.below(turned, better="down")["count"][0] == 1
    row = gap.below(found).row(0, named=True)
    assert row["low"] < row["share"] < row["high"]


def test_units_that_are_alike_hold_no_variance():
    found = gap.variation(visits(a=[1, 5], b=[5, 1]), value="mark", unit="unit")
    assert found.select("share", "low", "between_sd").row(0) == (0, 0, 0)
    same = gap.variation(visits(a=[3, 3], b=[3, 3]), value="mark", unit="unit")
    assert same.select("base", "units", "share", "p").row(0) == (4, 2, None, None)


def test_circumstances_are_no_variance_between_units():
    rows = pl.concat(
        [visits(a=[1, 2, 1, 2]), visits(b=[4, 5, 4, 5]).with_columns(channel=pl.lit("web"))]
    )
    assert gap.variation(rows, value="mark", unit="unit")["share"][0] > 0.5
    found = gap.variation(rows, value="mark", unit="unit", alike=["channel"])
    assert found["share"][0] == 0


def test_the_weak_shop_is_found_below_its_like(year):
    found = gap.apart(year, value="points", unit="unit_id", alike=["channel"])
    low = found.sort("change").row(0, named=True)
    assert (low["unit_id"], low["flagged"]) == ("shop-hull", True)
    assert low["change"] < -25
    assert low["change"] < low["shrunk"] < 0


def test_units_need_their_columns():
    with pytest.raises(ColumnMissing, match=r"answers must have `unit_id`"):
        gap.apart(THREE, value="mark", unit="unit_id")


# ---------------------------------------------------------------------------- development
def months(**marks: list[list[float]]) -> pl.DataFrame:
    rows = [
        (unit, f"2026-{month:02}", float(mark))
        for unit, each in marks.items()
        for month, some in enumerate(each, 1)
        for mark in some
    ]
    return pl.DataFrame(rows, schema=["unit", "period", "mark"], orient="row")


EVEN, ODD = [[3, 4, 3, 4]] * 8, [[3, 4, 3, 4]] * 7 + [[1, 1, 2, 1]]


def test_a_unit_is_charted_against_itself():
    found = gap.charts(months(a=EVEN, b=ODD), value="mark", unit="unit")
    assert found.group_by("unit").agg(pl.col("out").sum()).sort("unit")["out"].to_list() == [0, 1]
    assert found.filter("out").select("unit", "period").rows() == [("b", "2026-08")]


def test_few_answers_and_few_months_make_no_chart():
    found = gap.charts(months(a=[*EVEN[:6], [1.0]], b=EVEN[:5]), value="mark", unit="unit")
    assert found.select("unit", "base").unique().rows() == [("a", 4)]
    assert gap.charts(months(b=EVEN[:5]), value="mark", unit="unit").is_empty()
    assert gap.steadiness(months(b=EVEN[:5]), value="mark", unit="unit").is_empty()


def test_limits_keep_to_the_scale():
    found = gap.charts(months(a=EVEN), value="mark", unit="unit", least=3, most=4)
    assert (found["lower"].min(), found["upper"].max()) == (3, 4)


def test_units_outside_are_counted_beside_what_chance_would_do():
    chart = gap.charts(months(a=EVEN, b=ODD), value="mark", unit="unit")
    periods, units = gap.outside(chart, unit="unit").to_dicts()
    assert (periods["base"], periods["count"], units["base"], units["count"]) == (16, 1, 2, 1)
    assert units["by_chance"] == pytest.approx(1 - (1 - 0.0027) ** 8, abs=1e-4)
    assert units["low"] < 0.5 < units["high"]


def test_months_that_differ_are_told_from_months_that_do_not():
    found = gap.steadiness(months(a=EVEN, b=ODD), value="mark", unit="unit")
    assert found.select("unit", "periods", "out", "flagged").rows() == [
        ("a", 8, 0, False),
        ("b", 8, 1, True),
    ]


def test_the_depot_that_broke_down_is_not_steady(year):
    found = gap.steadiness(year, value="delivery", unit="unit_id")
    assert found.sort("p")["unit_id"][0] == "depot-north"
    chart = gap.charts(year, value="delivery", unit="unit_id", least=1, most=5)
    north = chart.filter((pl.col("unit_id") == "depot-north") & pl.col("out"))
    assert "2026-10" in north["period"].to_list()


def answers(**units: tuple[float, float]) -> pl.DataFrame:
    """Ten answers a unit before and ten after the start, around the two means given."""
    rows = [
        (unit, START + timedelta(days=sign * day), mean + (0.5 if day % 2 else -0.5))
        for unit, (before, after) in units.items()
        for sign, mean in ((-1, before), (1, after))
        for day in range(1, 11)
    ]
    return pl.DataFrame(rows, schema=["unit_id", "date", "staff"], orient="row")


STAFF = Item("staff", scale=FIVE)
TRAINING = Change("Training", START, "staff", column="unit_id", values=("a", "b"))
FOUR = answers(a=(3, 4), b=(3, 4.2), c=(3, 3.1), d=(4, 4.1))


def test_trained_units_are_held_against_the_others():
    row = gap.training(FOUR, change=TRAINING, items=[STAFF]).row(0, named=True)
    assert (row["units"], row["units_before"], row["base"], row["base_before"]) == (2, 2, 40, 40)
    found = (row["estimate"], row["before"], row["change"])
    assert found == pytest.approx((1.1, 0.1, 1.0))
    assert row["change_low"] < 1 < row["change_high"]


def test_the_unit_counts_and_not_its_answers():
    heavy = pl.concat([FOUR, *[FOUR.filter(pl.col("unit_id") == "a")] * 9])
    once, more = (gap.training(rows, change=TRAINING, items=[STAFF]) for rows in (FOUR, heavy))
    assert_frame_equal(once.select("change", "p"), more.select("change", "p"))


def test_only_named_units_are_compared():
    named = Change("T", START, "staff", column="unit_id", values=("a", "b"), against=("c",))
    row = gap.training(FOUR, change=named, items=[STAFF]).row(0, named=True)
    assert (row["units_before"], row["base_before"], row["p"]) == (1, 20, None)


def test_units_of_few_answers_are_left_out():
    few = FOUR.filter((pl.col("unit_id") != "d") | (pl.col("date") < START))
    assert gap.training(few, change=TRAINING, items=[STAFF])["units_before"][0] == 1


def test_a_change_for_everybody_has_nobody_to_compare():
    with pytest.raises(OutOfRange, match=r"`Training` must say which units were trained"):
        gap.training(FOUR, change=Change("Training", START, "staff"), items=[STAFF])


def test_the_training_is_found(demo):
    change = next(each for each in demo.settings.changes if each.column == "unit_id")
    row = gap.training(demo.responses, change=change, items=[demo.item("staff")], days=240).row(
        0, named=True
    )
    assert 0.25 < row["change"] < 0.8
    assert row["p"] < 0.05
    assert row["drift_p"] > 0.1


# -------------------------------------------------------------------------------- numbers
def test_a_mean_of_clusters_has_their_error():
    rows = pl.DataFrame({"who": ["a", "a", "b", None], "x": [1.0, 3, 4, 4], "w": [1.0, 1, 2, 1]})
    plain = clustered.means(rows, value="x", cluster="who").row(0, named=True)
    # Sums less base times the mean of 3: a -2, b 1, the nameless one 1; over 4, times √(3/2).
    assert (plain["base"], plain["clusters"], plain["mean"]) == (4, 3, 3.0)
    assert plain["se"] == pytest.approx((6**0.5 / 4) * 1.5**0.5)
    heavy = clustered.means(rows, value="x", weight="w").row(0, named=True)
    assert (heavy["mean"], heavy["freedom"]) == (3.2, 3)


def test_alone_every_row_is_a_cluster():
    rows = pl.DataFrame({"x": [1.0, 2, 4, 9], "k": ["a", "a", "b", "b"]})
    found = clustered.means(rows, value="x", by="k")
    assert found["se"].to_list() == pytest.approx([0.5, 2.5])
    whole = clustered.means(rows, value="x")
    assert whole["se"][0] == pytest.approx(rows["x"].std() / 2)


def test_one_cluster_has_no_error():
    found = clustered.means(pl.DataFrame({"x": [1.0]}), value="x").row(0, named=True)
    assert (found["mean"], found["se"], found["freedom"]) == (1.0, None, None)


@beside
def test_07a_variance_between_groups():
    want = expected("07a-icc-rwg-bh1996")
    found = between.between(data("07a-icc-rwg-bh1996"), unit="grp", answer="y").row(0, named=True)
    assert (found["base"], found["units"]) == (want["n"], want["groups"])
    assert found["f"] == pytest.approx(want["F"], rel=1e-9)
    # Each group counts alike, nearly as in restricted maximum likelihood.
    assert found["share"] == pytest.approx(want["ICC_lmer_REML"], abs=0.003)
    assert found["low"] < want["ICC1_n0"] < found["high"]


def test_the_interval_of_a_share_of_variance_holds_it():
    draw, held, runs = np.random.default_rng(3), 0, 60
    for _ in range(runs):
        sizes = draw.integers(5, 40, 15)
        means = np.repeat(draw.normal(0, 0.5, 15), sizes)
        rows = pl.DataFrame(
            {"u": np.repeat(np.arange(15), sizes), "y": means + draw.normal(0, 1, len(means))}
        )
        row = between.between(rows, unit="u", answer="y").row(0, named=True)
        held += row["low"] <= 0.2 <= row["high"]
    assert 0.86 <= held / runs <= 1


@beside
def test_01g_exact_intervals():
    edges = expected("01g-csat-top2")["edge_proportions"]
    counts = [tuple(map(int, name.split("of"))) for name in edges]
    ends = exact.clopper_pearson(pl.col("k"), pl.col("n"))
    table = pl.DataFrame(counts, schema=["k", "n"], orient="row")
    found = table.select(low=ends.low, high=ends.high).rows()
    for row, want in zip(found, edges.values(), strict=True):
        assert row == pytest.approx(tuple(want["clopper"]), abs=1e-12)


def test_no_base_has_no_exact_interval():
    ends = exact.clopper_pearson(pl.col("k"), pl.col("n"))
    table = pl.DataFrame({"k": [0, None], "n": [0, 4]})
    assert table.select(low=ends.low, high=ends.high).rows() == [(None, None)] * 2


def test_few_who_all_did_the_same_are_no_proof():
    rows = visits(a=[0, 0, 0, 0, 0], b=[0, 1, 0, 1, 0, 1, 1, 0] * 4)
    found = gap.apart(rows, value="mark", unit="unit").filter(pl.col("unit") == "a")
    # As few answers of the others would scatter so: √(0.25/5), not 0.
    assert found["change"][0] == -0.5
    assert found["se"][0] > (0.25 / 5) ** 0.5
    assert found["p"][0] > 0.05


def test_what_the_others_would_scatter_is_taken_in_the_units_own_mix():
    rows = pl.DataFrame(
        {
            "unit": ["a"] * 4 + ["b"] * 8,
            "channel": ["web"] + ["shop"] * 3 + ["web"] * 4 + ["shop"] * 4,
            "mark": [0.0] * 4 + [0.0, 1, 0, 1] * 2,
        }
    )
    found = gap.apart(rows, value="mark", unit="unit", alike=["channel"], cluster=None)
    # Variance 1/3 either way: (1 + 3)/16 of it for a's four, (1 + 9)/16 of 1/12 for the others.
    assert found["se"][0] == pytest.approx((1 / 12 + 10 / 16 / 12) ** 0.5)


def test_harsh_and_kind_raters_weigh_alike():
    shift = pl.int_range(pl.len()) % 3
    harsher = offers().with_columns(pl.col("range", "price", "site") + shift)
    plain, found = (gap.fit(rows, items=PARTS, by="group") for rows in (offers(), harsher))
    assert_frame_equal(plain.select("change", "se"), found.select("change", "se"))


def test_a_share_of_variance_is_that_of_random_raters():
    # Shrout and Fleiss (1979): six targets, four ratings each, ICC(1) .1657, at most .7226.
    marks = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    rows = pl.DataFrame([(at, m) for at, each in enumerate(marks) for m in each], orient="row")
    found = between.between(rows, unit="column_0", answer="column_1").row(0, named=True)
    assert (found["share"], found["high"]) == pytest.approx((0.1657, 0.7226), abs=1e-4)
    assert found["low"] == 0
    assert found["reliability"] == pytest.approx(0.4428, abs=1e-4)


def test_three_answers_make_a_month():
    found = gap.charts(months(a=[[3, 4, 3]] * 6, b=[[3, 4]] * 6), value="mark", unit="unit")
    assert found.select("unit", "base").unique().rows() == [("a", 3)]
