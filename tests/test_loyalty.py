"""Advocacy, retention, purchasing: by hand, by law, by message."""

import datetime as dt
import math
import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, OutOfRange, ScaleMismatch
from cxlab.metrics import loyalty

MARCH, APRIL = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
MONTH = {"start": MARCH, "end": APRIL}


def invented(seed: int = 4, rows: int = 300) -> pl.DataFrame:
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "channel": [draw.choice(["app", "shop", "web"]) for _ in range(rows)],
            "recommend": [draw.choice([None, *range(11), 9, 10]) for _ in range(rows)],
            "weight": [draw.choice([0.25, 0.5, 1.0, 2.5]) for _ in range(rows)],
        }
    )


@pytest.mark.parametrize(
    ("rating", "score"), [(6, -100.0), (7, 0.0), (8, 0.0), (9, 100.0), (0, -100.0), (10, 100.0)]
)
def test_nine_is_a_promoter_and_six_a_detractor(rating, score):
    found = loyalty.net_promoter_score(pl.DataFrame({"recommend": [rating]}))
    assert found["score"].item() == score


def test_score_and_groups_of_answers_by_hand():
    sheets = pl.DataFrame({"recommend": [10, 9, 8, 6, None]})
    found = loyalty.net_promoter_score(sheets).row(0, named=True)
    shares = {name: found[name] for name in ("promoters", "passives", "detractors")}
    assert (found["base"], found["score"]) == (4, 25.0)
    assert shares == {"promoters": 0.5, "passives": 0.25, "detractors": 0.25}


def test_weighted_score_by_hand():
    sheets = pl.DataFrame({"recommend": [10, 6, 8], "weight": [3.0, 1.0, 1.0]})
    found = loyalty.net_promoter_score(sheets, weight="weight").row(0, named=True)
    assert (found["base"], found["score"]) == (3, pytest.approx(40))
    assert found["effective_base"] == pytest.approx(25 / 11)


def test_an_empty_answer_is_no_answer():
    found = loyalty.net_promoter_score(
        pl.DataFrame({"channel": ["app", "web"], "recommend": [None, 9]}), by="channel"
    )
    assert found.row(0) == ("app", 0, *[None] * 7)


def test_a_score_is_a_multiple_of_a_hundred_over_its_base():
    for seed in range(20):
        found = loyalty.net_promoter_score(invented(seed, rows=17)).row(0, named=True)
        steps = found["score"] * found["base"] / 100
        assert steps == pytest.approx(round(steps), abs=1e-9)


def test_the_order_of_rows_never_matters():
    sheets = invented()
    how = {"by": "channel", "weight": "weight"}
    assert_frame_equal(
        loyalty.net_promoter_score(sheets, **how),
        loyalty.net_promoter_score(sheets.reverse(), **how),
    )


@pytest.mark.parametrize("weight", [1.0, 0.3, 12.5])
def test_weights_that_are_all_equal_give_exactly_the_unweighted_result(weight):
    sheets = invented().with_columns(weight=pl.lit(weight))
    weighted = loyalty.net_promoter_score(sheets, by="channel", weight="weight")
    plain = loyalty.net_promoter_score(sheets, by="channel")
    assert_frame_equal(weighted.drop("effective_base"), plain, check_exact=True)


def test_a_group_alone_is_its_row_among_the_others():
    sheets = invented()
    among = loyalty.net_promoter_score(sheets, by="channel")
    for channel in ("app", "shop", "web"):
        alone = loyalty.net_promoter_score(sheets.filter(channel=channel), by="channel")
        assert_frame_equal(alone, among.filter(channel=channel), check_exact=True)


def test_the_total_is_the_base_weighted_mean_of_the_groups():
    sheets = invented()
    groups = loyalty.net_promoter_score(sheets, by="channel")
    total = loyalty.net_promoter_score(sheets)["score"].item()
    mean = groups.select((pl.col("score") * pl.col("base")).sum() / pl.col("base").sum()).item()
    assert mean == pytest.approx(total)


def test_doubling_every_row_halves_the_variance():
    sheets = invented()
    once = loyalty.net_promoter_score(sheets)["se"].item()
    twice = loyalty.net_promoter_score(pl.concat([sheets, sheets]))["se"].item()
    assert twice**2 == pytest.approx(once**2 / 2)


def test_the_weighted_error_is_that_of_a_brute_force_twin():
    sheets = invented()
    value = {None: None} | {r: 100 if r >= 9 else -100 if r <= 6 else 0 for r in range(11)}
    rows = [(value[r], w) for r, w in sheets.select("recommend", "weight").iter_rows()]
    total = sum(w for v, w in rows if v is not None)
    mean = sum(w * v for v, w in rows if v is not None) / total
    parts = [0.0 if v is None else w * (v - mean) / total for v, w in rows]
    n = len(parts)
    error = math.sqrt(n / (n - 1) * sum(part**2 for part in parts))
    found = loyalty.net_promoter_score(sheets, weight="weight").row(0, named=True)
    assert (found["score"], found["se"]) == pytest.approx((mean, error))


