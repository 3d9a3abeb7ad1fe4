"""Answers weighted at intake to the population that study.toml declares."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tiny import study_folder, taken_in

from cxlab.errors import CxlabError, NotConverged, StudyInvalid, WeightsInvalid
from cxlab.load.intake import intake
from cxlab.stats import weights

FILE = """
[[files]]
path = "a.csv"
table = "responses"
[files.columns]
response_id = "id"
date = "day"
[files.attributes]
age = "age"
sex = "sex"
"""
AGES = "[weighting.margins.age]\nyoung = 50\nold = 50\n"
SEXES = "[weighting.margins.sex]\nf = 0.5\nm = 0.5\n"
# October: 6 young and 2 old; November: 1 and 3.
PEOPLE = [("2026-10-01", "young", "f")] * 4 + [("2026-10-02", "young", "m")] * 2
PEOPLE += [("2026-10-03", "old", "f"), ("2026-10-03", "old", "m")]
PEOPLE += [("2026-11-03", "young", "f"), ("2026-11-03", "old", "f")] + [
    ("2026-11-04", "old", "m")
] * 2


def csv(people: list[tuple[str, str, str]] = PEOPLE, extra: str = "") -> str:
    rows = [",".join((str(number), *row)) for number, row in enumerate(people)]
    return "\n".join(["id,day,age,sex", *rows]) + "\n" + extra


def weighed(folder: Path, toml: str, content: str) -> pl.DataFrame:
    return taken_in(study_folder(folder, FILE + toml, a_csv=content)).responses.collect()


def stopped(kind: type[CxlabError], folder: Path, toml: str, content: str) -> str:
    with pytest.raises(kind) as raised:
        intake(study_folder(folder, FILE + toml, a_csv=content))
    return str(raised.value)


def test_each_month_meets_the_margin_with_a_mean_weight_of_one(tmp_path: Path) -> None:
    found = weighed(tmp_path, AGES, csv())
    # By hand: October 4 of 8 each, so young 4/6 and old 4/2; November 2/1 and 2/3.
    wanted = [4 / 6] * 6 + [2.0] * 2 + [2.0] + [2 / 3] * 3
    assert found["weight"].to_list() == pytest.approx(wanted)
    assert found.columns[:3] == ["response_id", "date", "weight"]


def test_periods_are_told_in_their_order(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, FILE + AGES, a_csv=csv(PEOPLE[::-1]))
    told = intake(folder)["weighting"]["periods"]
    assert [each["period"] for each in told] == ["2026-10", "2026-11"]


def test_the_grain_is_the_stretch_within_which_margins_are_met(tmp_path: Path) -> None:
    found = weighed(tmp_path, '[weighting]\ngrain = "all"\n' + AGES, csv())
    # 7 young and 5 old of 12 in all.
    wanted = {"young": 6 / 7, "old": 6 / 5}
    assert found["weight"].to_list() == pytest.approx([wanted[age] for age in found["age"]])


def test_two_margins_are_raked_as_the_statistics_do(tmp_path: Path) -> None:
    found = weighed(tmp_path, '[weighting]\ngrain = "all"\n' + AGES + SEXES, csv())
    margins = {"age": {"young": 6.0, "old": 6.0}, "sex": {"f": 6.0, "m": 6.0}}
    again = weights.rake(found.drop("weight"), margins=margins)
    assert found["weight"].to_list() == pytest.approx(again["weight"].to_list())
    for margin in ("age", "sex"):
        sums = found.group_by(margin).agg(pl.col("weight").sum())["weight"].to_list()
        assert sums == pytest.approx([6.0, 6.0])


def test_bounds_cut_and_the_receipt_says_what_that_costs(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, FILE + "[weighting]\nhighest = 1.5\n" + AGES, a_csv=csv())
    receipt = intake(folder)
    found = taken_in(folder).responses.collect()
    # October: the two old ones are cut from 2 to 1.5, and the six others share the 1 cut off.
    assert found["weight"].to_list()[:8] == pytest.approx([5 / 6] * 6 + [1.5] * 2)
    told = receipt["weighting"]
    assert told["periods"][0] == {
        "period": "2026-10",
        "base": 8,
        "trimmed": 2,
        "margins_off": 0.25,
    }
    assert (told["grain"], told["unknown"]) == ("month", 0)


def test_a_sheet_of_unknown_kind_stops_or_keeps_the_weight_one(tmp_path: Path) -> None:
    content = csv(extra="99,2026-10-05,,f\n98,,old,f\n")
    message = stopped(WeightsInvalid, tmp_path / "a", AGES, content)
    assert message == (
        "[weighting] every answer sheet must have a date; 1 of 14 have none. "
        'With unknown = "one" they keep the weight 1.'
    )
    message = stopped(WeightsInvalid, tmp_path / "b", AGES, csv(extra="99,2026-10-05,,f\n"))
    assert "a level of margin `age`; 1 of 13 have none" in message
    study = taken_in(
        study_folder(tmp_path / "c", FILE + '[weighting]\nunknown = "one"\n' + AGES, a_csv=content)
    )
    found = study.responses.collect()
    assert found["weight"].to_list()[-2:] == [1.0, 1.0]
    assert found["weight"].to_list()[:6] == pytest.approx([4 / 6] * 6)
    assert study.receipt["weighting"]["unknown"] == 2
    assert study.weight == "weight"


def test_a_level_without_a_total_is_named_with_its_period(tmp_path: Path) -> None:
    content = csv(extra="99,2026-11-05,yuong,f\n")
    assert stopped(WeightsInvalid, tmp_path, AGES, content) == (
        "[weighting] November 2026: margin `age` must have a total for every level answered; "
        "it has none for `yuong`. Did you mean `young`?"
    )


def test_a_level_nobody_is_in_is_named_with_its_period(tmp_path: Path) -> None:
    assert stopped(WeightsInvalid, tmp_path, AGES, csv(PEOPLE[:6])) == (
        "[weighting] October 2026: margin `age` must have answers in every level; nobody "
        "answered in `old`. Use a longer grain, or one level for several."
    )


def test_margins_that_cannot_meet_are_named(tmp_path: Path) -> None:
    apart = [("2026-10-01", "young", "f"), ("2026-10-01", "old", "m")] * 5
    sexes = "[weighting.margins.sex]\nf = 0.9\nm = 0.1\n"
    message = stopped(NotConverged, tmp_path, AGES + sexes, csv(apart))
    assert message.startswith("[weighting] October 2026: raking must meet every margin;")
    assert "`age` is still off" in message or "`sex` is still off" in message


def test_bounds_too_tight_are_told_with_their_period(tmp_path: Path) -> None:
    bounds = "[weighting]\nlowest = 0.99\nhighest = 1.01\n"
    message = stopped(WeightsInvalid, tmp_path, bounds + AGES, csv())
    assert message.startswith("[weighting] October 2026: no weights between 0.99 and 1.01")


def test_a_margin_that_is_no_column_is_named(tmp_path: Path) -> None:
    message = stopped(CxlabError, tmp_path, AGES.replace(".age]", ".agee]"), csv())
    assert "[weighting] margins: responses must have `agee`" in message


WEIGHTED = FILE.replace('date = "day"', 'date = "day"\nweight = "w"')


def with_weights() -> str:
    lines = csv().splitlines()
    return "\n".join(
        [lines[0] + ",w", *[f"{line},{1 + at % 2}" for at, line in enumerate(lines[1:])]]
    )


def test_weights_of_the_export_are_where_raking_starts(tmp_path: Path) -> None:
    toml = WEIGHTED + '[weighting]\ngrain = "all"\nstart = "weight"\n' + AGES
    found = taken_in(study_folder(tmp_path, toml, a_csv=with_weights() + "\n")).responses.collect()
    young = found.filter(pl.col("age") == "young")["weight"]
    assert young.sum() == pytest.approx(6)
    assert young[1] / young[0] == pytest.approx(2)


def test_weights_of_the_export_are_never_written_over_unsaid(tmp_path: Path) -> None:
    with pytest.raises(StudyInvalid, match='must have start = "weight"'):
        intake(study_folder(tmp_path, WEIGHTED + AGES, a_csv=with_weights() + "\n"))


def test_weighting_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    toml = FILE + '[weighting]\ngrain = "year"\n' + AGES + SEXES.replace("0.5", "1")
    for name in ("a", "b"):
        intake(study_folder(tmp_path / name, toml, a_csv=csv()))
    first, second = (tmp_path / name / "tables" / "responses.parquet" for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.suffix for path in first.parent.iterdir()).count(".weighed") == 0
