"""Scales of several items: by hand, by law, by message."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.codebook import Item, Scale
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import scales
from cxlab.stats import factors, omega, reliability
from cxlab.stats.extraction import Model

DOWN = Scale(1, 5, "down")
FIVE = list("abcde")
QUICK = {"samples": 20}


def answered(people: int = 200, seed: int = 1) -> pl.DataFrame:
    """Five items that show one thing, `e` worded the other way; `noise` shows nothing."""
    draw = np.random.default_rng(seed)
    felt = draw.normal(size=(people, 1))
    codes = np.clip(np.round(3 + 0.8 * felt + 0.6 * draw.normal(size=(people, 5))), 1, 5)
    sheets = pl.DataFrame(codes, schema=FIVE).with_columns(e=6 - pl.col("e"))
    return sheets.with_columns(noise=pl.Series(draw.integers(1, 6, people)))


BLOCK = [*"abcd", Item("e", wording="It was slow", scale=DOWN)]
SHEETS = answered()
TURNED = SHEETS.with_columns(e=6 - pl.col("e"))


def test_the_table_of_a_block_of_items():
    found = scales.quality(SHEETS, items=BLOCK, **QUICK)
    assert found.columns == [
        *("item", "wording", "turned", "base", "mean", "sd"),
        *("rest_r", "rest_low", "rest_high", "verdict"),
        *("loading", "loading_low", "loading_high", "alpha_without"),
        *("alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high"),
    ]
    assert found["item"].to_list() == FIVE
    assert found["wording"].to_list() == ["", "", "", "", "It was slow"]
    assert found["turned"].to_list() == [False] * 4 + [True]
    assert found["verdict"].to_list() == ["fits"] * 5
    assert found["base"].to_list() == [200] * 5


def test_the_figures_are_those_of_the_items_turned():
    found = scales.quality(SHEETS, items=BLOCK, **QUICK)
    each = reliability.item_analysis(TURNED, items=FIVE)
    for name in ("mean", "sd", "rest_r", "rest_low", "rest_high", "alpha_without"):
        assert found[name].to_list() == pytest.approx(each[name].to_list())
    alpha = reliability.cronbach_alpha(TURNED, items=FIVE).row(0, named=True)
    whole = omega.mcdonald_omega(TURNED, items=FIVE, **QUICK).row(0, named=True)
    row = found.row(3, named=True)
    assert (row["alpha"], row["alpha_low"], row["alpha_high"]) == pytest.approx(
        (alpha["alpha"], alpha["low"], alpha["high"])
    )
    assert (row["omega"], row["omega_low"], row["omega_high"]) == pytest.approx(
        (whole["omega"], whole["low"], whole["high"])
    )
    shown = factors.loadings(TURNED, items=FIVE, **QUICK)
    assert found["loading"].to_list() == pytest.approx(shown["loading"].to_list())
    assert found["loading_low"].to_list() == pytest.approx(shown["low"].to_list())
    assert found["loading_high"].to_list() == pytest.approx(shown["high"].to_list())


def test_an_item_left_unturned_goes_against_the_others():
    found = scales.quality(SHEETS, items=FIVE, **QUICK)
    assert found["verdict"].to_list() == ["fits"] * 4 + ["against the others"]
    assert found["alpha"][0] < found["alpha_without"][4]


def test_an_item_of_something_else_is_weak():
    # The best and worst fifth of noise still has a correlation; that of 2,000 sheets has none.
    found = scales.quality(answered(2000), items=[*BLOCK, "noise"], **QUICK)
    assert found["verdict"][5] in ("weak", "against the others")
    assert abs(found["rest_r"][5]) < 0.1
    assert found["rest_low"][5] < 0 < found["rest_high"][5]


def test_the_verdict_changes_at_three_tenths_and_at_nothing():
    table = pl.DataFrame({"rest_r": [-0.01, 0.0, 0.29, 0.3, None]})
    assert table.select(scales._verdict()).to_series().to_list() == [
        "against the others",
        "weak",
        "weak",
        "fits",
        None,
    ]


def test_the_order_of_the_sheets_does_not_matter():
    found = scales.quality(SHEETS, items=BLOCK, **QUICK)
    other = scales.quality(SHEETS.reverse(), items=BLOCK, **QUICK)
    sure = ["rest_r", "loading", "alpha", "omega"]
    assert_frame_equal(found.select(sure), other.select(sure), abs_tol=1e-7)


def test_lazy_sheets_are_read_too():
    found = scales.quality(SHEETS.lazy(), items=BLOCK, **QUICK)
    assert_frame_equal(found, scales.quality(SHEETS, items=BLOCK, **QUICK))


def test_one_row_per_scale():
    found = scales.summary(SHEETS, scales={"ease": BLOCK, "two": ["a", "b"]}, **QUICK)
    assert found["scale"].to_list() == ["ease", "two"]
    assert found["items"].to_list() == [5, 2]
    assert found["base"].to_list() == [200, 200]
    assert found["omega"].null_count() == 1
    assert found["factors"][0] == 1
    pair = np.corrcoef(SHEETS["a"], SHEETS["b"])[0, 1]
    assert found["mean_r"][1] == pytest.approx(pair)
    assert found["first"][1] == pytest.approx((1 + pair) / 2)
    table = np.corrcoef(TURNED.select(FIVE).to_numpy().T)
    assert found["mean_r"][0] == pytest.approx(table[~np.eye(5, dtype=bool)].mean())


def test_two_things_in_one_scale_are_two_factors():
    other = answered(seed=2).select(pl.all().name.suffix("2"))
    both = pl.concat([TURNED.select(FIVE), other.select(pl.col("^[abcd]2$"))], how="horizontal")
    block = both.columns
    found = scales.summary(both, scales={"mixed": block}, **QUICK)
    assert found["factors"].item() == 2
    shown = scales.structure(both, items=block, **QUICK)
    assert shown["factor"].n_unique() == 2
    mains = shown.filter("main").sort("item").select("item", "factor").rows()
    first = {item for item, factor in mains if factor == 1}
    assert first in ({*FIVE}, {name for name in block if name.endswith("2")})
    assert len(mains) == len(block)


def test_the_structure_asked_for_is_given():
    other = answered(seed=2).select(pl.all().name.suffix("2"))
    both = pl.concat([SHEETS, other], how="horizontal")
    block = [*BLOCK, "a2", "b2", "c2"]
    found = scales.structure(both, items=block, model=Model(2, "varimax"), **QUICK)
    assert found["item"].to_list()[:3] == ["a", "a", "b"]
    assert found["factor"].to_list() == [1, 2] * 8
    assert found.filter("main")["factor"].to_list() == [1] * 5 + [2] * 3


def test_items_that_copy_each_other_have_an_alpha_and_no_factor():
    copied = SHEETS.select("a", b="a", c="a")
    found = scales.quality(copied, items=["a", "b", "c"], **QUICK)
    assert found["alpha"].to_list() == pytest.approx([1.0] * 3)
    assert found["omega"].to_list() == found["loading"].to_list() == [None] * 3
    assert found["rest_r"].to_list() == pytest.approx([1.0] * 3)


def test_a_score_by_hand():
    sheets = pl.DataFrame({"a": [5, 4, None, 1], "b": [4, 4, 2, None], "c": [1, 5, 4, None]})
    items = ["a", "b", Item("c", scale=DOWN)]
    found = scales.scored(sheets, items=items, into="ease")
    # (5 + 4 + 5) / 3 and (4 + 4 + 1) / 3; with an item empty, none.
    assert found["ease"].to_list() == pytest.approx([14 / 3, 3, None, None])
    assert found.columns == ["a", "b", "c", "ease"]
    some = scales.scored(sheets, items=items, into="ease", answered=0.6)
    assert some["ease"].to_list() == pytest.approx([14 / 3, 3, 2, None])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: scales.scored(SHEETS, items=BLOCK, into="s", answered=0),
            "answered must be above 0 and at most 1; it is 0.",
        ),
        (
            lambda: scales.scored(SHEETS, items=["a", Item("b", scale=Scale(1, 7))], into="s"),
            "items must have one scale to be averaged; they have 2.",
        ),
        (
            lambda: scales.quality(SHEETS, items=["a"]),
            "items must be at least 2 columns; there is 1.",
        ),
        (
            lambda: scales.quality(SHEETS.with_columns(d=pl.lit(2)), items=FIVE),
            "`d` must have more than one answer; everybody gave the same. Leave it out.",
        ),
        (
            lambda: scales.summary(SHEETS.with_columns(a=pl.lit(9)), scales={"s": FIVE}),
            "`a` must be numbers from 1 to 5; it has 9. "
            "Declare codes that are not scored in study.toml, under not_applicable.",
        ),
    ],
)
def test_what_is_no_scale_is_refused(call, message):
    with pytest.raises(OutOfRange) as refused:
        call()
    assert str(refused.value) == message


def test_a_missing_item_is_named():
    with pytest.raises(ColumnMissing, match="responses must have `x`"):
        scales.structure(SHEETS, items=["a", "x"])
