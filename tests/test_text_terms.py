"""Terms counted per respondent: by hand, by a slow twin, by law, by message."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlab.errors import ColumnMissing, OutOfRange, UnknownName, WeightsInvalid
from cxlab.stats import intervals
from cxlab.text import stop_words, terms, tokens
from cxlab.text.terms import grams, matrices, respondents, tallies

COMMENTS = pl.DataFrame(
    {
        "response_id": ["r1", "r1", "r2", "r3", "r4", "r5", None],
        "channel": ["shop", "shop", "shop", "app", "app", "app", "app"],
        "weight": [2.0, 2.0, 1.0, 0.5, 1.0, 1.0, 9.0],
        "text": [
            "Late delivery. Late again!",
            "the late delivery",
            "delivery was late",
            "not helpful",
            None,
            "...",
            "late delivery",
        ],
    }
)
BY_HAND = [
    # size, term, respondents, comments, occurrences
    (0, None, 4, 5, 12),
    (1, "again", 1, 1, 1),
    (1, "delivery", 2, 3, 3),
    (1, "helpful", 1, 1, 1),
    (1, "late", 2, 3, 4),
    (1, "not", 1, 1, 1),
    (2, "late again", 1, 1, 1),
    (2, "late delivery", 1, 2, 2),
    (2, "not helpful", 1, 1, 1),
]


def counts(*texts: str | None, **options) -> pl.DataFrame:
    """Counts of texts of one respondent each."""
    ids = [str(number) for number in range(len(texts))]
    frame = pl.DataFrame({"response_id": ids, "text": texts}, schema_overrides={"text": pl.String})
    return terms.counts(frame, **options)


def found_terms(*texts: str | None, **options) -> list[str]:
    return counts(*texts, **options)["term"].drop_nulls().to_list()


# ---------------------------------------------------------------------------------- by hand
def test_counts_by_hand():
    assert terms.counts(COMMENTS).rows() == BY_HAND


def test_counts_by_group():
    found = terms.counts(COMMENTS, by="channel", longest=1).filter(pl.col("size") < 2)
    assert found.filter(size=0).rows() == [("app", 0, None, 2, 2, 2), ("shop", 0, None, 2, 3, 10)]
    late = found.filter(term="late").select("channel", "respondents", "occurrences")
    assert late.rows() == [("shop", 2, 4)]


def test_weights_are_added_once_per_respondent():
    found = terms.counts(COMMENTS, weight="weight").select("term", *tallies.WEIGHED)
    assert found.filter(pl.col("term").is_null()).row(0) == (None, 4.5, 6.25)
    assert found.filter(term="late").row(0) == ("late", 3.0, 5.0)


def test_a_term_stays_in_its_sentence_and_in_its_comment():
    assert found_terms("so slow. rude staff", "waited long", stop=("so",)) == [
        *("long", "rude", "slow", "staff", "waited"),
        *("rude staff", "waited long"),
    ]


def test_three_words_may_have_a_stop_word_inside():
    found = found_terms("out of stock. the waste of time", longest=3)
    assert [term for term in found if " " in term] == ["out of stock", "waste of time"]


def test_no_stop_words_when_none_are_given():
    assert found_terms("it was ok", stop=()) == ["it", "ok", "was", "it was", "was ok"]


def test_a_null_group_is_a_cell_of_its_own():
    frame = COMMENTS.with_columns(channel=pl.lit(None, pl.String))
    assert terms.counts(frame, by="channel").select(pl.exclude("channel")).rows() == BY_HAND


def test_nothing_gives_an_empty_table():
    assert terms.counts(COMMENTS.clear()).height == 0
    assert terms.table(terms.counts(COMMENTS.clear(), by="channel")).height == 0


def test_terms_of_few_are_left_out_over_all_groups():
    frame = pl.DataFrame(
        {
            "response_id": ["1", "2", "3", "3"],
            "text": ["slow app", "slow site", "site", "site site"],
            "g": ["a", "b", "b", "b"],
        }
    )
    found = terms.counts(frame, by="g", least=2).filter(pl.col("size") > 0)
    assert found.select("g", "term", "respondents").rows() == [
        ("a", "slow", 1),
        ("b", "site", 2),
        ("b", "slow", 1),
    ]


def test_table_by_hand():
    found = terms.table(terms.counts(COMMENTS), least=2)
    bounds = intervals.wilson(pl.lit(2), pl.lit(4))
    low, high = pl.select(low=bounds.low, high=bounds.high).row(0)
    assert found.select(pl.exclude("se", "size")).rows() == [
        ("delivery", 4, 2, 3, 0.5, pytest.approx(low), pytest.approx(high)),
        ("late", 4, 2, 3, 0.5, pytest.approx(low), pytest.approx(high)),
    ]


def test_table_weighs_respondents():
    found = terms.table(terms.counts(COMMENTS, weight="weight")).filter(term="late")
    row = found.row(0, named=True)
    assert row["base"] == 4
    assert row["effective_base"] == pytest.approx(4.5**2 / 6.25)
    assert row["share"] == pytest.approx(3 / 4.5)
    # Taylor: n/(n-1) Σw²(y - p)² / (Σw)²
    squares = 5 * (1 / 3) ** 2 + 1.25 * (2 / 3) ** 2
    assert row["se"] == pytest.approx(math.sqrt(4 / 3 * squares) / 4.5)


def test_table_is_sorted_by_group_and_then_by_respondents():
    found = terms.table(terms.counts(COMMENTS, by="channel"))
    assert found.select("channel", "term").rows() == [
        ("app", "helpful"),
        ("app", "not"),
        ("app", "not helpful"),
        *(("shop", "delivery"), ("shop", "late"), ("shop", "again")),
        *(("shop", "late again"), ("shop", "late delivery")),
    ]


def test_tf_idf_by_hand():
    texts = pl.Series(["slow slow app", "slow", None])
    found = terms.tf_idf(texts, definition="share")
    assert found.rows() == [
        (0, "app", 1, pytest.approx(math.log(3) / 3)),
        (0, "slow", 2, pytest.approx(2 / 3 * math.log(3 / 2))),
        (1, "slow", 1, pytest.approx(math.log(3 / 2))),
    ]
    bits = terms.tf_idf(texts, definition="bits")["weight"] * math.log(2)
    assert bits.to_list() == pytest.approx(found["weight"].to_list())
    smooth = terms.tf_idf(texts)["weight"].to_list()
    app, slow = 1 + math.log(4 / 2), 2 * (1 + math.log(4 / 3))
    assert smooth == pytest.approx([app / math.hypot(app, slow), slow / math.hypot(app, slow), 1])


def test_tf_idf_leaves_out_words_in_few_texts():
    texts = pl.Series(["slow app", "slow site", "fast slow"])
    assert terms.tf_idf(texts, least=2)["term"].unique().to_list() == ["slow"]
    assert terms.tf_idf(texts, longest=2).filter(text=0)["term"].to_list() == [
        *("app", "slow", "slow app"),
    ]


# ------------------------------------------------------------------------------ stop words
def test_negations_are_never_stop_words():
    negations = {
        "en": "not no never nor none nothing without cannot can't don't won't isn't wasn't didn't",
        "de": "nicht kein keine keinen nie niemals nichts ohne",
        "fr": "ne n pas jamais rien sans aucun non",
        "es": "no nunca nada sin ni",
        "pt": "não nunca nada sem nem",
        "it": "non mai niente senza né",
        "nl": "niet geen nooit niets zonder",
    }
    assert set(negations) == set(stop_words.languages())
    for language, words in negations.items():
        assert stop_words.words(language).isdisjoint(words.split())


def test_words_that_customers_mean_are_kept():
    meant = "too more less only still again back out off up down before after good help problem"
    assert stop_words.words("en").isdisjoint(meant.split())
    assert {"the", "was", "i", "it's", "very"} < stop_words.words("en")


def test_stop_words_of_an_unknown_language():
    with pytest.raises(
        UnknownName, match=r"^language of stop words `xx` is not known\. It must be"
    ):
        counts("ja", stop="xx")


# ---------------------------------------------------------------------------------- by law
WORDS = st.sampled_from(["a", "slow", "app", "not", "the", "rude", "x.", "Late!", "", "été", "of"])
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from("123456")),
        st.one_of(st.none(), st.sampled_from("gh")),
        st.one_of(st.none(), st.lists(WORDS, max_size=8).map(" ".join)),
    ),
    max_size=12,
)
SCHEMA = {"response_id": pl.String, "g": pl.String, "text": pl.String}


def slow_twin(frame: pl.DataFrame, *, longest: int, stop: frozenset[str], least: int) -> list:
    """The same counts with dictionaries."""
    people, comments, times = defaultdict(set), defaultdict(set), defaultdict(int)
    for place, (person, group, text) in enumerate(frame.iter_rows()):
        if person is None or text is None:
            continue
        seen = tokens.words(tokens.split(pl.Series([text])))
        words = [seen.known[int(code)] for code in seen.codes]
        cells = [(0, None)] * len(words)
        people[group, 0, None].add(person)
        comments[group, 0, None].add(place)
        for size in range(1, longest + 1):
            for at in range(len(words) - size + 1):
                run = words[at : at + size]
                inside = not seen.ends[at : at + size - 1].any()
                if inside and run[0] not in stop and run[-1] not in stop:
                    cells.append((size, " ".join(run)))
        for size, term in cells:
            people[group, size, term].add(person)
            comments[group, size, term].add(place)
            times[group, size, term] += 1
    overall = defaultdict(int)
    for (_, size, term), who in people.items():
        overall[size, term] += len(who)
    rows = [
        (*cell, len(who), len(comments[cell]), times[cell])
        for cell, who in people.items()
        if cell[1] == 0 or overall[cell[1:]] >= least
    ]
    return sorted(rows, key=lambda row: (row[0] is not None, row[0] or "", row[1], row[2] or ""))


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, longest=st.integers(1, 3), least=st.integers(1, 3), stopped=st.booleans())
def test_counts_are_those_of_a_slow_twin(rows, longest, least, stopped):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    stop = frozenset(["the", "of", "a"]) if stopped else frozenset()
    found = terms.counts(frame, by="g", longest=longest, stop=stop, least=least)
    assert found.rows() == slow_twin(frame, longest=longest, stop=stop, least=least)


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 99))
def test_row_order_changes_nothing(rows, seed):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    order = np.random.default_rng(seed).permutation(frame.height)
    options = {"by": "g", "longest": 3}
    assert terms.counts(frame, **options).equals(terms.counts(frame[order], **options))


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, cut=st.integers(0, 6))
def test_parts_put_together_are_the_whole(rows, cut):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    first = pl.col("response_id").cast(pl.Int64).fill_null(0) <= cut
    parts = [terms.counts(part, by="g") for part in (frame.filter(first), frame.filter(~first))]
    assert terms.added(parts).equals(terms.counts(frame, by="g"))
    assert terms.added(parts, least=2).equals(terms.counts(frame, by="g", least=2))


@settings(max_examples=15, deadline=None)
@given(rows=ROWS)
def test_small_parts_and_little_room_change_nothing(rows):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(w=pl.lit(1.5))
    options = {"by": "g", "weight": "w", "longest": 3}
    whole = terms.counts(frame, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(respondents, "PART", 4)
        patch.setattr(tallies, "MERGE", 2)
        assert terms.counts(frame, **options).equals(whole)
    with pytest.MonkeyPatch.context() as patch:
        # Room for the three words of only one first word at a time.
        patch.setattr(grams, "ROOM", 1 << 11)
        patch.setattr(grams, "require_room", lambda words, longest: None)
        assert terms.counts(frame, **options).equals(whole)


def test_words_read_once_give_the_same():
    words = tokens.words(tokens.split(COMMENTS["text"]))
    assert terms.counts(COMMENTS, words=words).equals(terms.counts(COMMENTS))
    assert terms.counts(COMMENTS.lazy()).equals(terms.counts(COMMENTS))
    texts = COMMENTS["text"]
    assert terms.tf_idf(texts, words=words).equals(terms.tf_idf(texts))


def test_words_of_some_of_the_texts():
    texts = pl.Series(["slow app. rude", None, "late, very late"])
    some = matrices.some(tokens.words(tokens.split(texts)), np.array([2, 0]))
    assert some.starts.tolist() == [0, 3, 6]
    found = [some.known[int(code)] for code in some.codes]
    assert found == ["late", "very", "late", "slow", "app", "rude"]
    assert some.ends.tolist() == [False, False, False, False, True, False]


def test_everybody_saying_a_thing_twice_changes_no_share():
    twice = pl.concat([COMMENTS, COMMENTS])
    shares = [terms.table(terms.counts(frame)).drop("comments") for frame in (COMMENTS, twice)]
    assert shares[0].equals(shares[1])


def test_equal_weights_give_the_unweighted_table():
    even = COMMENTS.with_columns(weight=pl.lit(0.7))
    found = terms.table(terms.counts(even, weight="weight"))
    plain = terms.table(terms.counts(COMMENTS))
    assert found.drop("effective_base").equals(plain)
    assert found["effective_base"].to_list() == pytest.approx(found["base"].to_list())


def test_a_very_long_comment_is_read():
    long = "slow app. " * 20_000
    assert counts(long).rows()[1:] == [
        (1, "app", 1, 1, 20_000),
        (1, "slow", 1, 1, 20_000),
        (2, "slow app", 1, 1, 20_000),
    ]


# ------------------------------------------------------------------------------ by message
def test_columns_that_are_missing():
    with pytest.raises(ColumnMissing, match=r"^comments must have `respons_id`|`response_id`"):
        terms.counts(COMMENTS.drop("response_id"))
    with pytest.raises(ColumnMissing, match=r"comments must have `chanel`.*Did you mean `channel`"):
        terms.counts(COMMENTS, by="chanel")
    with pytest.raises(ColumnMissing, match=r"^counts of terms must have `size`"):
        terms.table(COMMENTS)


@pytest.mark.parametrize("longest", [0, 4])
def test_terms_of_too_many_words(longest):
    with pytest.raises(OutOfRange, match=f"longest must be from 1 to 3 words; it is {longest}"):
        counts("ok", longest=longest)


def test_least_must_be_one_or_more():
    with pytest.raises(OutOfRange, match=r"^least must be at least 1 respondent; it is 0"):
        counts("ok", least=0)
    with pytest.raises(OutOfRange, match=r"^least must be at least 1 respondent; it is 0"):
        terms.added([counts("ok")], least=0)
    with pytest.raises(OutOfRange, match=r"^least must be at least 1 text; it is 0"):
        terms.tf_idf(pl.Series(["ok"]), least=0)


def test_words_of_other_comments():
    words = tokens.words(tokens.split(pl.Series(["ok"])))
    with pytest.raises(OutOfRange, match="words must be those of the comments: 7 texts; they are"):
        terms.counts(COMMENTS, words=words)


def test_more_words_than_can_be_packed():
    words = tokens.words(tokens.split(pl.Series(["one two three"])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams, "ROOM", 8)
        grams.require_room(words, longest=1)
        with pytest.raises(OutOfRange, match="terms of 2 words can be counted over 2 distinct"):
            grams.require_room(words, longest=2)


@pytest.mark.parametrize("bad", [None, 0.0, -1.0, float("inf"), float("nan")])
def test_bad_weights(bad):
    frame = COMMENTS.with_columns(weight=pl.Series([2.0, 2.0, bad, 1.0, 1.0, 1.0, 1.0]))
    with pytest.raises(WeightsInvalid, match=r"^weights must be above zero; `weight` has 1 that"):
        terms.counts(frame, weight="weight")


def test_a_respondent_with_two_weights():
    frame = COMMENTS.with_columns(weight=pl.Series([2.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
    with pytest.raises(WeightsInvalid, match=r"^a respondent must have one `weight`; 1 have sever"):
        terms.counts(frame, weight="weight")


def test_a_group_named_like_a_count():
    frame = COMMENTS.rename({"channel": "size"})
    with pytest.raises(OutOfRange, match=r"^`size` is a column of the counts; rename it"):
        terms.counts(frame, by="size")


def test_an_unknown_definition():
    with pytest.raises(UnknownName, match=r"^definition `plain` is not known"):
        terms.tf_idf(pl.Series(["ok"]), definition="plain")
