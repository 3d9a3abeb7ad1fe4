"""Quotes for a theme by a stated rule: by hand, by law, by message."""

import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.text import quotes as quotes_module
from cxlab.text.quotes import quotes, shortened

COLUMNS = ["theme", "base", "role", "place", "quote", "tone", "comment_id", "hidden"]
# Ten people on delivery: most say it was late, in other words; one is glad, one off the topic.
LATE = [
    "The parcel came a week late and nobody told me why it was late.",
    "My parcel was late again, a whole week after the day you promised me.",
    "Late parcel once more, and no word about the new day until I asked.",
    "Parcel arrived late, the driver could not say why it took a week.",
    "A week late, the parcel, and nobody told me about the new day at all.",
    "It was late by a week and the driver left the parcel in the rain.",
    "They promised the parcel for Monday and it came late in the next week.",
    "The colour of the curtains is another one than in the picture on your site.",
    "Wonderful driver, carried everything up the stairs and even took the old one away.",
    "Late.",
]
TONES = [-0.5, -0.4, -0.4, -0.4, -0.5, -0.6, -0.4, -0.4, 0.8, -0.4]


def comments(texts: list[str] = LATE, tones: list[float | None] = TONES) -> pl.DataFrame:
    rows = range(len(texts))
    return pl.DataFrame(
        {
            "comment_id": [f"C{row:02d}" for row in rows],
            "response_id": [f"R{row:02d}" for row in rows],
            "text": texts,
            "tone": pl.Series(tones, dtype=pl.Float64),
            "themes": pl.Series([["delivery"] for _ in rows], dtype=pl.List(pl.String)),
        }
    )


def many(text: str = "Number {} of us waited for the parcel for a week.") -> pl.DataFrame:
    return comments([text.format(row) for row in range(12)], [0.0] * 12)


def of(found: pl.DataFrame, role: str) -> list[str]:
    return found.filter(pl.col("role") == role)["comment_id"].to_list()


# ---------------------------------------------------------------- by hand


def test_typical_is_near_the_common_words_and_contrasting_is_the_opposite_tone():
    found = quotes(comments())
    assert found.columns == COLUMNS
    assert found["base"].unique().to_list() == [10]
    assert found["role"].to_list() == ["typical", "typical", "contrasting"]
    assert found["place"].to_list() == [1, 2, 1]
    assert set(of(found, "typical")) <= {f"C{row:02d}" for row in range(7)}
    assert of(found, "contrasting") == ["C08"]
    assert found["hidden"].null_count() == 3


def test_typical_by_its_words_is_nearest_and_far_from_the_median_tone_costs():
    same = ["The parcel was late by one week again, said {}." for _ in range(11)]
    texts = [
        text.format(name) for text, name in zip(same, [f"n{n}" for n in range(11)], strict=True)
    ]
    tones = [0.9] + [-0.2] * 9 + [0.9]
    found = quotes(comments(texts, tones), typical=1, contrasting=0)
    # All are as typical in their words; the first of those at the median tone is C01.
    assert of(found, "typical") == ["C01"]


def test_a_short_comment_is_quoted_only_where_all_are_short():
    assert "C09" not in quotes(comments(), typical=9)["comment_id"].to_list()[:6]
    short = comments(["Late.", "So late!", *["Late again"] * 9], [-0.4] * 11)
    assert quotes(short, typical=1)["quote"].to_list() == ["Late again"]


@pytest.mark.parametrize(("words", "readable"), [(7, False), (8, True), (40, True), (41, False)])
def test_readable_is_eight_to_forty_words(words: int, readable: bool):
    text = " ".join(f"w{number}" for number in range(words))
    rows = comments([text, *["Late late late"] * 11], [0.0] * 12)
    first = quotes(rows, typical=1, contrasting=0)["comment_id"].item()
    assert (first == "C00") == readable


def test_the_opposite_of_a_bad_theme_is_good_and_of_a_good_one_bad():
    texts = [f"Person {row} has a word to say about the service here." for row in range(12)]
    bad = comments(texts, [-0.5] * 9 + [0.3, 0.9, -0.9])
    good = comments(texts, [0.5] * 9 + [-0.3, -0.9, 0.9])
    neutral = comments(texts, [0.0] * 9 + [0.3, -0.7, 0.02])
    assert of(quotes(bad), "contrasting") == ["C10"]
    assert of(quotes(good), "contrasting") == ["C10"]
    assert of(quotes(neutral), "contrasting") == ["C10"]


@pytest.mark.parametrize(
    ("median", "against"), [(-0.05, "C11"), (-0.04, "C10"), (0.04, "C10"), (0.05, "C10")]
)
def test_a_group_has_a_side_from_a_twentieth_on(median: float, against: str):
    texts = [f"Person {row} has a word to say about the service here." for row in range(12)]
    found = quotes(comments(texts, [median] * 10 + [-0.9, 0.6]))
    assert of(found, "contrasting") == [against]


