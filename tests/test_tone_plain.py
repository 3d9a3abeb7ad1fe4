"""The plain rules of tone, by hand and by law. Against NLTK itself: test_tone_plain_nltk."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxlab.errors import UnknownName
from cxlab.text import tone
from cxlab.text.tokens import Tokens, split
from cxlab.text.tone import lexicon, plain_marks
from cxlab.text.tone.plain import rated
from cxlab.text.tone.plain_scores import rounded, scored

# Of the lexicon: good 1.9, bad −2.5, great 3.1, shit −2.6, bomb −2.2, kind 2.4, no −1.2.
GOOD, BAD, BOOST, SHOUT, TURN = 1.9, -2.5, 0.293, 0.733, -0.74


def column(*texts: str | None) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def plain(*texts: str | None) -> pl.DataFrame:
    return tone.scores(column(*texts), rules="plain")


def squeezed(total: float) -> float:
    return round(total / math.sqrt(total * total + 15), 4)


# ---------------------------------------------------------------------------------- by hand
BY_HAND = [
    # words, punctuation
    ("good", GOOD),
    ("Good, service", GOOD),
    (".good", GOOD),
    ("(good)", 0),
    ("good...", 0),
    ("good'.", 0),
    ("gOOd", GOOD),
    ("good l", GOOD),
    (":)", 2.0),
    # modifiers lose a twentieth and a tenth with distance; in front only
    ("very good", GOOD + BOOST),
    ("good very", GOOD),
    ("barely good", GOOD - BOOST),
    ("very bad", BAD - BOOST),
    ("hardly bad", BAD + BOOST),
    ("really the good", GOOD + 0.95 * BOOST),
    ("really in the good", GOOD + 0.9 * BOOST),
    ("really it was the good", GOOD),
    ("very really good", GOOD + BOOST + 0.95 * BOOST),
    # a word that is rated itself is no modifier
    ("great very good", 3.1 + GOOD + BOOST),
    ("no good", -1.2 + GOOD),
    # negation turns and weakens; a modifier in between is turned too
    ("not good", GOOD * TURN),
    ("not bad", BAD * TURN),
    ("not very good", (GOOD + BOOST) * TURN),
    ("wasn't the good", GOOD * TURN),
    ("ain't in the good", GOOD * TURN),
    ("not it was the good", GOOD),
    ("not never good", GOOD * TURN * TURN),
    ("xn'ty good", GOOD * TURN),
    # "never so" and "so" strengthen instead
    ("never so good", (GOOD + BOOST) * 1.5),
    ("never this good", GOOD * 1.5),
    ("Never this good", GOOD * TURN),
    ("never this thing good", GOOD * 1.25),
    ("it is so good", (GOOD + BOOST) * 1.25),
    ("not is so good", (GOOD + BOOST) * 1.25),
    # least
    ("least good", GOOD * TURN),
    ("the least good", GOOD * TURN),
    ("at least good", GOOD),
    ("VERY Least good", GOOD + 0.95 * (BOOST + SHOUT)),
    # capitals shout where others do not
    ("the GOOD stuff", GOOD + SHOUT),
    ("GOOD STUFF", GOOD),
    ("the BAD stuff", BAD - SHOUT),
    ("VERY good", GOOD + BOOST + SHOUT),
    ("VERY bad", BAD - BOOST - SHOUT),
    ("it BARELY good", GOOD - BOOST + SHOUT),
    ("good A", GOOD),
    # but
    ("good but bad", GOOD * 0.5 + BAD * 1.5),
    ("good But bad but good", GOOD * 0.5 + BAD * 1.5 + GOOD * 1.5),
    # idioms want three words in front; as written; the later look wins
    ("that is the bomb", 3),
    ("is the bomb", -2.2),
    ("that is The bomb", -2.2),
    ("that it is bad ass", 1.5 + 1.5),
    ("it was just enough good", GOOD - BOOST),
    ("this is kind of good", GOOD - BOOST),
    ("kind of good", GOOD),
    ("they are kind", 2.4),
    ("was the one good the bomb", GOOD + 3),
    # a repeated word is judged where it first stands
    ("not good really good", 2 * GOOD * TURN),
    ("good not good,", 2 * GOOD),
    ("kind of a kind", 0),
    ("not good Good", GOOD * TURN + GOOD * TURN),
]


@pytest.mark.parametrize(("text", "total"), BY_HAND)
def test_compound_by_hand(text, total):
    assert plain(text)["compound"].to_list() == [squeezed(total)]


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("good !", GOOD + 0.292),
        ("good!!", GOOD + 2 * 0.292),
        ("!good !!!!!", GOOD + 4 * 0.292),
        ("bad!", BAD - 0.292),
        ("good?", GOOD),
        ("good??", GOOD + 2 * 0.18),
        ("good ???", GOOD + 3 * 0.18),
        ("good ????", GOOD + 0.96),
        ("bad ?!?", BAD - 0.292 - 0.36),
        ("table!!!", 0),
    ],
)
def test_marks_add_emphasis(text, total):
    assert plain(text)["compound"].to_list() == [squeezed(total)]


def test_shares_by_hand():
    found = plain("good food but bad table", "good !", "bad !", "good table", "", "!", "I", None)
    # Each rated word counts one more than its valence, each other word one.
    up, down = GOOD * 0.5 + 1, -BAD * 1.5 + 1
    whole = up + down + 3
    expected = [
        (round(down / whole, 3), round(3 / whole, 3), round(up / whole, 3)),
        (0.0, 0.0, 1.0),
        (1.0, 0.0, 0.0),
        (0.0, round(1 / (GOOD + 2), 3), round((GOOD + 1) / (GOOD + 2), 3)),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
        (None, None, None),
    ]
    assert found.select("negative", "neutral", "positive").rows() == expected
    assert found["compound"].to_list()[4:] == [0.0, 0.0, 0.0, None]


def test_a_single_character_is_no_word():
    found = plain("é good", "- good", "👍 good", "éa good")
    assert found["neutral"].to_list() == [0.0, 0.0, 0.0, round(1 / (GOOD + 2), 3)]


def test_emphasis_goes_to_the_greater_side_only():
    up, down = GOOD + 1, -BAD + 1 + 0.292
    whole = up + down
    found = plain("good bad!").row(0)
    assert found[:3] == (round(down / whole, 3), 0.0, round(up / whole, 3))


def test_good_and_bad_that_cancel_have_no_tone_however_loud():
    found = {value: word for word, value in lexicon.valences().items() if word.isalpha()}
    text = f"{found[0.1]} {found[0.2]} {found[-0.3]} !!!"
    assert 0.1 + 0.2 - 0.3 != 0
    assert plain(text)["compound"].to_list() == [0.0]


# ---------------------------------------------------------------------------------- by law
SPECIAL = (
    "good bad GOOD great not never so this very REALLY but kind of the bomb least at no"
    " table don't :) good! bad?? (good) I ... É 👍"
)
WORDS = st.sampled_from(SPECIAL.split())
TEXTS = st.lists(st.none() | st.lists(WORDS, max_size=8).map(" ".join), max_size=10)


@given(TEXTS, st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_neither_row_order_nor_blocks_change_a_score(texts, random, size):
    order = list(range(len(texts)))
    random.shuffle(order)
    whole = plain(*texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tokens.blocks, "__kwdefaults__", {"tokens": size})
        shuffled = plain(*(texts[place] for place in order))
    assert_frame_equal(shuffled, whole[order])


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_scores_are_shares_and_a_compound(texts):
    found = plain(*texts).drop_nulls()
    assert found["compound"].is_between(-1, 1).all()
    total = found.sum_horizontal() - found["compound"]
    assert all(value == 0 or abs(value - 1) < 0.0016 for value in total)


def test_no_text_has_no_scores():
    assert plain().schema == tone.SCORES
    assert_frame_equal(plain(None, None), plain("good", None, None)[1:])


def test_tokens_at_hand_are_used():
    texts = column("very good !", None, "bad")
    assert_frame_equal(
        tone.scores(texts, rules="plain", tokens=split(texts)), tone.scores(texts, rules="plain")
    )


def test_hostile_texts_have_scores():
    texts = ["good " * 20_000, "y" * 100_000, "!" * 100_000, "good\0 bad", "\u202egood\u202c not"]
    assert plain(*texts)["compound"].to_list() == [1.0, 0.0, 0.0, squeezed(BAD), 0.0]


@pytest.mark.parametrize("digits", [3, 4])
def test_rounding_is_that_of_python(digits):
    steps = np.arange(-2000, 2001) / 2000
    near = [value * 10 ** (3 - digits) for value in (steps, np.nextafter(steps, 2))]
    values = np.concatenate([*near, np.arange(-64, 65) / 64, np.linspace(-1, 1, 999)])
    assert rounded(values, digits).tolist() == [round(float(value), digits) for value in values]


@pytest.mark.parametrize(
    ("compound", "expected"),
    [
        (-1.0, "negative"),
        (-0.05, "negative"),
        (-0.0499, "neutral"),
        (0.0, "neutral"),
        (0.0499, "neutral"),
        (0.05, "positive"),
        (1.0, "positive"),
        (None, None),
    ],
)
def test_labels(compound, expected):
    frame = pl.DataFrame({"compound": [compound]}, schema={"compound": pl.Float64})
    assert frame.select(tone.label(pl.col("compound"))).item() == expected


def test_rules_nobody_knows_are_refused():
    message = r'^rules must be "customers" or "plain"; they are "costumers"\.$'
    with pytest.raises(UnknownName, match=message):
        tone.scores(column("good"), rules="costumers")


# ------------------------------------------------------------------------- a layer in front
def layered(text: str, **layer) -> float:
    """The compound of a text where some tokens, named by place, are changed by a layer."""
    tokens = split(column(text))
    count = len(tokens.codes)
    given = {name: value for name, value in layer.items() if isinstance(value, str)}
    if "valences" in layer:
        given["valences"] = np.full(count, np.nan)
        given["valences"][list(layer["valences"])] = list(layer["valences"].values())
    for name in ("inert", "negates"):
        if name in layer:
            given[name] = np.isin(np.arange(count), layer[name])
    return scored(rated(tokens, **given), column(text))["compound"].item()


NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "layer", "total"),
    [
        ("table", {"valences": {0: 1.5}}, 1.5),
        ("very table", {"valences": {1: 1.5}}, 1.5 + BOOST),
        ("good", {"valences": {0: NAN}}, GOOD),
        ("good", {"valences": {0: 0.0}}, 0),
        ("good", {"valences": {0: -1.0}}, -1),
        ("no good", {"valences": {0: 0.0, 1: 1.0}}, 1),
        # a rated token is no modifier; a neutral one may be
        ("not table", {"valences": {0: 1.0, 1: 1.5}}, 2.5),
        ("not table", {"valences": {0: 0.0, 1: 1.5}}, 1.5 * TURN),
        ("! table", {"valences": {0: 1.0}}, 1.292),
        ("very good", {"valences": {0: 2.0}}, 2.0 + GOOD),
        # inert tokens keep their valence and play no other part
        ("not good", {"inert": [0]}, GOOD),
        ("very good", {"inert": [0]}, GOOD),
        ("VERY good", {"inert": [0]}, GOOD),
        ("least good", {"inert": [0]}, GOOD),
        ("good but bad", {"inert": [1]}, GOOD + BAD),
        ("never so good", {"inert": [0]}, GOOD + BOOST),
        ("it is so good", {"inert": [2]}, GOOD),
        ("that is the bomb", {"inert": [2]}, -2.2),
        ("kind of a kind", {"inert": [0]}, 4.8),
        ("good", {"inert": [0]}, GOOD),
        # more negations
        ("zero good", {"negates": [0]}, GOOD * TURN),
        ("not good it was really good", {"repeats": "own"}, GOOD * TURN + (GOOD + BOOST)),
    ],
)
def test_a_layer_changes_what_tokens_do(text, layer, total):
    assert layered(text, **layer) == squeezed(total)


def test_an_empty_layer_changes_nothing():
    texts = column(*(text for text, _ in BY_HAND))
    tokens = split(texts)
    count = len(tokens.codes)
    nothing = np.zeros(count, np.bool_)
    found = rated(tokens, valences=np.full(count, np.nan), inert=nothing, negates=nothing)
    assert_frame_equal(scored(found, texts), tone.scores(texts, rules="plain"))


def test_marks_are_one_for_each_form():
    known = pl.Series(["good", "good!", "good,", "(good)", "Good"])
    forms = plain_marks.marks(known).forms.tolist()
    assert forms[0] == forms[1] == forms[2]
    assert len(set(forms)) == 3


def test_another_lexicon_may_be_given():
    texts = column("table good very")
    tokens = split(texts)
    marked = plain_marks.marks(tokens.known, valences={"table": 1.0})
    assert scored(rated(tokens, marked=marked), texts)["compound"].item() == squeezed(1.0)
    # A modifier is never rated, whatever a lexicon says.
    found = tone.scores(texts, rules="plain", lexicon={"table": 1.0, "very": 2.0})
    assert found["compound"].item() == squeezed(1.0)
