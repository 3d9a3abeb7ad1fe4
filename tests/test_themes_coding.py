"""Agreement with hand codes: published cases, cases one can add up, and laws."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from cxlab.errors import OutOfRange, UnknownName
from cxlab.text.themes import coding

CASE = Path(__file__).resolve().parents[2] / "shared" / "cases" / "06j-agreement-kripp"

# Krippendorff (2011): twelve units, four coders, with gaps.
GIVEN = {
    "c1": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "c2": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, None],
    "c3": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    "c4": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}
PUBLISHED = {"nominal": 0.7434, "ordinal": 0.8154, "interval": 0.8491, "ratio": 0.7974}


@pytest.mark.parametrize("level", coding.LEVELS)
def test_alpha_is_that_of_krippendorffs_example(level: str) -> None:
    found = coding.krippendorff_alpha(pl.DataFrame(GIVEN), coders=list(GIVEN), level=level)
    assert found["alpha"].item() == pytest.approx(PUBLISHED[level], abs=5e-5)
    assert found.row(0)[:2] == (11, 40)


@pytest.mark.real
@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not here")
def test_kappa_and_alpha_are_those_of_the_shared_case() -> None:
    expected = json.loads((CASE / "case.json").read_text())["expected"]
    codes = pl.read_csv(CASE / "codes.csv")
    pair = ["r1", "r2"]
    plain = coding.cohen_kappa(codes, coders=pair)
    assert plain["base"].item() == expected["n"]
    assert plain["agreed"].item() == pytest.approx(expected["agreement_pct"] / 100, abs=1e-12)
    assert plain["kappa"].item() == pytest.approx(expected["kappa"], abs=1e-12)
    ends = plain.select("low", "high").row(0)
    assert ends == pytest.approx(expected["psych_kappa_ci95"], abs=1e-9)
    for weights in ("linear", "quadratic"):
        kappa = coding.cohen_kappa(codes, coders=pair, weights=weights)["kappa"].item()
        assert kappa == pytest.approx(expected[f"kappa_{weights}"], abs=1e-12)
    kripp = pl.read_csv(CASE / "kripp.csv")
    for level, alpha in expected["kripp"].items():
        got = coding.krippendorff_alpha(kripp, coders=["c1", "c2", "c3", "c4"], level=level)
        assert got["alpha"].item() == pytest.approx(alpha, abs=1e-12)


def test_kappa_and_its_error_can_be_worked_out_by_hand() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: .7 alike, .5 by chance.
    first, second = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    found = coding.cohen_kappa(pl.DataFrame({"x": first, "y": second}), coders=["x", "y"])
    # Fleiss, Cohen and Everitt: .04624 + .06348 + .36 · (.121 + .162) - .1² over 50 · .5².
    error = (0.2016 / 12.5) ** 0.5
    expected = (50, 0.7, 0.4, 0.4 - 1.959964 * error, 0.4 + 1.959964 * error, error)
    assert found.row(0) == pytest.approx(expected, abs=1e-6)


def test_alpha_and_kappa_are_nltks() -> None:
    agreement = pytest.importorskip("nltk.metrics.agreement")
    rows = [
        (coder, str(unit), code)
        for coder, codes in GIVEN.items()
        for unit, code in enumerate(codes[:9])
        if code is not None and coder != "c3"
    ]
    task = agreement.AnnotationTask(data=rows)
    codes = pl.DataFrame(GIVEN).head(9)
    alpha = coding.krippendorff_alpha(codes, coders=["c1", "c2", "c4"])["alpha"].item()
    assert alpha == pytest.approx(task.alpha(), abs=1e-12)
    kappa = coding.cohen_kappa(codes, coders=["c1", "c2"])["kappa"].item()
    assert kappa == pytest.approx(task.kappa_pairwise("c1", "c2"), abs=1e-12)


COMMENTS = pl.DataFrame(
    {
        "themes": [["a"], ["a"], ["a", "b"], [], [], ["a"], None, []],
        "hand": [["a"], ["a", "b"], ["b"], ["a"], [], [], ["a"], None],
    },
    schema={"themes": pl.List(pl.String), "hand": pl.List(pl.String)},
)


def test_agreement_of_a_theme_can_be_added_up() -> None:
    found = coding.agreement(COMMENTS, hand="hand")
    a, b = found.to_dicts()
    assert (a["theme"], a["base"], a["hand"], a["found"], a["both"]) == ("a", 6, 3, 4, 2)
    assert (a["precision"], a["recall"]) == (2 / 4, 2 / 3)
    assert a["f1"] == pytest.approx(4 / 7)
    assert (b["hand"], b["found"], b["both"]) == (2, 1, 1)
    # a: found by hand alone once, by us alone twice, and 1 of 6 by nobody.
    assert a["kappa"] == pytest.approx((3 / 6 - (3 * 4 + 3 * 2) / 36) / (1 - (3 * 4 + 3 * 2) / 36))


def test_bounds_hold_the_estimates_and_are_wilsons() -> None:
    found = coding.agreement(COMMENTS, hand="hand")
    for name in ("precision", "recall", "f1"):
        assert found.select((pl.col(f"{name}_low") < pl.col(name)).all()).item()
        assert found.select((pl.col(name) <= pl.col(f"{name}_high")).all()).item()
    # Wilson of 2 of 4.
    assert found["precision_low"][0] == pytest.approx(0.1500, abs=1e-4)
    assert found["precision_high"][0] == pytest.approx(0.8500, abs=1e-4)
    # F1 from Wilson of 2 of 5 either: 0.1176 and 0.7693.
    assert found["f1_low"][0] == pytest.approx(2 * 0.11762 / 1.11762, abs=1e-4)
    assert found["f1_high"][0] == pytest.approx(2 * 0.76928 / 1.76928, abs=1e-4)


def test_the_short_formulas_equal_the_general_ones() -> None:
    known = COMMENTS.drop_nulls()
    for row in coding.agreement(COMMENTS, hand="hand").to_dicts():
        codes = known.select(pl.col("themes", "hand").list.contains(row["theme"]))
        both = {"coders": ["themes", "hand"]}
        assert row["alpha"] == pytest.approx(
            coding.krippendorff_alpha(codes, **both)["alpha"].item()
        )
        assert row["kappa"] == pytest.approx(coding.cohen_kappa(codes, **both)["kappa"].item())


def test_agreement_with_oneself_is_full_and_of_the_unused_is_unknown() -> None:
    found = coding.agreement(COMMENTS, hand="themes", among=["a", "never"])
    assert found.select("precision", "recall", "f1", "alpha", "kappa").rows() == [
        (1, 1, 1, 1, 1),
        (None,) * 5,
    ]


def test_the_order_of_coders_and_units_does_not_matter() -> None:
    codes = pl.DataFrame(GIVEN)
    once = coding.krippendorff_alpha(codes, coders=["c1", "c2", "c3", "c4"], level="ordinal")
    again = coding.krippendorff_alpha(
        codes.reverse(), coders=["c4", "c2", "c1", "c3"], level="ordinal"
    )
    assert once["alpha"].item() == pytest.approx(again["alpha"].item(), abs=1e-12)


def test_nobody_to_agree_gives_nulls() -> None:
    codes = pl.DataFrame({"x": [None, 1], "y": [1, None]}, schema={"x": pl.Int64, "y": pl.Int64})
    assert coding.krippendorff_alpha(codes, coders=["x", "y"]).row(0) == (0, 0, None)
    assert coding.cohen_kappa(codes, coders=["x", "y"]).row(0) == (0, None, None, None, None, None)
    alike = pl.DataFrame({"x": [1, 1], "y": [1, 1]})
    assert coding.krippendorff_alpha(alike, coders=["x", "y"]).row(0) == (2, 4, None)
    assert coding.cohen_kappa(alike, coders=["x", "y"]).row(0)[:3] == (2, 1.0, None)


def test_wrong_calls_are_told() -> None:
    text = pl.DataFrame({"x": ["a"], "y": ["b"]})
    with pytest.raises(OutOfRange, match=r"codes must be numbers to say how far apart two"):
        coding.krippendorff_alpha(text, coders=["x", "y"], level="interval")
    with pytest.raises(OutOfRange, match=r"coders must be 2 columns; there are 3\."):
        coding.cohen_kappa(text.with_columns(z=1), coders=["x", "y", "z"])
    with pytest.raises(OutOfRange, match=r"codes must not be below 0 to be compared as ratios"):
        coding.krippendorff_alpha(
            pl.DataFrame({"x": [-1], "y": [1]}), coders=["x", "y"], level="ratio"
        )
    with pytest.raises(UnknownName, match=r"level `nominel` is not known. Did you mean `nominal`"):
        coding.krippendorff_alpha(text, coders=["x", "y"], level="nominel")
