"""Questionnaires of several items: what is not in the published cases."""

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.metrics import usability

TEN = [f"q{n}" for n in range(1, 11)]


def test_a_sheet_with_an_empty_item_has_no_score():
    sheets = pl.DataFrame({item: [3, 3 if item != "q4" else None] for item in TEN})
    assert usability.system_usability_scale(sheets, items=TEN)["sus"].to_list() == [50.0, None]


def test_lazy_in_lazy_out():
    sheets = pl.LazyFrame({"a": [4], "b": [4]})
    found = usability.umux_lite(sheets, items=["a", "b"], into="ease")
    assert isinstance(found, pl.LazyFrame)
    assert found.collect()["ease"].item() == pytest.approx(55.4)


def test_ten_items_make_the_scale():
    with pytest.raises(OutOfRange) as refused:
        usability.system_usability_scale(pl.DataFrame({"q1": [3]}), items=["q1"])
    assert str(refused.value) == "items must be 10 columns; there are 1."


def test_a_missing_item_is_named():
    with pytest.raises(ColumnMissing, match="responses must have `b`"):
        usability.umux_lite(pl.DataFrame({"a": [4]}), items=["a", "b"])


def test_an_answer_off_the_scale_is_refused():
    with pytest.raises(OutOfRange, match=r"`b` must be whole numbers from 1 to 7; it has 8\."):
        usability.umux_lite(pl.DataFrame({"a": [4], "b": [8]}), items=["a", "b"])


def ten(*codes: int) -> dict[str, list[int]]:
    return {item: [code] for item, code in zip(TEN, codes, strict=True)}


def test_items_that_are_all_praise():
    # Brooke's printed sheet with the complaints turned scores the same: 22 × 2.5.
    plain = pl.DataFrame(ten(5, 4, 2, 1, 2, 3, 2, 4, 5, 2))
    praise = pl.DataFrame(ten(5, 2, 2, 5, 2, 3, 2, 2, 5, 4))
    alike = [
        usability.system_usability_scale(plain, items=TEN)["sus"].item(),
        usability.system_usability_scale(praise, items=TEN, worded="positive")["sus"].item(),
    ]
    assert alike == [55, 55]


def test_the_best_and_the_worst_sheet():
    sheets = pl.DataFrame({item: [5, 1] if n % 2 == 0 else [1, 5] for n, item in enumerate(TEN)})
    assert usability.system_usability_scale(sheets, items=TEN)["sus"].to_list() == [100, 0]
    pairs = pl.DataFrame({"a": [7, 1], "b": [7, 1]})
    found = usability.umux_lite(pairs, items=["a", "b"])["umux_lite"].to_list()
    assert found == pytest.approx([87.9, 22.9])


def test_a_score_with_its_interval_by_hand():
    # Scores 33.733…, 55.4, 77.066…: mean 55.4, standard deviation 21.666…, t(2) = 4.3027.
    sheets = pl.DataFrame({"a": [2, 4, 6, 5], "b": [2, 4, 6, None], "tool": ["x"] * 4})
    found = usability.usability_score(sheets, items=["a", "b"], by="tool")
    assert found.columns == ["tool", "questionnaire", "base", "mean", "low", "high", "se"]
    row = found.row(0, named=True)
    assert (row["tool"], row["questionnaire"], row["base"]) == ("x", "umux_lite", 3)
    assert row["mean"] == pytest.approx(55.4)
    assert row["se"] == pytest.approx(0.65 * 100 / 3 / 3**0.5)
    # 55.4 ± 53.8 is more than a score can be.
    assert (row["low"], row["high"]) == pytest.approx((22.9, 87.9))


def test_the_interval_of_ten_items_is_that_of_the_mean_score():
    from cxlab.codebook import Scale
    from cxlab.metrics import satisfaction

    sheets = pl.DataFrame({item: [3, 4, 2, 5, 1, 3] for item in TEN}).with_columns(
        q2=pl.Series([1, 2, 5, 4, 3, 3]), weight=pl.Series([1.0, 2.0, 1.0, 1.0, 3.0, 1.0])
    )
    scored = usability.system_usability_scale(sheets, items=TEN)
    for weight in (None, "weight"):
        want = satisfaction.mean_score(scored, item="sus", scale=Scale(0, 100), weight=weight)
        found = usability.usability_score(sheets, items=TEN, weight=weight)
        assert found["questionnaire"].item() == "sus"
        assert found.drop("questionnaire").row(0) == pytest.approx(want.row(0))


def test_a_score_of_sheets_read_lazily():
    sheets = pl.LazyFrame({"a": [4, 5], "b": [4, 6]})
    assert usability.usability_score(sheets, items=["a", "b"])["base"].item() == 2


def test_another_number_of_items_is_no_questionnaire():
    with pytest.raises(OutOfRange) as refused:
        usability.usability_score(pl.DataFrame({"a": [4]}), items=["a"])
    assert str(refused.value) == "items must be 10 (SUS) or 2 (UMUX-Lite); there are 1."


def test_an_unknown_wording_is_named():
    with pytest.raises(UnknownName) as refused:
        usability.system_usability_scale(pl.DataFrame(), items=TEN, worded="negative")
    assert str(refused.value).startswith("worded `negative` is not known.")
