"""Drawn arms, looks at any time, effects shrunken: by hand, by law, by a twin, by message."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats import experiments, instead
from cxlab.stats.experiments import looks, spread

# Vaccination against tuberculosis, 13 trials (Colditz and others 1994): cases and others,
# vaccinated and not. Cochran's Q and Paule and Mandel's τ² as metafor prints them.
TRIALS = (
    *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619)),
    *((33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619)),
    *((505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600)),
    *((186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)),
)
Q, TAU2, MEAN = 152.2330, 0.3181, -0.7150
# Eight schools (Rubin 1981): they differ by less than chance; pooled mean 7.69, error 4.07.
SCHOOLS = pl.DataFrame(
    {"change": [28.0, 8, -3, 7, -1, 1, 18, 12], "se": [15.0, 10, 16, 11, 9, 11, 10, 18]}
)


def counted(*arms: int, experiment: str = "x") -> pl.DataFrame:
    names = [f"arm {at}" for at in range(len(arms))]
    return pl.DataFrame({"experiment": experiment, "arm": names, "drawn": list(arms)})


def drawn(*arms: int, planned: dict[str, float] | None = None) -> dict:
    table = experiments.drawn(
        counted(*arms), by="experiment", arm="arm", count="drawn", planned=planned
    )
    return table.row(0, named=True)


# ---------------------------------------------------------------------------- the arms
def test_one_hundred_more_in_one_arm_of_two_thousand_is_too_many():
    # (1050 - 1000)² / 1000 twice, on one degree of freedom.
    found = drawn(1050, 950)
    assert (found["base"], found["arms"], found["df"]) == (2000, 2, 1)
    assert found["chi2"] == pytest.approx(5.0)
    assert found["p"] == pytest.approx(math.erfc(math.sqrt(5 / 2)))
    assert found["even"]
    assert not drawn(1080, 920)["even"]


def test_arms_drawn_nine_to_one_are_held_against_that():
    planned = {"arm 0": 9, "arm 1": 1}
    assert drawn(900, 100, planned=planned)["chi2"] == 0
    assert not drawn(900, 100)["even"]
    assert not drawn(500, 500, planned=planned)["even"]


def test_an_arm_nobody_was_drawn_into_is_missed_where_it_was_planned():
    found = drawn(100, planned={"arm 0": 1, "arm 1": 1})
    assert (found["arms"], found["chi2"], found["even"]) == (2, 100, False)


@pytest.mark.parametrize("counts", [(4, 4), (0, 0), (20,)])
def test_too_few_or_one_arm_is_no_test(counts):
    found = drawn(*counts)
    assert (found["p"], found["even"]) == (None, None)


@given(st.lists(st.integers(20, 900), min_size=2, max_size=5))
@settings(max_examples=25, deadline=None)
def test_it_is_pearsons_test(counts):
    chi2, p = stats.chisquare(counts)
    found = drawn(*counts)
    assert found["chi2"] == pytest.approx(chi2)
    assert found["p"] == pytest.approx(p, abs=1e-12)


def test_fair_draws_fail_about_one_time_in_a_thousand():
    random = np.random.default_rng(3).binomial(2000, 0.5, size=20_000)
    chi2 = (random - 1000) ** 2 / 500
    edge = next(n for n in range(1000, 1200) if not drawn(n, 2000 - n)["even"])
    assert 0.0003 < (chi2 >= (edge - 1000) ** 2 / 500).mean() < 0.002


def test_an_arm_that_was_not_planned_is_named_by_its_count():
    with pytest.raises(OutOfRange, match="part above 0; 1 of 2 have none"):
        drawn(10, 10, planned={"arm 0": 1})


def alike(table: list[list[int]]) -> dict:
    rows = [
        {"experiment": "x", "arm": f"arm {a}", "level": f"level {b}", "drawn": n}
        for b, line in enumerate(table)
        for a, n in enumerate(line)
    ]
    found = experiments.independent(
        pl.DataFrame(rows), by="experiment", arm="arm", level="level", count="drawn"
    )
    return found.row(0, named=True)


def test_the_same_levels_in_every_arm_is_a_test_of_independence():
    table = [[90, 80], [40, 50], [70, 70]]
    expected = stats.chi2_contingency(table, correction=False)
    found = alike(table)
    assert (found["levels"], found["df"], found["base"]) == (3, 2, 400)
    assert found["chi2"] == pytest.approx(expected.statistic)
    assert found["p"] == pytest.approx(expected.pvalue)
    assert found["even"]
    assert not alike([[90, 10], [10, 90]])["even"]


def test_small_levels_are_put_together_and_the_smallest_left_out():
    whole = alike([[50, 50], [4, 4], [3, 3]])
    assert (whole["levels"], whole["chi2"]) == (2, pytest.approx(0))
    assert alike([[50, 50], [30, 30], [1, 1]])["levels"] == 2
    assert alike([[50, 50], [1, 1]])["p"] is None


# ---------------------------------------------------------------------------- the looks
def any_time(change: float, error: float, n: float, m: float, **more: float) -> dict:
    columns = (pl.lit(change), pl.lit(error), pl.lit(n), pl.lit(m))
    found = experiments.any_time(*columns, **more)
    return pl.select(**found._asdict()).row(0, named=True)


@pytest.mark.parametrize(("change", "base"), [(0.03, 400), (0.08, 400), (0.02, 9000)])
def test_p_is_one_over_the_likelihood_mixed_over_all_effects(change, base):
    error = math.sqrt(2 * 0.2 / base)
    wide = math.sqrt(looks.tightest(0.95) * error**2 * (2 * base) / looks.LOOKED)

    def mixed(effect: float) -> float:
        mean = stats.norm.pdf(effect, 0, wide)
        return mean * stats.norm.pdf(change, effect, error) / stats.norm.pdf(change, 0, error)

    evidence = integrate.quad(mixed, -8 * wide - change, 8 * wide + change, limit=200)[0]
    assert any_time(change, error, base, base)["p"] == pytest.approx(min(1, 1 / evidence), rel=1e-6)


def test_p_is_one_in_twenty_where_the_interval_ends_at_none():
    found = any_time(0.0, 0.02, 700, 500)
    edge = any_time(found["high"], 0.02, 700, 500)
    assert edge["p"] == pytest.approx(0.05)
    assert edge["low"] == pytest.approx(0)
    assert found["high"] == pytest.approx(found["reach"] * 0.02)


def test_looking_is_dearest_early_and_cheapest_where_it_was_planned():
    reach = [any_time(0, 1, n, n)["reach"] for n in (60, 250, 1000, 4000, 100_000)]
    assert min(reach) == reach[2] == pytest.approx(3.03, abs=0.01)
    assert reach == [*sorted(reach[:3], reverse=True), *sorted(reach[3:])]


def test_before_fifty_in_each_arm_nothing_is_said():
    early = any_time(0.9, 0.01, 49, 5000)
    assert (early["low"], early["high"], early["p"]) == (None, None, 1.0)
    assert any_time(0.9, 0.01, 50, 5000)["p"] < 0.001
    assert any_time(0.9, 0.0, 50, 5000)["p"] == 1.0


def test_what_nobody_could_look_at_is_refused():
    with pytest.raises(OutOfRange, match="1 person or more"):
        any_time(0, 1, 100, 100, looked=0)
    with pytest.raises(OutOfRange, match="between 0 and 1"):
        any_time(0, 1, 100, 100, confidence=1.0)


def watched(effect: float, *, runs: int, people: int, seed: int) -> tuple[float, float, float]:
    """Shares of experiments found at some look by p of any look, by the usual p, and how
    often the truth was outside the interval of any look; one look for every 4 people."""
    random = np.random.default_rng(seed)
    treated = random.random((runs, people)) < 0.5
    bought = random.random((runs, people)) < np.where(treated, 0.12 + effect, 0.12)
    at = np.arange(200, people, 4)
    n = np.cumsum(treated, axis=1)[:, at].astype(float)
    s = np.cumsum(bought & treated, axis=1)[:, at]
    m, t = at + 1 - n, np.cumsum(bought, axis=1)[:, at] - s
    one, two = (s + 1) / (n + 2), (t + 1) / (m + 2)
    error = np.sqrt(one * (1 - one) / n + two * (1 - two) / m)
    frame = pl.DataFrame(
        {"c": (s / n - t / m).ravel(), "e": error.ravel(), "n": n.ravel(), "m": m.ravel()}
    )
    told = frame.select(**experiments.any_time(*map(pl.col, "cenm"))._asdict())
    shape = (runs, len(at))
    p, low, high = (
        told[name].fill_null(0).to_numpy().reshape(shape) for name in ("p", "low", "high")
    )
    outside = ((low > effect) | (high < effect)) & (n >= 50) & (m >= 50)
    usual = np.abs(s / n - t / m) > 1.96 * error
    return (p <= 0.05).any(axis=1).mean(), usual.any(axis=1).mean(), outside.any(axis=1).mean()


def test_who_looks_always_is_misled_five_times_in_a_hundred_and_not_four_times_in_ten():
    any_look, usual, outside = watched(0.0, runs=600, people=4000, seed=5)
    assert any_look <= 0.05
    assert usual > 0.3
    assert outside <= 0.05


def test_what_works_is_found_by_any_look_and_the_interval_holds_it():
    any_look, _, outside = watched(0.08, runs=200, people=4000, seed=6)
    assert any_look > 0.95
    assert outside <= 0.05


# ---------------------------------------------------------------------------- the spread
def test_trials_against_tuberculosis_differ_as_published():
    effects = pl.DataFrame(
        [
            {
                "change": math.log(a / (a + b) / (c / (c + d))),
                "se": math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)),
            }
            for a, b, c, d in TRIALS
        ]
    )
    found = experiments.differ(effects).row(0, named=True)
    assert found["groups"] == 13
    assert found["q"] == pytest.approx(Q, abs=5e-5)
    assert found["tau"] ** 2 == pytest.approx(TAU2, abs=5e-5)
    assert found["mean"] == pytest.approx(MEAN, abs=5e-5)
    assert found["p"] < 1e-20


def test_schools_that_differ_by_chance_alone_all_get_the_mean():
    found = experiments.shrunken(SCHOOLS)
    assert found["shrunk"].to_list() == [pytest.approx(7.6856, abs=1e-4)] * 8
    assert found["own"].to_list() == [0] * 8
    whole = experiments.differ(SCHOOLS).row(0, named=True)
    assert (whole["tau"], whole["mean_high"]) == (
        0,
        pytest.approx(7.6856 + 1.96 * 4.0719, abs=1e-3),
    )
    # How little is known of how far they differ keeps every interval wider than the mean's.
    reach = found["shrunk_high"] - found["shrunk"]
    assert reach.min() > 1.96 * 4.0719
    assert (reach < 1.96 * SCHOOLS["se"]).all()


def test_effects_far_apart_keep_their_own():
    found = experiments.shrunken(pl.DataFrame({"change": [-10.0, 0, 10], "se": [0.1, 0.1, 0.1]}))
    assert found["own"].min() > 0.999
    assert found["shrunk"].to_list() == [pytest.approx(x, abs=0.01) for x in (-10, 0, 10)]


def test_shrunken_effects_lie_nearer_the_truth_and_their_intervals_hold_it():
    random = np.random.default_rng(2)
    for tau in (0.0, 1.0):
        own, drawn_in, held = 0.0, 0.0, []
        for _ in range(250):
            variance = random.uniform(0.5, 2, 8)
            truth = random.normal(0, tau, 8)
            effect = truth + random.normal(0, np.sqrt(variance))
            centre, error, _ = spread._drawn_in(effect, variance)
            own += float(((effect - truth) ** 2).sum())
            drawn_in += float(((centre - truth) ** 2).sum())
            held.append((np.abs(centre - truth) < 1.96 * error).mean())
        assert drawn_in < own
        assert np.mean(held) > 0.92


def test_shrinking_knows_no_unit_and_no_place():
    found = experiments.shrunken(SCHOOLS)
    moved = experiments.shrunken(SCHOOLS.select(pl.col("change") * 10 + 50, pl.col("se") * 10))
    for name in ("shrunk", "shrunk_low", "shrunk_high"):
        assert moved[name].to_list() == pytest.approx((found[name] * 10 + 50).to_list(), rel=1e-6)


def test_groups_of_one_experiment_know_nothing_of_another():
    both = pl.concat(
        [SCHOOLS.with_columns(of=pl.lit("b")), SCHOOLS.head(1).with_columns(of=pl.lit("a"))]
    )
    found = experiments.shrunken(both, by="of")
    assert (
        found.filter(of="b")["shrunk"].to_list()
        == experiments.shrunken(SCHOOLS)["shrunk"].to_list()
    )
    # Alone there is no mean to be drawn to.
    assert found.filter(of="a")["shrunk"].to_list() == [None]
    assert experiments.differ(both, by="of")["q"].null_count() == 1


def test_groups_without_an_effect_stay_without_one():
    gap = pl.concat(
        [SCHOOLS, pl.DataFrame({"change": [None], "se": [None]}, schema=SCHOOLS.schema)]
    )
    found = experiments.shrunken(gap)
    assert found["shrunk"].null_count() == 1
    assert found["shrunk"].head(8).to_list() == experiments.shrunken(SCHOOLS)["shrunk"].to_list()


def test_effects_without_errors_are_refused():
    with pytest.raises(ColumnMissing, match="effects must have `se`"):
        experiments.shrunken(SCHOOLS.drop("se"))


# ---------------------------------------------------------------------------- instead
def cells(*rows: tuple[bool, bool, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["a", "b", "hits", "base"], orient="row")


def test_one_in_place_of_the_other_is_the_difference_of_their_shares():
    found = instead.instead(
        cells((True, False, 30, 100), (False, True, 10, 100)),
        flags=["a", "b"],
        hits="hits",
        base="base",
    )
    assert found["change"].to_list() == pytest.approx([0.2, -0.2])
    # The plain error of a difference of shares, each side stretched by n / (n - 1).
    plain = math.sqrt((0.3 * 0.7 + 0.1 * 0.9) / 100) * 100 / 99
    assert found["se"].to_list() == pytest.approx([plain, plain])
    assert found["base"].to_list() == [100, 100]
    # Met on top of the other one they never were.
    assert found["added"].to_list() == [None, None]


def test_a_tally_gives_what_its_rows_give_to_a_regression():
    import statsmodels.api as sm

    random = np.random.default_rng(1)
    rows = pl.DataFrame({name: random.random(900) < 0.5 for name in "abc"}).with_columns(
        g=pl.Series(random.choice(["x", "y", "z"], 900))
    )
    hit = (
        random.random(900) < 0.2 + 0.2 * rows["a"].to_numpy() + 0.1 * (rows["g"] == "y").to_numpy()
    )
    rows = rows.with_columns(hit=pl.Series(hit.astype(float)))
    tally = rows.group_by("a", "b", "c", "g").agg(pl.col("hit").sum(), pl.len().alias("n"))
    found = instead.instead(tally, flags=["a", "b", "c"], hits="hit", base="n", controls=["g"])
    sheet = rows.select(
        pl.lit(1.0),
        *(pl.col(name).cast(float) for name in "abc"),
        *((pl.col("g") == level).cast(float).alias(level) for level in "yz"),
    ).to_numpy()
    fit = sm.OLS(rows["hit"].to_numpy(), sheet).fit(cov_type="HC3")
    n = rows.select(pl.col("a", "b", "c").sum()).row(0)
    contrast = np.array([0, 1, -n[1] / (n[1] + n[2]), -n[2] / (n[1] + n[2]), 0, 0])
    test = fit.t_test(contrast)
    first = found.row(0, named=True)
    assert first["change"] == pytest.approx(test.effect.item())
    assert first["se"] == pytest.approx(test.sd.item())
    assert first["p"] == pytest.approx(test.pvalue.item())
    assert first["added"] == pytest.approx(fit.params[1])
    ends = fit.conf_int()[1]
    assert (first["added_low"], first["added_high"]) == (
        pytest.approx(ends[0]),
        pytest.approx(ends[1]),
    )


def test_flags_that_always_come_together_are_not_told_apart():
    both = cells((True, True, 30, 100), (False, False, 10, 100))
    found = instead.instead(both, flags=["a", "b"], hits="hits", base="base")
    assert found["change"].to_list() == [None, None]
    alone = instead.instead(both, flags=["a"], hits="hits", base="base")
    assert alone["change"].to_list() == [None]
    assert alone["added"].to_list() == pytest.approx([0.2])


def test_a_design_effect_widens_and_cannot_narrow():
    some = cells((True, False, 30, 100), (False, True, 10, 100))
    plain, wide = (
        instead.instead(some, flags=["a", "b"], hits="hits", base="base", design=design)
        for design in (1.0, 4.0)
    )
    assert (wide["se"] / plain["se"]).to_list() == pytest.approx([2, 2])
    with pytest.raises(OutOfRange, match="design must be 1 or more"):
        instead.instead(some, flags=["a"], hits="hits", base="base", design=0.5)