def test_the_interval_of_a_weighted_score_rests_on_what_weights_leave():
    # Weights 1 and 3 by turns: 40 answers say as much as 32, whatever they are; the error
    # holds 40/39 besides, and Student's t asks for more where 32 and not 40 are known.
    sheets = pl.DataFrame({"recommend": [9, 9, 6, 6] * 10, "weight": [1.0, 3.0] * 20})
    found = loyalty.net_promoter_score(sheets, weight="weight").row(0, named=True)
    base = 32 * 39 / 40 * (2.0226909 / 2.0395134) ** 2
    reach = 1.959964 * 100 * math.sqrt((base + 1.5) / (base + 3) ** 2)
    assert found["effective_base"] == 32
    assert (found["low"], found["high"]) == pytest.approx((-reach, reach), rel=1e-6)


def test_the_interval_of_a_weighted_score_by_hand():
    # Those of weight 1 promote, those of weight 3 by turns: 5 of 8 promote, score 25.
    sheets = pl.DataFrame({"recommend": [9, 9, 9, 6] * 10, "weight": [1.0, 3.0] * 20})
    found = loyalty.net_promoter_score(sheets, weight="weight").row(0, named=True)
    error = 40 / 39 * 10 * ((1 + 9 + 1) * 0.75**2 + 9 * 1.25**2) / 80**2
    assert (found["score"], found["se"]) == pytest.approx((25, 100 * math.sqrt(error)))
    # 1 - .25² is the variance of one; over the squared error 28.9, where Kish leaves 32.
    base = 0.9375 / error * (2.0226909 / 2.0395134) ** 2
    up, down, size = 0.625 * base + 0.75, 0.375 * base + 0.75, base + 3
    centre, both = (up - down) / size, (up + down) / size
    reach = 1.959964 * math.sqrt((both - centre**2) / size)
    assert (found["low"], found["high"]) == pytest.approx(
        (100 * (centre - reach), 100 * (centre + reach)), rel=1e-5
    )


def test_a_score_whose_heaviest_answers_vary_most_is_less_sure_than_kish_says():
    # The same weights: those of 3 are split, those of 1 agree; then the other way round.
    even = [9, 9, 9, 6] * 10
    weights = pl.Series([1.0, 3.0] * 20)
    split, agree = (
        loyalty.net_promoter_score(
            pl.DataFrame({"recommend": even, "weight": each}), weight="weight"
        )
        for each in (weights, pl.Series([3.0, 1.0] * 20))
    )
    assert split["effective_base"].item() == agree["effective_base"].item()
    widths = [one["high"].item() - one["low"].item() for one in (split, agree)]
    assert widths[0] > widths[1]


@pytest.mark.parametrize("rating", [9, 7, 6])
def test_weighted_answers_that_are_all_alike_are_not_certain(rating):
    sheets = pl.DataFrame({"recommend": [rating] * 12, "weight": [1.0, 2.0, 4.0] * 4})
    row = loyalty.net_promoter_score(sheets, weight="weight").row(0, named=True)
    assert row["se"] == 0
    plain = loyalty.net_promoter_score(sheets).row(0, named=True)
    # Twelve that weigh the same say more.
    assert -100 <= row["low"] <= plain["low"]
    assert plain["high"] <= row["high"] <= 100
    assert row["high"] - row["low"] > plain["high"] - plain["low"] > 0


def test_another_scale_is_no_net_promoter_score():
    with pytest.raises(ScaleMismatch) as refused:
        loyalty.net_promoter_score(pl.DataFrame({"recommend": [9]}), scale=Scale(1, 10))
    assert str(refused.value) == (
        "a net promoter score needs a scale of 0 to 10; `recommend` has 1 to 10. "
        "Another scale has other promoters; use top_box or mean_score."
    )


@pytest.mark.parametrize("code", [-1, 11])
def test_a_code_off_the_scale_is_never_scored(code):
    with pytest.raises(OutOfRange, match=rf"from 0 to 10; it has {code}\."):
        loyalty.net_promoter_score(pl.DataFrame({"recommend": [9, code]}))


def test_a_missing_rating_is_named():
    with pytest.raises(ColumnMissing) as refused:
        loyalty.net_promoter_score(pl.DataFrame({"recomend": [9]}))
    assert str(refused.value) == (
        "responses must have `recommend`; it has `recomend`. Did you mean `recomend`?"
    )


