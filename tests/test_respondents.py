"""Who answered, as the first chapter shows it: the demo's truths, small groups, silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from packs import DEMO, PERIOD
from tiny import study_folder, taken_in

import cxlab as cx
from cxlab.chapters.what_came_in import receipts, respondents
from cxlab.metrics import loyalty, turnout
from cxlab.study import Study

OCTOBER = cx.period(PERIOD)


@pytest.fixture(scope="module")
def demo() -> Study:
    return cx.open(DEMO)


def rows(shown: object) -> list[list[str]]:
    return shown.payload["rows"]  # type: ignore[attr-defined]


def caption(shown: object) -> str:
    return str(shown.payload["caption"])  # type: ignore[attr-defined]


def test_truth_19_occasional_customers_answer_half_as_often(demo: Study) -> None:
    asked, _, of = respondents._asked(demo, cx.period("all"))
    assert (asked is not None, of) == (True, "Asked")
    found = turnout.nonresponse(asked, columns=["segment"]).to_dicts()
    shares = {row["level"]: row["share"] for row in found}
    assert shares.pop("Occasional") == pytest.approx(0.25, abs=0.02)
    assert list(shares.values()) == pytest.approx([0.56] * 3, abs=0.02)
    assert all(row["flagged"] for row in found)


def test_a_month_is_enough_to_show_it(demo: Study) -> None:
    shown = respondents.silent(demo, OCTOBER)
    assert caption(shown).startswith("Who answered, October 2026: lower for Occasional (segment)")
    told = {row[1]: row[-1] for row in rows(shown)}
    assert told["Occasional"] == "lower"
    assert told["London"] == "no clear difference"


def test_truth_19_weighting_by_segment_lowers_the_score(demo: Study, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("tables"))
    levels = demo.customers.group_by("segment").len().sort("segment").collect()
    totals = "".join(f"{level} = {count}\n" for level, count in levels.rows())
    with (folder / "study.toml").open("a") as file:
        file.write(f'\n[weighting]\nunknown = "one"\n[weighting.margins.segment]\n{totals}')
    weighted = cx.open(folder)
    known = weighted.responses.filter(pl.col("segment").is_not_null())
    plain = loyalty.net_promoter_score(known)["score"][0]
    score = loyalty.net_promoter_score(known, weight=weighted.weight)["score"][0]
    assert -6 < score - plain < -1
    shown = respondents.weights(weighted, OCTOBER)
    assert caption(shown).startswith("Weights raked to segment; 985 sheets of unknown kind keep")
    last = rows(shown)[-1]
    assert last[:3] == ["October 2026", "988", "988.00"]
    assert float(last[-1]) == pytest.approx(988 / float(last[-2]), abs=0.01)


def test_the_rates_of_the_demo_are_aapors(demo: Study) -> None:
    shown = respondents.rates(demo, OCTOBER)
    assert caption(shown).endswith("October 2026: 889 complete, 45 partial, 1,081 unknown")
    # 889 of 2,015, and 889 + 45 of 2,015.
    assert [row[1:3] for row in rows(shown)][:2] == [["2,015", "44%"], ["2,015", "46%"]]


def test_the_grids_of_the_demo_are_found(demo: Study) -> None:
    grids = respondents.grids(demo)
    assert [len(items) for items in grids.values()] == [3, 9, 9]
    assert next(iter(grids)) == "3 trust questions (trust to honest)"


def test_every_sheet_of_the_month_is_in_the_table_of_questions(demo: Study) -> None:
    counts = [
        [int(cell.replace(",", "")) for cell in row[1:]]
        for row in rows(receipts.items(demo, OCTOBER))
    ]
    assert {sum(row) for row in counts} == {988}


def test_repeated_rows_are_told(demo: Study) -> None:
    assert receipts.repeats(demo) == (
        "8 rows came again with a key already seen; the first was kept."
    )


TOML = """
minimum_base = 4
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
customer_id = "who"
date = "day"
channel = "channel"
"""
CUSTOMERS = """
[[files]]
path = "c.csv"
table = "customers"
[files.columns]
customer_id = "id"
segment = "segment"
"""


def sheets(times: int = 1) -> str:
    lines = ["id,who,day,channel"]
    for month, shop, web, mail in (("09", 10, 10, 5), ("10", 20, 2, 5)):
        kinds = (["shop"] * shop + ["web"] * web + ["mail"] * mail) * times
        lines += [f"{month}{at},c{at},2026-{month}-02,{kind}" for at, kind in enumerate(kinds)]
    return "\n".join(lines) + "\n"


def test_a_study_without_invitations_says_so(tmp_path: Path) -> None:
    study = taken_in(study_folder(tmp_path, TOML, a_csv=sheets()))
    assert respondents.rates(study, OCTOBER).text == (
        "Response rates are not known: they need invitations (fieldwork in study.toml)."
    )
    assert respondents.silent(study, OCTOBER).text.startswith("Who did not answer is not known")
    assert respondents.weights(study, OCTOBER).text.startswith("Answers are not weighted")
    assert respondents.drift(study).text == "All answers come from one wave of the questionnaire."
    assert respondents.care(study, OCTOBER).text.startswith("This study has no grid")
    assert respondents.redactions(study).text == "No personal data was found in open text."
    assert respondents.makeup(study, cx.period("all")).text == respondents.NO_EARLIER
    assert receipts.repeats(study) == "No row came twice."


def test_a_group_that_grew_beyond_chance_is_called_higher(tmp_path: Path) -> None:
    study = taken_in(study_folder(tmp_path, TOML, a_csv=sheets(times=4)))
    told = {row[1]: row[-1] for row in rows(respondents.makeup(study, OCTOBER))}
    assert told == {"shop": "higher", "web": "lower", "mail": "no clear difference"}


def test_small_groups_are_hidden_and_so_is_the_one_beside_them(tmp_path: Path) -> None:
    study = taken_in(study_folder(tmp_path, TOML, a_csv=sheets()))
    told = {row[1]: row[2:] for row in rows(respondents.makeup(study, OCTOBER))}
    # Two of the web in October would follow from the total, had mail been shown.
    hidden = "fewer than 4 answers here or next to it"
    assert told["web"] == told["mail"] == ["–", "–", "–", "–", hidden]
    assert told["shop"][:3] == ["20", "74%", "40%"]
    assert told["shop"][-1] == "no clear difference"


def test_without_invitations_the_list_of_customers_is_compared_with(tmp_path: Path) -> None:
    people = "id,segment\n" + "".join(f"c{at},{'old' if at < 27 else 'new'}\n" for at in range(60))
    study = taken_in(study_folder(tmp_path, TOML + CUSTOMERS, a_csv=sheets(), c_csv=people))
    shown = respondents.silent(study, OCTOBER)
    assert shown.payload["head"][2] == "In the list"
    told = {row[1]: row for row in rows(shown)}
    # All 27 of old answered in October; none of new, which is too few to be shown.
    assert told["old"][2:3] == ["27"]
    assert told["new"][3] == "fewer than 4 answers"


def test_those_without_a_match_are_set_beside_the_others(demo: Study) -> None:
    told = rows(respondents.strangers(demo, OCTOBER))
    named = [(row[0], row[1]) for row in told]
    assert named[0] == ("responses", "recommend")
    assert ("orders", "amount") in named
    row = told[0]
    # 56 sheets of October name nobody known; one of them did not answer this.
    assert (row[2], row[4]) == ("55", "918")
