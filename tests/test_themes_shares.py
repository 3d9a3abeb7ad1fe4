"""Themes counted per respondent: by hand, by law and by message."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, UnknownName
from cxlab.stats import compare
from cxlab.text.themes import shares
from cxlab.text.themes.codebook import from_text

BOOK = from_text(
    'version = "1"\n[themes.food]\nphrases = ["food"]\n[themes.tea]\nparent = "food"\n'
    'phrases = ["tea"]\n[themes.wait]\nlabel = "Waiting"\nphrases = ["wait"]\n'
)
COMMENTS = pl.DataFrame(
    [
        ("1", "why", ["wait"], True, date(2026, 1, 5), "n", 1.0),
        ("1", "how", ["wait", "food"], True, date(2026, 1, 5), "n", 1.0),
        ("2", "why", [], True, date(2026, 1, 9), "n", 2.0),
        ("3", "why", ["food", "tea"], True, date(2026, 1, 9), "s", 3.0),
        ("4", "why", ["wait"], False, date(2026, 1, 9), "s", 3.0),
        ("5", "why", None, True, date(2026, 1, 9), "s", 3.0),
        (None, "why", ["wait"], True, date(2026, 1, 9), "s", 3.0),
        ("6", "why", ["wait"], True, date(2026, 2, 9), "s", 4.0),
        ("7", "how", ["wait"], True, date(2026, 2, 9), None, 4.0),
    ],
    schema=dict(
        zip(
            ("response_id", "question", "themes", "answer", "date", "region", "weight"),
            (pl.String, pl.String, pl.List(pl.String), pl.Boolean, pl.Date, pl.String, pl.Float64),
            strict=True,
        )
    ),
    orient="row",
)  # fmt: skip


def test_a_respondent_counts_once_with_the_themes_of_all_her_comments() -> None:
    found = shares.prevalence(COMMENTS, BOOK)
    assert found.columns == [
        *("theme", "label", "base", "share", "low", "high", "se", "effective_base"),
    ]
    assert found.select("theme", "label", "base", "share").rows() == [
        ("food", "Food", 5, 2 / 5),
        ("tea", "Tea", 5, 1 / 5),
        ("wait", "Waiting", 5, 3 / 5),
    ]


def test_each_group_has_its_row_for_each_theme_also_for_those_nobody_mentions() -> None:
    found = shares.prevalence(COMMENTS, BOOK, by="region")
    assert found.select("theme", "region", "base", "share").rows() == [
        *(("food", "n", 2, 0.5), ("food", "s", 2, 0.5)),
        *(("tea", "n", 2, 0.0), ("tea", "s", 2, 0.5)),
        *(("wait", "n", 2, 0.5), ("wait", "s", 2, 0.5)),
    ]


def test_by_question_a_respondent_counts_once_for_each_question() -> None:
    found = shares.prevalence(COMMENTS, BOOK, by="question").filter(pl.col("theme") == "wait")
    assert found.select("question", "base", "share").rows() == [("how", 2, 1.0), ("why", 4, 0.5)]


def test_weights_weigh_respondents_and_not_comments() -> None:
    found = shares.prevalence(COMMENTS, BOOK, weight="weight").to_dicts()
    # 1 + 2 + 3 + 4 + 4 = 14; food 1 + 3, wait 1 + 4 + 4; (14)² / 46.
    assert [row["share"] for row in found] == pytest.approx([4 / 14, 3 / 14, 9 / 14])
    assert {row["base"] for row in found} == {5}
    assert found[0]["effective_base"] == pytest.approx(196 / 46)
    # Taylor with five respondents: 5/4 · Σw²(y - p)² / (Σw)².
    p = 4 / 14
    squares = (1 + 9) * (1 - p) ** 2 + (4 + 16 + 16) * p**2
    assert found[0]["se"] == pytest.approx((5 / 4 * squares) ** 0.5 / 14)


def test_equal_weights_are_none() -> None:
    plain = shares.prevalence(COMMENTS, BOOK, by="region")
    equal = shares.prevalence(COMMENTS.with_columns(weight=3.0), BOOK, by="region", weight="weight")
    assert equal.equals(plain)


def test_the_order_of_comments_does_not_matter_and_lazy_is_the_same() -> None:
    turned = COMMENTS.reverse()
    assert shares.prevalence(turned.lazy(), BOOK).equals(shares.prevalence(COMMENTS, BOOK))
    assert shares.together(turned, BOOK).equals(shares.together(COMMENTS, BOOK))
    assert shares.drift(turned, BOOK).equals(shares.drift(COMMENTS, BOOK))


def test_the_total_is_the_base_weighted_mean_of_the_groups() -> None:
    known = COMMENTS.drop_nulls("region")
    total = shares.prevalence(known, BOOK)
    groups = shares.prevalence(known, BOOK, by="region")
    mean = (pl.col("share") * pl.col("base")).sum() / pl.col("base").sum()
    assert groups.group_by("theme", maintain_order=True).agg(mean)["share"].to_list() == (
        pytest.approx(total["share"].to_list())
    )


def test_themes_that_go_together_are_counted_among_those_who_mention_the_first() -> None:
    found = shares.together(COMMENTS, BOOK)
    assert found.select("theme", "other", "base", "share", "expected", "lift").rows() == [
        ("food", "wait", 2, 0.5, 0.6, 0.5 / 0.6),
        ("tea", "wait", 1, 0.0, 0.6, 0.0),
        ("wait", "food", 3, pytest.approx(1 / 3), 0.4, pytest.approx(1 / 3 / 0.4)),
        ("wait", "tea", 3, 0.0, 0.2, 0.0),
    ]
    row = found.row(0, named=True)
    assert row["lift_low"] == pytest.approx(row["low"] / 0.6)
    assert row["lift_high"] == pytest.approx(row["high"] / 0.6)


def test_coverage_counts_readable_comments() -> None:
    assert shares.coverage(COMMENTS, by=()).select("base", "share").rows() == [(7, 6 / 7)]
    found = shares.coverage(COMMENTS, except_for=["wait"])
    assert found.select("question", "base", "share").rows() == [("how", 2, 0.5), ("why", 5, 0.2)]


def monthly(counts: dict[str, tuple[int, int]]) -> pl.DataFrame:
    rows = [
        (f"{month}-{n}", ["wait"] if n < hits else [], date.fromisoformat(f"{month}-03"))
        for month, (hits, base) in counts.items()
        for n in range(base)
    ]
    schema = {"response_id": pl.String, "themes": pl.List(pl.String), "date": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_drift_compares_with_the_month_before_and_with_all_before() -> None:
    comments = monthly({"2026-01": (10, 100), "2026-02": (30, 100), "2026-04": (40, 80)})
    found = shares.drift(comments, BOOK).filter(pl.col("theme") == "wait")
    assert found.select("period", "against", "share", "base_before", "before").rows() == [
        ("2026-01", "earlier", 0.1, None, None),
        ("2026-01", "previous", 0.1, None, None),
        ("2026-02", "earlier", 0.3, 100, 0.1),
        ("2026-02", "previous", 0.3, 100, 0.1),
        ("2026-04", "earlier", 0.5, 200, 0.2),
        ("2026-04", "previous", 0.5, 100, 0.3),
    ]
    last = found.row(-1, named=True)
    z = pl.select(compare.two_shares_z(pl.lit(0.5), pl.lit(80.0), pl.lit(0.3), pl.lit(100.0)))
    assert last["p"] == pytest.approx(pl.select(compare.normal_p(pl.lit(z.item()))).item())
    assert (last["change"], last["label"]) == (0.2, "Waiting")
    assert last["change_low"] < 0.2 < last["change_high"]


def test_drift_of_one_month_has_nothing_before() -> None:
    found = shares.drift(monthly({"2026-01": (1, 2)}), BOOK)
    assert found["p"].null_count() == found.height == 6


def test_no_readable_comment_gives_no_rows() -> None:
    assert shares.prevalence(COMMENTS.clear(), BOOK, by="region").is_empty()
    assert shares.drift(COMMENTS.clear(), BOOK).is_empty()
    assert shares.together(COMMENTS.clear(), BOOK).is_empty()


def test_wrong_calls_are_told() -> None:
    with pytest.raises(ColumnMissing, match=r"comments must have `response_id`"):
        shares.prevalence(COMMENTS.drop("response_id"), BOOK)
    with pytest.raises(UnknownName, match=r"grain `monht` is not known. Did you mean `month`"):
        shares.drift(COMMENTS, BOOK, grain="monht")
