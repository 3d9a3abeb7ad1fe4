"""Factors and omega: by hand, by law, by message; peers' figures are in test_cases_scales."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, NotConverged, OutOfRange, UnknownName, UnweightedOnly
from cxlab.stats import extraction, factors, omega
from cxlab.stats.extraction import Model

FOUR = list("abcd")
# One factor with these loadings makes these correlations: .72, .63, .56, …
STRONG = np.array([0.9, 0.8, 0.7, 0.6])


def alike(loadings: np.ndarray) -> np.ndarray:
    table = loadings @ loadings.T if loadings.ndim > 1 else np.outer(loadings, loadings)
    np.fill_diagonal(table, 1)
    return table


def sheets(table: np.ndarray, people: int = 400, seed: int = 1) -> pl.DataFrame:
    """Answers whose correlations are exactly those of the table."""
    drawn = np.random.default_rng(seed).normal(size=(people, len(table)))
    drawn -= drawn.mean(axis=0)
    plain = np.linalg.solve(np.linalg.cholesky(np.cov(drawn.T)), drawn.T)
    names = [chr(ord("a") + place) for place in range(len(table))]
    return pl.DataFrame((np.linalg.cholesky(table) @ plain).T, schema=names)


TWO = np.array([[0.8, 0.0], [0.7, 0.0], [0.6, 0.0], [0.0, 0.8], [0.0, 0.7], [0.0, 0.5]])


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_the_loadings_that_made_the_correlations_are_found_again(method):
    found = extraction.solution(alike(STRONG), Model(method=method))
    assert found.loadings[:, 0] == pytest.approx(STRONG, abs=1e-5)
    assert found.communalities == pytest.approx(STRONG**2, abs=1e-5)


@pytest.mark.parametrize("rotation", ["varimax", "oblimin"])
def test_two_groups_of_items_are_told_apart(rotation):
    found = extraction.solution(alike(TWO), Model(2, rotation))
    assert found.loadings == pytest.approx(TWO, abs=1e-4)
    assert found.between == pytest.approx(np.eye(2), abs=1e-4)


def test_oblimin_finds_how_factors_go_together():
    between = np.array([[1, 0.4], [0.4, 1]])
    table = TWO @ between @ TWO.T
    np.fill_diagonal(table, 1)
    found = extraction.solution(table, Model(2, "oblimin"))
    assert found.between[0, 1] == pytest.approx(0.4, abs=1e-3)
    assert found.communalities == pytest.approx((TWO**2).sum(axis=1), abs=1e-4)


@pytest.mark.parametrize("rotation", ["none", "varimax", "oblimin"])
def test_turning_changes_no_communality(rotation):
    table = alike(0.8 * TWO + 0.15)
    plain = extraction.solution(table, Model(2, "none"))
    turned = extraction.solution(table, Model(2, rotation))
    assert turned.communalities == pytest.approx(plain.communalities, abs=1e-9)
    assert (turned.loadings.sum(axis=0) > 0).all()


def test_varimax_cannot_be_turned_to_anything_simpler():
    found = extraction.solution(alike(0.8 * TWO + 0.15), Model(2)).loadings
    lengths = np.sqrt((found**2).sum(axis=1, keepdims=True))

    def simplicity(angle: float) -> float:
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return float((((found / lengths) @ turn) ** 2).var(axis=0).sum())

    assert all(simplicity(angle) <= simplicity(0) for angle in np.linspace(-1.5, 1.5, 61))


def test_what_every_item_shows_is_the_sum_of_its_squared_loadings():
    found = factors.loadings(sheets(alike(TWO)), items=list("abcdef"), model=Model(2), samples=20)
    both = found.group_by("item", maintain_order=True).agg(
        (pl.col("loading") ** 2).sum(), pl.col("communality").first()
    )
    assert both["loading"].to_list() == pytest.approx(both["communality"].to_list(), abs=1e-6)


def test_a_table_of_loadings():
    found = factors.loadings(sheets(alike(STRONG)), items=FOUR, samples=50)
    assert found.columns == ["item", "factor", "base", "loading", "low", "high", "communality"]
    assert found["item"].to_list() == FOUR
    assert found["base"].to_list() == [400] * 4
    assert found["loading"].to_list() == pytest.approx(STRONG, abs=1e-5)
    assert found.select(
        ((pl.col("low") < pl.col("loading")) & (pl.col("loading") < pl.col("high"))).all()
    ).item()


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    asked = {"items": FOUR, "samples": 30}
    first = factors.loadings(sheets(alike(STRONG)), **asked, seed=1)
    assert_frame_equal(first, factors.loadings(sheets(alike(STRONG)), **asked, seed=1))
    other = factors.loadings(sheets(alike(STRONG)), **asked, seed=2)
    assert first["low"].to_list() != other["low"].to_list()
    assert first["loading"].to_list() == other["loading"].to_list()


def test_a_surer_interval_is_wider():
    asked = {"items": FOUR, "samples": 30}
    found = [
        factors.loadings(sheets(alike(STRONG)), **asked, confidence=sure)["low"][3]
        for sure in (0.8, 0.95)
    ]
    assert found[1] < found[0]


def test_the_order_of_rows_and_items_does_not_matter():
    rows = sheets(alike(STRONG))
    found = omega.mcdonald_omega(rows, items=FOUR, samples=2)["omega"].item()
    turned = omega.mcdonald_omega(rows.reverse(), items=FOUR[::-1], samples=2)["omega"].item()
    assert turned == pytest.approx(found, abs=1e-8)


def test_omega_by_hand():
    # (.9 + .8 + .7 + .6)² = 9; the items' own variances are .19 + .36 + .51 + .64 = 1.7.
    found = omega.mcdonald_omega(sheets(alike(STRONG)), items=FOUR, samples=100)
    row = found.row(0, named=True)
    assert (row["base"], row["items"]) == (400, 4)
    assert row["omega"] == pytest.approx(9 / 10.7, abs=1e-6)
    assert row["low"] < row["omega"] < row["high"] < 1
    # On the scale of ln(1 - omega) both ends are as far away.
    low, middle, high = (np.log(1 - row[name]) for name in ("low", "omega", "high"))
    assert low - middle == pytest.approx(middle - high)


def test_omega_is_alpha_where_every_item_shows_the_factor_alike():
    from cxlab.stats import reliability

    rows = sheets(alike(np.full(4, 0.7)))
    alpha = reliability.cronbach_alpha(rows, items=FOUR)["alpha"].item()
    assert omega.mcdonald_omega(rows, items=FOUR, samples=2)["omega"].item() == pytest.approx(alpha)


def test_omega_covers_what_the_answers_were_drawn_from():
    truth, table = 9 / 10.7, alike(STRONG)
    draw, hits, runs = np.random.default_rng(3), 0, 50
    for run in range(runs):
        rows = pl.DataFrame(draw.multivariate_normal(np.zeros(4), table, 300), schema=FOUR)
        found = omega.mcdonald_omega(rows, items=FOUR, samples=25, seed=run).row(0, named=True)
        hits += found["low"] <= truth <= found["high"]
    # Four standard errors of 95 % of 50: 12 %.
    assert hits / runs >= 0.95 - 0.12


NINE = np.kron(np.eye(3), np.full((3, 1), 1.0)) * np.tile([[0.8], [0.7], [0.6]], (3, 1))


def grouped(together: float) -> np.ndarray:
    between = np.full((3, 3), together)
    np.fill_diagonal(between, 1)
    table = NINE @ between @ NINE.T
    np.fill_diagonal(table, 1)
    return table


def test_hierarchical_omega_by_hand():
    # Behind three factors that correlate .49 is one they load .7 on. An item's loading on it
    # is .7 times its own: 3 × (.8 + .7 + .6) × .7 = 4.41. What the items keep to themselves
    # is 3 × (.36 + .51 + .64) = 4.53.
    table = grouped(0.49)
    found = omega.of_groups(extraction.solution(table, Model(3, "oblimin")), table)
    assert found.general == pytest.approx(4.41**2 / table.sum(), abs=2e-4)
    assert found.total == pytest.approx(1 - 4.53 / table.sum(), abs=2e-4)


def test_a_table_of_hierarchical_omega():
    rows = sheets(grouped(0.49))
    found = omega.hierarchical_omega(rows, items=rows.columns, samples=20).row(0, named=True)
    assert (found["base"], found["items"], found["groups"]) == (400, 9, 3)
    assert found["total_low"] < found["omega_total"] < found["total_high"]
    assert found["general_low"] < found["omega_general"] < found["general_high"]
    assert found["omega_general"] < found["omega_total"]


def test_as_many_components_are_beyond_chance_as_there_are_factors():
    rows = sheets(alike(TWO))
    found = factors.eigenvalues(rows, items=rows.columns, samples=200)
    assert found["beyond"].to_list() == [True, True, False, False, False, False]
    assert found["eigenvalue"].sum() == pytest.approx(6)
    assert found["share"].sum() == pytest.approx(1)
    assert found["base"].to_list() == [400] * 6


def test_nothing_is_beyond_chance_in_unrelated_items():
    rows = sheets(np.eye(5))
    assert not factors.eigenvalues(rows, items=rows.columns)["beyond"].any()


def test_eigenvalues_by_chance_are_those_of_drawn_sheets():
    draw = np.random.default_rng(1)
    drawn = [np.corrcoef(draw.normal(size=(4, 12))) for _ in range(3000)]
    limits = np.quantile(np.linalg.eigvalsh(np.stack(drawn))[:, ::-1], 0.95, axis=0)
    rows = sheets(np.eye(4), people=12)
    found = factors.eigenvalues(rows, items=FOUR, samples=3000)["by_chance"].to_list()
    assert found == pytest.approx(limits, abs=0.04)


def test_kmo_by_hand():
    # Three items that correlate .5: partial correlations are (.5 - .25) / (1 - .25) = 1/3.
    table = np.full((3, 3), 0.5)
    np.fill_diagonal(table, 1)
    found = factors.suitability(sheets(table), items=list("abc")).row(0, named=True)
    assert found["kmo"] == pytest.approx(0.25 / (0.25 + 1 / 9))
    # The determinant is ½: chi² is (399 - 11/6) ln 2.
    assert found["chi2"] == pytest.approx((399 - 11 / 6) * np.log(2))
    assert (found["df"], found["base"], found["items"]) == (3, 400, 3)
    assert found["p"] < 1e-10


def test_items_made_of_others_have_no_kmo():
    rows = sheets(np.eye(3)).with_columns(d=pl.col("a") + pl.col("b"))
    found = factors.suitability(rows, items=FOUR).row(0, named=True)
    assert (found["kmo"], found["chi2"], found["p"]) == (None, None, None)


def test_only_sheets_with_every_item_count():
    rows = sheets(alike(STRONG))
    with_gap = rows.with_columns(
        a=pl.when(pl.col("a") > pl.col("a").quantile(0.99)).then(None).otherwise("a")
    )
    base = with_gap.drop_nulls().height
    assert base < 400
    assert factors.suitability(with_gap, items=FOUR)["base"].item() == base


def test_few_sheets_have_a_loading_and_perhaps_no_interval():
    # Eight sheets: many bootstrap samples explain an item altogether.
    found = factors.loadings(sheets(alike(STRONG), people=8), items=FOUR, samples=30)
    assert found["loading"].null_count() == 0
    assert found["low"].to_list() == found["high"].to_list() == [None] * 4
    few = omega.mcdonald_omega(sheets(alike(STRONG), people=8), items=FOUR, samples=30)
    assert few.select("low", "high").row(0) == (None, None)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Model(2), "factors must be from 1 to 1 for 4 items; it is 2."),
        (Model(0), "factors must be from 1 to 1 for 4 items; it is 0."),
    ],
)
def test_more_factors_than_items_can_tell_apart_are_refused(model, message):
    with pytest.raises(OutOfRange) as refused:
        factors.loadings(sheets(alike(STRONG)), items=FOUR, model=model)
    assert str(refused.value) == message


def test_two_items_are_too_few_for_a_factor():
    with pytest.raises(OutOfRange) as refused:
        omega.mcdonald_omega(sheets(alike(STRONG)), items=["a", "b"])
    assert str(refused.value) == "items must be at least 3 to look for factors; there are 2."


def test_two_factors_have_none_behind_them():
    with pytest.raises(OutOfRange) as refused:
        omega.hierarchical_omega(sheets(alike(TWO)), items=list("abcdef"), groups=2)
    assert str(refused.value) == "factors must be at least 3 to have one behind them; it is 2."


NO_SOLUTION = "1 factor must leave something of every item unexplained; {}. {}"
ADVICE = "Wait for more answers, or leave out an item that nearly copies another."


def test_an_item_that_copies_another_leaves_no_solution():
    rows = sheets(alike(STRONG)).with_columns(e=pl.col("a"))
    with pytest.raises(NotConverged) as refused:
        factors.loadings(rows, items=[*FOUR, "e"])
    assert str(refused.value) == NO_SOLUTION.format("there is no solution for 5 items", ADVICE)


def test_an_item_explained_more_than_altogether_is_named():
    # The one factor would explain .9 × .9 / .7 = 1.16 of the first item.
    table = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]])
    with pytest.raises(NotConverged) as refused:
        factors.loadings(sheets(table), items=list("abc"))
    assert str(refused.value) == NO_SOLUTION.format("item 1 of 3 is explained altogether", ADVICE)


def test_an_item_everybody_answers_alike_is_named():
    rows = sheets(alike(STRONG)).with_columns(c=pl.lit(3))
    with pytest.raises(OutOfRange) as refused:
        factors.suitability(rows, items=FOUR)
    assert str(refused.value) == (
        "`c` must have more than one answer; everybody gave the same. Leave it out."
    )


@pytest.mark.parametrize(
    ("model", "what"),
    [(Model(method="pca"), "method `pca`"), (Model(rotation="oblique"), "rotation")],
)
def test_an_unknown_way_is_named(model, what):
    with pytest.raises(UnknownName, match=what):
        factors.loadings(sheets(alike(STRONG)), items=FOUR, model=model)


@pytest.mark.parametrize("ask", [omega.mcdonald_omega, omega.hierarchical_omega])
def test_weights_are_refused_rather_than_left_out(ask):
    with pytest.raises(UnweightedOnly) as refused:
        ask(sheets(alike(STRONG)), items=FOUR, weight="weight")
    assert str(refused.value) == (
        "reliability must be measured without weights; `weight` was given. "
        "Leave weight out to describe the answers as they came."
    )


def test_a_missing_item_is_named():
    with pytest.raises(ColumnMissing, match="responses must have `e`"):
        factors.eigenvalues(sheets(alike(STRONG)), items=["a", "e"])
