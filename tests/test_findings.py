"""Findings: recorded guarded, judged together, written so that no spreadsheet runs them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest

from cxlab import findings, guard
from cxlab.errors import ColumnMissing, UnknownName
from cxlab.periods import Period


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
    # Benjamini and Hochberg: of 1 test .016 is flagged, of 4 it must be below .005.
    one = {"loyalty": notebook(recorded(changes(("web", 40, 9.0, 0.016))))}
    rest = [(f"c{k}", 40, 1.0, 0.9) for k in range(3)]
    both = {**one, "other": notebook(recorded(changes(*rest), what="other"))}
    assert findings.collect(one)["flagged"].to_list() == [True]
    assert findings.collect(both)["flagged"].to_list() == [False] * 4
    assert findings.collect(both)["p_adjusted"][0] == pytest.approx(0.064)


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


def needs(*rows: tuple[str, int, float | None]) -> pl.DataFrame:
    """Rows of (name, base, p), guarded."""
    names = ("measure", "item", "base", "p")
    table = pl.DataFrame(
        [(name, name.lower(), base, p) for name, base, p in rows], schema=names, orient="row"
    )
    return guard.hide_small(table, within=("measure", "item"))


def line(row: dict[str, Any]) -> findings.Told:
    return findings.Told(f"{row['measure']} is needed", f"{row['base']} answers", who="people")


def told(frame: pl.DataFrame, **more: Any) -> findings.Recorded:
    about = {"section": "need", "what": "needs", "period": Period.parse("2026-10"), "say": line}
    return findings.tell(frame, **{**about, **more})


def test_a_line_is_told_with_what_stands_behind_it() -> None:
    (row,) = told(needs(("Tracking", 40, 0.01))).rows
    assert row == {
        "what": "needs",
        "kind": "need",
        "measure": "Tracking",
        "item": "tracking",
        "where": "all answers",
        "by": "",
        "against": "",
        "period": "2026-10",
        "p": 0.01,
        "base": 40,
        "hidden": None,
        "text": "Tracking is needed",
        "evidence": "40 answers",
        "who": "people",
        "sure": "",
        "rank": 1,
    }


def test_nothing_unguarded_is_told() -> None:
    with pytest.raises(ColumnMissing, match="hide_small first"):
        told(needs(("Tracking", 40, 0.01)).drop("hidden"))


def test_a_hidden_row_is_never_put_into_words() -> None:
    seen: list[str] = []

    def say(row: dict[str, Any]) -> None:
        seen.append(row["measure"])

    rows = told(needs(("Fax", 4, 0.01), ("Tracking", 40, 0.01)), say=say).rows
    assert seen == ["Tracking"]
    assert [[row.get("text"), row["p"], row["base"]] for row in rows] == [
        [None, None, None],
        [None, 0.01, 40],
    ]


def test_what_has_nothing_to_say_still_counts_among_the_comparisons() -> None:
    many = needs(("Tracking", 40, 0.04), *((f"n{k}", 40, 0.9) for k in range(3)))
    one = told(many, say=lambda row: line(row) if row["p"] < 0.05 else None)
    table = findings.collect({"needs": notebook(one)})
    assert table["p_adjusted"].to_list() == pytest.approx([0.16, 0.9, 0.9, 0.9])
    assert table["text"].to_list() == ["Tracking is needed", None, None, None]
    assert not table["flagged"].any()


def test_a_need_and_an_action_that_rest_on_one_test_are_one_comparison() -> None:
    # Counted twice, .008 would be .008 × 3 / 2.
    table = needs(("Tracking", 40, 0.008), ("Chat", 40, 0.016))
    both = told(table) + told(table.head(1), section="action")
    found = findings.collect({"needs": notebook(both)})
    assert found["p_adjusted"].to_list() == pytest.approx([0.016, 0.016, 0.016])
    assert found["kind"].to_list() == ["need", "need", "action"]
    assert found["flagged"].all()


def test_clear_needs_do_not_lower_the_bar_for_a_change() -> None:
    # Among four sure needs alone .016 would pass: it is the fifth of five.
    sure = told(needs(*((f"n{k}", 40, 1e-9) for k in range(4))))
    moved = recorded(changes(("web", 40, 9.0, 0.016), ("shop", 40, 1.0, 0.9)))
    found = findings.collect({"needs": notebook(sure), "loyalty": notebook(moved)})
    assert found["flagged"].to_list() == [True, True, True, True, False, False]
    assert found["p_adjusted"][4] == pytest.approx(0.032)


def test_needs_do_not_pass_by_themselves_where_many_changes_were_compared() -> None:
    quiet = recorded(changes(*((f"c{k}", 40, 1.0, 0.9) for k in range(9))))
    found = findings.collect({"a": notebook(told(needs(("Tracking", 40, 0.04))) + quiet)})
    assert found["p_adjusted"][0] == pytest.approx(0.4)


def test_the_order_of_chapters_does_not_change_what_is_flagged() -> None:
    one = notebook(told(needs(("Tracking", 40, 0.02), ("Chat", 40, 0.03))))
    other = notebook(recorded(changes(("web", 40, 9.0, 0.01), ("shop", 40, 1.0, 0.9))))
    keys = ["measure", "where", "kind"]
    first = findings.collect({"one": one, "other": other}).sort(keys)
    second = findings.collect({"other": other, "one": one}).sort(keys)
    assert first.equals(second)


def test_a_fact_is_noted_without_a_test() -> None:
    fact = findings.Told("August: 3 rows more", "12 rows when first published, 15 now")
    note = findings.note("restated", fact, what="restated", period=Period.parse("2026-10"))
    table = findings.collect({"what_came_in": notebook(note)})
    assert table.select("kind", "text", "p", "flagged", "chapter").row(0) == (
        *("restated", "August: 3 rows more", None, False, "what_came_in"),
    )


def test_an_unknown_section_or_actor_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"section `needs` is not known. Did you mean `need`\?"):
        told(needs(("Tracking", 40, 0.01)), section="needs")
    with pytest.raises(UnknownName, match="who `chef` is not known"):
        told(needs(("Tracking", 40, 0.01)), say=lambda row: findings.Told("x", "y", who="chef"))


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("human", "people"),
        ("Processes ", "process"),
        ("chef", ""),
        (None, ""),
        ("nobody", "nobody"),
    ],
)
def test_who_can_act_has_one_name(said: str | None, known: str) -> None:
    assert findings.actor(said) == known


def test_every_column_of_the_table_is_described(tmp_path: Path) -> None:
    table = findings.collect({"one": notebook(recorded(changes(("web", 40, 9.0, 0.04))))})
    assert list(findings.COLUMNS) == table.columns
    assert all(findings.COLUMNS.values())


def test_told_text_is_no_formula_to_a_spreadsheet(tmp_path: Path) -> None:
    frame = needs(("=cmd()", 40, 0.01))
    findings.write(findings.collect({"one": notebook(told(frame))}), tmp_path)
    with (tmp_path / "findings.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["text"] == "'=cmd() is needed"