def test_a_readable_quote_contrasts_before_a_stronger_short_one():
    texts = [f"Person {row} has a word to say about the service here." for row in range(12)]
    rows = comments([*texts[:10], "Super!", texts[11]], [-0.5] * 10 + [0.9, 0.3])
    assert of(quotes(rows), "contrasting") == ["C11"]
    neutral = comments(texts, [0.0] * 11 + [0.05])
    assert of(quotes(neutral), "contrasting") == ["C11"]


def test_of_equals_the_first_id_is_quoted():
    texts = ["The parcel was late by one week again, that is all." for _ in range(12)]
    tones = [-0.5] * 8 + [0.7] * 4
    for rows in (comments(texts, tones), comments(texts, tones).reverse()):
        found = quotes(rows)
        assert (of(found, "typical"), of(found, "contrasting")) == (["C00"], ["C08"])


def test_a_comment_without_a_tone_is_read_as_if_at_the_median():
    texts = [f"The parcel was late by one week again, says n{row}." for row in range(12)]
    assert of(quotes(comments(texts, [None] + [-0.5] * 11)), "typical")[0] == "C00"


def test_of_a_large_group_those_at_the_median_tone_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quotes_module, "READ", 2)
    texts = [
        f"Story number {row} is a story of its own, w{row} v{row} u{row}." for row in range(12)
    ]
    tones = [-0.9, *[-0.5] * 9, -0.1, 0.0]
    assert of(quotes(comments(texts, tones), typical=9), "typical") == ["C01", "C02"]


def test_where_nobody_says_the_opposite_nothing_contrasts():
    texts = [f"Person {row} has a word to say about the service here." for row in range(12)]
    weak = comments(texts, [-0.5] * 11 + [0.04])
    assert of(quotes(weak), "contrasting") == []
    edge = comments(texts, [-0.5] * 11 + [0.05])
    assert of(quotes(edge), "contrasting") == ["C11"]


def test_a_comment_without_a_tone_may_be_typical_and_never_contrasts():
    found = quotes(comments(LATE, [None] * 10))
    assert set(found["role"]) == {"typical"}
    assert found["tone"].null_count() == 2


def test_one_quote_per_person_and_no_two_alike():
    rows = comments()
    one_writer = rows.with_columns(
        response_id=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("R00")).otherwise("response_id")
    )
    found = quotes(one_writer, typical=7, contrasting=0, minimum=8)
    assert len({"C00", "C01", "C02"} & set(found["comment_id"])) == 1
    copies = quotes(many("The parcel of mine was late again by a week."), typical=3)
    assert copies["comment_id"].to_list() == ["C00"]


def test_nobody_is_quoted_both_as_typical_and_as_contrasting():
    glad = comments().filter(pl.col("tone") > 0)
    rows = pl.concat([comments(), glad.with_columns(comment_id=pl.lit("C99"), tone=-0.4)])
    # The one who is glad wrote another comment at the median tone, which is quoted, too.
    found = quotes(rows, typical=11)
    assert "C99" in of(found, "typical")
    assert of(found, "contrasting") == []


# ---------------------------------------------------------------- who is never quoted


@pytest.mark.parametrize(("minimum", "hidden"), [(10, None), (11, "fewer than 11 people")])
def test_a_group_below_the_base_has_no_quote_and_says_why(minimum: int, hidden: str | None):
    found = quotes(comments(), minimum=minimum, typical=1, contrasting=0)
    assert found.height == 1
    assert found["hidden"].item() == hidden
    assert (found["quote"].item() is None) == (hidden is not None)
    assert found["base"].item() == 10


