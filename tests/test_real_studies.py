"""Three real surveys: what intake keeps, and headline numbers by an independent path.

The independent path is pandas or pyreadstat on the raw file, with nothing of ours between.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cxlab as cx
from cxlab.codebook import Scale
from cxlab.study import Study

pytestmark = pytest.mark.real
RAW = Path(__file__).resolve().parents[2] / "shared" / "real"


def opened(name: str, tables: Path) -> Study:
    if not (RAW / name).is_dir():
        pytest.skip(f"the real survey {name} is not beside the project (../shared/real/{name})")
    return cx.open(Path(__file__).parent / "real" / name, tables=tables)


@pytest.fixture(scope="module")
def mobiles(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return opened("mobiles", tmp_path_factory.mktemp("mobiles") / "tables")


@pytest.fixture(scope="module")
def sfo(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return opened("sfo", tmp_path_factory.mktemp("sfo") / "tables")


@pytest.fixture(scope="module")
def nhs(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return opened("nhs", tmp_path_factory.mktemp("nhs") / "tables")


@pytest.fixture(scope="module")
def mobiles_raw() -> Any:
    import pyreadstat

    return pyreadstat.read_sav(str(RAW / "mobiles" / "Mobiles_feedback_4_weeks.sav"))[0]


@pytest.fixture(scope="module")
def sfo_raw() -> dict[str, Any]:
    import pandas as pd

    name = "{}_SFO_Customer_Survey_20250817.csv"
    return {
        wave: pd.read_csv(RAW / "sfo" / name.format(wave), low_memory=False)
        for wave in ("2016", "2017")
    }


@pytest.fixture(scope="module")
def nhs_raw() -> Any:
    import pandas as pd

    return pd.read_csv(RAW / "nhs" / "v6framework_230831.csv", dtype=str, keep_default_na=False)


def nps(answers: Any) -> float:
    return 100 * float((answers >= 9).mean() - (answers <= 6).mean())


def test_mobiles_every_answer_sheet_is_kept(mobiles: Study) -> None:
    assert mobiles.receipt["files"][0]["rows_read"] == 895
    assert mobiles.rejected.is_empty()
    days = mobiles.responses.select(pl.col("date").min().alias("a"), pl.col("date").max()).collect()
    assert [str(day) for day in days.row(0)] == ["2019-07-23", "2019-08-18"]


def test_mobiles_scales_and_directions_come_from_the_file(mobiles: Study) -> None:
    assert mobiles.item("recommend").scale == Scale(0, 10, "up")
    assert mobiles.item("recommend").wording == "Likelihood to recommend"
    assert {item.scale for item in mobiles.items_of("effort")} == {Scale(1, 5, "up")}
    assert mobiles.item("cancel").not_applicable == {"6": "Don't know"}


def test_mobiles_net_promoter_score(mobiles: Study, mobiles_raw: Any) -> None:
    from cxlab.metrics import loyalty

    found = loyalty.net_promoter_score(mobiles.responses)
    assert found["base"].item() == 895
    assert found["score"].item() == pytest.approx(34.19, abs=0.005)
    assert found["score"].item() == pytest.approx(nps(mobiles_raw["Q8"]))


def test_mobiles_net_promoter_score_by_company(mobiles: Study, mobiles_raw: Any) -> None:
    from cxlab.metrics import loyalty

    found = loyalty.net_promoter_score(mobiles.responses, by="company")
    ours = dict(found.select("company", "score").iter_rows())
    theirs = {code: nps(rows["Q8"]) for code, rows in mobiles_raw.groupby("Q7")}
    assert ours["AT&T"] == pytest.approx(theirs[1])
    assert ours["Verizon"] == pytest.approx(theirs[12])
    assert len(ours) == len(theirs) == 14


@pytest.mark.parametrize(("item", "column"), [("bill", "Q12_1"), ("cancel", "Q12_5")])
def test_mobiles_effort_leaves_dont_know_out(
    mobiles: Study, mobiles_raw: Any, item: str, column: str
) -> None:
    from cxlab.metrics import satisfaction

    # Read without user_missing, pyreadstat makes the declared missing code 6 a NaN.
    scored = mobiles_raw[column].dropna()
    scale = mobiles.item(item).scale
    found = satisfaction.mean_score(mobiles.responses, item=item, scale=scale)
    assert found["base"].item() == len(scored) < 895
    assert found["mean"].item() == pytest.approx(scored.mean())
    coded = mobiles.not_scored.filter(pl.col("item") == item)
    assert coded.height == 895 - len(scored)
    assert set(coded["meaning"]) == {"Don't know"}


def test_sfo_both_waves_are_kept_whole(sfo: Study) -> None:
    waves = sfo.responses.group_by("wave").len().sort("wave").collect()
    assert waves.rows() == [("2016", 3087), ("2017", 2831)]
    assert sfo.rejected.is_empty()
    dates = sfo.responses.group_by("wave").agg(
        pl.col("date").min(), pl.col("date").max().alias("b")
    )
    assert [tuple(map(str, row)) for row in dates.sort("wave").collect().iter_rows()] == [
        ("2016", "2016-05-06", "2016-05-24"),
        ("2017", "2017-05-05", "2017-05-30"),
    ]


def test_sfo_recommending_was_not_asked_in_2016(sfo: Study) -> None:
    assert sfo.receipt["items"]["recommend"] == {
        "answered": 2746,
        "not_applicable": 84,
        "missing": 1,
        "not_asked": 3087,
    }


def test_sfo_net_promoter_score_weighted_and_not(sfo: Study, sfo_raw: dict[str, Any]) -> None:
    from cxlab.metrics import loyalty

    raw = sfo_raw["2017"]
    raw = raw[raw["NETPRO"].between(0, 10)]
    weight = raw["WEIGHT"] / raw["WEIGHT"].sum()
    weighted = 100 * float((weight * ((raw["NETPRO"] >= 9) * 1 - (raw["NETPRO"] <= 6))).sum())
    wave = sfo.responses.filter(pl.col("wave") == "2017")
    plain = loyalty.net_promoter_score(wave)
    assert plain["score"].item() == pytest.approx(nps(raw["NETPRO"]))
    assert plain["base"].item() == len(raw) == 2746
    found = loyalty.net_promoter_score(wave, weight="weight")
    assert found["score"].item() == pytest.approx(weighted)
    kish = raw["WEIGHT"].sum() ** 2 / (raw["WEIGHT"] ** 2).sum()
    assert found["effective_base"].item() == pytest.approx(kish)


@pytest.mark.parametrize(
    ("wave", "item", "column"),
    [
        ("2016", "overall", "Q7ALL"),
        ("2017", "overall", "Q7ALL"),
        ("2016", "wifi", "Q7WIFI"),
        ("2017", "security", "Q14PASSTHRU"),
    ],
)
def test_sfo_top_two_boxes_leave_blank_and_never_used_out(
    sfo: Study, sfo_raw: dict[str, Any], wave: str, item: str, column: str
) -> None:
    import pandas as pd

    from cxlab.metrics import satisfaction

    answers = pd.to_numeric(sfo_raw[wave][column], errors="coerce")
    answers = answers[answers.between(1, 5)]
    found = satisfaction.top_box(
        sfo.responses.filter(pl.col("wave") == wave), item=item, scale=sfo.item(item).scale
    )
    assert found["base"].item() == len(answers)
    assert found["share"].item() == pytest.approx((answers >= 4).mean())


def test_sfo_weights_are_the_files(sfo: Study, sfo_raw: dict[str, Any]) -> None:
    found = sfo.responses.group_by("wave").agg(pl.col("weight").sum()).sort("wave").collect()
    for (wave, ours), raw in zip(found.iter_rows(), sfo_raw.values(), strict=True):
        assert math.isclose(ours, raw["WEIGHT"].sum(), rel_tol=1e-12), wave


def test_nhs_a_respondent_counts_once_and_every_comment_is_kept(nhs: Study, nhs_raw: Any) -> None:
    answers, comments = nhs.receipt["files"]
    assert answers["rows_read"] == comments["rows_read"] == len(nhs_raw) == 7908
    assert answers["kept"] == nhs_raw["Respondent ID"].nunique() == 4466
    assert answers["reasons"] == {"repeat": 3442}
    assert comments["kept"] == (nhs_raw["FFT answer"] != "").sum() == 7412
    assert comments["reasons"] == {"empty": 496}
    assert nhs.receipt["joins"][0]["unmatched"] == 0


def test_nhs_one_is_best(nhs: Study, nhs_raw: Any) -> None:
    from cxlab.metrics import satisfaction

    scale = nhs.item("experience").scale
    assert scale == Scale(1, 5, "down")
    first = nhs_raw.drop_duplicates("Respondent ID")["FFT categorical answer"].astype(int)
    scored = first[first <= 5]
    found = satisfaction.top_box(nhs.responses, item="experience", scale=scale)
    assert found["base"].item() == len(scored)
    assert found["share"].item() == pytest.approx((scored <= 2).mean())
    assert nhs.not_scored["code"].value_counts().sort("code").rows() == [
        ("6", int((first == 6).sum())),
        ("7", int((first == 7).sum())),
    ]


def test_nhs_two_spellings_of_a_question_and_of_a_service_are_one(nhs: Study) -> None:
    questions = nhs.comments.select(pl.col("question").unique().sort()).collect()
    assert questions["question"].to_list() == [
        "FFT Why?",
        "How could we improve?",
        "Satisfied or dissatisfied with 111",
        "What could we do better?",
        "What was good?",
    ]
    services = nhs.responses.select(pl.col("service").drop_nulls().unique()).collect()
    assert "Patient transport" in services["service"].to_list()
    assert not services["service"].str.contains("\u00a0").any()
