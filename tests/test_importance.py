"""Parts of R²: by hand, against every regression on its own, by law, by message."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from cxlab.errors import NotConverged, OutOfRange, UnknownName
from cxlab.stats.importance import (
    asymmetry,
    estimate,
    logistic,
    moments,
    ranks,
    redundancy,
    shares,
    sheets,
    subsets,
)


def sample(sheets_: int, drivers: int, *, seed: int = 1, slopes: list[float] | None = None):
    """Ratings that share a mood, and an outcome made of them, as numbers."""
    draw = np.random.default_rng(seed)
    felt = draw.normal(size=(sheets_, 1)) + draw.normal(size=(sheets_, drivers))
    weights = np.arange(drivers, 0, -1) / drivers if slopes is None else np.array(slopes)
    outcome = felt @ weights + draw.normal(size=sheets_)
    return np.column_stack([felt, outcome])


def correlations(values, **how):
    return moments.correlations(moments.sums(sheets.answers(values, **how)))[0]


def regression_r2(values, drivers: tuple[int, ...], weights=None) -> float:
    """R² of one regression, solved on its own."""
    weights = np.ones(len(values)) if weights is None else weights
    design = np.column_stack([np.ones(len(values)), values[:, list(drivers)]])
    root = np.sqrt(weights)[:, None]
    outcome = values[:, -1]
    fit = np.linalg.lstsq(design * root, outcome * root[:, 0], rcond=None)[0]
    left = weights @ (outcome - design @ fit) ** 2
    return 1 - left / (weights @ (outcome - np.average(outcome, weights=weights)) ** 2)


def parts_by_every_order(values, weights=None) -> list[float]:
    """LMG by its definition: every order of entry, every regression."""
    drivers = values.shape[1] - 1
    orders = list(permutations(range(drivers)))
    parts = np.zeros(drivers)
    for order in orders:
        for place, driver in enumerate(order):
            before, after = order[:place], order[: place + 1]
            gain = regression_r2(values, after, weights) - regression_r2(values, before, weights)
            parts[driver] += gain / len(orders)
    return parts.tolist()


# Subsets and shares.


def test_two_drivers_by_hand():
    # r² of .36 and .25; together (.36 + .25 - 2·.6·.5·.2) / (1 - .04) = .510417.
    table = np.array([[1, 0.2, 0.6], [0.2, 1, 0.5], [0.6, 0.5, 1]])
    assert subsets.explained(table)[:, 0] == pytest.approx([0, 0.36, 0.25, 0.49 / 0.96])
    first = (0.36 + 0.49 / 0.96 - 0.25) / 2
    assert shares.parts(table)[0] == pytest.approx([first, 0.49 / 0.96 - first])


def test_every_set_of_drivers_has_the_r2_of_its_own_regression():
    values = sample(60, 4)
    found = subsets.explained(correlations(values))[:, 0]
    for size in range(5):
        for chosen in combinations(range(4), size):
            number = sum(1 << driver for driver in chosen)
            assert found[number] == pytest.approx(regression_r2(values, chosen), abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_lmg_is_the_mean_gain_over_all_orders(weighted):
    values = sample(50, 4)
    weights = np.random.default_rng(2).exponential(size=50) if weighted else None
    found = shares.parts(correlations(values, weights=weights))[0]
    assert found == pytest.approx(parts_by_every_order(values, weights), abs=1e-12)


@pytest.mark.parametrize("method", ["lmg", "johnson", "car", "pratt"])
def test_parts_add_up_to_r2(method):
    table = correlations(sample(80, 6))
    assert shares.parts(table, method=method).sum() == pytest.approx(float(shares.r2(table)))


@pytest.mark.parametrize("method", shares.METHODS)
def test_drivers_that_do_not_go_together_have_their_squared_correlation(method):
    table = np.eye(4)
    table[:3, 3] = table[3, :3] = [0.5, -0.3, 0.1]
    assert shares.parts(table, method=method)[0] == pytest.approx([0.25, 0.09, 0.01])


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_the_order_of_the_drivers_does_not_matter(method):
    table, order = correlations(sample(80, 5)), [3, 0, 4, 2, 1]
    turned = table[np.ix_([*order, 5], [*order, 5])]
    found = shares.parts(turned, method=method)[0]
    assert found == pytest.approx(shares.parts(table, method=method)[0][order])


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_a_copy_halves_the_part_of_its_original(method):
    values = sample(80, 2)
    alone = shares.parts(correlations(values), method="lmg")[0]
    copied = correlations(values[:, [0, 0, 1, 2]])
    found = shares.parts(copied, method=method)[0]
    assert found[0] == pytest.approx(found[1])
    assert found.sum() == pytest.approx(alone.sum())


@pytest.mark.parametrize("wide", [0, 1 << 30])
def test_of_a_perfect_copy_nothing_is_left_beside_drivers_of_which_something_is(monkeypatch, wide):
    monkeypatch.setattr(subsets, "_WIDE", wide)
    copied = np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])
    apart = np.array([[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 1]])
    found = shares.parts(np.stack([copied, apart]))
    assert found == pytest.approx(np.array([[0.125, 0.125], [0.25, 0.25]]))


def test_copies_as_one_group_have_the_whole_part():
    values = sample(80, 2)
    copied = correlations(values[:, [0, 0, 1, 2]])
    found = shares.lmg_of_groups(copied, groups=[[0, 1], [2]])[0]
    assert found == pytest.approx(shares.parts(correlations(values))[0])


def test_many_matrices_are_the_same_as_one_by_one():
    tables = np.stack([correlations(sample(40, 3, seed=seed)) for seed in range(5)])
    found = shares.parts(tables)
    assert found == pytest.approx(np.concatenate([shares.parts(table) for table in tables]))


def test_chunks_of_matrices_do_not_matter(monkeypatch):
    tables = np.stack([correlations(sample(40, 3, seed=seed)) for seed in range(5)])
    whole = shares.parts(tables)
    monkeypatch.setattr(subsets, "_CHUNK", 16)
    assert len(subsets.in_chunks(5, 3)) == 3
    assert shares.parts(tables) == pytest.approx(whole, abs=1e-14)


@pytest.mark.parametrize(("name", "value"), [("_WIDE", 0), ("_WIDE", 1 << 30), ("_TABLED", 0)])
@pytest.mark.parametrize("drivers", [1, 6, 7])
def test_the_ways_to_sweep_and_to_add_up_agree(monkeypatch, name, value, drivers):
    tables = np.stack([correlations(sample(80, drivers, seed=seed)) for seed in range(3)])
    usual = shares.parts(tables)
    monkeypatch.setattr(subsets, name, value)
    assert shares.parts(tables) == pytest.approx(usual, abs=1e-14)


def test_a_driver_of_nothing_but_others_adds_nothing_to_them():
    values = sample(80, 3)
    values[:, 2] = values[:, 0] + values[:, 1]
    found = subsets.explained(correlations(values))[:, 0]
    assert found[0b111] == pytest.approx(found[0b011], abs=1e-9)
    assert found[0b111] == pytest.approx(regression_r2(values, (0, 1)), abs=1e-9)


def test_dominance_needs_every_set_to_agree():
    # The first driver adds more alone (.4), the second more beside the third (.2 against .1).
    values = np.array([0, 0.4, 0.3, 0.5, 0.1, 0.2, 0.3, 0.5])
    complete = subsets.always_better(values)
    assert (complete[0, 1], complete[1, 0]) == (0.5, 0.5)
    assert (complete[0, 2], complete[2, 0]) == (1, 0)


def test_what_is_left_after_a_driver_is_its_partial_correlations():
    values = sample(80, 3)
    design = np.column_stack([np.ones(80), values[:, 1]])
    left = values[:, [0, 2, 3]]
    left = left - design @ np.linalg.lstsq(design, left, rcond=None)[0]
    found = shares.without(correlations(values), always=[1])
    assert found == pytest.approx(np.corrcoef(left.T))


def test_twenty_drivers_are_exact():
    table = np.full((21, 21), 0.3)
    table[np.diag_indices(21)] = 1
    found = shares.parts(table)[0]
    assert found == pytest.approx([float(shares.r2(table)) / 20] * 20)


def test_more_than_twenty_drivers_are_refused():
    with pytest.raises(OutOfRange) as refused:
        shares.parts(np.eye(22))
    assert str(refused.value) == (
        "drivers must be from 1 to 20 to try every set of them; there are 21. "
        'method="johnson" takes any number.'
    )


def test_an_unknown_method_is_refused_with_a_near_match():
    with pytest.raises(UnknownName, match="Did you mean `johnson`"):
        shares.parts(np.eye(3), method="jonson")


def test_groups_that_leave_a_driver_out_are_refused():
    with pytest.raises(OutOfRange) as refused:
        shares.lmg_of_groups(np.eye(4), groups=[[0], [1]])
    assert str(refused.value) == (
        "groups must have each of 3 drivers once; they have 2 places for 2 of them."
    )


# Answers and moments.

HOLES = [[1.0, 2.0, 3.0], [2.0, np.nan, 5.0], [3.0, 5.0, 4.0], [np.nan, 1.0, 2.0]]
HOLES += [[4.0, 4.0, 8.0], [5.0, 3.0, np.nan], [2.0, 2.0, 1.0]]


def test_pairs_use_the_sheets_that_have_both_answers():
    values = np.array(HOLES)
    found = correlations(values, missing="pairwise")
    # The sixth sheet has no outcome and never counts.
    both = [[1, 3, 4, 2], [2, 5, 4, 2]]
    assert found[0, 1] == pytest.approx(np.corrcoef(both)[0, 1])
    with_outcome = [[1, 2, 3, 4, 2], [3, 5, 4, 8, 1]]
    assert found[0, 2] == pytest.approx(np.corrcoef(with_outcome)[0, 1])


def test_complete_sheets_only():
    found = correlations(np.array(HOLES), missing="complete")
    whole = np.array([row for row in HOLES if not np.isnan(row).any()])
    assert found == pytest.approx(np.corrcoef(whole.T))


def test_an_empty_answer_as_the_mean():
    found = correlations(np.array(HOLES), missing="mean")
    known = np.array([row for row in HOLES if not np.isnan(row[2])])
    filled = np.where(np.isnan(known), np.nanmean(known, axis=0), known)
    assert found == pytest.approx(np.corrcoef(filled.T))


@pytest.mark.parametrize("missing", sheets.MISSING)
def test_without_empty_answers_the_choice_does_not_matter(missing):
    values, weights = sample(40, 3), np.random.default_rng(3).exponential(size=40)
    assert sheets.answers(values, missing=missing).whole
    found = correlations(values, weights=weights, missing=missing)
    spread = np.cov(values.T, aweights=weights)
    each = np.sqrt(np.diag(spread))
    assert found == pytest.approx(spread / np.outer(each, each))


@pytest.mark.parametrize("missing", sheets.MISSING)
@pytest.mark.parametrize("hole", [False, True])
def test_a_sheet_that_weighs_two_is_two_sheets(missing, hole):
    values = sample(40, 3)
    if hole:
        values[::3, 1] = np.nan
    twice = np.concatenate([values, values[:10]])
    weights = np.where(np.arange(40) < 10, 2.0, 1.0)
    found = correlations(values, weights=weights, missing=missing)
    assert found == pytest.approx(correlations(twice, missing=missing))


@pytest.mark.parametrize("missing", sheets.MISSING)
@pytest.mark.parametrize("hole", [False, True])
def test_a_bootstrap_sample_is_the_sheets_times_their_counts(missing, hole):
    values, weights = sample(60, 3), np.random.default_rng(3).exponential(size=60)
    if hole:
        values[::4, 1] = np.nan
    answers = sheets.answers(values, weights=weights, missing=missing, beside=values[:, 3:])
    drawn = moments.resampled(answers, samples=3, seed=5)
    found = moments.correlations(drawn)
    [(_, counts)] = moments.poisson_counts(60, samples=3, seed=5)
    for number, times in enumerate(counts.astype(float)):
        expected = correlations(values, weights=weights * times + 1e-12, missing=missing)
        assert found[number] == pytest.approx(expected, abs=1e-5)
        beside = (times * weights) @ values[:, 3:]
        assert drawn.beside[number] == pytest.approx(beside, rel=1e-5)


@pytest.mark.parametrize("hole", [False, True])
def test_columns_beside_are_summed_with_their_weights(hole):
    values, weights = sample(60, 3), np.random.default_rng(3).exponential(size=60)
    rated = values[:, :2].copy()
    if hole:
        values[::4, 1] = np.nan
    answers = sheets.answers(values, weights=weights, beside=rated)
    assert moments.sums(answers).beside[0] == pytest.approx(weights @ rated)


def counts_of(sheets_, samples, seed):
    drawn = moments.poisson_counts(sheets_, samples=samples, seed=seed)
    return np.hstack([part.copy() for _, part in drawn])


def test_counts_are_poisson_and_the_seed_decides_them():
    counts = counts_of(5000, 40, 1)
    assert counts.shape == (40, 5000)
    assert (counts.mean(), counts.var()) == pytest.approx((1, 1), abs=0.01)
    assert (counts == 0).mean() == pytest.approx(np.exp(-1), abs=0.005)
    assert (counts == counts_of(5000, 40, 1)).all()
    assert (counts != counts_of(5000, 40, 2)).any()


def test_counts_are_those_of_16_bits_each_drawn_4096_sheets_at_a_time():
    draw, parts = np.random.default_rng(7), []
    for width in (4096, 4096, 101):
        bits = draw.integers(0, 1 << 16, (33, width), dtype=np.uint16)
        parts.append(stats.poisson.ppf((bits + 0.5) / (1 << 16), 1))
    assert (counts_of(2 * 4096 + 101, 33, 7) == np.hstack(parts)).all()


def test_pairs_that_do_not_fit_together_are_mended():
    # Three pairs of sheets, each with two of the three answers, that contradict each other.
    nan = np.nan
    first, second = [1.0, 2.0, 3.0, nan, nan, nan, 1.0, 2.0, 3.0], [1.0, 2.0, 3.1, 1.0, 2.0, 3.0]
    third = [nan, nan, nan, 1.0, 2.0, 3.1, 3.0, 2.0, 1.1]
    every = np.column_stack([first, [*second, nan, nan, nan], third, np.arange(9.0)])
    found = correlations(every)
    assert np.linalg.eigvalsh(found).min() >= 0
    assert np.diag(found) == pytest.approx(np.ones(4))
    assert not moments.fit_together(moments.sums(sheets.answers(every)))
    assert moments.fit_together(moments.sums(sheets.answers(sample(40, 3))))


def test_pairs_that_fit_together_stay_as_they_are():
    values = sample(200, 3)
    values[:, 1] = values[:, 0] + 0.1 * values[:, 1]
    values[::5, 2] = np.nan
    found = correlations(values)
    assert np.linalg.eigvalsh(found).min() < 0.02
    assert found[0, 1] == pytest.approx(np.corrcoef(values[:, :2].T)[0, 1])


def test_a_column_without_spread_correlates_with_nothing():
    values = sample(30, 2)
    values[:, 0] = 4
    assert correlations(values)[0, 1:] == pytest.approx([0, 0])


def test_too_few_sheets_are_refused_by_name():
    values = np.array(HOLES)
    with pytest.raises(OutOfRange) as refused:
        sheets.require_enough(sheets.answers(values[:4]), ["speed", "price", "overall"])
    assert str(refused.value) == (
        "2 drivers must be answered together with each other and the outcome on at least 4 "
        "sheets; `speed` is on 2."
    )


def test_a_driver_that_everybody_rates_alike_is_refused():
    values = sample(30, 2)
    values[:, 1] = 4
    with pytest.raises(OutOfRange, match="`price` must have more than one answer"):
        sheets.require_enough(sheets.answers(values), ["speed", "price", "overall"])


def test_an_unknown_choice_for_missing_answers_is_refused():
    with pytest.raises(UnknownName, match="missing `pairs` is not known"):
        sheets.answers(sample(10, 2), missing="pairs")


# Yes or no.


def loyal(values):
    table = values.copy()
    table[:, -1] = values[:, -1] > 0.3
    return table


def test_one_driver_by_hand_has_the_likelihood_of_its_two_shares():
    # Of 4 with the driver 3 are loyal, of 4 without it 1.
    table = np.array([[1, 1]] * 3 + [[1, 0]] + [[0, 1]] + [[0, 0]] * 3, dtype=float)
    of = logistic.yes_or_no(sheets.answers(table, missing="complete"))
    together, apart = 8 * np.log(0.5), 2 * (3 * np.log(0.75) + np.log(0.25))
    assert logistic.likelihoods(of, logistic.fits(of)) == pytest.approx([together, apart])
    assert logistic.parts(of) == pytest.approx([1 - apart / together])


def test_weights_count_sheets_in_the_likelihood():
    values = loyal(sample(60, 2))
    weights = np.where(np.arange(60) < 20, 2.0, 1.0)
    once = logistic.yes_or_no(sheets.answers(values, weights=weights, missing="complete"))
    both = np.concatenate([values, values[:20]])
    twice = logistic.yes_or_no(sheets.answers(both, missing="complete"))
    assert logistic.parts(once) == pytest.approx(logistic.parts(twice))


def test_no_set_of_drivers_has_a_slope_left_to_climb():
    of = logistic.yes_or_no(sheets.answers(loyal(sample(200, 3)), missing="complete"))
    coefficients = logistic.fits(of)
    assert (coefficients[0, 1:] == 0).all()
    assert coefficients[5, 2] == 0
    best = logistic.likelihoods(of, coefficients)
    for step in (0.01, -0.01):
        for column in range(4):
            moved = coefficients.copy()
            moved[:, column] += step * (coefficients[:, column] != 0)
            assert (logistic.likelihoods(of, moved) <= best).all()


def test_weighing_likelihoods_is_nearly_fitting_anew():
    answers = sheets.answers(loyal(sample(400, 3)), missing="complete")
    of = logistic.yes_or_no(answers)
    found = logistic.fits(of)
    drawn, _ = logistic.resampled_parts(answers, of, found, samples=60, seed=4)
    [(_, counts)] = moments.poisson_counts(400, samples=60, seed=4)
    anew = []
    for times in counts.astype(float):
        here = times > 0
        again = sheets.answers(answers.values[here], weights=times[here], missing="complete")
        anew.append(logistic.parts(logistic.yes_or_no(again)))
    apart = ranks.as_shares(drawn) - ranks.as_shares(np.array(anew))
    spread = ranks.as_shares(np.array(anew)).std(axis=0)
    assert (np.abs(apart).mean(axis=0) < 0.25 * spread).all()


def test_no_bootstrap_part_is_below_nothing():
    answers = sheets.answers(loyal(sample(60, 3, slopes=[0, 0, 0])), missing="complete")
    of = logistic.yes_or_no(answers)
    drawn, _ = logistic.resampled_parts(answers, of, logistic.fits(of), samples=200, seed=4)
    assert drawn.min() == 0


def test_robust_slopes_of_the_full_model():
    of = logistic.yes_or_no(sheets.answers(loyal(sample(3000, 2)), missing="complete"))
    slopes, covariances = logistic.slopes(of, logistic.fits(of))
    chance = 1 / (1 + np.exp(-of.drivers @ logistic.fits(of)[-1]))
    plain = np.linalg.inv((of.drivers * (chance * (1 - chance))[:, None]).T @ of.drivers)
    assert np.diag(covariances) == pytest.approx(np.diag(plain)[1:], rel=0.15)
    assert (slopes > 0).all()


def test_pairs_are_no_likelihood():
    with pytest.raises(OutOfRange) as refused:
        logistic.yes_or_no(sheets.answers(loyal(sample(30, 2))))
    assert str(refused.value) == (
        'missing must be "mean" or "complete" for a yes-or-no outcome; it is "pairwise".'
    )


@pytest.mark.parametrize("outcome", [1.0, 2.0])
def test_an_outcome_that_is_all_the_same_or_no_yes_is_refused(outcome):
    values = loyal(sample(30, 2))
    values[: 30 if outcome == 1 else 3, -1] = outcome
    with pytest.raises(OutOfRange, match="the outcome must be 0 for some and 1 for others"):
        logistic.yes_or_no(sheets.answers(values, missing="complete"))


def test_thirteen_drivers_are_too_many_for_logistic_models():
    with pytest.raises(OutOfRange, match="from 1 to 12"):
        logistic.yes_or_no(sheets.answers(loyal(sample(60, 13)), missing="complete"))


def test_models_that_do_not_settle_say_so(monkeypatch):
    monkeypatch.setattr(logistic, "_ROUNDS", 1)
    of = logistic.yes_or_no(sheets.answers(loyal(sample(60, 2)), missing="complete"))
    with pytest.raises(NotConverged, match="3 of 4 sets of drivers have not after 1 rounds"):
        logistic.fits(of)


def test_a_driver_that_settles_the_outcome_explains_all_of_it():
    values = loyal(sample(60, 2))
    values[:, 0] = values[:, -1]
    of = logistic.yes_or_no(sheets.answers(values, missing="complete"))
    assert logistic.parts(of).sum() == pytest.approx(1, abs=1e-5)


def test_unequal_weights_lessen_the_base_and_widen_the_errors():
    values, weights = sample(40, 2), np.where(np.arange(40) < 8, 5.0, 1.0)
    answers = sheets.answers(values, weights=weights)
    found = estimate.linear(answers, method="lmg", samples=50, seed=1)
    # Σw 72, Σw² 232, Σw⁴ 5032.
    assert found.effective == pytest.approx(72**2 / 232)
    assert found.spread_base == pytest.approx(232**2 / 5032)
    drawn = shares.betas(moments.correlations(moments.resampled(answers, samples=50, seed=1)))
    lost, base = 3, 232**2 / 5032
    wider = base / (base - lost) * (40 - lost) / 40
    assert found.covariances == pytest.approx(wider * np.cov(drawn.T))


def test_unequal_weights_widen_the_errors_of_logistic_models():
    weights = np.where(np.arange(60) < 8, 5.0, 1.0)
    answers = sheets.answers(loyal(sample(60, 2)), weights=weights, missing="complete")
    found = estimate.yes_or_no(answers, samples=20, seed=1)
    of = logistic.yes_or_no(answers)
    _, covariances = logistic.slopes(of, logistic.fits(of))
    assert (np.diag(found.covariances) > 1.05 * np.diag(covariances)).all()


# Ranks, tests, redundancy, asymmetry.

PARTS = np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2], [0.5, 0.2, 0.3], [0.6, 0.3, 0.1]])


def test_chances_of_ranks_by_hand():
    expected = [[0.75, 0.25, 0], [0.25, 0.5, 0.25], [0, 0.25, 0.75]]
    assert ranks.chances(PARTS).tolist() == expected
    # Of a base as small as the drivers and one more nothing is left but "any rank alike".
    drivers = len(expected)
    alike = np.full((drivers, drivers), 1 / drivers)
    assert ranks.chances(PARTS, base=drivers + 1).tolist() == alike.tolist()
    half = ranks.chances(PARTS, base=2 * (drivers + 1))
    assert half == pytest.approx((np.array(expected) + alike) / 2)
    low, high = ranks.rank_interval(PARTS)
    assert (low.tolist(), high.tolist()) == ([1, 1, 2], [2, 3, 3])


def test_ranks_not_ruled_out_leave_half_of_the_rest_at_either_end():
    # Of 20 samples the driver is first in 19, second in one: 5 % of them.
    parts = np.array([[0.6, 0.4]] * 19 + [[0.4, 0.6]])
    assert [ends.tolist() for ends in ranks.rank_interval(parts)] == [[1, 1], [2, 2]]
    assert [ends.tolist() for ends in ranks.rank_interval(parts, confidence=0.8)] == [[1, 2]] * 2


def test_shares_of_nothing_are_alike():
    assert ranks.as_shares(np.zeros((1, 4))).tolist() == [[0.25] * 4]


def test_the_interval_of_a_small_base_reaches_further():
    drawn = np.random.default_rng(1).normal(size=(20000, 1))
    (wide,), (_, narrow) = ranks.interval(drawn, base=10)[1], ranks.interval(drawn, base=1e6)
    assert narrow[0] == pytest.approx(1.96, abs=0.05)
    # 2.262, Student's t on 9 degrees of freedom, times √(10/9).
    assert wide == pytest.approx(2.262 * np.sqrt(10 / 9), abs=0.08)


def test_quadrants_by_hand():
    importance = np.array([[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]])
    performance = np.array([[0.2, 0.8, 0.5], [0.2, 0.9, np.nan]])
    # Lines: one third; .5, then .55. The third driver is unrated in the second sample.
    expected = [[0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]]
    assert ranks.quadrants(importance, performance).tolist() == expected


def test_a_redundancy_group_is_tested_together():
    slopes, covariances = np.array([1.0, 1.0, 0.1]), np.eye(3)
    covariances[0, 1] = covariances[1, 0] = -0.9
    alone = ranks.nothing_of_its_own(slopes, covariances, groups=[0, 0, 0], freedom=1e9)
    together = ranks.nothing_of_its_own(slopes, covariances, groups=[1, 1, 0], freedom=1e9)
    assert alone[0] == pytest.approx(0.3173, abs=1e-4)
    # Their sum of 2 has a variance of .2: chi² of 20 on two degrees of freedom.
    assert together[:2] == pytest.approx([np.exp(-10)] * 2, rel=1e-6)
    assert together[2] == alone[2]


def test_redundancy_groups_join_where_they_share_a_driver():
    table = np.eye(6)
    for one, other, size in ((0, 2, 0.85), (2, 3, -0.8), (1, 4, 0.79)):
        table[one, other] = table[other, one] = size
    assert redundancy.groups(table, inflated=1e9) == [1, 0, 1, 1, 0]


def test_an_inflated_driver_joins_the_one_it_goes_with_most():
    values = sample(400, 3, seed=8)
    draw = np.random.default_rng(9).normal(size=400)
    values[:, 2] = values[:, 0] + 0.8 * values[:, 1] + 0.6 * draw
    table = correlations(values)
    assert 5 < redundancy.variance_inflation(table)[2] < 50
    assert redundancy.groups(table, alike=0.999)[2] > 0
    assert redundancy.groups(table, alike=0.999, inflated=1e9) == [0, 0, 0]


def test_variance_inflation_by_hand():
    table = np.array([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]])
    assert redundancy.variance_inflation(table) == pytest.approx([1 / 0.64] * 2)
    assert redundancy.condition_number(table) == pytest.approx(2)


def effects(drivers, outcome, *, bad=2.0, good=4.0, weights=None):
    drivers = np.array(drivers, dtype=float).reshape(len(outcome), -1)
    ends = np.full(drivers.shape[1], bad), np.full(drivers.shape[1], good)
    weights = np.ones(len(outcome)) if weights is None else np.array(weights)
    return asymmetry.effects(
        drivers, np.array(outcome, dtype=float), bad=ends[0], good=ends[1], weights=weights
    )


def test_penalty_and_reward_by_hand():
    # Bad answers 1 and 2 lie 1.5 below the middle, good ones 1 above.
    found = effects([1, 2, 3, 3, 4, 4], [2, 4, 6, 8, 8, 10])
    assert (found.penalty[0], found.reward[0]) == pytest.approx((-4, 2))
    assert found.apart[0] == pytest.approx(2 / 1 - 4 / 1.5)
    # Two answers in each state, 1 off their mean, each with half a sheet's leverage: a mean
    # has the variance 2·(1 / ½)² / 2², and an effect is the difference of two means.
    assert (found.penalty_error[0], found.reward_error[0]) == pytest.approx((2, 2))


def test_weights_count_sheets_in_penalties():
    once = effects([1, 2, 3, 3, 4, 4, 5], [2, 4, 6, 8, 8, 10, 3], weights=[2, 1, 1, 1, 1, 1, 3])
    twice = effects([1, 1, 2, 3, 3, 4, 4, 5, 5, 5], [2, 2, 4, 6, 8, 8, 10, 3, 3, 3])
    assert once.penalty[0] == pytest.approx(twice.penalty[0])
    assert once.apart[0] == pytest.approx(twice.apart[0])


def test_an_end_nobody_chose_has_no_effect_to_tell():
    found = effects([1, 2, 3, 3, 2], [2, 4, 6, 8, 3])
    assert found.penalty[0] == pytest.approx(-4)
    assert np.isnan([found.reward[0], found.reward_error[0], found.apart[0]]).all()


def test_an_empty_answer_is_a_state_of_its_own():
    nan = float("nan")
    with_empty = effects([1, 2, 3, 3, 4, 4, nan], [2, 4, 6, 8, 8, 10, 50])
    assert (with_empty.penalty[0], with_empty.reward[0]) == pytest.approx((-4, 2))


def test_more_flags_than_sheets_are_refused():
    with pytest.raises(OutOfRange) as refused:
        effects([1, 3, 4, 2], [2, 4, 6, 7])
    assert str(refused.value) == (
        "penalties and rewards of 1 drivers must rest on more than 4 answer sheets; there are 4."
    )
