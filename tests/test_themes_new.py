"""What is new outside the codebook: by hand, planted in invented months, silent without."""

from __future__ import annotations

from datetime import date
from math import comb

import polars as pl
import pytest

from cxlab.demo.comments import Tone, comment
from cxlab.demo.dice import Dice
from cxlab.errors import ColumnMissing, EmptyPeriod
from cxlab.periods import period
from cxlab.text import themes
from cxlab.text.themes import new
from cxlab.text.themes.codebook import Codebook, from_text
from cxlab.text.themes.uncovered import uncovered

OCTOBER = period("2026-10")
BOOK = from_text(
    'version = "1"\n[themes.delivery]\nphrases = ["courier*", "late parcel"]\n'
    'not = ["courier font"]\n'
)


def terms_of(text: str | None, book: Codebook = BOOK) -> set[str]:
    found = uncovered(pl.Series([text], dtype=pl.String), book)
    return set(found.named(found.rows["term"]))


def test_terms_are_words_and_pairs_that_no_phrase_covers() -> None:
    assert terms_of("the new courier") == {"new", "new courier"}
    assert terms_of("late parcel") == set()
    assert terms_of("late parcel courier") == set()
    assert terms_of("lost parcel") == {"lost", "parcel", "lost parcel"}
    assert terms_of("ugly courier font") == {
        "ugly",
        "courier",
        "font",
        "ugly courier",
        "courier font",
    }


def test_a_pair_never_reaches_over_the_end_of_a_sentence_or_a_stop_word() -> None:
    assert terms_of("lost. Parcel") == {"lost", "parcel"}
    assert terms_of("lost the parcel") == {"lost", "parcel"}
    assert terms_of("sign-in broken") == {"sign", "broken"}
    two = uncovered(pl.Series(["lost", "parcel"]), BOOK)
    assert set(two.named(two.rows["term"])) == {"lost", "parcel"}


def test_numbers_letters_and_nothing_are_no_terms() -> None:
    assert terms_of("4 x 24/7 ok!") == {"ok"}
    assert terms_of(None) == terms_of("") == set()


def test_fishers_test_can_be_added_up() -> None:
    # 3 of 4 now and 1 of 6 before: (C(4,3)·C(6,1) + C(4,4)·C(6,0)) / C(10,4) = 25 / 210.
    assert new.more_often([3], 4, [1], 6) == [pytest.approx(25 / 210)]
    assert new.more_often([0, 4], 4, [5, 0], 6) == pytest.approx([1.0, 1 / comb(10, 4)])
    assert new.more_often([], 4, [], 6) == []


def test_fishers_test_is_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    cases = [(3, 40, 2, 900), (12, 300, 40, 4000), (1, 20, 0, 20), (300, 300, 10, 400)]
    for now, base, before, base_before in cases:
        table = [[now, base - now], [before, base_before - before]]
        expected = stats.fisher_exact(table, alternative="greater").pvalue
        assert new.more_often([now], base, [before], base_before)[0] == pytest.approx(
            expected, rel=1e-9
        )


def frame(rows: list[tuple[str, str, str]]) -> pl.DataFrame:
    """Comments (person, month, text), read with BOOK."""
    table = pl.DataFrame(
        [
            (f"{n}", who, text, date.fromisoformat(f"{month}-15"))
            for n, (who, month, text) in enumerate(rows)
        ],
        schema=dict(zip(new.NEEDED[:3], [pl.String] * 3, strict=True)) | {"date": pl.Date},
        orient="row",
    )
    return table.with_columns(themes.coded(table["text"], BOOK))


def small() -> pl.DataFrame:
    past = [(f"p{n}", f"2026-{n % 9 + 1:02}", "nothing special today") for n in range(90)]
    now = [(f"n{n}", "2026-10", "nothing special today") for n in range(20)]
    said = [(f"n{n}", "2026-10", "cannot use passkey, passkey!") for n in range(10)]
    return frame([*past, *now, *said, ("z", "2026-11", "passkey"), ("p0", "2026-01", "passkey")])


