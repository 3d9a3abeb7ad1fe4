"""One customer table and who is lost on the way to it: by hand, by law, planted, by message."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab import guard, plots
from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.metrics import linkage

START, END = date(2026, 1, 1), date(2026, 7, 1)
CUSTOMERS = pl.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d", "e", "f"],
        "kind": ["customer", "former", "prospect", "former", "customer", "former"],
        "segment": ["x", "x", "y", None, "y", "y"],
        "value": [100.0, 50.0, 0.0, 10.0, 20.0, 5.0],
        "joined": [
            *(date(2020, 1, 1), date(2026, 3, 1), None, date(2020, 1, 1)),
            *(date(2026, 7, 1), date(2019, 1, 1)),
        ],
        # d leaves after the window: that has not happened; f was gone before it.
        "left": [None, date(2026, 5, 1), None, date(2026, 8, 1), None, date(2025, 12, 31)],
    }
)
ORDERS = pl.DataFrame(
    [
        ("a", date(2026, 2, 1), 10.0, "paid"),
        ("a", date(2026, 2, 2), 5.0, None),
        ("a", date(2026, 2, 3), 99.0, "Cancelled"),
        ("a", date(2026, 7, 1), 99.0, "paid"),
        ("b", date(2025, 12, 31), 99.0, "paid"),
        ("nobody", date(2026, 2, 1), 7.0, "paid"),
        (None, date(2026, 2, 1), 7.0, "paid"),
    ],
    schema=["customer_id", "date", "amount", "status"],
    orient="row",
)
CASES = pl.DataFrame(
    {
        "customer_id": ["a", "a", "b"],
        "date": [date(2026, 3, 1)] * 3,
        "resolved_at": [datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), None],
    }
)
RESPONSES = pl.DataFrame(
    [
        ("1", "a", date(2026, 2, 1), 9, None),
        ("2", "a", date(2026, 4, 1), 3, 5),
        ("3", "a", date(2026, 4, 1), None, None),
        ("4", "c", date(2026, 4, 1), None, 2),
        ("5", "d", date(2026, 7, 1), 10, 5),
        ("6", None, date(2026, 4, 1), 10, 5),
    ],
    schema=["response_id", "customer_id", "date", "recommend", "satisfaction"],
    orient="row",
)
FIELDS = {"name": "name", "email": "email", "postcode": "postcode", "phone": "phone"}


def whole() -> pl.DataFrame:
    made = linkage.customer_table(
        CUSTOMERS,
        start=START,
        end=END,
        orders=ORDERS,
        cases=CASES,
        responses=RESPONSES,
        items=["recommend", "satisfaction"],
    )
    return made.collect()


@pytest.fixture(scope="module")
def demo() -> pl.DataFrame:
    study = cx.open(DEMO)
    made = linkage.customer_table(
        study.customers,
        start=date(2025, 5, 1),
        end=date(2026, 11, 1),
        orders=study.orders,
        cases=study.cases,
        responses=study.responses,
    )
    return made.filter(pl.col("kind") != "prospect").collect()


# ------------------------------------------------------------------------ the customer table
def test_everybody_of_the_window_has_one_row_and_later_things_have_not_happened():
    told = whole().select("customer_id", "stays", "left", "days_since_joined").rows()
    assert told == [
        ("a", True, None, 2373),
        ("b", False, date(2026, 5, 1), 122),
        ("c", None, None, None),
        ("d", True, None, 2373),
    ]


def test_purchases_cases_and_the_last_answers_stand_beside_each_customer():
    told = whole().select(
        *("ordered", "orders", "amount", "last_order", "had_case", "cases", "unresolved"),
        *("answered", "answers", "answered_on", "recommend", "satisfaction"),
    )
    assert told.rows() == [
        (True, 2, 15.0, date(2026, 2, 2), True, 2, 1, True, 2, date(2026, 4, 1), 3, 5),
        (False, 0, 0.0, None, True, 1, 1, False, 0, None, None, None),
        (False, 0, 0.0, None, False, 0, 0, True, 1, date(2026, 4, 1), None, 2),
        (False, 0, 0.0, None, False, 0, 0, False, 0, None, None, None),
    ]


def test_the_last_day_as_a_customer_is_a_day_as_one():
    people = pl.DataFrame({"customer_id": ["a", "b"], "left": [START, date(2025, 12, 31)]})
    told = linkage.customer_table(people, start=START, end=END).collect()
    assert told.select("customer_id", "stays").rows() == [("a", False)]


def test_a_table_that_is_not_given_adds_nothing():
    bare = linkage.customer_table(CUSTOMERS.select("customer_id"), start=START, end=END)
    assert bare.collect_schema().names() == ["customer_id"]
    assert bare.collect().height == 6


def test_lazy_frames_in_any_order_give_the_same_table():
    lazy = linkage.customer_table(
        CUSTOMERS.lazy(),
        start=START,
        end=END,
        orders=ORDERS.reverse().lazy(),
        cases=CASES.reverse().lazy(),
        responses=RESPONSES.reverse().lazy(),
        items=["recommend", "satisfaction"],
    )
    assert_frame_equal(lazy.collect(), whole())


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(OutOfRange, match="end must be after start; they are 2026-01-01"):
        linkage.customer_table(CUSTOMERS, start=END, end=START)


def test_orders_without_a_customer_are_refused_by_name():
    with pytest.raises(ColumnMissing, match="orders must have `customer_id`"):
        linkage.customer_table(CUSTOMERS, start=START, end=END, orders=ORDERS.drop("customer_id"))


# -------------------------------------------------------------------------------- the joins
def test_left_and_lost_add_up_at_every_join():
    found = linkage.joins(whole())
    assert found.select("step", "base", "base_before", "lost", "of_all").rows() == [
        ("everybody", 4, 4, 0, 1.0),
        ("answered", 2, 4, 2, 0.5),
        ("ordered", 1, 2, 1, 0.25),
        ("had_case", 1, 1, 0, 0.25),
    ]
    assert found["low"][2] == pytest.approx(0.0945, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1))
def test_whoever_stands_in_every_table_is_left_at_the_end(flags):
    table = pl.DataFrame(flags, schema=["answered", "ordered", "had_case"], orient="row")
    found = linkage.joins(table)
    assert found["base"][-1] == sum(all(row) for row in flags)
    assert found["base_before"].to_list()[1:] == found["base"].to_list()[:-1]
    assert (found["base"] + found["lost"] == found["base_before"]).all()


def test_rows_of_nobody_and_customers_without_rows_are_counted():
    found = linkage.strays(CUSTOMERS, {"orders": ORDERS, "responses": RESPONSES})
    counted = ["table", "base", "matched", "no_key", "unknown", "customers", "without"]
    assert found.select(counted).rows() == [
        ("orders", 7, 5, 1, 1, 6, 4),
        ("responses", 6, 5, 1, 0, 6, 3),
    ]


def test_those_lost_are_told_apart_in_standard_deviations():
    table = pl.DataFrame(
        {
            "answered": [True] * 20 + [False] * 10,
            "value": [1.0, 3.0] * 10 + [0.0, 2.0] * 5,
            "segment": ["x"] * 15 + ["y"] * 5 + ["y"] * 10,
        }
    )
    found = linkage.lost(table)
    number = found.filter(trait="value").row(0, named=True)
    assert (number["base"], number["base_lost"]) == (20, 10)
    # Means 2 and 1; variances 20/19 and 10/9.
    assert number["estimate"] == pytest.approx(1 / np.sqrt((20 / 19 + 10 / 9) / 2))
    assert number["low"] < number["estimate"] < number["high"]
    level = found.filter(trait="segment", level="x").row(0, named=True)
    assert (level["kept"], level["lost"]) == (0.75, 0.0)
    assert level["estimate"] == pytest.approx(0.75 / np.sqrt(0.75 * 0.25 / 2))


def test_fewer_than_ten_people_are_no_side_to_compare():
    table = pl.DataFrame({"answered": [True] * 20 + [False] * 9, "value": [1.0] * 29})
    assert linkage.lost(table).select("kept", "lost", "estimate", "p").row(0) == (None,) * 4


def test_an_audit_without_any_join_says_so():
    with pytest.raises(OutOfRange, match="one join or more; the customer table has none"):
        linkage.joins(CUSTOMERS)


def test_the_demo_loses_the_occasional_at_the_first_join(demo):
    found = linkage.lost(demo).filter(step="answered").sort("estimate")
    assert found.select("trait", "level").row(0) == ("segment", "Occasional")
    assert found["high"][0] < -0.3
    quiet = found.filter(pl.col("trait").is_in(["region", "value", "influence"]))
    assert quiet["p"].min() > 0.05 / quiet.height


# ---------------------------------------------------------------------------- reweighting
def lopsided(kept: dict[str, tuple[int, int]], means: dict[str, float]) -> pl.DataFrame:
    """By segment how many are left and how many are lost; half answer above the mean."""
    rows = [
        {"segment": name, "answered": place < left, "y": means[name] + (place % 2) - 0.5}
        for name, (left, gone) in kept.items()
        for place in range(left + gone)
    ]
    return pl.DataFrame(rows).with_columns(pl.when("answered").then("y").alias("known"))


def test_weights_bring_back_the_segment_that_was_lost():
    table = lopsided({"x": (80, 20), "y": (20, 80)}, {"x": 4.0, "y": 2.0})
    found = linkage.reweighted(table, joined="answered", outcomes={"known": "mean", "y": "mean"})
    first, second = found.to_dicts()
    assert (first["base"], first["estimate"], first["weighted"]) == pytest.approx((100, 3.6, 3.0))
    # 80 people stand for 1.25, 20 for 5 each: (Σw)²/Σw².
    assert first["effective_base"] == pytest.approx(200**2 / (80 * 1.25**2 + 20 * 25))
    assert first["change"] == pytest.approx(-0.6)
    assert first["moved"]
    assert first["p"] < 1e-6
    assert first["change_low"] < -0.6 < first["change_high"] < 0
    assert (first["all_known"], second["all_known"]) == (None, 3.0)


def test_who_is_lost_evenly_moves_nothing():
    table = lopsided({"x": (50, 50), "y": (50, 50)}, {"x": 4.0, "y": 2.0})
    row = linkage.reweighted(table, joined="answered", outcomes={"y": "mean"}).row(0, named=True)
    assert row["change"] == pytest.approx(0, abs=1e-9)
    assert not row["moved"]
    assert row["p"] == pytest.approx(1)
    # Half of 200 were lost by chance; the segments lie one either side of the mean.
    assert row["change_high"] == pytest.approx(1.96 * np.sqrt(1 / 100 * (1 - 100 / 200)), rel=1e-4)


def test_scores_and_shares_are_weighted_too():
    table = pl.DataFrame(
        {
            "segment": ["x"] * 50 + ["y"] * 100,
            "answered": [True] * 50 + [True] * 25 + [False] * 75,
            "recommend": [10] * 50 + [0] * 25 + [None] * 75,
            "stays": [True] * 50 + [False] * 100,
        }
    )
    found = linkage.reweighted(
        table, joined="answered", outcomes={"recommend": "score", "stays": "share"}
    )
    assert found["unit"].to_list() == ["points", "share"]
    assert found["estimate"].to_list() == pytest.approx([100 / 3, 2 / 3])
    assert found["weighted"].to_list() == pytest.approx([-100 / 3, 1 / 3])
    assert found["all_known"].to_list() == [None, pytest.approx(1 / 3)]


def test_chance_losses_are_called_a_change_once_in_twenty():
    p = []
    for seed in range(80):
        draw = np.random.default_rng(seed)
        group = draw.integers(0, 4, 800)
        table = pl.DataFrame(
            {
                "segment": group.astype(str),
                "answered": draw.random(800) < 0.5,
                "y": group * 0.4 + draw.normal(size=800),
            }
        )
        found = linkage.reweighted(table, joined="answered", outcomes={"y": "mean"})
        p.append(found["p"].item())
    assert sum(each < 0.05 for each in p) <= 10
    assert sum(each < 0.5 for each in p) >= 25


def test_small_levels_are_weighted_with_others_and_unknown_is_a_level():
    table = pl.DataFrame(
        {
            "segment": ["x"] * 60 + ["rare"] * 3 + [None] * 60,
            "answered": [True, False, True] * 41,
            "y": [1.0] * 63 + [2.0] * 60,
        }
    )
    row = linkage.reweighted(table, joined="answered", outcomes={"y": "mean"}).row(0, named=True)
    assert row["weighted"] == pytest.approx((63 + 120) / 123)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"joined": "gone"}, ColumnMissing, "customer table must have `gone`"),
        ({"outcomes": {"y": "median"}}, UnknownName, "kind of outcome `median` is not known"),
        ({"traits": ["same"]}, OutOfRange, "a trait must tell people apart"),
        ({"joined": "never"}, OutOfRange, "somebody must be left after the joins"),
    ],
)
def test_reweighting_says_what_it_needs(change, error, message):
    table = lopsided({"x": (30, 10), "y": (30, 10)}, {"x": 1.0, "y": 2.0})
    table = table.with_columns(same=pl.lit("s"), never=pl.lit(value=False))
    with pytest.raises(error, match=message):
        linkage.reweighted(table, **({"joined": "answered", "outcomes": {"y": "mean"}} | change))


def test_the_demo_scores_lower_when_those_lost_are_weighed_in(demo):
    row = linkage.reweighted(
        demo, joined="answered", outcomes={"recommend": "score", "orders": "mean"}
    ).to_dicts()
    assert row[0]["change"] < 0
    # Known of everybody: reweighting goes from the plain figure towards the true one.
    assert row[1]["estimate"] > row[1]["weighted"] > row[1]["all_known"]


# -------------------------------------------------------------------------- matching
def strangers(people: int, answers: int, *, seed: int, slip: float = 0.08, gap: float = 0.1):
    """Answers and the customers of the list, with slips and gaps in every field, and who is who."""
    draw = np.random.default_rng(seed)
    first, last = draw.zipf(1.6, people) % 60, draw.zipf(1.5, people) % 600
    all_people = pl.DataFrame(
        {
            "customer_id": [f"C{number:05}" for number in range(people)],
            "name": [f"Á{a} B{b}" for a, b in zip(first, last, strict=True)],
            "email": [f"{a}.{number}@x.org" for number, a in enumerate(first)],
            "postcode": [f"P{code}" for code in draw.integers(0, people // 6, people)],
            "phone": [f"07700{number:06}" for number in draw.integers(0, 10**6, people)],
        }
    )
    customers = all_people.head(int(people * 0.8))
    who = all_people[draw.choice(people, answers, replace=False)]
    told = {name: who[name].to_list() for name in FIELDS}
    for name, values in told.items():
        # A slip in a name is another name; a slip in an address or a number is mostly nobody's.
        mistyped = [f"{draw.integers(10**9)}{at}" for at in range(answers)]
        other = draw.permutation(values) if name in ("name", "postcode") else mistyped
        luck = draw.random(answers)
        told[name] = [
            None if chance < gap else str(other[at]) if chance < gap + slip else value
            for at, (value, chance) in enumerate(zip(values, luck, strict=True))
        ]
    ids = [f"R{number:05}" for number in range(answers)]
    known = who["customer_id"].is_in(customers["customer_id"].implode())
    truth = pl.DataFrame({"response_id": ids, "truth": who["customer_id"], "known": known})
    return pl.DataFrame({"response_id": ids, **told}), customers, truth


@pytest.fixture(scope="module")
def linked():
    parts = []
    for seed in range(3):
        answers, customers, truth = strangers(2000, 1200, seed=seed)
        by = linkage.agreement(answers, customers, fields=FIELDS)
        found = linkage.links(answers, customers, by=by).join(truth, on="response_id")
        right = pl.col("known") & (pl.col("customer_id") == pl.col("truth"))
        parts.append(found.with_columns(right.fill_null(value=False).alias("right")))
    return by, parts


def test_what_agreement_says_is_learnt_from_the_files_alone(linked):
    by, parts = linked
    told = by.table()
    # Of two filled fields of one person 0.82 / 0.90 agree, and a slip now and then hits the same.
    assert told["same_person"].to_list() == pytest.approx([0.92] * 4, abs=0.04)
    assert told["other_person"].is_between(0, 0.05).all()
    assert by.matches() == pytest.approx(parts[-1]["known"].sum(), rel=0.03)
    evidence = dict(told.select("field", "bits").iter_rows())
    assert evidence["email"] > evidence["phone"] > evidence["postcode"] > evidence["name"] > 0


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.5), (0.5, 0.95), (0.95, 1.01)])
def test_of_links_said_to_be_so_sure_that_share_is_right(linked, low, high):
    every = pl.concat(linked[1]).filter(pl.col("probability").is_between(low, high, closed="left"))
    said, right = every["probability"].mean(), every["right"].mean()
    spread = 3 * np.sqrt(said * (1 - said) / every.height) + 0.01
    assert every.height > 20
    assert abs(said - right) < max(spread, 0.005)


def test_the_expected_share_of_false_links_holds(linked):
    every = pl.concat(linked[1])
    table = linkage.sorted_out(every)
    assert table["group"].to_list() == ["linked", "to look at", "not linked"]
    assert table["base"].sum() == every.height
    assert table["base"][0] > 0.7 * every.height
    groups = [pl.col("probability") >= 0.95, pl.col("probability").is_between(0.5, 0.9499)]
    for row, group in zip(table.to_dicts(), groups, strict=False):
        wrong = 1 - every.filter(group)["right"].mean()
        said = row["false_share"]
        assert abs(wrong - said) < 3 * np.sqrt(said * (1 - said) / row["base"]) + 0.001
        assert row["false_low"] < said < row["false_high"]
    assert table["false_share"][2] is None


def test_whose_own_person_may_have_been_missed_is_less_sure():
    people = pl.DataFrame(
        {name: [f"{name}{n}" for n in range(100)] for name in ("k", "a", "b", "c")}
    )
    one = people.head(1).select(pl.lit("1").alias("row"), "a", b=None, c=None)
    exact, fields = np.array([0.9] * 3), ("a", "b", "c")
    by = linkage.Agreement(fields, ("exact",) * 3, exact, np.array([0.001] * 3), 0.008, 100, 100)
    found = linkage.links(one, people, by=by, row="row", key="k")
    # Odds 0.008 · 0.9 / 0.001 against nobody (0.2) and a slip of its own person (0.8 · 0.1).
    assert found["probability"].item() == pytest.approx(7.2 / (7.2 + 0.2 + 0.08))


def test_two_people_who_fit_alike_are_neither_linked():
    answers, customers, _ = strangers(2000, 1200, seed=9)
    twin = customers.head(1)
    both = pl.concat([customers, twin.with_columns(customer_id=pl.lit("TWIN"))])
    one = twin.select(pl.lit("R-twin").alias("response_id"), *FIELDS)
    asked = pl.concat([answers, one])
    by = linkage.agreement(asked, both, fields=FIELDS)
    found = linkage.links(asked, both, by=by).filter(response_id="R-twin").row(0, named=True)
    assert found["customer_id"] == "C00000"
    assert found["probability"] == pytest.approx(0.5, abs=0.01)


def test_names_and_addresses_never_leave_the_matching(linked):
    by, parts = linked
    assert parts[0].columns[:3] == ["response_id", "customer_id", "probability"]
    shown = json.dumps(by.table().to_dicts()) + repr(by)
    assert "@" not in shown
    assert "07700" not in shown


def test_fields_are_compared_without_how_they_are_written():
    rows = pl.DataFrame(
        {
            "name": ["  Müller, ANNA-Lena ", " "],
            "email": ["Ann+shop@X.org ", None],
            "postcode": ["ab1 2-cd", ""],
            "phone": ["+44 (0)7700 900123", "n/a"],
        }
    )
    from cxlab.metrics.linkage.agreement import normal

    assert normal(rows, FIELDS).collect().rows() == [
        ("anna lena muller", "ann@x.org", "ab12cd", "700900123"),
        (None, None, None, None),
    ]


def test_pairs_are_counted_without_forming_them():
    from cxlab.metrics.linkage.agreement import _patterns

    draw = np.random.default_rng(3)
    sides = [
        pl.DataFrame(
            {name: draw.choice(["1", "2", "3", None], size).tolist() for name in "abc"},
            schema=dict.fromkeys("abc", pl.String),
        )
        for size in (40, 30)
    ]
    states, counts = _patterns(sides[0].lazy(), sides[1].lazy(), ["a", "b", "c"])
    pairs = (
        sides[0]
        .join(sides[1], how="cross", suffix="_r")
        .select(
            (pl.col(name) == pl.col(f"{name}_r")).cast(pl.Int8).fill_null(-1).alias(name)
            for name in "abc"
        )
    )
    by_hand = {row[:3]: row[3] for row in pairs.group_by("a", "b", "c").len().iter_rows()}
    told = {tuple(state): n for state, n in zip(states.tolist(), counts, strict=True) if n}
    assert told == by_hand


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"name": "name", "email": "email"}, OutOfRange, "three fields or more to learn from; 2"),
        (FIELDS | {"name": "person"}, UnknownName, "kind of field `person` is not known"),
        (FIELDS | {"town": "exact"}, ColumnMissing, "rows must have `town`"),
    ],
)
def test_matching_says_what_it_needs(fields, error, message):
    answers, customers, _ = strangers(50, 20, seed=1)
    with pytest.raises(error, match=message):
        linkage.agreement(answers, customers, fields=fields)


def test_thresholds_must_rise():
    found = pl.DataFrame({"probability": [0.5]})
    with pytest.raises(OutOfRange, match="possible and linked must rise"):
        linkage.sorted_out(found, linked=0.4, possible=0.6)


# ------------------------------------------------------------------------------ the figure
def test_the_waterfall_shows_who_is_left_and_reads_aloud():
    table = pl.DataFrame(
        {"answered": [True] * 30 + [False] * 10, "ordered": [True] * 12 + [False] * 28}
    )
    audit = guard.hide_small(linkage.joins(table))
    figure = plots.waterfall(
        audit, title="Twelve of forty are left", names={"ordered": "<b>bought"}
    )
    shown = figure._repr_mimebundle_()["application/vnd.cxlab.page+json"]
    assert shown["table"]["rows"] == [
        ["Everybody", "40", "0", "40", "100%"],
        ["Answered", "40", "10", "30", "75%"],
        ["<b>bought", "30", "18", "12", "30%"],
    ]
    assert "Answered: 30 customers left, 75% of everybody" in shown["alt"]
    drawn = figure._repr_mimebundle_()["application/vnd.plotly.v1+json"]
    assert [bar["x"] for bar in drawn["data"]] == [[40, 30, 12], [0, 10, 18]]
    assert "<b>" not in json.dumps(drawn["layout"]["yaxis"]["ticktext"])
    assert drawn["data"][0]["marker"]["color"][-1] == "#0072b2"


def test_a_join_that_leaves_too_few_keeps_its_line_and_says_why():
    table = pl.DataFrame({"answered": [True] * 30, "ordered": [True] * 7 + [False] * 23})
    audit = guard.hide_small(linkage.joins(table))
    figure = plots.waterfall(audit, title="Few are left")
    shown = figure._repr_mimebundle_()["application/vnd.cxlab.page+json"]
    assert shown["table"]["rows"][-1][0] == "Ordered"
    assert "fewer than 10 answers" in shown["table"]["rows"][-1][3]
    assert "7" not in json.dumps(shown["table"]["rows"][-1])


def test_an_audit_the_guard_has_not_seen_is_not_drawn():
    with pytest.raises(ColumnMissing, match="hide_small first"):
        plots.waterfall(linkage.joins(whole()), title="No")
