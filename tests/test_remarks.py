"""The comments chapter finds what was planted in its month, and is silent where nothing was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cxlab as cx
from cxlab import demo
from cxlab.chapters.comments import drawn as remarks_drawn
from cxlab.chapters.comments import tables as remarks
from cxlab.chapters.comments import told as remarks_told
from cxlab.chapters.comments.tables import Remarks
from cxlab.text.tone import agreement

REAL = Path(__file__).parent / "real"


@pytest.fixture(scope="module")
def october(root: Path) -> Remarks:
    return remarks.of(cx.open(root / "data/demo"), cx.period("2026-10"))


def flagged(said: Remarks) -> dict[str, float]:
    changes = remarks.changes(said).filter("flagged")
    return dict(changes.select("item", "change").iter_rows())


def test_the_sign_in_and_delivery_stand_out_in_their_month(october: Remarks) -> None:
    moved = flagged(october)
    assert set(moved) >= {"sign_in", "delivery"}
    assert moved["sign_in"] == pytest.approx(0.10, abs=0.03)


def test_what_nobody_wrote_before_is_new(october: Remarks) -> None:
    words = " ".join(remarks.fresh(october)["terms"].explode().to_list())
    assert "passkey" in words
    assert "locked out" in words
    assert "new courier" in words


def test_returned_presents_stand_out_in_january(root: Path) -> None:
    january = remarks.of(cx.open(root / "data/demo"), cx.period("2026-01"))
    assert set(flagged(january)) >= {"returns"}


@pytest.mark.parametrize("month", ["2026-03", "2026-05", "2026-09"])
def test_a_quiet_month_names_nothing_new(root: Path, month: str) -> None:
    said = remarks.of(cx.open(root / "data/demo"), cx.period(month))
    assert flagged(said) == {}
    assert remarks.fresh(said).height == 0


def test_fewer_people_than_may_be_quoted_are_not_quoted(root: Path) -> None:
    lab = cx.open(root / "data/demo")
    lab.settings = replace(lab.settings, quote_base=100_000)
    said = remarks.of(lab, cx.period("2026-10"))
    assert remarks.mentions(said)["hidden"].null_count() > 0
    assert remarks.quotes(said).height == 0
    assert remarks.stated_needs(said).height == 0
    fresh = remarks.fresh(said)
    assert fresh["quote"].null_count() == fresh.height > 0
    assert "too few to be quoted" in str(remarks_told.news(fresh).payload)


def test_nobody_is_quoted_twice_among_the_needs(october: Remarks) -> None:
    people = remarks.stated_needs(october)["person"].to_list()
    assert len(people) == len(set(people)) > 0


@pytest.mark.slow
def test_a_study_where_nothing_happened_says_so(tmp_path: Path) -> None:
    alarms = 0
    for seed in (1, 2, 3):
        folder = tmp_path / str(seed)
        demo.write(folder, null=True, seed=seed, customers=3000, months=8)
        study = cx.open(folder)
        last = sorted(study.responses.select("date").collect()["date"].drop_nulls())[-1]
        said = remarks.of(study, cx.period(f"{last:%Y-%m}"))
        alarms += bool(flagged(said)) + bool(remarks.fresh(said).height)
    # A month is flagged by chance in one of twenty at most: three of six is no chance.
    assert alarms <= 2


def test_delivery_weighs_most_and_goes_with_low_scores(october: Remarks) -> None:
    found = remarks.with_score(october)
    first = found.row(0, named=True)
    assert first["theme"] == "Delivery"
    assert first["p_first"] > 0.9
    assert first["flagged"]
    assert first["high"] < 0


def test_a_theme_that_only_holds_others_is_counted_once_in_them(october: Remarks) -> None:
    shown = set(remarks.mentions(october)["item"])
    assert "delivery" in shown
    assert "fulfilment" not in shown
    assert "all_good" not in set(october.codebook.reasons)


def test_small_studies_keep_their_counts_to_themselves(october: Remarks) -> None:
    few = Remarks(**{**vars(october), "here": october.here.head(6)})
    found = remarks.quotes(few)
    assert found.is_empty()
    assert remarks_told.quotes(found).text == "No theme has enough respondents for a quote."
    assert remarks.stated_needs(few).is_empty()


def test_the_answer_names_themes_changes_and_news(october: Remarks) -> None:
    told = remarks_told.answer(
        remarks.mentions(october), remarks.changes(october), remarks.fresh(october), october
    )
    assert told.payload["kind"] == "lead"
    assert told.text.startswith("Customers write most about delivery (2")
    assert "Comments on delivery are up 1" in told.text
    assert "New in October 2026: “locked out”" in told.text


def test_nothing_private_is_in_a_quote(october: Remarks) -> None:
    texts = [*remarks.quotes(october)["quote"], *remarks.stated_needs(october)["text"]]
    assert texts
    assert not [text for text in texts if "@" in text or "07700" in text or "Jane" in text]


def test_each_finding_is_a_measure_of_its_own(october: Remarks) -> None:
    rows = remarks.recordable(remarks.mentions(october))
    assert rows["measure"].is_unique().all()
    assert "Comments on delivery" in rows["measure"].to_list()
    assert set(rows["better"]) == {"none"}


@pytest.mark.real
def test_comments_in_a_language_nobody_declared_are_counted_and_not_read(root: Path) -> None:
    if not (root.parent / "shared/real/olist").is_dir():
        pytest.skip("../shared/real/olist is not there")
    said = remarks.of(cx.open(REAL / "olist"), cx.period("2018-05"))
    told = remarks_told.answer(
        remarks.mentions(said), remarks.changes(said), remarks.fresh(said), said
    )
    assert told.text.startswith("Most of the 236 comments of May 2018 are in another language (pt)")
    assert said.answers["tone"].null_count() == said.answers.height
    drawn: list[Any] = [remarks_drawn.mentions(remarks.mentions(said), said)]
    drawn += [remarks_drawn.tones(said), remarks_drawn.together(said)]
    assert [each.payload["rows"] for each in drawn] == [[], [], []]


@pytest.mark.real
def test_patients_write_of_staff_when_pleased_and_of_waiting_when_not(root: Path) -> None:
    if not (root.parent / "shared/real/nhs").is_dir():
        pytest.skip("../shared/real/nhs is not there")
    said = remarks.of(cx.open(REAL / "nhs"), cx.period("2022"))
    found = remarks.with_score(said)
    best = found.sort("impact", descending=True, nulls_last=True).row(0, named=True)
    assert best["theme"] == "Manner and helpfulness of staff"
    clear = found.filter(pl.col("flagged") & (pl.col("impact") < 0))["theme"].to_list()
    assert "Waiting and speed" in clear


@pytest.mark.real
def test_the_errors_a_page_admits_are_those_measured(root: Path) -> None:
    if not (root.parent / "shared/real/text").is_dir():
        pytest.skip("../shared/real/text is not there")
    told = pl.read_csv(root / "cxlab/text/measured.csv").filter(
        ~pl.col("texts").str.contains("held")
    )
    sets = agreement.judged(root.parent / "shared/real")
    for row in told.to_dicts():
        texts = sets[row["texts"]]
        scored = {"cxlab": agreement.customers(texts["text"])}
        (found,) = agreement.error_table(texts["truth"], scored).to_dicts()
        assert found["base"] == row["base"]
        assert found["estimate"] == pytest.approx(row["right"], abs=0.005)
    assert dict(remarks.errors())["Tone of patients' comments"].startswith("70% (6")
