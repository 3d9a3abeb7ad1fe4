"""Needs in comments: a hand-written list, then by hand, by law, by message."""

import re
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab.codebook import REQUIREMENTS
from cxlab.errors import ColumnMissing, OutOfRange, StudyInvalid
from cxlab.text import cues, needs

LISTED = Path(__file__).parent / "cases" / "needs_sentences.csv"
# Written after the cues, and never used to change one.
FRESH = {
    "I need a receipt with my company's name on it.": "need",
    "The ward needs a second shower.": "need",
    "We need longer cables in the box.": "need",
    "Wish the shop had a toilet.": "want",
    "Please offer a smaller bag of dog food.": "want",
    "It would be useful to get the results by text.": "want",
    "You should print the allergens on the menu.": "want",
    "I'd love a map of the building.": "want",
    "Could you reopen the Saturday clinic?": "want",
    "More bike racks, please!": "want",
    "I couldn’t reach anyone at the weekend.": "obstacle",
    "Unable to upload my documents.": "obstacle",
    "There was no way to skip the survey.": "obstacle",
    "The page won't load on my phone.": "obstacle",
    "We struggled to find the right platform.": "obstacle",
    "Nobody could help with the missing part.": "obstacle",
    "I couldn’t be more impressed.": None,
    "Can't praise the nurses enough.": None,
    "There's no need to change a thing.": None,
    "Thanks for everything, you met all my needs.": None,
    "The lamp arrived on Tuesday.": None,
    "I would like to thank the night team.": None,
    "Very pleased with my new chair.": None,
    "Great shop, great people.": None,
    "Everything works as it should.": None,
    "It was everything I needed.": None,
}


def listed() -> pl.DataFrame:
    return pl.read_csv(LISTED, schema_overrides={"informative": pl.String})


def kinds(sentences: list[str]) -> list[str | None]:
    frame = pl.DataFrame({"text": sentences})
    return cues.kind(frame.select(cues.laid_out(pl.col("text"))).to_series(), cues.read()).to_list()


def comments(texts: list[str | None]) -> pl.DataFrame:
    rows = range(len(texts))
    return pl.DataFrame(
        {
            "comment_id": [f"C{row:03d}" for row in rows],
            "response_id": [f"R{row:03d}" for row in rows],
            "text": pl.Series(texts, dtype=pl.String),
        }
    )


PARKING = [
    f"I couldn't find a parking space near the {place}."
    for place in ("door", "clinic", "shop", "lift")
]
APP = [
    "I wish the app had a dark mode.",
    "Please add a dark mode to the app.",
    "The app needs dark mode.",
]
STAIRS = ["There should be a handrail on the stairs."]
VAGUE = ["Please improve.", "Could be better."]


def reading(count: int = 50) -> pl.DataFrame:
    return needs.to_read(needs.stated(comments([*PARKING, *APP, *STAIRS, *VAGUE])), count=count)


# ---------------------------------------------------------------- the hand-written list


def test_of_202_sentences_written_before_the_cues_nearly_all_are_told_right():
    table = listed()
    found = pl.Series("found", kinds(table["sentence"].to_list()), dtype=pl.String)
    told = table.with_columns(found)
    both = told.filter(pl.col("kind").is_not_null() & pl.col("found").is_not_null())
    assert table.height == 202
    assert both.height / table["kind"].count() >= 0.97
    assert both.height / told["found"].count() >= 0.97
    assert (both["kind"] == both["found"]).mean() >= 0.97


def test_on_that_list_what_is_informative_is_told_right():
    stating = listed().drop_nulls("kind")
    found = needs.stated(comments(stating["sentence"].to_list()))
    expected = stating.with_row_index().select(
        pl.format("C{}", pl.col("index").cast(pl.String).str.zfill(3)).alias("comment_id"),
        (pl.col("informative") == "yes").alias("expected"),
    )
    joined = found.join(expected, on="comment_id")
    assert (joined["informative"] == joined["expected"]).mean() >= 0.97


@pytest.mark.parametrize(("sentence", "kind"), FRESH.items(), ids=lambda each: str(each)[:40])
def test_fresh_sentences_are_told_right(sentence: str, kind: str | None):
    assert kinds([sentence]) == [kind]


