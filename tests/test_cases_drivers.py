"""Worked cases of driver analysis: printed ones in tests/cases, peers' in ../shared/cases.

Left out, with the reason: 03i ridge coefficients (the package offers no penalised
regression: its shares need none, and no driver is to be shrunk away). 03c the refusal of
weights by pingouin is a fact about the peer; the weighted figures it quotes are checked.
"""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from peers import FOLDER, beside, data, expected

from cxlab.codebook import Item, Scale
from cxlab.metrics import drivers
from cxlab.stats.importance import logistic, moments, ranks, redundancy, shares, sheets, subsets

CASES = Path(__file__).parent / "cases"
EIGHT = [f"x{number}" for number in range(1, 9)]


def printed(name: str) -> tuple[np.ndarray, list[float]]:
    """A correlation matrix with the outcome last, and the parts with R² last."""
    table = pl.read_csv(CASES / f"{name}.csv")
    return table.drop("driver", "part").to_numpy().astype(float), table["part"].to_list()


@pytest.mark.parametrize(
    ("case", "method", "digits"),
    [("johnson_printed", "johnson", 8), ("johnson_cars", "johnson", 7), ("lmg_swiss", "lmg", 6)],
)
def test_printed_parts_of_r2(case, method, digits):
    correlations, expected = printed(case)
    found = [*shares.parts(correlations, method=method)[0], shares.r2(correlations)]
    assert found == pytest.approx(expected, abs=0.51 * 10**-digits)


def test_johnson_and_lmg_disagree_on_which_is_first():
    correlations, _ = printed("johnson_cars")
    first = {way: shares.parts(correlations, method=way)[0].argmax() for way in ("johnson", "lmg")}
    names = ["cyl", "disp", "hp", "gear"]
    assert {way: names[at] for way, at in first.items()} == {"johnson": "hp", "lmg": "cyl"}


# The peers' cases.


def correlations(frame: pl.DataFrame, names: list[str], outcome: str, weight: str = "") -> Any:
    complete = frame.drop_nulls([*names, outcome])
    weights = complete[weight].to_numpy() if weight else None
    numbers = complete.select(pl.col([*names, outcome]).cast(pl.Float64)).to_numpy()
    return moments.correlations(moments.sums(sheets.answers(numbers, weights=weights)))[0]


def outcome_last(case: str) -> tuple[np.ndarray, list[str]]:
    """The matrix of a case that has the outcome first."""
    table = pl.read_csv(FOLDER / case / "cor.csv")
    names = [*table.columns[1:], table.columns[0]]
    order = [table.columns.index(name) for name in names]
    return table.to_numpy().astype(float)[np.ix_(order, order)], names[:-1]


METHODS = {
    "lmg": "lmg",
    "johnson": "genizi",
    "car": "car",
    "first": "first",
    "last": "last",
    "betasq": "betasq",
    "pratt": "pratt",
}


@beside
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", ["03a-lmg-swiss", "03b-lmg-cx"])
def test_03ab_parts_of_r2(case, method):
    want, frame = expected(case), data(case)
    outcome = frame.columns[0]
    table = correlations(frame, want["names"], outcome)
    assert frame.drop_nulls().height == want["n"]
    assert shares.r2(table) == pytest.approx(want["R2"], rel=1e-9)
    found = shares.parts(table, method=method)[0]
    assert found == pytest.approx(want[METHODS[method]], rel=1e-8, abs=1e-10)


@beside
@pytest.mark.parametrize("case", ["03a-lmg-swiss", "03b-lmg-cx"])
def test_03ab_shares_and_ranks_of_the_table(case):
    want, frame = expected(case), data(case)
    frame = frame.rename({frame.columns[0]: "outcome"})
    items = [Item(name, scale=Scale(-1000, 1000)) for name in want["names"]]
    model = drivers.Model("outcome", items, missing="complete", samples=50)
    found = drivers.importance(frame, model=model)
    by_name = {row["driver"]: row for row in found.to_dicts()}
    rows = [by_name[name] for name in want["names"]]
    assert [100 * row["share"] for row in rows] == pytest.approx(want["lmg_share_pct"], rel=1e-8)
    assert [row["rank"] for row in rows] == want["lmg_rank"]
    assert [row["base"] for row in rows] == [want["n"]] * len(rows)


@beside
def test_03c_pingouins_own_figures():
    want = expected("03c-lmg-pingouin-parity")
    frame = data("03c-lmg-pingouin-parity").drop_nulls()
    table = correlations(frame, EIGHT, "nps")
    assert shares.parts(table)[0] == pytest.approx(want["relimp"], rel=1e-8, abs=1e-9)
    spread = frame.select(EIGHT).std().row(0)
    slopes = shares.betas(table) * frame["nps"].std() / np.array(spread)
    assert slopes == pytest.approx(want["coef"], rel=1e-8, abs=1e-9)
    r2, count = float(shares.r2(table)), frame.height
    assert 1 - (1 - r2) * (count - 1) / (count - 9) == pytest.approx(want["adj_R2"], rel=1e-9)
    left = np.sqrt((1 - r2) / (count - 9) * redundancy.variance_inflation(table))
    assert left * frame["nps"].std() / np.array(spread) == pytest.approx(want["se"], rel=1e-8)


