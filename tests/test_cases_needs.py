"""Worked cases of needs: printed ones in tests/cases, peers' in ../shared/cases.

Left out, with the reason: individual-level utilities by shrinkage (a sampler is not for us to
write; 05e's difference scores are checked), the "continuous" Kano table (it is another
method, and 05a itself goes by Berger's).
"""

from pathlib import Path
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest
from peers import FOLDER, beside, data, expected

from cxlab.metrics import needs
from cxlab.metrics.needs import Pair

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).resolve().parents[2] / "shared"
FEW: Any = {"samples": 100}


def case(name: str) -> list[dict[str, Any]]:
    return pl.read_csv(CASES / f"{name}.csv").to_dicts()


def near(value: Any, *, to: float = 1e-12) -> Any:
    return pytest.approx(value, rel=to, abs=to)


# Printed.


@pytest.mark.parametrize("row", case("opportunity"), ids=lambda row: row["source"])
def test_opportunity_of_ten_people(row):
    sheets = pl.DataFrame(
        {side: [5] * row[side] + [3] * (10 - row[side]) for side in ("importance", "satisfaction")}
    )
    pair = Pair("it", "importance", "satisfaction")
    found = needs.opportunity.scores(sheets, pairs=[pair], **FEW).row(0, named=True)
    columns = ("importance", "satisfaction", "opportunity")
    assert [found[name] for name in columns] == near([row[name] for name in columns])


# One pair of answers of each category.
ANSWERS = {"A": (1, 3), "O": (1, 5), "M": (3, 5), "I": (3, 3), "R": (3, 1), "Q": (1, 1)}


def kano_sheets(counts: dict[str, int]) -> pl.DataFrame:
    rows = [ANSWERS[letter] for letter, count in counts.items() for _ in range(count)]
    return pl.DataFrame(rows, schema=["with", "without"], orient="row")


@pytest.mark.parametrize("row", case("kano_counts"))
def test_kano_coefficients_and_fong(row):
    sheets = kano_sheets({letter: row[letter] for letter in ANSWERS})
    found = needs.kano.categories(sheets, pairs=[Pair("it", "with", "without")], **FEW)
    one = found.row(0, named=True)
    assert one["better"] == pytest.approx(row["better"], abs=5e-4)
    assert one["worse"] == pytest.approx(row["worse"], abs=5e-4)
    assert one["fong"] == pytest.approx(row["needed"], abs=0.06)
    assert one["category_strength"] * one["base"] == pytest.approx(row["apart"])
    assert (one["category"], one["clear"], one["undecided"]) == ("indifferent", True, "")


def test_closed_form_of_best_worst_counts():
    table = pl.read_csv(CASES / "maxdiff_counts.csv")
    found = needs.maxdiff.analytic(table.select("item", "shown", "best", "worst"))
    assert found["utility"].to_list() == pytest.approx(table["utility"].to_list(), abs=5e-10)
    assert found["se"][0] == pytest.approx(table["se"][0], abs=5e-9)


# The peers' cases.


@beside
def test_05a_kano_of_each_person():
    found = data("05a-kano").head(12)
    letters = needs.kano.category(pl.col("functional"), pl.col("dysfunctional"))
    assert found.select(letters).to_series().to_list() == expected("05a-kano")["first12"]


def kano_case() -> tuple[dict[str, Any], dict[str, Any], pl.DataFrame]:
    pair = Pair("it", "functional", "dysfunctional")
    how: Any = {"pairs": [pair], "by": "attribute"}
    decided = needs.kano.categories(data("05a-kano"), **how, **FEW)
    spread = needs.kano.answers(data("05a-kano"), **how)
    rows = {row["attribute"]: row for row in decided.to_dicts()}
    return expected("05a-kano")["attributes"], rows, spread


@beside
@pytest.mark.parametrize(
    "attribute",
    ["quick_reply", "human_agent", "loyalty_gift", "chatbot", "autoplay_video", "all25"],
)
def test_05a_kano_of_each_attribute(attribute):
    want, rows, spread = kano_case()
    one, goal = rows[attribute], want[attribute]
    letters = {name: letter for letter, name in needs.kano.NAMES.items()}
    counts = {
        letters[name]: count
        for name, count in spread.filter(attribute=attribute).select("category", "count").rows()
    }
    assert counts == goal["counts"]
    assert (one["base"], letters[one["category"]]) == (goal["n"], goal["category"])
    assert (one["better"], one["worse"]) == near((goal["better"], goal["worse"]))
    strengths = (100 * one["total_strength"], 100 * one["category_strength"])
    assert strengths == near((goal["total_strength"], goal["category_strength"]))
    assert one["clear"] == goal["fong_significant"]


