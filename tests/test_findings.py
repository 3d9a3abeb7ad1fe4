"""Findings: recorded guarded, judged together, written so that no spreadsheet runs them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest

from cxlab import guard
from cxlab.errors import ColumnMissing, UnknownName
from cxlab.periods import Period
from cxlab.report import findings


def changes(*rows: tuple[str, int, float, float]) -> pl.DataFrame:
    """Rows of (channel, base, change, p) in the long shape."""
    return pl.DataFrame(
        [
            {
                "measure": "NPS",
                "item": "recommend",
                "unit": "points",
                "better": "up",
                "face": "advocacy",
                "channel": name,
                "base": base,
                "estimate": 30.0,
                "low": 25.0,
                "high": 35.0,
                "base_before": base,
                "before": 30.0 - change,
                "change": change,
                "change_low": change - 5,
                "change_high": change + 5,
                "p": p,
            }
            for name, base, change, p in rows
        ]
    )


def recorded(frame: pl.DataFrame, **more: Any) -> findings.Recorded:
    told = {"what": "loyalty", "kind": "change", "period": Period.parse("2026-10"), **more}
    return findings.record(guard.hide_small(frame), **told)


def notebook(*records: findings.Recorded) -> Any:
    cells = []
    for each in records:
        cell = nbformat.v4.new_code_cell("x")
        cell.outputs = [nbformat.v4.new_output("display_data", data=each._repr_mimebundle_())]
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def test_a_finding_says_what_where_when_and_how_sure() -> None:
    (row,) = recorded(changes(("web", 40, 9.0, 0.01)), against="previous").rows
    assert {key: row[key] for key in ("what", "measure", "where", "period", "kind", "against")} == {
        "what": "loyalty",
        "measure": "NPS",
        "where": "web",
        "period": "2026-10",
        "kind": "change",
        "against": "previous",
    }
    assert [row["estimate"], row["base"], row["before"], row["p"]] == [30.0, 40, 21.0, 0.01]


def test_a_finding_over_all_answers_says_so() -> None:
    (row,) = recorded(changes(("web", 40, 9.0, 0.01)).drop("channel")).rows
    assert row["where"] == "all answers"


def test_nothing_unguarded_is_recorded() -> None:
    with pytest.raises(ColumnMissing, match="hide_small first"):
        findings.record(changes(("web", 40, 9.0, 0.01)), what="x", kind="change")


def test_a_hidden_group_is_recorded_without_its_numbers() -> None:
    rows = recorded(
        changes(("web", 40, 9.0, 0.01), ("fax", 4, 1.0, 0.2), ("post", 6, 1.0, 0.2))
    ).rows
    assert [row["p"] for row in rows] == [0.01, None, None]
    assert [row["base"] for row in rows] == [40, None, None]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"kind `changes` is not known. Did you mean `change`\?"):
        recorded(changes(("web", 40, 9.0, 0.01)), kind="changes")


def test_chance_is_controlled_over_all_chapters_together() -> None:
    # Benjamini and Hochberg: of 1 test .04 is flagged, of 4 it must be below .0125.
    one = {"loyalty": notebook(recorded(changes(("web", 40, 9.0, 0.04))))}
    rest = [(f"c{k}", 40, 1.0, 0.9) for k in range(3)]
    both = {**one, "other": notebook(recorded(changes(*rest), what="other"))}
    assert findings.collect(one)["flagged"].to_list() == [True]
    assert findings.collect(both)["flagged"].to_list() == [False] * 4
    assert findings.collect(both)["p_adjusted"][0] == pytest.approx(0.16)


def test_a_finding_of_two_chapters_counts_once() -> None:
    same = recorded(changes(("web", 40, 9.0, 0.04)))
    table = findings.collect({"one": notebook(same), "two": notebook(same)})
    assert table["chapter"].to_list() == ["one"]


def test_a_level_is_never_flagged() -> None:
    level = changes(("web", 40, 9.0, 0.04)).select(
        "measure", "unit", "base", "estimate", "low", "high"
    )
    table = findings.collect({"one": notebook(recorded(level, kind="level"))})
    assert table.select("p_adjusted", "flagged").row(0) == (None, False)


def test_a_pack_without_findings_has_an_empty_table(tmp_path: Path) -> None:
    table = findings.collect({"one": notebook()})
    findings.write(table, tmp_path)
    assert table.height == 0
    assert (tmp_path / "findings.csv").read_text().startswith("what,measure,item,where")


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\tx", " =cmd()", "\r=x"])
def test_no_cell_is_a_formula_to_a_spreadsheet(tmp_path: Path, name: str) -> None:
    table = findings.collect({"one": notebook(recorded(changes((name, 40, 9.0, 0.01))))})
    findings.write(table, tmp_path)
    with (tmp_path / "findings.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["where"] == f"'{name}"
    assert float(row["change"]) == 9.0
    assert pl.read_parquet(tmp_path / "findings.parquet")["where"][0] == name


def test_plain_text_keeps_its_cell(tmp_path: Path) -> None:
    table = findings.collect({"one": notebook(recorded(changes(("web-shop", 40, -9.0, 0.01))))})
    findings.write(table, tmp_path)
    with (tmp_path / "findings.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["where"], float(row["change"])) == ("web-shop", -9.0)
