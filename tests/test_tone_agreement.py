"""How the error table counts, by hand; and how often the tone is right on real comments."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cxlab.errors import OutOfRange
from cxlab.text.tone import agreement

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"

TRUTH = pl.Series([2.0, 1.0, -1.0, -2.0, 0.0, None, 0.2, -0.2])
GIVEN = pl.Series([0.6, 0.0, -0.4, 0.3, 0.04, 0.9, 0.05, -0.05])


def test_the_table_by_hand() -> None:
    """Right: the 1st, 3rd, 5th, 7th and 8th of seven. F1: 4/6 negative, of 2 given and 3 said
    hits 2 twice = 4/5; neutral 2/3; positive hits 2, given 3, said 3 = 4/6."""
    row = agreement.error_table(TRUTH, {"mine": GIVEN}).row(0, named=True)
    assert row["scorer"] == "mine"
    assert row["base"] == 7
    assert row["estimate"] == pytest.approx(5 / 7)
    assert row["macro_f1"] == pytest.approx((4 / 5 + 2 / 3 + 4 / 6) / 3)
    # Wilson's interval of 5 of 7.
    assert (row["low"], row["high"]) == pytest.approx((0.358934, 0.917782), abs=1e-6)


def test_the_correlation_is_pearsons() -> None:
    truth, given = pl.Series([1.0, 2.0, 3.0]), pl.Series([0.1, 0.3, 0.2])
    row = agreement.error_table(truth, {"x": given}).row(0, named=True)
    assert row["correlation"] == pytest.approx(0.5)


def test_the_cut_is_part_of_both_ends() -> None:
    counts = agreement.confusion(pl.Series([0.2, 0.19, -0.19, -0.2]), pl.Series([0.0] * 4))
    assert counts.rows() == [("negative", 0, 1, 0), ("neutral", 0, 2, 0), ("positive", 0, 1, 0)]


def test_without_a_cut_only_zero_is_neutral() -> None:
    counts = agreement.confusion(pl.Series([0.1, 0.0, -0.1]), pl.Series([0.5, 0.5, 0.5]), cut=0)
    assert counts.rows() == [("negative", 0, 0, 1), ("neutral", 0, 0, 1), ("positive", 0, 0, 1)]


def test_a_negative_cut_is_refused() -> None:
    with pytest.raises(OutOfRange) as error:
        agreement.error_table(TRUTH, {"mine": GIVEN}, cut=-1)
    assert str(error.value) == "cut must not be negative; it is -1."


def test_the_table_for_people() -> None:
    sets = {"three": pl.DataFrame({"text": ["a", "b", "c"], "truth": [1.0, -1.0, 1.0]})}
    scorers = {"flat": lambda texts: pl.Series([0.5, -0.5, 0.4])}
    assert agreement.markdown(agreement.compared(sets, scorers=scorers)).splitlines() == [
        "| texts | scorer | base | right | from | to | mean F1 | correlation |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| three | flat | 3 | 100.0 % | 43.9 % | 100.0 % | 1.000 | 0.996 |",
    ]


# ------------------------------------------------------------------ real comments
@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    if not (REAL / "nhs").is_dir() or not (REAL / "text").is_dir():
        pytest.skip("the real comments are not here")
    scorers = {"plain": agreement.plain, "cxlab": agreement.customers}
    return agreement.compared(agreement.judged(REAL), scorers=scorers)


def of(table: pl.DataFrame, texts: str, scorer: str) -> dict[str, float]:
    rows = table.filter((pl.col("texts") == texts) & (pl.col("scorer") == scorer))
    return rows.row(0, named=True)


# How much better than NLTK's rules: share right, and correlation.
MARGINS = {
    "NHS, odd": (0.15, 0.23),
    "NHS, even": (0.15, 0.22),
    "Amazon": (0.11, 0.09),
    "tweets": (-0.039, -0.023),
}


@pytest.mark.real
@pytest.mark.parametrize("texts", MARGINS)
def test_the_customers_rules_agree_with_people_by_a_margin(table: pl.DataFrame, texts: str) -> None:
    ours, plain = of(table, texts, "cxlab"), of(table, texts, "plain")
    right, correlation = MARGINS[texts]
    assert ours["estimate"] - plain["estimate"] >= right
    assert ours["correlation"] - plain["correlation"] >= correlation


@pytest.mark.real
def test_plain_mode_agrees_as_nltk_does(table: pl.DataFrame) -> None:
    assert of(table, "tweets", "plain")["estimate"] == pytest.approx(0.9074, abs=5e-5)
    assert of(table, "Amazon", "plain")["correlation"] == pytest.approx(0.5707, abs=5e-5)


@pytest.mark.real
def test_no_respondent_stands_in_both_halves() -> None:
    if not (REAL / "nhs").is_dir():
        pytest.skip("the real comments are not here")
    sets = agreement.judged(REAL)
    assert sets["NHS, odd"].height + sets["NHS, even"].height == 6170
