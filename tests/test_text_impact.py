"""Theme impact on a score: by hand, by law, by message; coverage in a small simulation."""

import random

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.codebook import Scale
from cxlab.errors import ColumnMissing, OutOfRange, ScaleMismatch, UnknownName, WeightsInvalid
from cxlab.stats import intervals
from cxlab.text import effects, impact
from cxlab.text.impact import Score, theme_impact

FIVE = Scale(1, 5)
ESTIMATES = ("score_with", "score_without", "difference", "impact", "adjusted", "priority")
People = list[tuple[int, int, list[str]]]


def study(people: People, item: str = "recommend") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Comments and responses of so many people each with a score and themes."""
    each = [(score, themes) for count, score, themes in people for _ in range(count)]
    ids = [f"R{number:04d}" for number in range(len(each))]
    comments = pl.DataFrame(
        {
            "comment_id": [f"C{number:04d}" for number in range(len(each))],
            "response_id": ids,
            "themes": [themes for _, themes in each],
        },
        schema_overrides={"themes": pl.List(pl.String)},
    )
    return comments, pl.DataFrame({"response_id": ids, item: [score for score, _ in each]})


# 50 promoters mention staff; the other 250 score 40; together 300 score 50.
FIFTY: People = [(50, 10, ["staff"]), (150, 9, []), (50, 7, []), (50, 6, [])]
# Delivery and price often come together; only delivery moves the score.
MIXED: People = [
    *((20, 3, ["delivery", "price"]), (10, 9, ["delivery", "price"])),
    *((20, 6, ["delivery"]), (10, 9, ["delivery"])),
    *((12, 9, ["price"]), (3, 2, ["price"]), (80, 9, []), (20, 0, [])),
]


def row(found: pl.DataFrame, theme: str) -> dict[str, object]:
    return found.row(by_predicate=pl.col("theme") == theme, named=True)


def drawn(seed: int, people: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    draw = random.Random(seed)
    rows: People = []
    for _ in range(people):
        themes = [name for name, p in (("a", 0.2), ("b", 0.3), ("c", 0.15)) if draw.random() < p]
        low = 0.2 + 0.4 * ("a" in themes) - 0.1 * ("b" in themes)
        rows.append((1, draw.choice([0, 4, 6] if draw.random() < low else [7, 8, 9, 10]), themes))
    return study(rows)


# ---------------------------------------------------------------- by hand


def test_a_score_of_50_that_is_40_without_a_theme_has_an_impact_of_10():
    staff = row(theme_impact(*study(FIFTY)), "staff")
    assert (staff["base"], staff["mentioned"], staff["share"]) == (300, 50, pytest.approx(1 / 6))
    assert [staff[name] for name in ESTIMATES] == pytest.approx([100, 40, 60, 10, 10, -10])
    assert staff["flagged"] is True


def test_impact_is_the_formula_of_the_methods():
    found = theme_impact(*study(MIXED))
    score, total = 100 * (112 - 63) / 175, 175
    for theme, count, own in (("delivery", 60, (20 - 40) / 60), ("price", 45, (22 - 23) / 45)):
        expected = count * (100 * own - score) / (total - count)
        assert row(found, theme)["impact"] == pytest.approx(expected)


def test_what_only_comes_along_loses_its_impact_when_adjusted():
    found = theme_impact(*study(MIXED))
    assert row(found, "delivery")["rank"] == 1
    assert row(found, "price")["impact"] == pytest.approx(-10.461538)
    assert abs(row(found, "price")["adjusted"]) < abs(row(found, "price")["impact"]) / 2


def test_adjusted_is_ordinary_least_squares_times_the_share():
    comments, responses = study(MIXED)
    found = theme_impact(comments, responses)
    themes = comments["themes"].to_list()
    design = np.array([[1, "delivery" in each, "price" in each] for each in themes], dtype=float)
    scores = responses["recommend"].to_numpy()
    value = np.where(scores >= 9, 100.0, np.where(scores <= 6, -100.0, 0.0))
    slopes = np.linalg.lstsq(design, value, rcond=None)[0][1:]
    assert found["adjusted"].to_list() == pytest.approx(list(slopes * design.mean(axis=0)[1:]))


def test_the_error_is_hc3_by_hand():
    """Mentioners 1, 0 and others 1, 1, 0: of slope and of share, worked out with a pencil."""
    cells = effects.Cells(
        score=np.array([1.0, 0, 1, 0]),
        mentions=np.array([[1.0], [1], [0], [0]]),
        answers=np.array([1.0, 1, 2, 1]),
        weight=np.array([1.0, 1, 2, 1]),
        squares=np.array([1.0, 1, 2, 1]),
    )
    share, step = 2 / 5, 1 / 2 - 2 / 3
    # Residual / (1 - leverage) / people of the side: ±½ / ½ / 2 and ⅓, ⅓, -⅔ over ⅔ over 3.
    of_slope = np.array([0.5, -0.5, -1 / 6, -1 / 6, 1 / 3])
    of_share = (np.array([1, 1, 0, 0, 0]) - share) / 5
    whole = share * of_slope + step * of_share
    found = effects.alone(cells, [0])
    assert found.estimate[0] == pytest.approx(share * step)
    assert effects.covariance(found.influence, cells)[0, 0] == pytest.approx(
        5 / 4 * ((whole - whole.mean()) ** 2).sum()
    )


def test_a_mean_and_a_share_are_explained_in_their_own_units():
    people: People = [(10, 1, ["price"]), (10, 3, ["price"]), (20, 5, []), (10, 4, [])]
    sheets = study(people, "satisfaction")
    mean = row(theme_impact(*sheets, score=Score("satisfaction", "mean", FIVE)), "price")
    share = row(theme_impact(*sheets, score=Score("satisfaction", "share", FIVE)), "price")
    assert (mean["score_with"], mean["score_without"]) == pytest.approx((2, 14 / 3))
    assert mean["impact"] == pytest.approx(3.6 - 14 / 3)
    assert [share[name] for name in ESTIMATES[:4]] == pytest.approx([0, 1, -1, -0.4])


def test_where_low_is_good_the_priority_turns_round():
    people: People = [(20, 5, ["login"]), (20, 4, ["login"]), (20, 1, []), (20, 2, [])]
    score = Score("effort", "mean", Scale(1, 5, "down"))
    login = row(theme_impact(*study(people, "effort"), score=score), "login")
    assert login["impact"] == pytest.approx(1.5)
    assert login["priority"] == pytest.approx(1.5)


# ---------------------------------------------------------------- who counts


def test_a_person_with_two_comments_counts_once_with_the_themes_of_both():
    comments, responses = study([(12, 3, ["a"]), (12, 9, [])])
    more = comments.head(12).with_columns(pl.lit(["b"]).alias("themes"), comment_id=pl.lit("D"))
    again = comments.head(12).with_columns(comment_id=pl.lit("E"))
    found = theme_impact(pl.concat([comments, more, again]), responses)
    assert found["mentioned"].to_list() == [12, 12]
    assert found["base"].to_list() == [24, 24]


def test_what_could_not_be_read_is_no_mention_and_no_silence():
    comments, responses = study([(15, 3, ["a"]), (15, 9, []), (7, 0, []), (5, 10, [])])
    blank = (
        pl.when(pl.int_range(pl.len()).is_between(30, 36)).then(None).otherwise(pl.col("themes"))
    )
    answer = pl.int_range(pl.len()) < 37
    read = comments.with_columns(blank.alias("themes"), answer.alias("answer"))
    assert row(theme_impact(read, responses), "a")["base"] == 30
    assert row(theme_impact(read, responses, among="answered"), "a")["base"] == 42


def test_people_without_a_score_or_without_a_sheet_are_not_in_the_base():
    comments, responses = study([(15, 3, ["a"]), (15, 9, []), (5, 9, ["a"])])
    unknown = responses.with_columns(pl.when(pl.int_range(pl.len()) < 30).then("recommend")).head(
        33
    )
    assert row(theme_impact(comments, unknown), "a")["base"] == 30


def test_a_theme_that_was_asked_for_and_nobody_mentions_has_its_row():
    found = theme_impact(*study(FIFTY), themes=["staff", "app"])
    assert found["theme"].to_list() == ["app", "staff"]
    app = row(found, "app")
    assert (app["mentioned"], app["share"], app["impact"]) == (0, 0.0, None)
    assert app["note"] == "fewer than 10 people mention it"


@pytest.mark.parametrize(("count", "note"), [(9, "fewer than 10 people mention it"), (10, None)])
def test_ten_mentions_are_enough_and_nine_are_not(count: int, note: str | None):
    found = row(theme_impact(*study([(count, 2, ["a"]), (40, 9, [])])), "a")
    assert found["note"] == note
    assert (found["score_with"] is None) == (note is not None)
    assert (found["impact"] is None) == (found["p"] is None) == (note is not None)


@pytest.mark.parametrize(
    ("count", "note"), [(9, "fewer than 10 people do not mention it"), (10, None)]
)
def test_the_others_must_be_enough_too_or_their_score_could_be_worked_out(count, note):
    found = row(theme_impact(*study([(40, 2, ["a"]), (count, 9, [])])), "a")
    assert found["note"] == note
    assert (found["score_without"] is None) == (note is not None)


def test_themes_that_always_come_together_are_not_told_apart():
    found = theme_impact(*study([(20, 3, ["a", "b"]), (20, 9, ["c"]), (40, 9, []), (9, 0, ["c"])]))
    assert row(found, "a")["note"] == "cannot be told apart from `b`"
    assert row(found, "b")["note"] == "cannot be told apart from `a`"
    assert (row(found, "a")["adjusted"], row(found, "a")["rank"]) == (None, None)
    assert row(found, "a")["impact"] == row(found, "b")["impact"] != 0
    assert (row(found, "c")["note"], row(found, "c")["rank"]) == (None, 1)


def test_a_parent_that_is_all_of_its_children_is_not_told_apart_from_them():
    people: People = [(20, 3, ["a", "top"]), (20, 9, ["b", "top"]), (30, 9, []), (20, 2, ["c"])]
    found = theme_impact(*study(people))
    assert row(found, "top")["note"] == "cannot be told apart from `a`, `b`"
    assert row(found, "c")["note"] is None


def test_where_everybody_names_one_theme_there_is_nothing_to_hold_equal():
    found = theme_impact(*study([(20, 3, ["a"]), (20, 9, ["b"]), (20, 7, ["c"])]))
    assert found["adjusted"].null_count() == 3
    assert found["impact"].null_count() == 0


def test_nobody_and_nothing_give_tables_of_the_same_shape():
    full = theme_impact(*study(FIFTY))
    for comments, responses in (study([(20, 9, [])]), study([])):
        responses = responses.cast({"recommend": pl.Int64, "response_id": pl.String})
        comments = comments.cast({"response_id": pl.String})
        found = theme_impact(comments, responses)
        assert found.height == 0
        assert found.schema == full.schema
    nobody = theme_impact(comments, responses, themes=["staff"])
    assert nobody.schema == full.schema
    assert nobody.select("base", "mentioned", "impact").row(0) == (0, 0, None)


# ---------------------------------------------------------------- by law


def test_the_order_of_rows_does_not_matter():
    comments, responses = drawn(1, 200)
    first = theme_impact(comments, responses)
    again = [frame.sample(fraction=1, shuffle=True, seed=2) for frame in (comments, responses)]
    assert_frame_equal(theme_impact(*again), first)
    assert_frame_equal(theme_impact(*(frame.lazy() for frame in again)), first)


def test_four_times_the_people_halve_the_interval():
    comments, responses = drawn(2, 300)
    wide = theme_impact(comments, responses)
    many = [
        pl.concat([frame.with_columns(pl.col("response_id") + f"-{part}") for part in range(4)])
        for frame in (comments, responses)
    ]
    narrow = theme_impact(*many)
    ratio = (wide["high"] - wide["low"]) / (narrow["high"] - narrow["low"])
    assert ratio.to_list() == pytest.approx([2, 2, 2], abs=0.05)


def test_equal_weights_change_nothing_and_double_weights_count_double():
    comments, responses = drawn(3, 200)
    plain = theme_impact(comments, responses)
    assert_frame_equal(theme_impact(comments, responses.with_columns(w=0.7), weight="w"), plain)
    heavy = responses.with_columns(w=pl.when(pl.int_range(pl.len()) < 50).then(2.0).otherwise(1.0))
    twice = [
        pl.concat([frame, frame.head(50).with_columns(pl.col("response_id") + "-again")])
        for frame in (comments, responses)
    ]
    weighted, doubled = theme_impact(comments, heavy, weight="w"), theme_impact(*twice)
    for name in ("share", *ESTIMATES):
        assert weighted[name].to_list() == pytest.approx(doubled[name].to_list())
    assert ((weighted["high"] - weighted["low"]) > (doubled["high"] - doubled["low"])).all()


def test_estimates_lie_within_their_bounds_and_chances_add_up():
    found = theme_impact(*drawn(4, 250), draws=500)
    for name, low, high in (
        ("share", "share_low", "share_high"),
        ("difference", "difference_low", "difference_high"),
        ("impact", "low", "high"),
        ("adjusted", "adjusted_low", "adjusted_high"),
    ):
        assert (found[low] < found[name]).all()
        assert (found[name] < found[high]).all()
    assert found["p_first"].sum() == pytest.approx(1)
    assert found["p_top3"].to_list() == [1, 1, 1]
    assert sorted(found["rank"]) == [1, 2, 3]
    assert found.sort("rank")["priority"].is_sorted(descending=True)


def test_the_seed_decides_the_chances_and_nothing_else():
    comments, responses = drawn(5, 120)
    first, other = (theme_impact(comments, responses, seed=seed, draws=300) for seed in (1, 2))
    assert_frame_equal(first, theme_impact(comments, responses, seed=1, draws=300))
    assert first["p_first"].to_list() != other["p_first"].to_list()
    assert_frame_equal(first.drop("p_first", "p_top3"), other.drop("p_first", "p_top3"))


def test_the_errors_are_those_of_a_bootstrap_of_the_tally():
    comments, responses = drawn(6, 600)
    found = theme_impact(comments, responses)
    names = found["theme"].to_list()
    score = impact.NET_PROMOTER
    cells = impact.mentions.tallied(
        comments, responses, score=score, weight=None, among="commented"
    )
    numbers = impact.mentions.in_numbers(cells, names, score=score)
    rng = np.random.default_rng(3)
    drawn_cells = rng.multinomial(600, numbers.answers / 600, size=800).astype(float)
    again = []
    for counts in drawn_cells:
        seen = counts > 0
        one = effects.Cells(numbers.score[seen], numbers.mentions[seen], *([counts[seen]] * 3))
        again.append(
            [effects.alone(one, [0, 1, 2]).estimate, effects.together(one, [0, 1, 2]).estimate]
        )
    spread = np.std(again, axis=0)
    for errors, low, high in (
        (spread[0], "low", "high"),
        (spread[1], "adjusted_low", "adjusted_high"),
    ):
        analytic = (found[high] - found[low]).to_numpy() / (2 * 1.959964)
        assert analytic / errors == pytest.approx([1, 1, 1], abs=0.1)


def test_chances_of_ranks_are_those_of_the_joint_normal():
    spread = np.array([[1.0, 0.9], [0.9, 1.0]])
    ranks = effects.drawn_ranks(np.array([0.2, 0.0]), spread, draws=20_000, seed=1)
    # The difference is normal (0.2, variance 2 - 1.8): above 0 with probability 0.6726.
    assert (ranks[:, 0] == 1).mean() == pytest.approx(0.6726, abs=0.01)


@pytest.mark.parametrize("moved", [effects.alone, effects.together])
def test_an_influence_is_what_a_little_more_weight_moves(moved):
    comments, responses = drawn(8, 900)
    heavy = responses.with_columns(w=1.0 + (pl.col("recommend") > 6).cast(pl.Float64))
    cells = impact.mentions.tallied(
        comments, heavy, score=impact.NET_PROMOTER, weight="w", among="commented"
    )
    numbers = impact.mentions.in_numbers(cells, ["a", "b", "c"], score=impact.NET_PROMOTER)
    found, step = moved(numbers, [0, 1, 2]), 1e-4
    for cell in range(len(numbers.score)):
        more = numbers.weight.copy()
        more[cell] += step
        rate = (moved(numbers._replace(weight=more), [0, 1, 2]).estimate - found.estimate) / step
        # HC3 is larger by the leverage, a few percent where 900 people mention three themes.
        assert found.influence[cell] == pytest.approx(rate, rel=0.04, abs=2e-3)


def test_the_share_has_the_interval_of_its_effective_base():
    comments, responses = study(FIFTY)
    weighted = responses.with_columns(
        w=pl.when(pl.int_range(pl.len()) < 50).then(3.0).otherwise(1.0)
    )
    effective = 400**2 / (50 * 9 + 250)
    for found, share, base in (
        (theme_impact(comments, responses), 50 / 300, 300.0),
        (theme_impact(comments, weighted, weight="w"), 150 / 400, effective),
    ):
        ends = intervals.wilson(pl.lit(share * base), pl.lit(base))
        low, high = pl.select(low=ends.low, high=ends.high).row(0)
        bounds = found.select("share", "share_low", "share_high").row(0)
        assert bounds == pytest.approx((share, low, high))


def test_one_answer_that_decides_a_slope_alone_breaks_nothing():
    ones = np.ones(4)
    cells = effects.Cells(
        np.array([100.0, 0, -100, 0]), np.array([[1.0], [0], [0], [0]]), ones, ones, ones
    )
    spread = effects.covariance(effects.alone(cells, [0]).influence, cells)
    assert np.isfinite(spread).all()


def test_themes_that_move_as_one_are_drawn_as_one():
    direction = np.array([1.0, 2.0, 3.0])
    ranks = effects.drawn_ranks(np.zeros(3), np.outer(direction, direction), draws=400, seed=2)
    assert set(map(tuple, ranks)) == {(1, 2, 3), (3, 2, 1)}


def test_intervals_cover_the_truth_in_a_small_simulation():
    rng = np.random.default_rng(11)
    shares, pushes = np.array([0.12, 0.3]), np.array([-60.0, 0.0])

    def answers(people: int) -> effects.Cells:
        mentions = (rng.random((people, 2)) < shares).astype(float)
        mentions[:, 1] = np.maximum(mentions[:, 1], mentions[:, 0] * (rng.random(people) < 0.5))
        middle = 20 + mentions @ pushes + rng.normal(0, 60, people)
        ones = np.ones(people)
        return effects.Cells(
            np.clip(np.round(middle / 100), -1, 1) * 100, mentions, ones, ones, ones
        )

    big = answers(200_000)
    truth = [moved(big, [0, 1]).estimate for moved in (effects.alone, effects.together)]
    hits = np.zeros((2, 2))
    for _ in range(400):
        sample = answers(200)
        for at, moved in enumerate((effects.alone, effects.together)):
            found = moved(sample, [0, 1])
            reach = 1.96 * np.sqrt(np.diag(effects.covariance(found.influence, sample)))
            hits[at] += np.abs(found.estimate - truth[at]) <= reach
    # 400 samples: 95 % give or take 2.2 points.
    assert hits.min() / 400 > 0.92
    assert hits.max() / 400 < 0.985


# ---------------------------------------------------------------- by message


def test_the_sentence_claims_no_cause():
    told = impact.in_words(row(theme_impact(*study(FIFTY)), "staff"))
    assert told == (
        "staff, mentioned by 17%, goes with a score that is 60.0 points higher than that of the "
        "others. Without those who mention it the score would be 40.0 and not 50.0 "
        "(+10.0; +7.0 to +13.0)."
    )
    assert "cause" not in told
    few = row(theme_impact(*study(FIFTY), minimum=60), "staff")
    assert impact.in_words(few) == "staff: not estimated (fewer than 60 people mention it)."


def test_the_sentence_on_a_share_is_in_percentage_points():
    score = Score("satisfaction", "share", FIVE)
    people: People = [(20, 2, ["price"]), (60, 5, []), (20, 3, [])]
    found = row(theme_impact(*study(people, "satisfaction"), score=score), "price")
    told = impact.in_words(found, score=score)
    assert "75.0 points lower" in told
    assert "would be 75.0 and not 60.0 (-15.0; " in told


def test_the_sentence_on_a_mean_is_in_scale_points():
    score = Score("satisfaction", "mean", FIVE)
    people: People = [(10, 1, ["price"]), (10, 3, ["price"]), (20, 5, []), (10, 4, [])]
    found = row(theme_impact(*study(people, "satisfaction"), score=score), "price")
    told = impact.in_words(found, score=score)
    assert "goes with a score that is 2.67 lower" in told
    assert "would be 4.67 and not 3.60 (-1.07; " in told


def test_what_is_wrong_is_said():
    comments, responses = study(FIFTY)
    with pytest.raises(OutOfRange, match=r"^minimum must be at least 3 people; found 2\.$"):
        theme_impact(comments, responses, minimum=2)
    with pytest.raises(UnknownName, match=r"among `all` is not known\. It must be one of"):
        theme_impact(comments, responses, among="all")
    assert theme_impact(comments, responses, minimum=3).height == 1
    with pytest.raises(ColumnMissing, match="comments must have `themes`"):
        theme_impact(comments.drop("themes"), responses)
    with pytest.raises(ColumnMissing, match="responses must have `recommend`"):
        theme_impact(comments, responses.rename({"recommend": "x"}))
    with pytest.raises(
        OutOfRange, match="`recommend` must be whole numbers from 0 to 10; it has 11"
    ):
        theme_impact(comments, responses.with_columns(recommend=pl.lit(11)))
    with pytest.raises(WeightsInvalid):
        theme_impact(comments, responses.with_columns(w=pl.lit(0.0)), weight="w")
    with pytest.raises(UnknownName, match="unit `stars` is not known"):
        Score("recommend", "stars")
    with pytest.raises(ScaleMismatch, match=r"`stars` has 1 to 5\. Use unit share or mean"):
        Score("stars", "points", FIVE)