def test_the_base_is_people_not_comments():
    rows = comments().with_columns(
        response_id=pl.lit("R") + (pl.int_range(pl.len()) // 2).cast(pl.String)
    )
    found = quotes(rows, minimum=6)
    assert found.select("base", "quote", "hidden").rows() == [(5, None, "fewer than 6 people")]


def test_groups_are_themes_within_every_other_key():
    rows = comments().with_columns(
        themes=pl.when(pl.int_range(pl.len()) < 4)
        .then(pl.lit(["delivery", "price"]))
        .otherwise("themes"),
        segment=pl.when(pl.col("comment_id") > "C05").then(pl.lit("new")).otherwise(pl.lit("old")),
    )
    found = quotes(rows, by=["segment", "theme"], minimum=5, typical=1, contrasting=0)
    bases = found.select("segment", "theme", "base", "hidden").rows()
    few = "fewer than 5 people"
    assert bases == [
        ("new", "delivery", 4, few),
        ("old", "delivery", 6, None),
        ("old", "price", 4, few),
    ]
    everybody = quotes(rows, by=(), typical=1, contrasting=0)
    assert everybody.columns == COLUMNS[1:]
    assert everybody.select("base", "place").rows() == [(10, 1)]


def test_what_is_no_answer_or_empty_is_not_read():
    more = comments([" ", "none of your business at all, my dear people"], [0, 0]).with_columns(
        comment_id="X" + pl.col("comment_id"), response_id="X" + pl.col("response_id")
    )
    rows = pl.concat([comments(), more])
    read = rows.with_columns(answer=pl.col("comment_id") != "XC01")
    assert quotes(read)["base"].unique().to_list() == [10]
    assert quotes(rows)["base"].unique().to_list() == [11]
    silent = read.with_columns(text=pl.lit(None, dtype=pl.String))
    assert quotes(silent).height == quotes(silent, by=()).height == 0
    assert quotes(silent).schema == quotes(rows).schema


# ---------------------------------------------------------------- safe to show


def test_quotes_are_redacted_again_before_they_are_cut():
    text = "Person {} waits for the parcel, call me on 020 7946 0958 or jane@example.com please."
    found = quotes(many(text), typical=12)
    assert found.height >= 1
    assert not found["quote"].str.contains("7946|example").any()
    assert found["quote"].str.contains("[phone] or [e-mail]", literal=True).all()
    shapes = quotes(
        many("Person {} waits for order AF-12345 since a week or so."), shapes={"order": "AF-#####"}
    )
    assert shapes["quote"].str.contains("order [order] since", literal=True).all()


def test_quotes_are_cleaned_of_tags_and_hidden_letters():
    found = quotes(
        many("Person {} <b>waits</b> for the\u202e parcel\u200b &amp; a   word, since a week.")
    )
    assert found["quote"].str.contains("waits for the parcel & a word, since", literal=True).all()


def test_a_long_comment_is_cut_at_the_end_of_a_sentence():
    sentence = "one two three four five six seven eight nine ten. "
    assert shortened(sentence * 4) == sentence * 4
    assert shortened(sentence * 5) == (sentence * 4) + "…"
    assert shortened("word " * 60) == ("word " * 40).strip() + "…"
    assert shortened("Really? " + "word " * 60) == "Really? …"


def test_a_word_as_long_as_a_page_is_cut_by_letters():
    assert shortened("a" * 100_000) == "a" * 320 + "…"
    assert shortened("so " + "a" * 100_000) == "so…"
    assert len(shortened("a. " * 100_000)) < 330
    assert shortened("x" * 320) == "x" * 320


def test_hostile_texts_pass_in_bounded_time():
    hostile = ["(" * 100_000, "a@" * 50_000, "<" * 100_000, "\0" * 1000, "\u202e" * 500 + "late",
               "🙂" * 10_000, "late " * 20_000, "1" * 100_000]  # fmt: skip
    began = time.process_time()
    found = quotes(comments([*LATE, *hostile], [0.0] * 18), typical=18)
    assert time.process_time() - began < 20
    assert found["quote"].str.len_chars().max() <= 322


# ---------------------------------------------------------------- by law


def test_the_order_of_rows_does_not_matter():
    rows = pl.concat([comments(), many().with_columns(comment_id="M" + pl.col("comment_id"))])
    shuffled = rows.sample(fraction=1, shuffle=True, seed=4)
    assert_frame_equal(quotes(shuffled, typical=5), quotes(rows, typical=5))
    assert_frame_equal(quotes(shuffled.lazy(), typical=5), quotes(rows, typical=5))


def test_more_quotes_begin_with_the_same_ones():
    few, more = quotes(comments(), typical=2), quotes(comments(), typical=5)
    assert of(more, "typical")[:2] == of(few, "typical")


def test_another_theme_does_not_change_who_is_quoted_for_this_one():
    other = many("Person {} found the price too high for what the thing is.").with_columns(
        themes=pl.lit(["price"]),
        comment_id="P" + pl.col("comment_id"),
        response_id="P" + pl.col("response_id"),
    )
    both = quotes(pl.concat([comments(), other]))
    assert both["theme"].unique().sort().to_list() == ["delivery", "price"]
    assert of(both.filter(theme="delivery"), "contrasting") == ["C08"]


# ---------------------------------------------------------------- by message


def test_what_is_wrong_is_said():
    with pytest.raises(OutOfRange, match=r"^minimum must be at least 3 people; found 2\.$"):
        quotes(comments(), minimum=2)
    with pytest.raises(ColumnMissing, match="comments must have `themes`"):
        quotes(comments().drop("themes"))
    with pytest.raises(ColumnMissing, match="comments must have `segment`"):
        quotes(comments(), by="segment")


def test_the_rule_is_written_where_it_is_kept():
    rule = quotes_module.__doc__ or ""
    assert f"{quotes_module.SHORTEST} to {quotes_module.LONGEST} words" in rule


def test_nobody_is_quoted_twice_though_two_themes_share_all_comments():
    themes = [["delivery", "staff"] for _ in LATE]
    found = quotes(comments().with_columns(pl.Series("themes", themes)))
    quoted = found["comment_id"].to_list()
    assert found["theme"].unique().sort().to_list() == ["delivery", "staff"]
    assert len(quoted) == len(set(quoted)) >= 4
