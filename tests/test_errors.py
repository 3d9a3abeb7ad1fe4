from __future__ import annotations

import polars as pl
import pytest

from cxlab import errors


def test_a_missing_column_is_named_with_its_likeliest_neighbour() -> None:
    frame = pl.DataFrame({"region": [], "channel": [], **{f"x{n}": [] for n in range(12)}})
    with pytest.raises(errors.ColumnMissing) as raised:
        errors.require_columns(frame, "chanel", what="responses")
    assert str(raised.value) == (
        "responses must have `chanel`; it has `channel` (and 13 more). Did you mean `channel`?"
    )


def test_a_missing_column_without_a_neighbour_shows_what_there_is() -> None:
    frame = pl.LazyFrame({"region": [], "value": []})
    with pytest.raises(errors.ColumnMissing) as raised:
        errors.require_columns(frame, ["region", "zzz"], what="customers")
    assert str(raised.value) == "customers must have `zzz`; it has `region`, `value`."


def test_columns_that_are_there_pass() -> None:
    errors.require_columns(pl.LazyFrame({"a": [1]}), ("a",), what="x")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Reponses", "Did you mean `responses`?"),
        ("re_sponses", "Did you mean `responses`?"),
        ("zzz", ""),
    ],
)
def test_near_matches_ignore_capitals_and_blanks(name: str, hint: str) -> None:
    assert errors.near(name, ["responses", "orders"]) == hint


def test_an_unknown_name_shows_every_choice_when_nothing_is_near() -> None:
    with pytest.raises(errors.UnknownName) as raised:
        errors.require_known("weekly", ["month", "year"], what="grain")
    assert str(raised.value) == "grain `weekly` is not known. It must be one of `month`, `year`."


def test_a_long_list_is_cut_and_counted() -> None:
    assert errors.listed(list("abcdefg")) == "`a`, `b`, `c`, `d`, `e` (and 2 more)"
    assert errors.listed([]) == "nothing"


def test_every_error_is_one_family() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [kind for kind in kinds if issubclass(kind, Exception)]
    assert len(own) == 20
    assert all(issubclass(kind, errors.CxlabError) for kind in own)