def opportunity_sheets() -> tuple[pl.DataFrame, list[Pair]]:
    long = data("05b-odi-ipa")
    wide = long.pivot(on="outcome", index="resp", values=["importance", "satisfaction"])
    outcomes = long["outcome"].unique().sort().to_list()
    return wide, [Pair(name, f"importance_{name}", f"satisfaction_{name}") for name in outcomes]


@beside
def test_05b_opportunity_from_top_boxes():
    want, (sheets, pairs) = expected("05b-odi-ipa"), opportunity_sheets()
    found = needs.opportunity.scores(sheets, pairs=pairs, **FEW)
    for column, name in (
        ("importance", "importance10"),
        ("satisfaction", "satisfaction10"),
        ("opportunity", "opportunity"),
        ("rank", "rank"),
    ):
        assert dict(found.select("need", column).rows()) == near(want[name])


@beside
def test_05b_opportunity_from_means():
    want, (sheets, pairs) = expected("05b-odi-ipa"), opportunity_sheets()
    found = needs.opportunity.scores(sheets, pairs=pairs, form="mean", **FEW)
    assert dict(found.select("need", "opportunity").rows()) == near(want["opportunity_from_means"])


@beside
def test_05b_importance_performance():
    want, (sheets, pairs) = expected("05b-odi-ipa"), opportunity_sheets()
    found = needs.opportunity.importance_performance(sheets, pairs=pairs, **FEW)
    lines = found.select("importance_line", "performance_line").row(0)
    assert lines == near((want["ipa_cross"]["importance"], want["ipa_cross"]["performance"]))
    short = {"concentrate here": "concentrate", "possible overkill": "overkill"}
    quadrants = {need: short[name] for need, name in found.select("need", "quadrant").rows()}
    assert quadrants == want["ipa"]


def best_worst() -> tuple[pl.DataFrame, list[str]]:
    """The case's positions as the codebook's choices."""
    case_ = "05c-maxdiff"
    items = (FOLDER / case_ / "items.txt").read_text(encoding="utf-8").split()
    design = data(case_, "design.csv").rows()
    rows = [
        (str(sheet["id"]), str(task), items[number - 1], pick)
        for sheet in data(case_, "responses.csv").to_dicts()
        for task, shown in enumerate(design, start=1)
        for place, number in enumerate(shown, start=1)
        for pick in [
            {sheet[f"B{task}"]: "best", sheet[f"W{task}"]: "worst"}.get(place, "none"),
        ]
    ]
    return pl.DataFrame(rows, schema=["response_id", "task", "item", "choice"], orient="row"), items


@beside
def test_05c_best_worst_counts():
    want, (choices, _) = expected("05c-maxdiff"), best_worst()
    found = needs.maxdiff.counts(choices, **FEW)
    assert set(found["base"]) == {want["n_resp"]}
    for column, name in (("best", "best"), ("worst", "worst"), ("score", "std_bw")):
        assert dict(found.select("item", column).rows()) == near(want[name])
    ratio = found.select("item", (pl.col("best") / pl.col("worst")).sqrt())
    assert dict(ratio.rows()) == near(want["sqrt_ratio"])


@beside
@pytest.mark.parametrize("model", ["maxdiff", "marginal", "sequential"])
def test_05c_conditional_logit(model):
    want, (choices, items) = expected("05c-maxdiff")[model], best_worst()
    found = needs.maxdiff.logit(choices, model=model, reference=items[-1])
    for column, name in (("utility", "coef"), ("se_model", "se")):
        rows = dict(found.filter(pl.col("item") != items[-1]).select("item", column).rows())
        assert rows == near(want[name], to=1e-7)
    shares = dict(found.select("item", 100 * pl.col("share")).rows())
    assert shares == near(want["share_of_preference"], to=1e-7)
    assert found.select("likelihood", "by_chance").row(0) == near(
        (want["loglik"], want["loglik0"]), to=1e-7
    )


@beside
def test_05d_closed_form():
    want = expected("05d-maxdiff-analytic")
    counts = data("05d-maxdiff-analytic", "counts.csv").rename(
        {"totals": "shown", "bests": "best", "worsts": "worst"}
    )
    # The peer takes 1.96 standard errors either side.
    confidence = 2 * NormalDist().cdf(1.96) - 1
    found = needs.maxdiff.analytic(counts, confidence=confidence)
    names = {"utility": "b", "se": "se", "low": "lb", "high": "ub", "share": "choice_p"}
    for column, name in names.items():
        assert found[column].to_list() == near(want[name])


