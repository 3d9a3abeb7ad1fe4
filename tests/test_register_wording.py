"""The linter of needs: two sets of sentences labelled by hand, and its rules read from a file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cxlab import errors
from cxlab import study as studies
from cxlab.metrics import register
from cxlab.metrics.register import wording

CASES = Path(__file__).parent / "cases"
RULES = '[[rule]]\nname = "a"\nkind = "need"\nreason = "r"\nhint = "h"\nlines = """\n{lines}\n"""\n'


def labelled(name: str, half: str) -> pl.DataFrame:
    table = pl.read_csv(CASES / f"{name}.csv").filter(pl.col("half") == half)
    kind = register.checked(table["sentence"])["kind"]
    return table.with_columns(pl.col("kind").str.replace("_", " "), kind.alias("found"))


def kinds(*texts: str | None) -> list[str]:
    return register.checked(list(texts))["kind"].to_list()


def ruled(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fits(folder: Path, lines: str, text: str, *, head: str = "", tail: str = "") -> bool:
    path = ruled(folder, head + RULES.format(lines=lines) + tail)
    return register.checked([text], path=path)["kind"][0] == "need"


# need_sentences: by the author of the rules, before them. others: customers' comments that
# somebody else wrote for another purpose; "unseen" no rule was made from. fresh: written after
# the rules, by their author: what to expect of the next register.
@pytest.mark.parametrize(
    ("name", "half", "size", "least"),
    [
        ("need_sentences", "development", 120, 0.97),
        ("need_sentences", "unseen", 120, 0.95),
        ("need_sentences_others", "development", 139, 0.90),
        ("need_sentences_others", "unseen", 75, 0.90),
        ("need_sentences_fresh", "development", 60, 0.95),
        ("need_sentences_fresh", "unseen", 50, 0.60),
    ],
)
def test_sentences_labelled_by_hand_are_told_apart(name, half, size, least):
    table = labelled(name, half)
    assert table.height == size
    assert (table["kind"] == table["found"]).mean() >= least


def test_of_fresh_sentences_most_are_told_a_need_or_none():
    table = labelled("need_sentences_fresh", "unseen")
    need, said = table["kind"] == "need", table["found"] == "need"
    assert (need == said).mean() >= 0.85


@pytest.mark.parametrize("kind", wording.KINDS)
def test_each_kind_is_found_and_seldom_said_wrongly(kind):
    table = pl.concat(
        [labelled(name, "unseen") for name in ("need_sentences", "need_sentences_others")]
    )
    mine, said = table.filter(pl.col("kind") == kind), table.filter(pl.col("found") == kind)
    assert (mine["found"] == kind).mean() >= 0.85
    assert (said["kind"] == kind).mean() >= 0.85


def test_a_need_is_told_from_what_could_meet_it():
    told = kinds(
        "I want to know when my parcel comes",
        "add a tracking page",
        "an app with dark mode",
        "My parcel is always late",
        "Better service",
    )
    assert told == ["need", "solution", "feature wish", "complaint", "empty"]


def test_every_row_says_why_and_how_to_write_a_need_instead():
    told = register.checked(["Add a tracking page", "I want to know when it comes", "Zebra"])
    assert told.columns == ["text", "kind", "rule", "reason", "hint"]
    assert told.row(0, named=True) == {
        "text": "Add a tracking page",
        "kind": "solution",
        "rule": "what to make",
        "reason": "begins with what the company is to do, "
        "which closes the other ways to meet the need",
        "hint": "put this under design, and write as need what customers could then do, "
        "know or feel",
    }
    assert told["hint"][1] == ""
    assert told.row(2)[1:] == ("unclear", None, wording.NO_RULE, wording.NO_RULE_HINT)


@pytest.mark.parametrize("blank", [None, "", "  ", "...", "–"])
def test_nothing_written_is_empty_and_says_what_to_write(blank):
    told = register.checked([blank, "tbd"])
    assert told.row(0)[:4] == (blank, "empty", None, "nothing is written")
    assert told["hint"][0] == told["hint"][1] != ""


def test_no_texts_give_no_rows():
    assert register.checked([]).schema == pl.Schema(wording.CHECKED)


def test_a_sentence_is_judged_alone_and_in_order():
    texts = ["Add a page", None, "I want to know it", "Add a page"]
    together = register.checked(texts)
    assert together.equals(pl.concat([register.checked([text]) for text in texts]))


def test_capitals_points_and_short_forms_do_not_matter():
    same = ["I'd like to know when it comes", "I’d like to know, when it comes!"]
    same += ["I WOULD LIKE TO KNOW WHEN IT COMES."]
    assert register.checked(same)["rule"].n_unique() == 1
    assert kinds("I can't log in", "I cant log in", "I cannot log in") == ["complaint"] * 3


def test_a_text_too_long_for_one_sentence_is_refused():
    assert kinds("to know " + "x" * 492) == ["need"]
    with pytest.raises(errors.OutOfRange) as raised:
        register.checked(["x" * 501, "x"])
    assert str(raised.value) == (
        "a need must be one sentence of at most 500 characters; 1 of 2 are longer."
    )


@pytest.mark.parametrize(
    ("lines", "text", "expected"),
    [
        ("to know", "I want to know it", True),
        ("to know", "unto know", False),
        ("to know", "to knowledge", False),
        ("to know*", "to knowledge", True),
        ("^ know", "know it", True),
        ("^ know", "I know it", False),
        ("know $", "I know", True),
        ("know $", "I know it", False),
        ("a|the parcel", "where is the parcel", True),
        ("a|the parcel", "where is my parcel", False),
        ("where ... parcel", "where is it the one two three parcel", True),
        ("where ... parcel", "where is it the one two three four parcel", False),
        ("where not? is", "where is it", True),
        ("where not? is", "where not is it", True),
        ("where not? is", "where not not is it", False),
        ("^ very+ $", "very very very", True),
        ("^ very+ $", "very very late", False),
        ("^ to <anything> $", "to see", True),
        ("^ to <anything>", "to", False),
        ("^ <big>|small $", "large", True),
        ("^ <big>|small $", "small", True),
        ("^ <big>|small $", "tiny", False),
    ],
)
def test_a_line_of_words_means_what_the_file_says(tmp_path, lines, text, expected):
    assert fits(tmp_path, lines, text, head='[words]\nbig = "huge|large"\n') is expected


def test_what_a_rule_excludes_is_left_to_the_next(tmp_path):
    tail = 'not = "without"\n' + RULES.format(lines="to see").replace('"need"', '"complaint"')
    assert fits(tmp_path, "to see", "to see it", tail=tail)
    assert not fits(tmp_path, "to see", "to see it without", tail=tail)


def test_silent_words_are_left_out_first(tmp_path):
    head = 'silent = "really|just"\n'
    assert fits(tmp_path, "^ i need $", "I really just need", head=head)
    assert fits(tmp_path, "^ i need $", "I need really", head=head)
    assert not fits(tmp_path, "^ i need $", "I unjust need", head=head)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("[[rule", errors.StudyInvalid, "rules of wording must be a TOML file"),
        ("", errors.StudyInvalid, "rules.toml must have [[rule]] blocks; it has none."),
        ("rules = 1", errors.UnknownName, "rules.toml: key `rules` is not known. Did you mean"),
        (
            RULES.format(lines="<thin>"),
            errors.UnknownName,
            "rules.toml [[rule]] word list `<thin>` is not known.",
        ),
        (
            RULES.format(lines=""),
            errors.StudyInvalid,
            "rules.toml [[rule]] `a` must have at least one line; it has none.",
        ),
        (
            RULES.format(lines="x").replace('"need"', '"needs"'),
            errors.UnknownName,
            "rules.toml [[rule]] kind `needs` is not known. Did you mean `need`?",
        ),
        (
            RULES.format(lines="x") + 'nott = "y"',
            errors.UnknownName,
            "rules.toml [[rule]]: key `nott` is not known. Did you mean `not`?",
        ),
    ],
)
def test_rules_that_cannot_be_read_say_why(tmp_path, text, error, message):
    with pytest.raises(error) as raised:
        register.checked(["x"], path=ruled(tmp_path, text))
    assert str(raised.value).startswith(message)


def test_hostile_text_takes_no_time():
    texts = ["to " * 166, "would be " * 55, "a" * 500, "\x00\u202e" * 250, "we need " * 62] * 20
    assert register.checked(texts).height == 100


def test_no_reason_or_hint_claims_a_cause():
    said = " ".join(f"{rule.reason} {rule.hint}" for rule in wording.rules().rules)
    assert not {"because", "cause", "causes", "leads", "drives", "due"} & set(said.split())


def test_every_kind_has_rules_and_only_a_need_has_no_hint():
    every = wording.rules().rules
    assert {rule.kind for rule in every} == set(wording.KINDS)
    assert all((rule.hint == "") == (rule.kind == "need") for rule in every)


def test_the_demo_register_is_made_of_needs_but_for_the_holiday(root):
    needs = register.read(studies.open(root / "data/demo"))["need"]
    told = register.checked(needs)
    assert told.filter(pl.col("kind") != "need").select("text", "kind").rows() == [
        ("A sunny bank holiday", "feature wish")
    ]