def test_stated_repurchase_is_the_top_two():
    sheets = pl.DataFrame({"repurchase": [5, 4, 3, 1]})
    assert loyalty.stated_repurchase(sheets)["share"].item() == 0.5


def customers(**columns: list) -> pl.DataFrame:
    size = len(next(iter(columns.values())))
    dates = dict.fromkeys(("joined", "left"), pl.Date)
    frame = {"customer_id": [str(i) for i in range(size)], "left": [None] * size, **columns}
    return pl.DataFrame(frame, schema_overrides={n: t for n, t in dates.items() if n in frame})


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


@pytest.mark.parametrize(
    ("joined", "left", "base", "kept"),
    [
        (day(2, 28), None, 1, 1),
        (day(3, 1), None, 0, None),
        (day(1, 1), day(2, 28), 0, None),
        (day(1, 1), day(3, 1), 1, 0),
        (day(1, 1), day(3, 31), 1, 0),
        (day(1, 1), day(4, 1), 1, 1),
        (None, None, 0, None),
    ],
)
def test_who_was_there_at_the_start_and_who_still_is(joined, left, base, kept):
    people = customers(joined=[joined], left=[left])
    found = loyalty.retention(people, **MONTH).row(0, named=True)
    assert (found["base"], found["share"]) == (base, kept)


def test_a_prospect_is_nobody_to_keep():
    people = customers(joined=[day(1, 1)] * 4, kind=["prospect", "former", "customer", None])
    assert loyalty.retention(people, **MONTH)["base"].item() == 3


def test_retention_by_segment():
    people = customers(
        joined=[day(1, 1)] * 3, left=[None, day(3, 9), None], segment=["a", "a", "b"]
    )
    found = loyalty.retention(people, **MONTH, by="segment").select("segment", "base", "share")
    assert found.rows() == [("a", 2, 0.5), ("b", 1, 1.0)]


def orders(*rows: tuple) -> pl.DataFrame:
    schema = {"customer_id": pl.String, "date": pl.Date, "amount": pl.Float64, "status": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


PEOPLE = customers(
    joined=[day(1, 1), day(1, 1), day(3, 31), day(4, 1), None, day(1, 1), day(1, 1)],
    left=[None, None, None, None, None, day(2, 28), day(3, 1)],
    kind=["customer", "customer", "customer", "customer", "prospect", "former", "former"],
)


def test_the_base_of_purchasing_was_a_customer_on_some_day_of_the_period():
    found = loyalty.purchasing(PEOPLE, orders(("0", day(3, 5), 1.0, "paid")), **MONTH)
    # Customers 0 and 1, 2 who joined on the last day, 6 who left on the first.
    assert found.select("base", "share").row(0) == (4, 0.25)


def test_an_unknown_joining_date_rules_nobody_out():
    people = customers(joined=[None], kind=["customer"])
    assert loyalty.purchasing(people, orders(), **MONTH)["base"].item() == 1


@pytest.mark.parametrize(
    ("order", "share"),
    [
        (("0", day(3, 1), 1.0, "paid"), 1.0),
        (("0", day(3, 31), 1.0, None), 1.0),
        (("0", day(2, 28), 1.0, "paid"), 0.0),
        (("0", day(4, 1), 1.0, "paid"), 0.0),
        (("0", day(3, 9), 1.0, "Cancelled"), 0.0),
        (("7", day(3, 9), 1.0, "paid"), 0.0),
    ],
)
def test_which_orders_count(order, share):
    people = customers(joined=[day(1, 1)])
    assert loyalty.purchasing(people, orders(order), **MONTH)["share"].item() == share


def test_spend_and_orders_per_customer_count_those_who_bought_nothing():
    people = customers(joined=[day(1, 1)] * 4)
    bought = orders(("0", day(3, 2), 30.0, "paid"), ("0", day(3, 3), 10.0, "paid"))
    spend = loyalty.spend_per_customer(people, bought, **MONTH).row(0, named=True)
    often = loyalty.orders_per_customer(people, bought, **MONTH).row(0, named=True)
    assert (spend["base"], spend["mean"], spend["se"]) == (4, 10.0, pytest.approx(10.0))
    assert (often["base"], often["mean"], often["low"]) == (4, 0.5, 0)


def test_tables_without_what_a_face_needs_are_refused():
    with pytest.raises(ColumnMissing, match="customers must have `joined`"):
        loyalty.retention(pl.DataFrame({"customer_id": ["1"], "left": [None]}), **MONTH)
    with pytest.raises(ColumnMissing, match="orders must have `amount`"):
        loyalty.purchasing(PEOPLE, orders().drop("amount"), **MONTH)
