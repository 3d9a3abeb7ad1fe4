"""Key terms of groups: published figures, by hand, by law, by message."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from cxlab.errors import ColumnMissing, OutOfRange, UnknownName
from cxlab.text import contrasts, keyness, terms

# METHODS: counts by cylinders of cars with 3, 4 and 5 gears.
SAID = {"vs0": (12, 2, 4), "vs1": (3, 10, 1)}
TERMS = ("g3", "g4", "g5")
KEY = ["base", "count", "other_base", "other_count"]


def counted(said: dict[str, tuple[int, ...]], base: int = 20, names=TERMS) -> pl.DataFrame:
    """Counts as terms.counts gives them; nobody saying a term is no row."""
    rows = [
        (group, size, term, count, count, count)
        for group, numbers in said.items()
        for size, term, count in [
            (0, None, base),
            *((1, term, count) for term, count in zip(names, numbers, strict=True)),
        ]
        if count
    ]
    columns = ["group", "size", "term", "respondents", "comments", "occurrences"]
    return pl.DataFrame(rows, schema=columns, orient="row").cast({"size": pl.Int8})


def by_term(found: pl.DataFrame, group: str, column: str) -> list[float]:
    return found.filter(group=group).sort("term")[column].to_list()


# ------------------------------------------------------------------------ published, by hand
def test_each_group_beside_the_total_as_published():
    found = contrasts.key_terms(
        counted(SAID), by="group", against="total", prior=contrasts.flat(1), least=1
    )
    odds = {"vs0": (0.6968169, -1.2527630, 0.3249262), "vs1": (-0.9673459, 1.1451323, -0.5268260)}
    z = {"vs0": (1.8912729, -1.9691060, 0.5549172), "vs1": (-1.7407107, 2.8421436, -0.6570674)}
    for group in SAID:
        assert by_term(found, group, "log_odds") == pytest.approx(odds[group], abs=5e-8)
        assert by_term(found, group, "z") == pytest.approx(z[group], abs=5e-8)
    assert found.filter(group="vs0", term="g3").select(KEY).row(0) == (20, 12, 40, 15)


def test_two_groups_as_published():
    found = contrasts.between(
        counted(SAID), by="group", first="vs0", second="vs1", prior=contrasts.flat(0.01), least=1
    )
    assert by_term(found, "vs0", "z") == pytest.approx((3.0848, -3.8658, 1.1720), abs=5e-5)
    assert found["group"].unique().to_list() == ["vs0"]
    assert found["term"].to_list() == ["g3", "g5", "g4"]


def test_a_row_by_hand():
    found = contrasts.key_terms(counted(SAID), by="group", prior=contrasts.flat(1), least=1)
    row = found.filter(group="vs0", term="g4").row(0, named=True)
    # 2 + 1 of 18 + 3 words, beside 10 + 1 of 14 + 3
    odds, error = math.log(3 / 18) - math.log(11 / 6), math.sqrt(1 / 3 + 1 / 11)
    z = odds / error
    assert row["log_odds"] == pytest.approx(odds)
    assert (row["low"], row["high"]) == pytest.approx(
        (odds - 1.959964 * error, odds + 1.959964 * error), abs=1e-6
    )
    assert (row["z"], row["p"]) == pytest.approx((z, math.erfc(abs(z) / math.sqrt(2))))
    assert [row[name] for name in KEY] == [20, 2, 20, 10]
    assert found.columns == [
        *("group", "size", "term", *KEY, "log_odds", "low", "high"),
        *("z", "p", "p_adjusted", "flagged"),
    ]


def test_the_pooled_prior_is_a_share_of_what_all_say():
    found = contrasts.key_terms(
        counted(SAID), by="group", prior=contrasts.pooled(0.5), least=1
    ).filter(group="vs0", term="g3")
    odds = math.log((12 + 7.5) / (18 + 16 - 19.5)) - math.log((3 + 7.5) / (14 + 16 - 10.5))
    assert found["log_odds"].item() == pytest.approx(odds)
    usual = contrasts.key_terms(counted(SAID), by="group", least=1)
    said = contrasts.key_terms(counted(SAID), by="group", prior=contrasts.pooled(0.1), least=1)
    assert usual.equals(said)


def test_a_term_a_group_never_says_has_its_row():
    said = {"a": (0, 9), "b": (9, 9)}
    found = contrasts.key_terms(counted(said, names=("no", "yes")), by="group", least=1)
    row = found.filter(group="a", term="no").row(0, named=True)
    assert (row["count"], row["other_count"]) == (0, 9)
    assert row["z"] < 0


def test_groups_are_compared_with_all_the_others():
    said = {"a": (8, 2), "b": (3, 5), "c": (1, 6)}
    found = contrasts.key_terms(counted(said, names=("x", "y")), by="group", least=1)
    merged = counted({"a": (8, 2), "rest": (4, 11)}, names=("x", "y"))
    both = contrasts.key_terms(merged, by="group", least=1).filter(group="a")
    wanted = ["term", "count", "other_count", "log_odds", "z"]
    mine = found.filter(group="a")
    assert mine.select(wanted).equals(both.select(wanted))
    assert mine["other_base"].unique().to_list() == [40]


def test_terms_of_one_size_are_judged_among_themselves():
    frame = pl.DataFrame(
        {
            "response_id": list("123456"),
            "group": ["a", "a", "a", "b", "b", "b"],
            "text": ["slow app", "slow app", "slow", "rude staff", "rude staff", "staff slow"],
        }
    )
    both = contrasts.key_terms(terms.counts(frame, by="group"), by="group", least=1)
    alone = contrasts.key_terms(terms.counts(frame, by="group", longest=1), by="group", least=1)
    odds = ["group", "term", "log_odds", "z"]
    assert both.filter(size=1).select(odds).equals(alone.select(odds))


def test_other_columns_are_compared_within():
    parts = [
        counted(SAID).select(pl.lit(month).alias("month"), pl.all()) for month in ("may", "june")
    ]
    found = contrasts.key_terms(pl.concat(parts), by="group", least=1)
    alone = contrasts.key_terms(counted(SAID), by="group", least=1)
    assert found.filter(month="may").select("z").equals(alone.select("z"))
    assert found.columns[:4] == ["month", "group", "size", "term"]


# ---------------------------------------------------------------------------------- by law
def invented(seed: int, *, planted: float = 0.0, people: int = 600) -> pl.DataFrame:
    """Comments of 40 words at random; a share of group a says one word more."""
    rng = np.random.default_rng(seed)
    words = np.array([f"word{number}" for number in range(40)])
    weights = 1 / np.arange(1, 41)
    texts = [
        " ".join(rng.choice(words, rng.integers(1, 12), p=weights / weights.sum()))
        for _ in range(people)
    ]
    group = np.where(np.arange(people) % 3 == 0, "a", "b")
    said = (group == "a") & (rng.random(people) < planted)
    texts = [text + " planted" * bool(yes) for text, yes in zip(texts, said, strict=True)]
    return pl.DataFrame(
        {"response_id": np.arange(people).astype(str), "group": group, "text": texts}
    )


def test_nothing_is_flagged_where_nothing_differs():
    flagged = [
        contrasts.key_terms(terms.counts(invented(seed), by="group", longest=1), by="group")[
            "flagged"
        ].any()
        for seed in range(12)
    ]
    assert sum(flagged) <= 2


def test_a_planted_term_comes_first():
    counts = terms.counts(invented(1, planted=0.1), by="group", longest=1)
    found = contrasts.key_terms(counts, by="group")
    assert found.filter(group="a").row(0, named=True)["term"] == "planted"
    assert found.filter("flagged")["term"].unique().to_list() == ["planted"]


def test_two_groups_are_mirrors():
    found = contrasts.key_terms(counted(SAID), by="group", least=1)
    first, second = (by_term(found, group, "z") for group in SAID)
    assert first == pytest.approx([-z for z in second])


def test_saying_it_twice_changes_nothing():
    once = invented(3, planted=0.1)
    twice = once.with_columns(text=pl.col("text") + ". " + pl.col("text"))
    found = [
        contrasts.key_terms(terms.counts(frame, by="group", longest=1), by="group")
        for frame in (once, twice)
    ]
    assert found[0].equals(found[1])


def test_row_order_changes_nothing():
    frame = invented(4).with_columns(weight=pl.int_range(pl.len()) % 3 + 1.0)
    found = [
        contrasts.key_terms(terms.counts(part, by="group", weight="weight"), by="group")
        for part in (frame, frame.reverse())
    ]
    assert found[0].equals(found[1])


def test_equal_weights_change_no_odds():
    frame = invented(5).with_columns(weight=pl.lit(4.0))
    plain = contrasts.key_terms(terms.counts(frame, by="group"), by="group")
    found = contrasts.key_terms(terms.counts(frame, by="group", weight="weight"), by="group")
    assert found["effective_base"].to_list() == pytest.approx(found["base"].to_list())
    assert found["z"].to_list() == pytest.approx(plain["z"].to_list())


def test_unequal_weights_make_less_sure():
    frame = invented(6, planted=0.2)
    uneven = frame.with_columns(
        weight=pl.when(pl.int_range(pl.len()) % 2 == 0).then(9.0).otherwise(1.0)
    )
    plain = contrasts.key_terms(terms.counts(frame, by="group", longest=1), by="group")
    found = contrasts.key_terms(
        terms.counts(uneven, by="group", weight="weight", longest=1), by="group"
    )
    width = [(part["high"] - part["low"]).mean() for part in (plain, found)]
    # Effective bases are 100/164 of the bases.
    assert width[1] / width[0] == pytest.approx(math.sqrt(1.64), rel=0.1)
    ratio = found["effective_base"] / found["base"]
    assert ratio.to_list() == pytest.approx([100 / 164] * found.height)


# ------------------------------------------------------------------------------------ keyness
def test_keyness_by_hand():
    found = keyness.keyness(counted(SAID), by="group", first="vs0", second="vs1", least=1)
    row = found.filter(term="g3").row(0, named=True)
    # 12 and 6 beside 3 and 11
    chi2 = 32 * (12 * 11 - 3 * 6) ** 2 / (15 * 17 * 18 * 14)
    cells = [(12, 15 * 18), (3, 15 * 14), (6, 17 * 18), (11, 17 * 14)]
    g2 = 2 * sum(seen * math.log(seen * 32 / margins) for seen, margins in cells)
    assert (row["chi2"], row["g2"]) == pytest.approx((chi2, g2))
    assert row["pmi"] == pytest.approx(math.log(12 * 32 / (15 * 18)))
    assert found["term"].to_list() == ["g3", "g5", "g4"]
    assert found.filter(term="g4")["chi2"].item() < 0


def test_keyness_of_a_term_only_the_others_use():
    said = counted({"a": (0, 4), "b": (3, 4)}, names=("no", "yes"))
    row = keyness.keyness(said, by="group", first="a", second="b", least=1).row(-1, named=True)
    # 0 and 4 beside 3 and 4
    cells = [(3, 3 * 7), (4, 8 * 4), (4, 8 * 7)]
    g2 = 2 * sum(seen * math.log(seen * 11 / margins) for seen, margins in cells)
    assert (row["term"], row["g2"], row["pmi"]) == ("no", pytest.approx(-g2), None)


def test_terms_said_alike_stand_in_order():
    said = counted({"a": (4, 4, 2), "b": (4, 4, 9)}, names=("y", "x", "z"))
    found = contrasts.key_terms(said, by="group", least=1)
    assert found.filter(group="a")["term"].to_list() == ["x", "y", "z"]
    assert found["group"].to_list() == ["a"] * 3 + ["b"] * 3
    older = keyness.keyness(said, by="group", first="a", second="b", least=1)
    assert older["term"].to_list() == ["x", "y", "z"]


# --------------------------------------------------------------------------------- by message
def test_what_cannot_be_compared():
    with pytest.raises(ColumnMissing, match=r"^counts of terms must have `grup`.*Did you mean `gr"):
        contrasts.key_terms(counted(SAID), by="grup")
    with pytest.raises(UnknownName, match=r"^against `rest` is not known"):
        contrasts.key_terms(counted(SAID), by="group", against="rest")
    with pytest.raises(UnknownName, match=r"^group `vs2` is not known\. It must be one of `vs0`"):
        contrasts.between(counted(SAID), by="group", first="vs0", second="vs2")
    with pytest.raises(OutOfRange, match=r"^first and second must be two groups of `group`; both"):
        contrasts.between(counted(SAID), by="group", first="vs0", second="vs0")
    with pytest.raises(OutOfRange, match=r"^least must be at least 1 respondent; it is 0"):
        contrasts.key_terms(counted(SAID), by="group", least=0)


@pytest.mark.parametrize("prior", [contrasts.pooled, contrasts.flat])
def test_a_prior_must_be_above_nothing(prior):
    with pytest.raises(OutOfRange, match=r"of the prior must be above 0; it is 0"):
        prior(0)


def test_nothing_to_compare_gives_an_empty_table():
    assert contrasts.key_terms(counted(SAID), by="group", least=99).height == 0
    assert contrasts.key_terms(counted({}), by="group").height == 0