@pytest.mark.real
def test_who_was_hand_coded_as_unhappy_states_needs_ten_times_as_often(root: Path):
    path = root.parent / "shared/real/nhs/v6framework_230831.csv"
    if not path.exists():
        pytest.skip("the NHS comments are not beside this repository")
    rows = pl.read_csv(path, infer_schema=False).select(
        comment_id="Comment ID", text="FFT answer", code="Comment sentiment"
    )
    ids = needs.stated(rows)["comment_id"].unique()
    states = pl.col("comment_id").is_in(ids.implode())
    share = dict(rows.group_by("code").agg(states.mean()).rows())
    # Sentiment by hand: 1 very positive to 5 very negative. Not used to write the cues.
    assert max(share["1"], share["2"]) < 0.06
    assert min(share["4"], share["5"]) > 0.40


# ---------------------------------------------------------------- by hand


def test_each_sentence_that_states_something_is_one_row():
    text = "Lovely. I need a lift to the first floor! Please do help. I couldn't climb the stairs?"
    found = needs.stated(comments(["All good.", text]))
    assert found.select("comment_id", "sentence", "person", "kind").rows() == [
        ("C001", 2, "R001", "need"),
        ("C001", 3, "R001", "want"),
        ("C001", 4, "R001", "obstacle"),
    ]
    assert found["text"][0] == "I need a lift to the first floor!"
    assert found["informative"].to_list() == [True, False, True]


def test_the_first_cue_names_the_kind():
    assert kinds(["Please help, I couldn't log in.", "I couldn't log in, please help."]) == [
        "want",
        "obstacle",
    ]


def test_short_forms_and_their_misspellings_are_the_long_ones():
    forms = ["I can not pay.", "I cannot pay.", "I can't pay.", "I cant pay.", "I CAN’T PAY"]
    assert kinds(forms) == ["obstacle"] * 5
    assert kinds(["I'd like a map.", "It'd be nice to have a map.", "She said hello."]) == [
        "want",
        "want",
        None,
    ]


def test_a_sentence_is_laid_out_in_words_between_blanks():
    texts = ["I’d say: WON'T they'll  fix-it, isn't 3.50 Größe?!", "", "' - '"]
    laid = pl.DataFrame({"text": texts}).select(cues.laid_out(pl.col("text"))).to_series().to_list()
    assert laid == [
        " ^ i would say will not they will fix-it is not 3 50 größe $ ",
        " ^  $ ",
        " ^  $ ",
    ]


def test_a_cue_is_a_word_and_not_a_part_of_one():
    assert (
        kinds(["We are pleased.", "The needle is sharp.", "Shoulder pads.", "Mustard."])
        == [None] * 4
    )


def test_what_is_no_answer_or_in_another_language_is_not_read():
    rows = comments(["I need a bench."] * 4).with_columns(
        language=pl.Series(["en", "de", "unknown", "en"]),
        answer=pl.Series([True, True, True, False]),
    )
    assert needs.stated(rows)["comment_id"].to_list() == ["C000", "C002"]


def test_a_comment_without_a_respondent_is_a_person_of_its_own():
    rows = comments(["I need a bench here."] * 2)
    alone = rows.with_columns(response_id=pl.Series([None, "R1"], dtype=pl.String))
    assert needs.stated(alone)["person"].to_list() == ["C000", "R1"]
    assert needs.stated(rows.drop("response_id"))["person"].to_list() == ["C000", "C001"]


def test_sentences_are_redacted_and_cleaned():
    found = needs.stated(comments(["Please <b>call</b> me on 020 7946 0958 about order AF-12345"]),
                         shapes={"order": "AF-#####"})  # fmt: skip
    assert found["text"].to_list() == ["Please call me on [phone] about order [order]"]


def test_nothing_in_gives_a_table_of_the_same_shape():
    for rows in (comments([]), comments([None, "", "All good."])):
        found = needs.stated(rows)
        assert found.schema == pl.Schema(needs.STATED)
        read = needs.to_read(found)
        assert read.height == 0
        assert read.schema == reading().schema


# ---------------------------------------------------------------- what to read