@beside
@pytest.mark.parametrize(
    ("method", "name"),
    [("lmg", "lmg"), ("first", "first"), ("last", "last"), ("johnson", "genizi")],
)
def test_03d_weighted_parts(method, name):
    want = expected("03d-lmg-weighted-grouped")["weighted"]
    table = correlations(data("03d-lmg-weighted-grouped"), EIGHT, "nps", "weight")
    assert shares.r2(table) == pytest.approx(want["R2"], rel=1e-9)
    found = shares.parts(table, method=method)[0]
    assert found == pytest.approx(want[name], rel=1e-8, abs=1e-9)


@beside
def test_03d_groups_of_drivers_that_enter_together():
    case = "03d-lmg-weighted-grouped"
    table = correlations(data(case), EIGHT, "nps")
    found = shares.lmg_of_groups(table, groups=[[0, 1], [2, 3, 4], [5], [6], [7]])[0]
    assert found == pytest.approx(expected(case)["grouped"]["lmg"], rel=1e-8, abs=1e-9)


@beside
def test_03d_a_driver_that_is_always_in():
    case = "03d-lmg-weighted-grouped"
    want, table = expected(case)["always_x8"], correlations(data(case), EIGHT, "nps")
    rest = 1 - table[7, 8] ** 2
    found = shares.parts(shares.without(table, always=[7]))[0] * rest
    assert found == pytest.approx(want["lmg"], rel=1e-8, abs=1e-9)
    assert found.sum() == pytest.approx(want["R2_decomposed"], rel=1e-8)


@beside
def test_03e_relative_weights_from_a_matrix():
    want = expected("03e-relative-weights-doc")
    table, names = outcome_last("03e-relative-weights-doc")
    found = shares.parts(table, method="johnson")[0]
    assert names == want["names"]
    assert found == pytest.approx(want["rel_weights"], rel=1e-9)
    assert 100 * ranks.as_shares(found) == pytest.approx(want["pct"], rel=1e-9)
    assert shares.r2(table) == pytest.approx(want["R2"], rel=1e-9)


@beside
def test_03f_dominance():
    want = expected("03f-dominance-azen-budescu")
    table, names = outcome_last("03f-dominance-azen-budescu")
    values = subsets.explained(table)[:, 0]
    by_size = subsets.gains_by_size(values)
    for at, name in enumerate(names):
        assert by_size[:, at] == pytest.approx(want["by_level"][name], rel=1e-9)
        assert by_size[:, at].mean() == pytest.approx(want["average"][name], rel=1e-9)
    conditional, general = subsets.better_on_average(values)
    verdicts = {
        "complete": subsets.always_better(values),
        "conditional": conditional,
        "general": general,
    }
    # The peer's row is the driver that is dominated by the column's, 1 where it is.
    for kind, verdict in verdicts.items():
        assert {name: list(verdict.T[at]) for at, name in enumerate(names)} == want[kind]


def promoters() -> tuple[pl.DataFrame, list[str]]:
    frame = data("03g-dominance-logistic").drop_nulls()
    return frame, ["x1", "x2", "x3", "x5", "x7"]


@beside
@pytest.mark.parametrize("kind", logistic.KINDS)
def test_03g_general_dominance_of_promoters(kind):
    want, (frame, names) = expected("03g-dominance-logistic"), promoters()
    loyal = frame.select(*names, (pl.col("nps") >= 9)).cast(pl.Float64).to_numpy()
    of = logistic.yes_or_no(sheets.answers(loyal, missing="complete"))
    assert (len(of.loyal), of.loyal.sum()) == (want["n"], want["promoters"])
    assert dict(zip(names, logistic.parts(of, kind=kind), strict=True)) == pytest.approx(
        want[kind], rel=1e-7, abs=1e-8
    )


@beside
def test_03g_the_table_of_a_logistic_model():
    want, (frame, names) = expected("03g-dominance-logistic"), promoters()
    items = [Item(name, scale=Scale(1, 10)) for name in names]
    model = drivers.Model(Item("nps", scale=Scale(0, 10)), items, loyal=2, samples=50)
    found = drivers.importance(frame, model=model)
    parts = dict(found.select("driver", "part").iter_rows())
    assert parts == pytest.approx(want["mcfadden"], rel=1e-7)
    assert found["r2"][0] == pytest.approx(want["mcfadden_full"], rel=1e-7)


@beside
def test_03h_bootstrap_bounds_and_errors():
    want = expected("03h-lmg-bootstrap")
    frame = data("03h-lmg-bootstrap").drop_nulls()
    names = frame.columns[1:]
    numbers = frame.select(pl.col([*names, "nps"]).cast(pl.Float64)).to_numpy()
    answers = sheets.answers(numbers)
    here = shares.parts(moments.correlations(moments.sums(answers)))[0]
    assert here == pytest.approx(want["lmg"], rel=1e-9, abs=1e-10)
    drawn = shares.parts(moments.correlations(moments.resampled(answers, samples=4000, seed=1)))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert low == pytest.approx(want["lower"], abs=0.006)
    assert high == pytest.approx(want["upper"], abs=0.006)
    assert drawn.std(axis=0, ddof=1) == pytest.approx(want["se"], rel=0.06)


@beside
def test_03i_betas_and_variance_inflation():
    want = expected("03i-betas-vif-ridge")
    frame = data("03i-betas-vif-ridge")
    table = correlations(frame, EIGHT, "nps")
    assert frame.drop_nulls().height == want["n"]
    assert shares.betas(table) == pytest.approx(want["std_beta"], rel=1e-8, abs=1e-9)
    assert redundancy.variance_inflation(table) == pytest.approx(want["vif"], rel=1e-8)
    assert redundancy.condition_number(table) == pytest.approx(want["condition_number"], rel=1e-8)
