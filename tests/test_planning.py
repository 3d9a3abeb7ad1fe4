"""How many answers, and how sure: by hand, by law, by message."""

from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from scipy import stats

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange
from cxlab.metrics import loyalty, satisfaction
from cxlab.stats import compare, expected, planning
from cxlab.stats.planning import Fieldwork, Mean, Score, Share

MEASURES = [Share(0.5), Share(0.97), Share(0.0), Score(0.5, 0.2), Score(1.0, 0.0), Mean(1.2)]
WIDTHS = {Share: 0.04, Score: 6.0, Mean: 0.15}


def width(measure, base, fieldwork=None):
    found = planning.precision(measure, bases=[base], fieldwork=fieldwork)
    return found["half_width"].item()


def test_a_share_by_hand():
    # Wilson at one half: z / (2 √(n + z²)) = .05 → n = (z / .1)² - z².
    z = NormalDist().inv_cdf(0.975)
    found = planning.answers(Share(0.5), half_width=0.05).row(0, named=True)
    assert found["base"] == 381 == int((z / 0.1) ** 2 - z * z) + 1
    assert found["reached"] == pytest.approx(z / 2 / (381 + z * z) ** 0.5)
    assert (found["cell"], found["invitations"], found["population"]) == ("all", 381, None)
    assert found["enough"] is None


def test_a_mean_by_hand():
    # t(96) at 97.5 % is 1.9850: 1.985 × 1 / √97 = .2015; for 99 answers 1.9845 / √99 = .1994.
    found = planning.precision(Mean(1.0, value=3), bases=[97, 99])
    assert found["half_width"].to_list() == pytest.approx([0.2015, 0.1994], abs=1e-4)
    assert found["low"].to_list() == pytest.approx([2.7985, 2.8006], abs=1e-4)
    assert planning.answers(Mean(1.0), half_width=0.2)["base"].item() == 99


def test_a_score_by_hand():
    # 40 promoters and 30 detractors of 100: from -6.27 to 25.69 (Rocks 2016).
    found = planning.precision(Score(0.4, 0.3), bases=[100]).row(0, named=True)
    assert (found["low"], found["high"]) == pytest.approx((-6.27, 25.69), abs=0.006)
    assert found["half_width"] == pytest.approx(15.98, abs=0.006)
    assert found["estimate"] == pytest.approx(10)


@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_the_planned_answers_are_the_fewest_that_do(measure):
    asked = WIDTHS[type(measure)]
    base = planning.answers(measure, half_width=asked)["base"].item()
    assert width(measure, base) <= asked
    if base > 2:
        assert width(measure, base - 1) > asked


@pytest.mark.parametrize("base", [17, 150, 1000])
@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_planning_is_the_inverse_of_precision(measure, base):
    asked = width(measure, base) * (1 + 1e-12)
    assert planning.answers(measure, half_width=asked)["base"].item() == base


@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_more_answers_are_never_less_sure(measure):
    found = planning.precision(measure, bases=range(2, 200))["half_width"]
    assert (found.diff().drop_nulls() <= 0).all()


def test_a_survey_of_the_planned_size_has_the_planned_share():
    base = planning.answers(Share(0.8), half_width=0.06)["base"].item()
    hits = round(0.8 * base)
    sheets = pl.DataFrame({"csat": [5] * hits + [1] * (base - hits)})
    found = satisfaction.top_box(sheets, item="csat").row(0, named=True)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(0.06, abs=0.001)


def test_a_survey_of_the_planned_size_has_the_planned_score():
    base = planning.answers(Score(0.5, 0.25), half_width=8)["base"].item()
    ups, downs = round(0.5 * base), round(0.25 * base)
    ratings = [10] * ups + [0] * downs + [8] * (base - ups - downs)
    found = loyalty.net_promoter_score(pl.DataFrame({"recommend": ratings})).row(0, named=True)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(8, abs=0.1)