def test_one_sentence_is_read_for_each_thing_said():
    found = reading().drop_nulls("read")
    topics = [
        next(word for word in ("parking", "dark", "handrail") if word in text)
        for text in found["text"]
    ]
    assert sorted(topics[:3]) == ["dark", "handrail", "parking"]
    assert found["read"].to_list() == list(range(1, found.height + 1))


def test_each_read_sentence_says_how_many_of_how_many_people_it_stands_for():
    rows = comments([*PARKING, *APP, *STAIRS]).with_columns(
        response_id=pl.when(pl.col("comment_id") < "C002")
        .then(pl.lit("R0"))
        .otherwise("response_id")
    )
    found = needs.to_read(needs.stated(rows), count=3).drop_nulls("read")
    told = {
        text.split()[-1]: counts
        for text, *counts in found.select("text", "stands_for", "people").rows()
    }
    assert sorted(told.values()) == [[1, 1], [3, 3], [4, 3]]


def test_what_is_not_informative_is_never_read_and_stood_for_by_nobody():
    found = reading().filter(~pl.col("informative"))
    assert found.height == 2
    assert found.select("read", "like", "stands_for").null_count().row(0) == (2, 2, 2)


def test_what_is_read_stands_for_itself_and_counts_add_up():
    found = reading(2)
    read = found.drop_nulls("read")
    assert read["read"].to_list() == read["like"].to_list()
    assert read["stands_for"].sum() == found["like"].count()
    assert found["read"].to_list() == [1, 2, *[None] * (found.height - 2)]
    # The third topic is like neither of the two.
    assert found.filter("informative")["like"].null_count() > 0


def test_reading_fewer_is_reading_the_first_of_more():
    more, fewer = reading(5), reading(2)
    texts = [each.drop_nulls("read")["text"].to_list() for each in (more, fewer)]
    assert texts[0][:2] == texts[1]


def test_the_same_sentence_is_not_read_twice():
    found = needs.to_read(needs.stated(comments(["I need a bench by the door."] * 30)))
    assert found["read"].count() == 1
    assert found.drop_nulls("read").select("comment_id", "stands_for").rows() == [("C000", 30)]


def test_a_page_without_a_full_stop_is_not_read_where_there_is_a_sentence():
    page = "I need a bench by the door and " + "then another thing by the door " * 30
    found = needs.to_read(
        needs.stated(comments([page, page + "again", "I need a bench by the door."]))
    )
    assert found.drop_nulls("read")["comment_id"].to_list() == ["C002"]
    alone = needs.to_read(needs.stated(comments([page])))
    assert alone["read"].to_list() == [1]


@pytest.mark.parametrize(("words", "read"), [(30, "C000"), (31, "C001")])
def test_a_sentence_to_read_has_thirty_words_at_most(words: int, read: str):
    text = "I need a bench by the door" + " and the wall" * 8
    longer = " ".join([*text.split()[: words - 1], "now."])
    copies = ["I need a bench by the door near the wall now."]
    found = needs.to_read(needs.stated(comments([longer.ljust(1), *copies])), count=1)
    assert len(longer.split()) == words
    assert found.drop_nulls("read")["comment_id"].to_list() == [read]


def test_reading_by_the_rule_covers_more_than_reading_the_first():
    things = [
        "bench",
        "toilet",
        "lift",
        "map",
        "clock",
        "locker",
        "fountain",
        "ramp",
        "sign",
        "plug",
    ]
    texts = [f"I need a {things[row % 3]} in hall {row}." for row in range(60)]
    texts += [f"Please add a {thing}." for thing in things]
    found = needs.to_read(needs.stated(comments(texts)), count=10)
    read = found.drop_nulls("read")["text"]
    assert sum(read.str.contains(thing).any() for thing in things) >= 7
    assert sum(any(thing in text for text in texts[:10]) for thing in things) == 3


# ---------------------------------------------------------------- by law


def test_the_order_of_rows_does_not_matter():
    rows = comments([*PARKING, *APP, *STAIRS, *VAGUE, None])
    again = rows.sample(fraction=1, shuffle=True, seed=3)
    assert_frame_equal(needs.stated(again), needs.stated(rows))
    assert_frame_equal(needs.stated(again.lazy()), needs.stated(rows))
    shuffled = needs.stated(rows).sample(fraction=1, shuffle=True, seed=5)
    assert_frame_equal(needs.to_read(shuffled), reading())


