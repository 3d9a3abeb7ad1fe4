"""Questionnaires of several items: what is not in the published cases."""

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange
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
