"""The screen of reviews: labelled examples, what it must not do, real reviews, base rates.

Examples are our own, after what marketplaces forbid (eBay: feedback extortion; Amazon: seller
code of conduct). Rules were written with the first half; the other half was held out. A third
part is oblique: it says by hints what the others say outright, and the screen does not find it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import reputation
from cxlab.text import integrity
from cxlab.text.integrity import cues

CASES = Path(__file__).parent / "cases/review_demands.csv"
SHARED = Path(__file__).resolve().parents[2] / "shared/real"
SELLER = ("withholding", "gating")
LATE = "My order is three weeks late. Refund me or I will leave a bad review everywhere."
MORE = "Send me a second lamp for free or I will leave a bad review everywhere."


@pytest.fixture(scope="module")
def marked() -> pl.DataFrame:
    return integrity.marked(pl.read_csv(CASES))


def marks(*texts: str | None) -> list[str | None]:
    rows = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return integrity.marked(rows)["mark"].to_list()


def counted(rows: pl.DataFrame, label: str, marks: tuple[str, ...]) -> tuple[int, int, int]:
    hit = pl.col("mark").is_in(marks).fill_null(False)
    so = pl.col("label") == label
    found = [rows.filter(each).height for each in (hit & so, hit & ~so, ~hit & so)]
    return found[0], found[1], found[2]


# ---------------------------------------------------------------------- labelled examples
def test_there_are_enough_examples_in_four_languages() -> None:
    rows = pl.read_csv(CASES)
    assert rows.height >= 240
    assert rows.filter(half="held out").height >= 120
    assert rows["text"].is_unique().all()
    assert set(rows["language"]) == {"en", "de", "fr", "pt"}
    assert set(rows["language"]) <= set(integrity.languages())
    few = rows.filter(pl.col("half") != "oblique").group_by("half", "label").len()["len"].min()
    assert few is not None
    assert few >= 9


@pytest.mark.parametrize("half", ["first", "held out"])
@pytest.mark.parametrize(("label", "kinds"), [("demand", ("demand",)), ("seller", SELLER)])
def test_most_are_found_and_next_to_none_are_wrong(
    marked: pl.DataFrame, half: str, label: str, kinds: tuple[str, ...]
) -> None:
    found, wrong, missed = counted(marked.filter(half=half), label, kinds)
    print(f"{half}, {label}: {found} found, {missed} missed, {wrong} wrong")
    assert found / (found + missed) >= 0.9
    assert found / (found + wrong) >= 0.95


def test_what_is_only_hinted_at_is_not_found_and_honest_hints_are_left_alone(
    marked: pl.DataFrame,
) -> None:
    rows = marked.filter(half="oblique")
    found, wrong, missed = counted(rows, "demand", ("demand",))
    print(f"oblique, demand: {found} found, {missed} missed, {wrong} wrong")
    assert (found + missed, wrong) == (14, 0)
    # So no page may promise that every demand is found.
    assert integrity.TRIED.hinted == missed


def test_reviews_that_were_asked_for_say_so(marked: pl.DataFrame) -> None:
    asked = marked.filter(label="asked")
    assert asked["asked_for"].mean() > 0.85
    assert asked["mark"].null_count() == asked.height
    assert marked.filter(pl.col("label").is_in(["owed", "plain"]))["asked_for"].sum() <= 1


def test_every_mark_quotes_its_reason(marked: pl.DataFrame) -> None:
    for row in marked.drop_nulls("mark").to_dicts():
        assert row["reason"]
        said = row["text"].replace("’", "'")
        assert all(part.strip() in said for part in row["reason"].split(". ")), row
    assert (
        marked.filter(pl.col("mark").is_null())["reason"].null_count()
        == marked.filter(pl.col("mark").is_null()).height
    )


# ------------------------------------------------------------------------- what it must not do
def test_late_goods_and_a_warning_are_not_a_demand_beyond_what_is_owed() -> None:
    assert marks(LATE, MORE) == [None, "demand"]


def test_it_needs_both_the_demand_and_the_threat() -> None:
    demand, threat = "Send me a second lamp for free.", "I will leave a bad review everywhere."
    assert marks(demand, threat, f"{threat} {demand}") == [None, None, None]
    assert marks(f"{demand} Otherwise I leave a bad review everywhere.") == ["demand"]


def test_the_demand_and_the_threat_must_be_near() -> None:
    between = "The colour is nice. It fits well. We like it. The box was fine. "
    far = f"Send me a second lamp for free. {between}Otherwise I leave a bad review everywhere."
    assert marks(far) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Send the other chair I paid for or I will post this everywhere.",
        "Give me the voucher you promised or I leave one star.",
        "Free replacement under the guarantee, otherwise I write a bad review.",
        "I go to trading standards unless you refund me double what the law says.",
    ],
)
def test_what_was_promised_paid_for_or_is_the_law_may_be_asked_for(text: str) -> None:
    assert marks(text) == [None]


def test_texts_without_words_and_hostile_ones_do_no_harm() -> None:
    assert marks(None, "", "!!!", "🙂") == [None] * 4
    long = "send me " * 40_000 + "free or i will post a review " * 2_000
    found = integrity.marked(pl.DataFrame({"text": [long, MORE]}))
    assert found["mark"][1] == "demand"
    assert found["reason"].str.len_chars().max() <= 320  # type: ignore[operator]


def test_a_text_s_mark_depends_on_that_text_alone(marked: pl.DataFrame) -> None:
    rows = pl.read_csv(CASES).reverse()
    again = integrity.marked(rows).reverse()
    assert again["mark"].equals(marked["mark"])
    assert integrity.marked(rows.clear()).columns == [*rows.columns, "mark", "reason", "asked_for"]


def test_a_first_glance_misses_none_of_what_is_found(
    marked: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = replace(cues.read(), glance=("",))
    monkeypatch.setattr(cues, "read", lambda: everything)
    again = integrity.marked(pl.read_csv(CASES))
    assert again["mark"].equals(marked["mark"])
    assert again["asked_for"].equals(marked["asked_for"])


def test_a_cue_reads_as_it_is_written() -> None:
    rows = pl.DataFrame({"t": ["Give me £20 off, now!", "give it", "GIVE ME, please, 20% off"]})
    plain = rows.select(cues.laid_out(pl.col("t"))).to_series()
    assert plain.to_list()[0] == " give me £20 off now "
    found = plain.str.contains(cues.pattern("(give|knock) ~ # off"))
    assert found.to_list() == [True, False, True]


# ---------------------------------------------------------------------------- what it is worth
def test_a_mark_is_worth_little_where_few_deserve_one() -> None:
    found = reputation.worth(found=90, missed=10, wrong=1, right=99, prevalences=(0.01, 0.5))
    # Bayes by hand: .01·.9 / (.01·.9 + .99·.01) = .476; .5 gives .989.
    assert found["estimate"].to_list() == pytest.approx([0.476, 0.989], abs=0.12)
    assert found["low"][0] < 0.25
    assert found["high"][0] > 0.7


def test_no_wrong_mark_among_few_does_not_make_every_mark_deserved() -> None:
    few = reputation.worth(found=20, missed=0, wrong=0, right=50, prevalences=(0.001,))
    many = reputation.worth(found=20, missed=0, wrong=0, right=50_000, prevalences=(0.001,))
    assert few["low"].item() < 0.05
    assert many["low"].item() > 0.5


def test_the_queue_wants_a_reason_for_every_mark() -> None:
    rows = pl.DataFrame({"post_id": ["a"], "mark": ["demand"], "reason": [" "]})
    with pytest.raises(OutOfRange, match="a reason to quote; 1 have none"):
        reputation.queue(rows)
    with pytest.raises(ColumnMissing, match="`reason`"):
        reputation.queue(rows.drop("reason"))


def test_the_same_writer_again_comes_first_in_the_queue() -> None:
    rows = pl.DataFrame(
        {
            "post_id": ["a", "b", "c", "d"],
            "mark": ["demand", "demand", "demand", None],
            "reason": ["x", "y", "z", None],
            "writer": ["one", "two", "two", "two"],
        }
    )
    found = reputation.queue(rows)
    assert found.select("post_id", "again").rows() == [("b", 2), ("c", 2), ("a", 1)]


def test_rates_that_cannot_be_are_refused() -> None:
    with pytest.raises(OutOfRange, match="labelled texts"):
        reputation.worth(found=0, missed=0, wrong=1, right=1)
    with pytest.raises(OutOfRange, match="prevalences"):
        reputation.worth(found=1, missed=0, wrong=1, right=1, prevalences=(0.0,))


# ------------------------------------------------------------------------------- real reviews
@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "column", "fewest"),
    [
        ("nhs/v6framework_230831.csv", "FFT answer", 7_000),
        ("olist/olist_order_reviews_dataset.csv", "review_comment_message", 1_600),
        ("clothing/womens_clothing_reviews.csv.gz", "Review Text", 22_000),
    ],
)
def test_honest_reviews_are_left_alone(path: str, column: str, fewest: int) -> None:
    if not (SHARED / path).exists():
        pytest.skip(f"../shared/real/{path} is not there")
    texts = pl.read_csv(SHARED / path, infer_schema=False)[column].drop_nulls()
    assert len(texts) > fewest
    found = integrity.marked(pl.DataFrame({"text": texts}))
    print(f"{path}: {found['mark'].count()} of {found.height} marked")
    assert found["mark"].count() <= 0.0005 * found.height
    assert found.drop_nulls("mark")["reason"].null_count() == 0