def test_what_a_comment_states_depends_on_that_comment_alone():
    rows = comments([*PARKING, *APP, *STAIRS, *VAGUE])
    parts = [needs.stated(rows.slice(at, 1)) for at in range(rows.height)]
    assert_frame_equal(pl.concat(parts), needs.stated(rows))


def test_the_cheap_first_look_misses_nothing():
    known = cues.read()
    table = pl.DataFrame({"text": [*listed()["sentence"], *FRESH]})
    plain = table.select(cues.laid_out(pl.col("text"))).to_series()
    found = table.filter(cues.kind(plain, known).is_not_null())
    assert found.filter(~cues.may_hold(pl.col("text"), known)).height == 0


def test_the_closer_first_look_misses_no_cue_however_it_is_written():
    known = cues.read()
    lines = [line for part in cues.KINDS for line in _lines(part)]
    texts = [text for line in lines for text in _written(line)]
    plain = pl.DataFrame({"text": texts}).with_columns(cues.laid_out(pl.col("text")).alias("plain"))
    stating = plain.filter(cues.some(pl.col("plain"), known))
    assert stating.height > 0.8 * len(texts)
    assert stating.filter(~cues.may_match(pl.col("text"), known))["text"].to_list() == []
    quiet = pl.DataFrame({"text": ["All good.", "We are pleased.", "Shoulder pads.", "Candour."]})
    assert quiet.select(cues.may_match(pl.col("text"), known)).to_series().to_list() == [False] * 4


def _written(line: str) -> list[str]:
    """A comment for each way to take the line: first words, last words, short forms."""
    ends = []
    for at in (0, -1):
        words = [word.split("|")[at] for word in line.split() if word not in ("^", "$")]
        said = " ".join("something" if word == "..." else word for word in words)
        ends += [said.replace("*", "ed"), said.replace("*", "")]
    whole = [f"Well. {said}!" if line.startswith("^") else f"So it {said}" for said in ends]
    shorter = []
    for text in whole:
        short = text.replace("could not", "couldn’t").replace("can not", "cant")
        short = short.replace(" will not", " won't").replace(" did not", " didnt")
        short = short.replace("should", "shouldn't")
        shorter += [text, text.upper(), short.replace("it would", "it`d").replace("it is", "it's")]
    return [*shorter, *(text.replace(" ", "\u00a0– ") for text in shorter)]


def test_hostile_texts_pass_in_bounded_time():
    hostile = [
        *("need " * 20_000, "could not " * 10_000, "'" * 100_000, "please" * 20_000),
        *("\0" * 5000, "^ $ " * 20_000, "not " * 25_000 + "allowed", "(a+)+ need" * 10_000),
        "\u202e" * 1000 + "please",
    ]
    began = time.process_time()
    needs.to_read(needs.stated(comments(hostile)))
    assert time.process_time() - began < 20


# ---------------------------------------------------------------- the cues


def test_every_cue_is_words_that_the_file_explains():
    known = cues.read()
    lines = [line for part in (*cues.KINDS, cues.VOID) for line in _lines(part)]
    assert len(lines) > 150
    for line in lines:
        assert re.fullmatch(r"(?:\^ )?(?:(?:[a-z'|*-]+|\.\.\.) ?)+(?: ?\$)?", line), line
        assert not line.startswith("...")
        assert not line.endswith("...")
    assert {"need", "please", "unable"} <= set(known.stems)
    # Nothing that a short form hides may be looked for.
    assert not {"would", "will", "not", "is"} & set(known.stems)


def _lines(part: str) -> list[str]:
    import tomllib

    return tomllib.loads(Path(cues.__file__).with_name("needs.toml").read_text())[part].split("\n")[
        :-1
    ]