def signed(table: pl.DataFrame, item: str) -> pl.DataFrame:
    """Choices from -1, 0 and 1."""
    picks = {-1.0: "worst", 0.0: "none", 1.0: "best"}
    return table.select(
        pl.col("id").cast(pl.Int64).cast(pl.String).alias("response_id"),
        pl.col("block").cast(pl.Int64).cast(pl.String).alias("task"),
        pl.col(item).alias("item"),
        pl.col("value").cast(pl.Float64).replace_strict(picks).alias("choice"),
    )


@beside
def test_05e_each_persons_difference_scores():
    want = expected("05e-maxdiff-diffscore")
    found = needs.maxdiff.individuals(signed(data("05e-maxdiff-diffscore", "indiv.csv"), "label"))
    rows = {
        (one, item): score
        for one, item, score in found.select("response_id", "item", "score").rows()
    }
    assert rows["10", "crime"] == want["crime_id10"]
    assert rows["1", "healthcare"] == want["healthcare_id1"]
    total = found.group_by("item").agg(pl.col("score").sum())
    assert dict(total.rows()) == want["aggregate"]
    assert found["response_id"].n_unique() == want["n"]


@beside
@pytest.mark.parametrize("size", [2, 3, 4])
def test_05f_reach_and_frequency(size):
    want, sheets = expected("05f-turf"), data("05f-turf")
    items = [f"item_{number}" for number in range(1, 11)]
    found = needs.turf.sets(sheets, items=items, size=size, keep=5, weight="wgt", **FEW)
    best = found.filter(size=size)
    assert best["tried"][0] == want["n_combos"][size - 2]
    assert best["items"].to_list() == [
        " + ".join(f"item_{at}" for at in one["items"]) for one in want[f"k{size}"]
    ]
    for column, name in (("reach", "reach"), ("frequency", "freq")):
        assert best[column].to_list() == near([one[name] for one in want[f"k{size}"]], to=1e-10)


@beside
def test_05f_reached_twice():
    want, sheets = expected("05f-turf")["k3_depth2"], data("05f-turf")
    items = [f"item_{number}" for number in range(1, 11)]
    found = needs.turf.sets(sheets, items=items, size=3, depth=2, keep=3, weight="wgt", **FEW)
    best = found.filter(size=3)
    assert best["items"].to_list() == [
        " + ".join(f"item_{at}" for at in one["items"]) for one in want
    ]
    assert best["reach"].to_list() == near([one["reach"] for one in want], to=1e-10)


# Real answers.


@beside
def test_political_issues_of_350_people():
    table = pl.read_csv(SHARED / "real" / "maxdiff" / "vdata.csv")
    choices = signed(table, "issue")
    assert needs.screens.whole(choices).row(0) == (350, 4550, 4550, 0)
    found = needs.maxdiff.utilities(choices, **FEW)
    rows = {row["item"]: row for row in found.to_dicts()}
    for one in case("maxdiff_counts"):
        printed = pytest.approx(one["utility"], abs=5e-9)
        assert rows[one["item"]]["utility"] == printed or one["item"] == "race"
    assert found["item"][0] == "healthcare"
    assert found["p_first"][0] > 0.8
    assert found["share"].sum() == pytest.approx(1)
    # Answers of one person are alike: the closed form's error is too small.
    assert (found["se"] > found["se_analytic"]).mean() > 0.8


@beside
def test_qualtrics_export_of_pizzas():
    export = pl.read_csv(
        SHARED / "real" / "exports" / "qualtrics" / "qualtrics-pizza-maxdiff.csv",
        infer_schema=False,
    )
    titles = {number: export[f"Q1_{number}"][0].split("least?-")[1] for number in range(1, 12)}
    choices = needs.screens.from_qualtrics(
        export.slice(2), items=titles, best="1", worst="2", person="ResponseID"
    )
    people = export.height - 2
    assert needs.screens.whole(choices).row(0) == (people, 6 * people, 6 * people, 0)
    assert set(choices.group_by("response_id", "task").len()["len"]) == {5}
    first = choices.filter(pl.col("response_id") == export["ResponseID"][2], task="Q1")
    answered = [number for number in titles if export[f"Q1_{number}"][2]]
    picked = first.filter(pl.col("choice") != "none")["item"].to_list()
    assert sorted(picked) == sorted(titles[number] for number in answered)
