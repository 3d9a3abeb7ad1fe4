"""Figures show what the guard let through, say their finding, and print names as they are."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from cxlab import guard, plots
from cxlab.errors import ColumnMissing, UnknownName
from cxlab.plots import texts, theme

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>more</a>",
    "a<br>b",
    "%{customdata}",
    "x\u202egnp.exe",
    "<b>bold</b>",
)


def board(*rows: tuple[Any, ...], unit: str = "points", by: str = "channel") -> pl.DataFrame:
    """Contrasts in the long shape from (group, base, estimate, half width, others, flagged)."""
    return pl.DataFrame(
        [
            {
                "measure": "Net promoter score",
                "item": "recommend",
                "unit": unit,
                "better": "up",
                "face": "advocacy",
                by: name,
                "base": base,
                "estimate": at,
                "low": at - half,
                "high": at + half,
                "base_before": 500,
                "before": others,
                "change": at - others,
                "change_low": at - others - half,
                "change_high": at - others + half,
                "p": 0.001,
                "p_adjusted": 0.001,
                "flagged": flagged,
            }
            for name, base, at, half, others, flagged in rows
        ]
    )


THREE = (
    ("web", 400, 35.0, 6.0, 20.0, True),
    ("shop", 350, 41.0, 5.0, 18.0, True),
    ("mobile", 300, 3.0, 7.0, 38.0, True),
)


def periods(*estimates: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "period": f"2026-{month:02}",
                "measure": "NPS",
                "unit": "points",
                "base": 5 if at is None else 200,
                "estimate": at or 0.0,
                "low": (at or 0.0) - 4,
                "high": (at or 0.0) + 4,
            }
            for month, at in enumerate(estimates, start=1)
        ]
    )


def answers(**shares: tuple[int, tuple[float, ...]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"channel": name, "answer": code, "base": base, "share": share}
            for name, (base, each) in shares.items()
            for code, share in enumerate(each, start=1)
        ]
    )


def bundle(figure: Any) -> dict[str, Any]:
    return figure._repr_mimebundle_()


def shown(figure: Any) -> dict[str, Any]:
    return bundle(figure)["application/vnd.cxlab.page+json"]


def drawn(figure: Any) -> dict[str, Any]:
    return bundle(figure)["application/vnd.plotly.v1+json"]


def test_a_result_the_guard_has_not_seen_is_not_drawn() -> None:
    for draw in (plots.intervals, plots.trend, plots.table):
        with pytest.raises(ColumnMissing, match="hide_small first"):
            draw(board(*THREE))
    with pytest.raises(ColumnMissing, match="hide_small first"):
        plots.distribution(answers(web=(50, (0.5, 0.5))))


def test_the_title_is_the_finding() -> None:
    figure = plots.intervals(guard.hide_small(board(*THREE)))
    assert shown(figure)["title"] == "Mobile trails every other channel by 30 points or more"
    assert shown(figure)["subtitle"] == (
        "Net promoter score · 1,050 answers · lines show 95% intervals"
    )


def test_the_group_in_the_title_has_the_one_accent() -> None:
    trace = drawn(plots.intervals(guard.hide_small(board(*THREE))))["data"][0]
    assert trace["marker"]["color"] == [theme.PLAIN, theme.PLAIN, theme.ACCENT]


def test_groups_stand_best_first_with_their_intervals_and_bases() -> None:
    figure = drawn(plots.intervals(guard.hide_small(board(*THREE))))
    trace, names = figure["data"][0], figure["layout"]["yaxis"]["ticktext"]
    assert trace["x"] == [41.0, 35.0, 3.0]
    assert trace["error_x"]["array"] == [5.0, 6.0, 7.0]
    assert trace["error_x"]["arrayminus"] == [5.0, 6.0, 7.0]
    assert [name.split("<br>")[0] for name in names] == ["Shop", "Web", "Mobile"]
    assert ["350 answers" in names[0], "300 answers" in names[2]] == [True, True]


def test_a_hidden_group_keeps_its_line_and_says_why() -> None:
    small = (*THREE, ("fax", 4, 90.0, 9.0, 10.0, False), ("post", 6, 9.0, 9.0, 10.0, False))
    figure = plots.intervals(guard.hide_small(board(*small)))
    text = json.dumps(bundle(figure))
    assert len(drawn(figure)["data"][0]["x"]) == 3
    assert "Fax" in text
    assert "fewer than 10 answers" in shown(figure)["table"]["rows"][-1]
    assert "90" not in json.dumps(shown(figure)["table"])


@pytest.mark.parametrize("end", ["low", "high"])
def test_an_estimate_without_an_interval_is_not_drawn_as_sure(end: str) -> None:
    few = board(*THREE, ("fax", 40, 90.0, 9.0, 10.0, False))
    open_ended = pl.when(pl.col("channel") != "fax").then(end).alias(end)
    figure = plots.intervals(guard.hide_small(few.with_columns(open_ended)))
    assert len(drawn(figure)["data"][0]["x"]) == 3
    assert "too few to say" in shown(figure)["table"]["rows"][-1]
    assert "90" not in json.dumps(shown(figure)["table"])


def test_no_figure_carries_rows_of_people() -> None:
    assert "customdata" not in json.dumps(drawn(plots.intervals(guard.hide_small(board(*THREE)))))


def test_the_same_numbers_give_the_same_figure() -> None:
    one, other = (bundle(plots.intervals(guard.hide_small(board(*THREE)))) for _ in range(2))
    assert json.dumps(one) == json.dumps(other)


def test_a_metric_s_own_table_is_drawn_as_it_is() -> None:
    own = pl.DataFrame({"channel": ["web", "shop"], "base": [40, 50], "score": [10.0, 12.0]})
    own = own.with_columns(low=pl.col("score") - 3, high=pl.col("score") + 3)
    figure = plots.intervals(guard.hide_small(own))
    assert shown(figure)["title"] == "No clear difference by channel"
    assert shown(figure)["table"]["rows"][0] == ["web", "+10", "7\u00a0to\u00a013", "40"]


def test_several_measures_ask_which_one() -> None:
    two = pl.concat([board(*THREE), board(*THREE).with_columns(measure=pl.lit("Effort"))])
    with pytest.raises(UnknownName, match=r"name one of `Net promoter score`, `Effort`"):
        plots.intervals(guard.hide_small(two))
    with pytest.raises(UnknownName, match=r"Did you mean `Effort`\?"):
        plots.intervals(guard.hide_small(two), measure="Efort")


def test_a_line_breaks_where_nothing_may_be_shown() -> None:
    figure = drawn(plots.trend(guard.hide_small(periods(20.0, 22.0, None, 25.0, 26.0))))
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines+markers"]
    assert [line["x"] for line in lines] == [[0, 1], [3, 4]]
    bands = [trace for trace in figure["data"] if trace.get("fill")]
    assert [band["y"] for band in bands] == [[24.0, 26.0, 18.0, 16.0], [29.0, 30.0, 22.0, 21.0]]


def test_a_lone_period_shows_its_interval_too() -> None:
    (trace,) = [t for t in drawn(plots.trend(guard.hide_small(periods(20.0))))["data"] if "y" in t][
        -1:
    ]
    assert trace["error_y"]["array"] == [4.0]


@pytest.mark.parametrize(
    ("estimates", "title"),
    [
        ((20.0, 21.0), "NPS: no clear change on January 2026"),
        ((20.0, 40.0), "NPS: up 20 points on January 2026"),
        ((40.0, 20.0), "NPS: down 20 points on January 2026"),
        ((20.0,), "NPS: one period so far"),
    ],
)
def test_a_trend_says_what_its_last_step_was(estimates: tuple[float, ...], title: str) -> None:
    assert shown(plots.trend(guard.hide_small(periods(*estimates))))["title"] == title


def test_answers_stack_from_worst_to_best_whichever_end_is_good() -> None:
    few = guard.hide_small(answers(web=(40, (0.1, 0.2, 0.7))))
    names = {"1": "Poor", "3": "Good"}
    up, down = (plots.distribution(few, labels=names, better=better) for better in ("up", "down"))
    assert [trace["name"] for trace in drawn(up)["data"]] == ["1 Poor", "2", "3 Good"]
    assert [trace["name"] for trace in drawn(down)["data"]] == ["3 Good", "2", "1 Poor"]
    assert drawn(down)["data"][0]["marker"]["color"] == theme.DIVERGING[3][0]


def test_eleven_codes_are_shown_as_three_bands() -> None:
    codes = [{"answer": code, "base": 110, "share": 1 / 11} for code in range(11)]
    figure = plots.distribution(guard.hide_small(pl.DataFrame(codes)))
    assert shown(figure)["table"]["head"][1:4] == [
        "Detractors (0–6)",
        "Passives (7–8)",
        "Promoters (9–10)",
    ]
    assert shown(figure)["table"]["rows"] == [["All answers", "64%", "18%", "18%", "110"]]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_read_as_markup_or_template(name: str) -> None:
    rows = [(name, 400, 35.0, 6.0, 20.0, True), *THREE[1:]]
    safe = guard.hide_small(board(*rows))
    figure = drawn(plots.intervals(safe))
    labels = [
        *figure["layout"]["yaxis"]["ticktext"],
        *figure["data"][0]["hovertext"],
        figure["layout"]["title"]["text"],
    ]
    ours = ("<br>", "<b>", "</b>", "</span>", f"<span style='color:{theme.MUTED}'>")
    for label in labels:
        rest = label.replace(f"<span style='font-size:13px;color:{theme.MUTED}'>", "")
        for mark in ours:
            rest = rest.replace(mark, "")
        assert "<" not in rest
        assert "%{" not in rest
        assert "\u202e" not in rest


def test_a_break_in_a_name_is_no_break_in_a_label() -> None:
    assert texts.label("a<br>b") == "a&lt;br&gt;b"
    assert texts.label("a\nb\x00c") == "a b c"


def test_long_names_are_cut_and_wrapped() -> None:
    assert texts.plain("x" * 80) == "x" * 59 + "…"
    assert texts.wrapped("one two three", width=7) == "one two<br>three"


def test_the_figure_is_a_plotly_figure_to_its_user() -> None:
    import plotly.graph_objects as go

    figure = plots.intervals(guard.hide_small(board(*THREE)))
    assert isinstance(figure, go.Figure)
    assert set(bundle(figure)) == {
        "application/vnd.plotly.v1+json",
        "application/vnd.cxlab.page+json",
        "text/plain",
    }


def test_the_text_alternative_tells_every_number() -> None:
    assert shown(plots.intervals(guard.hide_small(board(*THREE))))["alt"] == (
        "Mobile trails every other channel by 30 points or more. Shop +41 (36\u00a0to\u00a046); "
        "Web +35 (29\u00a0to\u00a041); Mobile +3 (−4\u00a0to\u00a010)."
    )


def test_a_table_in_the_notebook_is_escaped() -> None:
    rows = [(HOSTILE[0], 400, 35.0, 6.0, 20.0, True), *THREE[1:]]
    html = plots.table(guard.hide_small(board(*rows)))._repr_mimebundle_()["text/html"]
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("count", list(theme.DIVERGING))
def test_every_number_in_a_bar_can_be_read(count: int) -> None:
    even = guard.hide_small(answers(web=(70, (1 / count,) * count)))
    for trace in drawn(plots.distribution(even))["data"]:
        ends = sorted(
            luminance(part) for part in (trace["marker"]["color"], trace["textfont"]["color"])
        )
        assert (ends[1] + 0.05) / (ends[0] + 0.05) >= 4.5


@pytest.mark.parametrize(("grouped", "head"), [(True, "Others"), (False, "Before")])
def test_a_table_says_what_a_value_is_compared_with(grouped: bool, head: str) -> None:
    rows = board(*THREE) if grouped else board(THREE[0]).drop("channel")
    told = shown(plots.table(guard.hide_small(rows)))["head"]
    assert told[-3:] == [head, "Difference", "95% interval of the difference"]