def test_a_researcher_can_bring_cues_of_her_own(tmp_path: Path):
    own = tmp_path / "cues.toml"
    own.write_text(
        'language = "de"\nneed = "brauche|brauchen"\nwant = "bitte ... mehr"\n'
        'obstacle = "konnte ... nicht"\nvoid = "brauche nichts"\nsilent = "bitte brauche mehr"\n'
    )
    rows = comments(
        ["Ich brauche eine Rechnung.", "Bitte noch viel mehr Farben.", "Ich brauche nichts."]
    )
    found = needs.stated(rows.with_columns(language=pl.lit("de")), path=own)
    assert found["kind"].to_list() == ["need", "want"]
    assert needs.stated(rows.with_columns(language=pl.lit("en")), path=own).height == 0


# ---------------------------------------------------------------- the register


def test_a_need_is_written_with_its_evidence():
    found = reading(3)
    number = found.filter(pl.col("text").str.contains("parking"))["like"][0]
    row = needs.entry(found, " Park near the door ", read=[number], on=date(2026, 10, 31))
    assert tuple(row.columns) == REQUIREMENTS.names
    told = row.row(0, named=True)
    chosen = found.filter(pl.col("read") == number)
    assert told["evidence"] == (
        f"{chosen['comment_id'].item()} sentence 1 (4 sentences of 4 people like these)"
    )
    assert (told["requirement_id"], told["need"]) == ("R01", "Park near the door")
    assert (told["status"], told["date"], told["owner"]) == ("open", date(2026, 10, 31), None)


def test_evidence_of_several_sentences_is_counted_together_and_once():
    found = reading(3)
    told = needs.entry(found, "All of it", read=[2, 1, 2, 3], on=date(2026, 1, 2))[
        "evidence"
    ].item()
    ids = found.drop_nulls("read")["comment_id"].to_list()
    assert told.startswith("; ".join(f"{each} sentence 1" for each in ids))
    assert told.endswith(" (8 sentences of 8 people like these)")


@pytest.mark.parametrize(
    ("used", "following"),
    [(["R01", "R08"], "R09"), (["R99"], "R100"), (["A7", "R2b"], "R01"), ([], "R01")],
)
def test_the_next_number_follows_the_last(used: list[str], following: str):
    register = pl.DataFrame({"requirement_id": used}, schema={"requirement_id": pl.String})
    row = needs.entry(reading(), "Benches", read=[1], on=date(2026, 1, 2), register=register)
    assert row["requirement_id"].item() == following


def test_an_entry_can_be_put_below_the_register_of_the_demo(root: Path):
    register = pl.read_parquet(root / "data/demo/tables/requirements.parquet")
    row = needs.entry(reading(), "Benches", read=[1], on=date(2026, 1, 2), register=register)
    assert pl.concat([register, row])["requirement_id"].to_list()[-1] == "R09"


# ---------------------------------------------------------------- by message


def test_what_is_wrong_is_said(tmp_path: Path):
    found = reading(3)
    with pytest.raises(OutOfRange, match=r"^count must be at least 1 sentence; it is 0\.$"):
        needs.to_read(found, count=0)
    with pytest.raises(ColumnMissing, match="comments must have `text`"):
        needs.stated(comments([]).drop("text"))
    with pytest.raises(ColumnMissing, match="sentences must have `kind`"):
        needs.to_read(found.drop("kind"))
    with pytest.raises(ColumnMissing, match="reading must have `read`"):
        needs.entry(found.drop("read"), "x", read=[1], on=date(2026, 1, 2))
    with pytest.raises(
        OutOfRange, match=r"^need must be words of the researcher's own; it is empty\.$"
    ):
        needs.entry(found, " ", read=[1], on=date(2026, 1, 2))
    with pytest.raises(OutOfRange, match=r"sentences to read, 1 to 3; 1 of 2 are not\.$"):
        needs.entry(found, "x", read=[1, 4], on=date(2026, 1, 2))
    with pytest.raises(OutOfRange, match="0 of 0 are not"):
        needs.entry(found, "x", read=[], on=date(2026, 1, 2))
    with pytest.raises(StudyInvalid, match="must be a readable TOML file"):
        cues.read(tmp_path / "none.toml")
    (tmp_path / "half.toml").write_text('need = "need"\n')
    with pytest.raises(StudyInvalid, match=r"must have lines of `want`; `half\.toml` has none"):
        cues.read(tmp_path / "half.toml")