def test_a_term_counts_respondents_now_and_before_and_never_the_future() -> None:
    found = new.terms(small(), BOOK, period=OCTOBER).filter(pl.col("term") == "passkey")
    row = found.row(0, named=True)
    assert (row["base"], row["share"], row["base_before"], row["before"]) == (20, 0.5, 90, 1 / 90)
    assert row["p"] == pytest.approx(new.more_often([10], 20, [1], 90)[0])
    assert row["flagged"]
    assert (row["change"], row["low"] < 0.5 < row["high"]) == (0.5 - 1 / 90, True)
    assert row["change_low"] < row["change"] < row["change_high"]
    assert row["examples"] == ["110", "111", "112", "113", "114"]


def test_rare_terms_are_not_tested() -> None:
    often = new.terms(small(), BOOK, period=OCTOBER, least=11)["term"].to_list()
    assert {"passkey", "special"} <= set(often)
    assert "cannot" not in often
    assert "cannot" in new.terms(small(), BOOK, period=OCTOBER, least=10)["term"].to_list()


def test_the_surest_term_stands_first_and_of_two_as_sure_the_longer() -> None:
    found = new.terms(small(), BOOK, period=OCTOBER)
    assert found["p"].is_sorted()
    assert found["term"].head(2).to_list() == ["passkey passkey", "use passkey"]


def test_terms_of_the_same_people_are_one_topic_and_count_once() -> None:
    found = new.topics(small(), BOOK, period=OCTOBER).to_dicts()
    assert [(row["topic"], row["share"]) for row in found] == [("passkey passkey", 0.5)]
    assert {"use passkey", "passkey", "cannot"} <= set(found[0]["terms"])


def test_the_order_of_comments_does_not_matter() -> None:
    once = new.topics(small(), BOOK, period=OCTOBER)
    assert new.topics(small().reverse(), BOOK, period=OCTOBER).equals(once)
    assert once.height == 1


def test_what_is_not_read_does_not_count() -> None:
    unread = small().with_columns(answer=pl.col("text") != "cannot use passkey, passkey!")
    assert not new.terms(unread, BOOK, period=OCTOBER)["flagged"].any()
    foreign = small().with_columns(
        themes=pl.when(~pl.col("text").str.contains("passkey")).then("themes")
    )
    assert new.topics(foreign, BOOK, period=OCTOBER).is_empty()


def test_a_month_without_comments_or_without_a_past_is_refused() -> None:
    with pytest.raises(EmptyPeriod, match=r"there are none in 2027-01\."):
        new.terms(small(), BOOK, period=period("2027-01"))
    with pytest.raises(EmptyPeriod, match=r"there are none before 2026-01\."):
        new.terms(small(), BOOK, period=period("2026-01"))
    with pytest.raises(ColumnMissing, match=r"comments must have `themes`"):
        new.terms(small().drop("themes"), BOOK, period=OCTOBER)


# ------------------------------------------------------------------ invented months

TOPICS = ("delivery", "site", "price", "staff", "returns", "range")


def months(seed: int, happening: str = "", part: float = 0.06) -> pl.DataFrame:
    """Ten months of two hundred invented comments; in the last one some on a happening."""
    dice, rows = Dice(seed, "themes"), []
    for n in range(2000):
        month = n // 200 + 1
        here = happening if month == 10 and dice.chance(part) else ""
        tone = Tone(-1 if here else dice.pick((-1, 0, 1)), dice.pick(TOPICS), happening=here)
        rows.append((f"r{n}", f"r{n}", comment(dice, tone), date(2026, month, 15)))
    schema = {**dict.fromkeys(new.NEEDED[:3], pl.String), "date": pl.Date}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.with_columns(themes.coded(table["text"], themes.read()))


@pytest.mark.parametrize(
    ("happening", "words"),
    [
        ("login", {"passkey", "locked out"}),
        ("courier", {"new courier", "northern depot"}),
        ("january", {"christmas"}),
    ],
)
def test_a_planted_happening_is_found_in_its_month(happening: str, words: set[str]) -> None:
    found = new.topics(months(7, happening, 0.12), themes.read(), period=OCTOBER)
    said = {term for terms in found["terms"] for term in terms}
    assert words & said
    assert found["before"].max() < 0.02
    assert (found["low"] > found["before"]).all()


def test_months_in_which_nothing_happens_stay_silent() -> None:
    starter = themes.read()
    alarms = [new.topics(months(seed), starter, period=OCTOBER).height for seed in range(4)]
    assert alarms == [0] * 4


def test_the_month_before_a_happening_stays_silent() -> None:
    assert new.topics(months(7, "login"), themes.read(), period=period("2026-09")).is_empty()