def test_a_survey_of_the_planned_size_has_the_planned_mean():
    base = planning.answers(Mean(1.0), half_width=0.1)["base"].item()
    base += base % 2
    spread = ((base - 1) / base) ** 0.5
    sheets = pl.DataFrame({"csat": [3 - spread, 3 + spread] * (base // 2)})
    found = satisfaction.mean_score(sheets, item="csat", scale=Scale(1, 5)).row(0, named=True)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(0.1, abs=0.001)


def test_weights_and_few_people_by_hand():
    plain = planning.answers(Share(0.5), half_width=0.05)["base"].item()
    cells = {
        # 761 are worth 380.5, but Student's t on 379.5 and not 760 degrees asks for more.
        "weighted": Fieldwork(design_effect=2),
        # n = mN / (N - 1 + m): 381 of 500 needed are 381 × 500 / 880 = 216.5.
        "few": Fieldwork(population=500),
        "slow": Fieldwork(population=5000, response_rate=0.1),
    }
    found = planning.answers(Share(0.5), half_width=0.05, cells=cells)
    assert found["cell"].to_list() == ["weighted", "few", "slow"]
    assert found["base"].to_list() == [2 * plain + 2, 217, 354]
    assert found["invitations"].to_list() == [2 * plain + 2, 217, 3540]
    assert found["population"].to_list() == [None, 500, 5000]
    assert found["enough"].to_list() == [None, True, True]
    assert (found["reached"] <= 0.05).all()


def test_weights_widen_a_plan_as_they_widen_the_interval_of_a_survey():
    # 40 answers worth 32: t(39) is 2.0227 and t(31) 2.0395; spread known as from 16.384.
    weighted = Fieldwork(design_effect=1.25)
    held = 32 * (2.0227 / 2.0395) ** 2
    z = NormalDist().inv_cdf(0.975)
    score = z * 100 * (held + 1.5) ** 0.5 / (held + 3)
    assert width(Score(0.5, 0.5), 40, weighted) == pytest.approx(score, rel=1e-4)
    assert width(Share(0.5), 40, weighted) == pytest.approx(z / 2 / (held + z * z) ** 0.5, rel=1e-4)
    mean = stats.t.ppf(0.975, 15.384) / 32**0.5
    assert width(Mean(1.0), 40, weighted) == pytest.approx(mean)
    errors = [
        expected.sides(of, [40], weighted, 0.95)["se"].item()
        for of in (Score(), Share(), Mean(1.0))
    ]
    assert errors == pytest.approx([100 / 32**0.5, 0.5 / 32**0.5, 1 / 32**0.5])


def test_where_too_few_people_answer_the_plan_says_so():
    cells = {"branch": Fieldwork(population=500, response_rate=0.2)}
    found = planning.answers(Share(0.5), half_width=0.05, cells=cells).row(0, named=True)
    assert (found["base"], found["invitations"], found["enough"]) == (217, 1085, False)


def test_answers_from_everybody_are_certain():
    assert width(Share(0.5), 50, Fieldwork(population=50)) == pytest.approx(0, abs=1e-6)
    found = planning.answers(Mean(2.0), half_width=1e-6, cells={"all": Fieldwork(50)})
    assert (found["base"].item(), found["enough"].item()) == (50, True)


def test_few_people_make_a_larger_effective_base():
    # Two of three: variance × (3 - 2) / (3 - 1), so as good as four of very many.
    assert Fieldwork(population=3).effective(2) == pytest.approx(4)


def test_a_very_large_population_is_like_none():
    some = Fieldwork(population=10**12)
    assert width(Share(0.3), 400, some) == pytest.approx(width(Share(0.3), 400), rel=1e-6)


def test_a_response_rate_is_rounded_up_to_whole_people():
    assert Fieldwork(response_rate=0.3).invitations(30) == 100
    assert Fieldwork(response_rate=0.3).invitations(31) == 104


def test_a_difference_of_shares_by_hand():
    # 56 of 70 beside 48 of 80 gives .0524 to .3339; with 75 on each side it is as wide.
    found = planning.difference(Share(0.8), Share(0.6), bases=[75]).row(0, named=True)
    assert found["change"] == pytest.approx(0.2)
    assert found["half_width"] == pytest.approx((0.3339 - 0.0524) / 2, abs=0.002)
    assert found["base"] == 75


def test_a_difference_is_that_of_two_surveys():
    sheets = pl.DataFrame({"recommend": [10] * 50 + [8] * 30 + [3] * 20})
    other = pl.DataFrame({"recommend": [10] * 40 + [8] * 30 + [3] * 30})
    sides = [
        loyalty.net_promoter_score(one).select(
            pl.lit("points").alias("unit"),
            pl.lit(1).alias("at"),
            "base",
            pl.col("base").cast(pl.Float64).alias("effective_base"),
            pl.col("score").alias("estimate"),
            *("low", "high", "se"),
        )
        for one in (sheets, other)
    ]
    want = compare.differences(*sides, on=["at"]).row(0, named=True)
    found = planning.difference(Score(0.5, 0.2), Score(0.4, 0.3), bases=[100]).row(0, named=True)
    assert (found["low"], found["high"]) == pytest.approx((want["change_low"], want["change_high"]))


@pytest.mark.parametrize(
    ("now", "before", "asked"),
    [
        (Share(0.6), Share(0.5), 0.06),
        (Score(0.5, 0.2), Score(0.4, 0.3), 7.0),
        (Mean(1.1), Mean(0.9), 0.2),
    ],
    ids=str,
)
def test_the_planned_difference_is_the_inverse_too(now, before, asked):
    base = planning.answers_for_difference(now, before, half_width=asked)["base"].item()
    found = planning.difference(now, before, bases=[base - 1, base])["half_width"].to_list()
    assert found[1] <= asked < found[0]


def test_power_by_hand():
    # Shares .5 and .6: ((z + z₈₀) √(2 × .55 × .45) / .1)² = 388.5 on each side.
    found = planning.answers_to_tell(Share(0.6), Share(0.5)).row(0, named=True)
    z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
    assert found["base"] == 389 == int((z / 0.1) ** 2 * 2 * 0.55 * 0.45) + 1
    assert found["reached"] == pytest.approx(0.8, abs=0.001)


def test_no_change_is_told_as_often_as_chance_tells_it():
    found = planning.difference(Share(0.5), Share(0.5), bases=[100])
    assert found["power"].item() == pytest.approx(0.05)


def test_the_direction_of_a_difference_costs_nothing():
    up = planning.answers_to_tell(Mean(1.0, 0.2), Mean(1.0))["base"].item()
    down = planning.answers_to_tell(Mean(1.0), Mean(1.0, 0.2))["base"].item()
    assert up == down == 395


def test_the_planned_power_is_reached_in_surveys():
    base = planning.answers_to_tell(Share(0.75), Share(0.6), power=0.8)["base"].item()
    draw, runs = np.random.default_rng(1), 2000
    at = pl.int_range(runs, dtype=pl.Int64, eager=True)
    sides = []
    for value in (0.75, 0.6):
        share = pl.Series(draw.binomial(base, value, runs) / base)
        sides.append(
            pl.DataFrame({"at": at, "estimate": share}).with_columns(
                unit=pl.lit("share"),
                base=pl.lit(base),
                effective_base=pl.lit(float(base)),
                low=pl.lit(0.0),
                high=pl.lit(1.0),
                se=pl.lit(0.1),
            )
        )
    told = (compare.differences(*sides, on=["at"])["p"] < 0.05).mean()
    # Four standard errors of 80 % of 2,000.
    assert told == pytest.approx(0.8, abs=0.036)


def test_one_answer_makes_no_interval_of_a_mean():
    found = planning.precision(Mean(1.0), bases=[1, 2])["half_width"].to_list()
    assert found[0] is None
    assert found[1] > 8


def test_a_surer_interval_takes_more_answers():
    found = [
        planning.answers(Share(), half_width=0.05, confidence=sure)["base"].item()
        for sure in (0.8, 0.95, 0.99)
    ]
    assert found == sorted(found)
    assert found[1] == 381


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: planning.answers(Share(), half_width=0), "half_width must be above 0; it is 0."),
        (
            lambda: planning.answers(Share(1.2), half_width=0.1),
            "value must be from 0 to 1; it is 1.2.",
        ),
        (
            lambda: planning.answers(Score(0.8, 0.4), half_width=1),
            "promoters and detractors must be shares; it is 1.2.",
        ),
        (lambda: planning.precision(Mean(-1), bases=[10]), "sd must be 0 or more; it is -1."),
        (lambda: planning.precision(Share(), bases=[10, 0]), "bases must be 1 or more; it is 0."),
        (
            lambda: planning.answers_to_tell(Share(0.6), Share(0.5), power=1),
            "power must be between 0 and 1; it is 1.",
        ),
        (
            lambda: planning.answers_to_tell(Share(0.5), Share(0.5)),
            "now and before must be different; it is 0.5.",
        ),
        (
            lambda: planning.answers(Share(), half_width=1e-6),
            "a plan must do with 1,000,000,000 answers; this one does not.",
        ),
        (
            lambda: planning.answers(
                Share(), half_width=1, cells={"a": Fieldwork(response_rate=0)}
            ),
            "response_rate must be above 0 and at most 1; it is 0.",
        ),
        (
            lambda: planning.answers(
                Share(), half_width=1, cells={"a": Fieldwork(design_effect=0)}
            ),
            "design_effect must be above 0; it is 0.",
        ),
        (
            lambda: planning.answers(Share(), half_width=1, cells={"a": Fieldwork(population=0)}),
            "population must be 1 or more; it is 0.",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused(ask, message):
    with pytest.raises(OutOfRange) as refused:
        ask()
    assert str(refused.value) == message
