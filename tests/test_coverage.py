"""Intervals hold what is true about as often as they say: the benchmark, small and seeded.

Tolerance: 93 to 97 of 100, and three binomial errors of so few surveys either side.
"""

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "coverage.py"
SURVEYS, FEW = 1000, 40
SINGLE = ("score", "top box", "mean")
BOTH = (*SINGLE, *(f"{kind} difference" for kind in SINGLE))


@pytest.fixture(scope="module")
def script():
    """The benchmark as a module; its folder is not a package."""
    spec = importlib.util.spec_from_file_location("benchmark_of_coverage", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def near(held: float, surveys: int, low: float = 0.93, high: float = 0.97) -> bool:
    below, above = (3 * (end * (1 - end) / surveys) ** 0.5 for end in (low, high))
    return low - below <= held <= high + above


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("base", [30, 100, 1000])
@pytest.mark.parametrize("kind", BOTH)
def test_intervals_hold_the_truth(script, kind, base, weighted):
    held = script.KINDS[kind](base=base, weighted=weighted, count=SURVEYS, seed=1)
    assert near(held, SURVEYS)


@pytest.mark.parametrize("weighted", [False, True])
def test_shares_of_drivers_are_held(script, weighted):
    held = script.drivers(base=100, weighted=weighted, count=FEW, seed=1)
    # Four drivers of a survey are not four surveys.
    assert near(held, FEW, high=1)


def test_chances_to_be_first_are_what_they_say(script):
    assert script.drivers(base=100, weighted=False, count=FEW, seed=1, chances=True) < 0.15


@pytest.mark.parametrize("weighted", [False, True])
def test_opportunity_scores_are_held(script, weighted):
    held = script.opportunity(base=100, weighted=weighted, count=25, seed=1)
    assert near(held, 25, high=1)


def test_an_interval_that_is_too_narrow_would_be_seen(script):
    truth = 0.5
    middle = pl.Series(np.random.default_rng(1).normal(truth, 0.1, SURVEYS))
    whole, narrow = (script.held(middle - reach, middle + reach, truth) for reach in (0.196, 0.15))
    assert near(whole, SURVEYS)
    assert not near(narrow, SURVEYS)


def test_an_interval_that_is_not_there_holds_nothing(script):
    ends = pl.Series([None, 0.1], dtype=pl.Float64), pl.Series([None, 0.9], dtype=pl.Float64)
    assert script.held(*ends, 0.5) == 0.5


def test_the_drawn_surveys_are_what_is_asked_for(script):
    draw = np.random.default_rng(1)
    table = np.full((3, 5), 0.2)
    cells = script.tallied(draw, table, 30, 40, True)
    each = cells.group_by("survey").agg(pl.col("tally_n").sum())
    assert each["tally_n"].to_list() == [30] * 40
    kish = cells["tally_n"].sum() * cells["tally_ww"].sum() / cells["tally_w"].sum() ** 2
    assert kish == pytest.approx(1.485, abs=0.06)
    plain = script.tallied(draw, table, 30, 40, False)
    assert plain["tally_w"].to_list() == plain["tally_n"].to_list()


def test_chances_that_are_right_are_not_astray(script):
    said = np.repeat([0.1, 0.9], 10)
    was = np.array([1] + [0] * 9 + [1] * 9 + [0])
    assert script.astray(said, was) == pytest.approx(0)
    assert script.astray(said, np.zeros(20)) == pytest.approx(0.5)
