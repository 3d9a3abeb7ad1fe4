"""Needs: by hand, by law, by message, by simulation, and on the demo study."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats as scipy_stats

import cxlab as cx
from cxlab import demo
from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, NotConverged, OutOfRange, UnknownName, WeightsInvalid
from cxlab.metrics import drivers, needs
from cxlab.metrics.needs import Pair
from cxlab.stats import resample

ROOT = Path(__file__).resolve().parents[1]
FEW: Any = {"samples": 200}
TWO = [Pair("speed", "speed_i", "speed_s"), Pair("price", "price_i", "price_s")]
KANO = Pair("it", "with", "without")
# Rows: with, columns: without; 1 like, 2 must be, 3 neutral, 4 live with, 5 dislike.
BERGER = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]


def ratings(people: int = 120, seed: int = 1) -> pl.DataFrame:
    """Speed matters and is bad; price neither; some leave an answer empty."""
    draw = np.random.default_rng(seed)
    middle = {"speed_i": 4.4, "speed_s": 2.6, "price_i": 3.0, "price_s": 3.6}
    columns = {
        name: np.clip(np.round(draw.normal(at, 1, people)), 1, 5) for name, at in middle.items()
    }
    columns["price_s"][::7] = np.nan
    frame = pl.DataFrame(columns).fill_nan(None).cast(pl.Int64)
    return frame.with_columns(
        group=pl.Series(["a", "b", "b"] * (people // 3)),
        weight=pl.Series(draw.choice([0.5, 1.0, 2.5], people)),
    )


def opportunity(frame: pl.DataFrame | pl.LazyFrame, **how: Any) -> pl.DataFrame:
    return needs.opportunity.scores(frame, **{"pairs": TWO, **FEW, **how})


# Opportunity.


def test_opportunity_has_these_columns():
    found = opportunity(ratings(), by="group", weight="weight")
    order = ["rank", "rank_low", "rank_high", "p_first", "p_top3"]
    assert found.columns == [
        *("group", "need", "base", "effective_base"),
        *("importance", "importance_low", "importance_high"),
        *("satisfaction", "satisfaction_low", "satisfaction_high"),
        *("opportunity", "low", "high", *order),
        *(f"importance_{name}" for name in order),
        *("p", "p_adjusted", "flagged"),
    ]


def test_only_people_with_both_answers_count():
    frame = pl.DataFrame({"speed_i": [5, 5, 4, None, 2], "speed_s": [1, None, 4, 5, 2]})
    found = opportunity(frame, pairs=TWO[:1]).row(0, named=True)
    # Three people: 5/1, 4/4, 2/2.
    assert found["base"] == 3
    assert [found[name] for name in ("importance", "satisfaction", "opportunity")] == [
        pytest.approx(20 / 3),
        pytest.approx(10 / 3),
        pytest.approx(10),
    ]


def test_four_is_a_best_box_and_three_is_not():
    frame = pl.DataFrame({"speed_i": [4, 3], "speed_s": [3, 3]})
    found = opportunity(frame, pairs=TWO[:1]).row(0, named=True)
    assert (found["importance"], found["satisfaction"], found["opportunity"]) == (5, 0, 10)


def test_a_scale_whose_low_end_is_good_is_turned():
    turned = ratings().with_columns((6 - pl.col("speed_s")).alias("speed_s"))
    pairs = [Pair("speed", "speed_i", "speed_s", second_scale=Scale(1, 5, "down")), TWO[1]]
    assert_frame_equal(opportunity(turned, pairs=pairs), opportunity(ratings()))


def test_what_matters_and_is_bad_is_first_and_claimed():
    found = opportunity(ratings())
    assert found["need"].to_list() == ["speed", "price"]
    assert found["p_first"][0] > 0.99
    assert found["flagged"].to_list() == [True, True]
    assert (found["low"] < found["opportunity"]).all()
    assert (found["opportunity"] < found["high"]).all()


@pytest.mark.parametrize("form", ["top-box", "mean"])
def test_order_of_rows_and_needs_does_not_matter_for_estimates(form):
    one = opportunity(ratings(), form=form)
    two = opportunity(ratings().sort("price_s", "speed_i"), form=form)
    assert_frame_equal(one, two)
    other = opportunity(ratings(), form=form, pairs=TWO[::-1])
    same = ["need", "base", "importance", "satisfaction", "opportunity", "rank"]
    assert_frame_equal(one.select(same), other.select(same))


def test_tallies_and_lazy_answers_serve_as_well():
    assert_frame_equal(opportunity(ratings().lazy()), opportunity(ratings()))


def test_equal_weights_are_none_but_for_the_effective_base():
    weighed = opportunity(ratings().with_columns(weight=2.0), weight="weight")
    assert weighed["effective_base"].to_list() == weighed["base"].to_list()
    assert_frame_equal(weighed.drop("effective_base"), opportunity(ratings()))


def test_weights_count_people_several_times():
    frame = ratings().with_columns(weight=pl.Series([1, 2, 3] * 40))
    many = frame.select(pl.all().repeat_by("weight").explode())
    same = ["need", "importance", "satisfaction", "opportunity"]
    weighed = opportunity(frame, weight="weight")
    assert_frame_equal(weighed.select(same), opportunity(many).select(same))
    assert (weighed["effective_base"] < weighed["base"]).all()


def test_four_times_the_people_halve_the_interval():
    one, four = (opportunity(frame, samples=2000) for frame in (ratings(), four_times(ratings())))
    width = [table.select(pl.col("high") - pl.col("low")).to_series() for table in (one, four)]
    assert (width[0] / width[1]).to_list() == pytest.approx([2, 2], rel=0.12)


def four_times(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame] * 4)


def test_a_need_nobody_answered_keeps_its_row():
    frame = ratings().with_columns(price_s=pl.lit(None, pl.Int64))
    row = opportunity(frame).filter(need="price").row(0, named=True)
    assert row["base"] == 0
    assert {row[name] for name in ("opportunity", "low", "high", "rank", "p_first", "p")} == {None}


def test_everybody_of_thirty_is_not_certain():
    frame = pl.DataFrame({"speed_i": [5] * 30, "speed_s": [1] * 30})
    found = opportunity(frame, pairs=TWO[:1], samples=2000).row(0, named=True)
    assert (found["opportunity"], found["high"]) == (20, 20)
    assert 17 < found["low"] < 19.5


def test_forms_can_rank_differently_and_need_one_scale():
    pairs = [Pair("speed", "speed_i", "speed_s", second_scale=Scale(1, 7)), TWO[1]]
    with pytest.raises(OutOfRange) as caught:
        opportunity(ratings(), pairs=pairs, form="mean")
    assert str(caught.value) == "scales must be one for the form `mean`; there are 2."
    with pytest.raises(UnknownName, match=r"form `means` is not known. Did you mean `mean`?"):
        opportunity(ratings(), form="means")


def test_what_is_refused_is_named():
    with pytest.raises(ColumnMissing, match=r"responses must have `speed_s`"):
        opportunity(ratings().drop("speed_s"))
    with pytest.raises(OutOfRange, match=r"`speed_i` must be whole numbers from 1 to 5; it has 9."):
        opportunity(ratings().with_columns(speed_i=pl.lit(9)))
    with pytest.raises(OutOfRange, match=r"each named once; there is `speed` twice."):
        opportunity(ratings(), pairs=[TWO[0], TWO[0]])
    with pytest.raises(OutOfRange, match=r"each named once; there is none."):
        opportunity(ratings(), pairs=[])
    with pytest.raises(OutOfRange, match=r"samples must be at least 2; it is 1."):
        opportunity(ratings(), samples=1)
    with pytest.raises(WeightsInvalid, match=r"`weight` has 120 that are empty"):
        opportunity(ratings().with_columns(weight=0.0), weight="weight")


CORNERS = np.array([[5, 5], [5, 2], [2, 5], [2, 2]])


@pytest.mark.parametrize("base", [30, 100])
@pytest.mark.parametrize("weighted", [False, True])
def test_nineteen_of_twenty_intervals_hold_the_true_opportunity(base, weighted):
    chances = np.array([0.5, 0.3, 0.12, 0.08])
    truth = 10 * (0.8 + (0.8 - 0.62))
    draw = np.random.default_rng(base)
    held, runs = 0, 200
    for run in range(runs):
        answers = CORNERS[draw.choice(4, base, p=chances)]
        frame = pl.DataFrame(answers, schema=["speed_i", "speed_s"], orient="row")
        how: dict[str, Any] = {"pairs": TWO[:1], "samples": 300, "seed": run}
        if weighted:
            frame = frame.with_columns(weight=pl.Series(draw.choice([0.6, 1.0, 1.8], base)))
            how["weight"] = "weight"
        row = opportunity(frame, **how).row(0, named=True)
        held += row["low"] <= truth <= row["high"]
    assert 0.915 <= held / runs <= 0.985


# Kano.


def people(*pairs: tuple[int | None, int | None]) -> pl.DataFrame:
    schema = {"with": pl.Int64, "without": pl.Int64}
    return pl.DataFrame(list(pairs), schema=schema, orient="row")


def kano(frame: pl.DataFrame, **how: Any) -> dict[str, Any]:
    found = needs.kano.categories(frame, **{"pairs": [KANO], **FEW, **how})
    return found.row(0, named=True)


def test_every_pair_of_answers_has_its_letter():
    every = people(*((one, two) for one in range(1, 6) for two in range(1, 6)))
    letters = every.select(needs.kano.category(pl.col("with"), pl.col("without"))).to_series()
    assert "".join(letters) == "".join(BERGER)


def test_one_answer_alone_is_no_answer():
    found = needs.kano.answers(people((1, 5), (1, None), (None, 5)), pairs=[KANO])
    assert found["base"].to_list() == [1] * 6
    assert dict(found.select("category", "share").rows())["one-dimensional"] == 1


def test_answers_stored_as_labels_are_read():
    labels = {"like": 1, "must": 2, "neutral": 3, "can live": 4, "dislike": 5}
    words = pl.DataFrame({"with": ["like", "must"], "without": ["dislike", "dislike"]})
    pair = Pair("it", "with", "without", codes=labels)
    found = needs.kano.answers(words, pairs=[pair])
    assert dict(found.select("category", "count").rows())["must-be"] == 1


def test_ties_go_to_must_be_first():
    assert kano(people((1, 3), (1, 5), (3, 5), (3, 3)))["category"] == "must-be"
    assert kano(people((1, 3), (1, 5), (3, 3)))["category"] == "one-dimensional"
    assert kano(people((1, 3), (3, 3), (3, 1)))["category"] == "attractive"


def test_categories_that_cannot_be_told_apart_are_named():
    # 11 against 9 of 20: they would have to be 1.65 × √(20 × 20 / 40) = 5.2 apart.
    one = kano(people(*[(1, 5)] * 11, *[(3, 5)] * 9))
    assert (one["category"], one["undecided"]) == ("one-dimensional", "must-be")
    assert one["fong"] == pytest.approx(1.65 * math.sqrt(10))
    assert (one["clear"], one["flagged"]) == (False, False)


def test_better_and_worse_leave_out_reverse_and_questionable():
    one = kano(people((1, 3), (1, 5), (3, 5), (3, 3), (3, 1), (1, 1)))
    assert (one["better"], one["worse"]) == (0.5, -0.5)
    assert -1 <= one["worse_low"] < one["worse"] < one["worse_high"] <= 0
    assert one["base"] == 6


def test_indifferent_is_never_claimed():
    one = kano(people(*[(3, 3)] * 50))
    assert (one["clear"], one["p_category"], one["flagged"]) == (True, 1, False)
    assert one["p"] < 0.001
    assert kano(people(*[(1, 3)] * 50))["flagged"]


def test_a_feature_nobody_answered_keeps_its_row():
    one = kano(people((None, 3)))
    assert one["base"] == 0
    assert {one[name] for name in ("category", "better", "worse_low", "p")} == {None}


def test_weighted_categories():
    frame = people((1, 3), (3, 3)).with_columns(weight=pl.Series([3.0, 1.0]))
    found = needs.kano.answers(frame, pairs=[KANO], weight="weight")
    assert dict(found.select("category", "share").rows())["attractive"] == 0.75
    assert found["effective_base"][0] == pytest.approx(16 / 10)


def test_other_codes_are_refused():
    with pytest.raises(OutOfRange) as caught:
        kano(people((0, 3), (1, 6)))
    assert str(caught.value) == "`with` must be 1 (like) to 5 (dislike); 1 of its answers are not."


# Best and worst.

ITEMS = ["app", "calls", "price", "speed"]


def choices(people: int = 60, *, wants: tuple[float, ...] = (0, 0.5, 1, 2), seed: int = 3):
    """Three screens of three of the four; the last is wanted most."""
    draw = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for task in range(3):
            shown = draw.choice(4, 3, replace=False)
            liked = shown[np.argsort(np.array(wants)[shown] + draw.gumbel(size=3))]
            picks = {liked[-1]: "best", liked[0]: "worst"}
            rows += [(f"p{person}", str(task), ITEMS[at], picks.get(at, "none")) for at in shown]
    return pl.DataFrame(rows, schema=["response_id", "task", "item", "choice"], orient="row")


def one_screen() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "response_id": ["p", "p", "p"],
            "task": ["1"] * 3,
            "item": ["a", "b", "c"],
            "choice": ["best", "worst", "none"],
        }
    )


def test_best_less_worst_over_shown():
    found = needs.maxdiff.counts(
        pl.concat([one_screen(), one_screen().with_columns(task=pl.lit("2"))]), **FEW
    )
    assert found.select("item", "base", "shown", "best", "worst", "score").rows() == [
        ("a", 1, 2, 2, 0, 1.0),
        ("c", 1, 2, 0, 0, 0.0),
        ("b", 1, 2, 0, 2, -1.0),
    ]


@pytest.mark.parametrize(
    ("item", "choice"),
    [("c", "best"), ("b", "none"), ("a", "none")],
    ids=["two", "no worst", "no best"],
)
def test_screens_without_one_best_and_one_worst_do_not_count(item, choice):
    broken = one_screen().with_columns(
        choice=pl.when(pl.col("item") == item).then(pl.lit(choice)).otherwise("choice"),
        task=pl.lit("2"),
    )
    both = pl.concat([one_screen(), broken])
    assert needs.screens.whole(both).row(0) == (1, 2, 1, 1)
    assert needs.maxdiff.counts(both, **FEW)["shown"].to_list() == [1, 1, 1]


def test_scores_of_all_items_add_up_to_nothing():
    found = needs.maxdiff.counts(choices(), **FEW)
    assert (found["score"] * found["shown"]).sum() == pytest.approx(0)
    assert found["item"][0] == "speed"
    assert found["flagged"][0]


def test_errors_go_by_person():
    # Asking everybody the same again tells nothing new of people.
    twice = pl.concat([choices(), choices().with_columns(task=pl.col("task") + "again")])
    once, again = (needs.maxdiff.utilities(table, **FEW) for table in (choices(), twice))
    assert again["se"].to_list() == pytest.approx(once["se"].to_list())
    ratio = once["se_analytic"] / again["se_analytic"]
    assert ratio.to_list() == pytest.approx([math.sqrt(2)] * 4)


def test_the_error_of_two_people():
    # Best for one, worst for the other: ±1 around 0, so √(2 / 1 × 2) over two screens.
    other = one_screen().with_columns(response_id=pl.lit("q"), item=pl.Series(["b", "a", "c"]))
    found = needs.maxdiff.counts(pl.concat([one_screen(), other]), **FEW)
    assert found.filter(item="a").select("score", "se").row(0) == (0, pytest.approx(1))


def test_people_in_another_order_and_equal_weights_say_the_same():
    plain = needs.maxdiff.counts(choices(), **FEW)
    mixed = choices().sample(fraction=1, shuffle=True, seed=1).with_columns(w=3.0)
    assert_frame_equal(needs.maxdiff.counts(mixed, **FEW), plain)
    weighed = needs.maxdiff.counts(mixed, weight="w", **FEW).drop("effective_base")
    assert_frame_equal(weighed.select("item", "score", "se"), plain.select("item", "score", "se"))


def test_an_item_always_best_has_no_finite_utility():
    found = needs.maxdiff.utilities(one_screen(), **FEW)
    assert found.filter(item="a").select("utility", "se").row(0) == (None, None)
    with pytest.raises(NotConverged, match=r"utilities must be finite"):
        needs.maxdiff.logit(one_screen())


def test_logit_finds_the_utilities_people_have():
    found = needs.maxdiff.logit(choices(1500), model="sequential", reference="app")
    rows = dict(found.select("item", "utility").rows())
    # The worst of two is the smaller of two Gumbels, near enough a logit again.
    assert [rows[name] for name in ITEMS] == pytest.approx([0, 0.5, 1, 2], abs=0.2)
    assert found["share"].sum() == pytest.approx(1)


def test_a_group_that_wants_something_else_is_found():
    other = choices(wants=(2, 0.5, 1, 0), seed=4).with_columns(
        response_id="q" + pl.col("response_id")
    )
    both = pl.concat(
        [choices().with_columns(group=pl.lit("a")), other.with_columns(group=pl.lit("b"))]
    )
    found = needs.maxdiff.segments(both, by="group")
    flagged = found.filter(pl.col("flagged"), group="a")["item"].to_list()
    assert flagged == ["app", "speed"]
    one, two = (found.filter(group=name)["difference"] for name in "ab")
    assert (one + two).abs().max() < 1e-12


def test_other_picks_and_changing_weights_are_refused():
    with pytest.raises(OutOfRange, match=r"must be best, worst or none; 1 of 3 are not."):
        needs.maxdiff.counts(one_screen().with_columns(choice=pl.Series(["best", "worst", "?"])))
    with pytest.raises(OutOfRange, match=r"`w` must be one per person; 1 people have several."):
        needs.maxdiff.counts(one_screen().with_columns(w=pl.Series([1.0, 2.0, 1.0])), weight="w")
    with pytest.raises(OutOfRange, match=r"at least one whole screen; there is none."):
        needs.maxdiff.counts(one_screen().head(1))
    with pytest.raises(OutOfRange, match=r"reference must be an item that was shown"):
        needs.maxdiff.logit(choices(), reference="tea")


# Reach.


def wishes() -> pl.DataFrame:
    return pl.DataFrame({"a": [1, 1, 1, 0, 0, 0], "b": [1, 1, 0, 0, 0, 0], "c": [0, 0, 0, 1, 1, 0]})


def test_the_pair_that_does_not_overlap_reaches_most():
    found = needs.turf.sets(wishes(), items=["a", "b", "c"], size=2, **FEW)
    best = found.filter(size=2)
    assert best.select("items", "frequency").rows() == [
        ("a + c", pytest.approx(5 / 6)),
        ("b + c", pytest.approx(4 / 6)),
        ("a + b", pytest.approx(5 / 6)),
    ]
    assert best["reach"].to_list() == pytest.approx([5 / 6, 4 / 6, 3 / 6])
    assert best["p_best"].sum() == pytest.approx(1)
    assert best["method"][0] == "every set"


def test_true_and_false_serve_as_well_and_an_empty_answer_leaves_a_person_out():
    flags = wishes().cast(pl.Boolean)
    assert_frame_equal(
        needs.turf.sets(flags, items=["a", "b"], size=1, **FEW),
        needs.turf.sets(wishes(), items=["a", "b"], size=1, **FEW),
    )
    gap = wishes().with_columns(a=pl.Series([None, 1, 1, 0, 0, 0]))
    assert needs.turf.sets(gap, items=["a", "b"], size=1, **FEW)["base"][0] == 5


def test_beyond_the_limit_sets_are_grown(monkeypatch):
    monkeypatch.setattr(needs.turf, "EVERY", 2)
    found = needs.turf.sets(wishes(), items=["a", "b", "c"], size=2, **FEW)
    assert found.filter(size=2).select("items", "method", "p_best").row(0) == (
        "a + c",
        "greedy",
        None,
    )


def test_a_chosen_set_flatters_itself():
    draw = np.random.default_rng(0)
    table = pl.DataFrame((draw.random((60, 8)) < 0.3).astype(int), schema=list("abcdefgh"))
    found = needs.turf.sets(table, items=list("abcdefgh"), size=3, **FEW).filter(size=3, place=1)
    assert 0.01 < found["optimism"][0] < 0.1
    assert found["p_best"][0] < 0.5


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"size": 4}, "size must be from 1 to 3, the items; it is 4."),
        ({"size": 2, "depth": 3}, "depth must be from 1 to 2, the size; it is 3."),
        ({"size": 2, "keep": 0}, "keep must be at least 1; it is 0."),
    ],
)
def test_sizes_are_checked(how, message):
    with pytest.raises(OutOfRange) as caught:
        needs.turf.sets(wishes(), items=["a", "b", "c"], **how)
    assert str(caught.value) == message


def test_other_answers_than_yes_and_no_are_refused():
    with pytest.raises(OutOfRange, match=r"`a` must be 0 or 1; 3 of its answers are not."):
        needs.turf.sets(wishes().with_columns(a=2 * pl.col("a")), items=["a"], size=1)


# Gaps.


def test_a_gap_is_each_persons_own():
    frame = pl.DataFrame({"speed_i": [5, 4, 5, None], "speed_s": [3, 3, 4, 1]})
    row = needs.gap.between(frame, pairs=TWO[:1], **FEW).row(0, named=True)
    # Differences 2, 1, 1: mean 4/3, standard deviation 1/√3.
    assert (row["base"], row["paired"]) == (3, True)
    assert (row["gap"], row["se"]) == (pytest.approx(4 / 3), pytest.approx(1 / 3))
    assert row["low"] == pytest.approx(4 / 3 - 4.302653 / 3, abs=1e-6)
    assert row["expectation"] - row["perception"] == pytest.approx(row["gap"])


def test_weighted_gaps_have_fewer_degrees_of_freedom():
    frame = pl.DataFrame({"speed_i": [5, 4, 3, 4] * 10, "speed_s": [3, 4, 3, 3] * 10})
    frame = frame.with_columns(w=pl.Series([1.0, 3.0] * 20))
    # Kish 40 / 32: the spread is known as from 40 / 1.25⁴ = 16.384 people.
    row = needs.gap.between(frame, pairs=TWO[:1], weight="w", **FEW).row(0, named=True)
    reach = scipy_stats.t.ppf(0.975, 15.384) * row["se"]
    assert (row["low"], row["high"]) == pytest.approx((row["gap"] - reach, row["gap"] + reach))
    assert row["p"] == pytest.approx(2 * scipy_stats.t.sf(row["gap"] / row["se"], 15.384))


def test_weighted_gaps_of_two_samples_have_fewer_too():
    first = [5, 4, 3, 4] * 3 + [None] * 20
    frame = pl.DataFrame({"speed_i": first, "speed_s": [None] * 12 + [4, 3, 2, 3] * 5})
    frame = frame.with_columns(w=pl.Series([1.0, 3.0] * 16))
    row = needs.gap.between(frame, pairs=TWO[:1], weight="w", **FEW).row(0, named=True)
    # Squared errors by hand; known as from 12 / 1.25⁴ = 4.9152 and 20 / 1.25⁴ = 8.192 people.
    one, two = 32 / 31 * 6 / 24**2, 32 / 31 * 10 / 40**2
    freedom = (one + two) ** 2 / (one**2 / 3.9152 + two**2 / 7.192)
    assert row["p"] == pytest.approx(2 * scipy_stats.t.sf(1 / math.sqrt(one + two), freedom))


def test_two_samples_are_compared_as_such():
    frame = pl.DataFrame(
        {"speed_i": [5, 4, 5, None, None, None], "speed_s": [None, None, None, 2, 3, 4]}
    )
    row = needs.gap.between(frame, pairs=TWO[:1], **FEW).row(0, named=True)
    assert (row["base"], row["paired"]) == (6, False)
    assert row["gap"] == pytest.approx(14 / 3 - 3)
    assert row["se"] == pytest.approx(math.sqrt((1 / 3 + 1) / 3))


def test_a_dimension_is_the_mean_of_its_needs():
    pairs = [Pair(p.need, p.first, p.second, dimension="all") for p in TWO]
    frame = pl.DataFrame(
        {"speed_i": [5, 5], "speed_s": [3, 3], "price_i": [4, 4], "price_s": [4, None]}
    )
    row = needs.gap.dimensions(frame, pairs=pairs, **FEW).row(0, named=True)
    assert (row["need"], row["base"], row["gap"]) == ("all", 2, 1.5)


def test_two_scales_are_no_gap():
    pair = Pair("speed", "speed_i", "speed_s", second_scale=Scale(1, 7))
    with pytest.raises(OutOfRange, match=r"The two scales of `speed` must be one; they differ."):
        needs.gap.between(ratings(), pairs=[pair])


# Side by side.


def view(name: str, needs_: str, *, doubt: int | None = None) -> needs.beside.View:
    ranks = range(1, len(needs_) + 1)
    table = pl.DataFrame({"need": list(needs_), "value": [-rank for rank in ranks], "rank": ranks})
    if doubt is not None:
        table = table.with_columns(
            rank_low=pl.col("rank") - doubt, rank_high=pl.col("rank") + doubt
        )
    return needs.beside.View(name, table, value="value")


def verdicts(*views: needs.beside.View) -> dict[str, str]:
    return dict(needs.beside.views(*views).select("need", "verdict").rows())


def test_said_and_shown():
    found = verdicts(view("stated", "abcde"), view("derived", "dbcae"))
    assert found == {
        "a": "said more",
        "b": "agree",
        "c": "agree",
        "d": "shown more",
        "e": "agree",
    }


def test_other_views_differ_and_lone_ones_are_named():
    found = verdicts(view("kano", "abc"), view("comments", "cbax"))
    assert found == {"a": "differ", "b": "agree", "c": "differ", "x": "one view"}


def test_within_doubt_nothing_is_told_apart():
    assert (
        verdicts(view("stated", "abc", doubt=1), view("derived", "cba", doubt=1))["a"] == "unsure"
    )


def test_a_third_apart_is_not_apart():
    table = needs.beside.views(view("stated", "abc"), view("derived", "bac"))
    assert table.filter(need="a").select("spread", "verdict").row(0) == (
        pytest.approx(1 / 3),
        "agree",
    )
    assert table.filter(need="a").select("rank_stated", "rank_derived", "before", "after").row(
        0
    ) == (1, 2, "stated", "derived")


def test_doubt_of_another_order_is_not_taken():
    other = view("stated", "abc", doubt=2)
    other = needs.beside.View(
        "stated", other.table.with_columns(other=-pl.col("value")), value="other"
    )
    found = needs.beside.views(other, view("derived", "abc"))
    assert found.filter(need="a")["verdict"].item() == "shown more"


def test_views_are_checked():
    with pytest.raises(OutOfRange, match=r"views must be at least two"):
        needs.beside.views(view("stated", "ab"))
    with pytest.raises(OutOfRange, match=r"view `kano` must have needs, each on one row"):
        needs.beside.views(view("stated", "ab"), view("kano", "aa"))


# Samples.


def test_samples_vary_as_theory_says():
    values = np.array([[1.0], [0.0]])
    cells = resample.Cells(values, np.array([30.0, 70]), np.array([30.0, 70]), np.array([30.0, 70]))
    drawn = resample.sums(cells, samples=4000, seed=1)
    assert drawn.mean() == pytest.approx(30, abs=0.3)
    assert drawn.std() == pytest.approx(math.sqrt(21), rel=0.05)


def test_many_cells_are_drawn_as_normal_ones(monkeypatch):
    draw = np.random.default_rng(2)
    values, weights = draw.random((400, 2)), draw.choice([1.0, 3.0], 400)
    cells = resample.Cells(values, np.ones(400), weights, weights**2)
    exact = resample.sums(cells, samples=4000, seed=1)
    monkeypatch.setattr(resample, "MOST", 10)
    normal = resample.sums(cells, samples=4000, seed=1)
    assert normal.mean(axis=0) == pytest.approx(exact.mean(axis=0), rel=0.01)
    assert np.cov(normal.T).ravel() == pytest.approx(np.cov(exact.T).ravel(), rel=0.1)


def test_chances_of_alike_needs_are_alike():
    table = resample.order(np.zeros(4), np.zeros((4000, 4)))
    assert table["rank"].to_list() == [1, 1, 1, 1]
    assert table["p_first"].to_list() == pytest.approx([0.25] * 4, abs=0.03)
    assert table.select("rank_low", "rank_high").row(0) == (1, 4)


def test_top_three_are_three():
    table = resample.order(np.arange(5.0), np.tile(np.arange(5.0), (50, 1)))
    assert table["p_top3"].to_list() == [0, 0, 1, 1, 1]


# The demo study.


@pytest.fixture(scope="module")
def study() -> Any:
    return cx.open(ROOT / "data" / "demo")


def test_planted_needs_are_found(study):
    pairs = needs.of_study(study)
    found = needs.opportunity.scores(study.responses, pairs=pairs, samples=300)
    stated = found.sort("importance_rank")
    assert (stated["need"][0], stated["need"][-1]) == ("delivery", "packaging")
    assert stated["importance_p_first"][0] > 0.99


def test_planted_kano_is_found(study):
    how = {"first": "kano_{need}_with", "second": "kano_{need}_without"}
    found = needs.kano.categories(study.responses, pairs=needs.of_study(study, **how), **FEW)
    assert dict(found.select("need", "category").rows()) == {
        "tracking": "must-be",
        "free_returns": "one-dimensional",
        "assembly_video": "attractive",
        "gift_wrap": "indifferent",
    }
    assert found.filter(pl.col("flagged")).height == 3


def test_planted_wants_are_found(study):
    found = needs.maxdiff.counts(study.choices, **FEW)
    assert found["item"][0] == "Delivery on the day promised"
    assert found["p_first"][0] > 0.95
    assert found["item"][-1] == "Gift wrapping"
    assert found["score"][0] == pytest.approx(0.6, abs=0.1)
    assert found["score"][-1] == pytest.approx(-0.5, abs=0.12)


def test_views_of_the_demo_side_by_side(study):
    stated = needs.opportunity.scores(study.responses, pairs=needs.of_study(study), **FEW)
    model = drivers.of_study(study, outcome="satisfaction", samples=100)
    derived = drivers.importance(study.responses, model=model)
    found = needs.beside.views(needs.beside.stated(stated), needs.beside.derived(derived))
    assert found.select("need", "verdict").row(0) == ("delivery", "agree")
    assert found.height == 9


def test_patterns_that_fit_nothing_are_told(study):
    with pytest.raises(OutOfRange, match=r"must have items named like `want_"):
        needs.of_study(study, first="want_{need}")
    with pytest.raises(OutOfRange, match=r"must have `{need}` once; `importance` has not."):
        needs.of_study(study, first="importance")


@pytest.mark.slow
def test_nothing_is_claimed_where_nothing_was_planted(tmp_path):
    demo.write(tmp_path / "null", null=True)
    study = cx.open(tmp_path / "null")
    pairs = needs.of_study(study)
    how = {"first": "kano_{need}_with", "second": "kano_{need}_without"}
    tables = [
        needs.opportunity.scores(study.responses, pairs=pairs, **FEW),
        needs.kano.categories(study.responses, pairs=needs.of_study(study, **how), **FEW),
        needs.maxdiff.counts(study.choices, **FEW),
    ]
    assert [table.filter(pl.col("flagged")).height for table in tables] == [0, 0, 0]
