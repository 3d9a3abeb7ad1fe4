"""The figure of waits: steps with bands, names that never meet, a table of all it draws."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from cxlab import guard, plots
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.stats import survival

# Twelve waits by post (the last two still waiting), twenty by chat.
POST = [(float(hours), hours < 11) for hours in range(1, 13)]
CHAT = [(hours / 10, True) for hours in range(1, 21)]
WAITS = pl.DataFrame(
    [("chat", *row) for row in CHAT] + [("post", *row) for row in POST],
    schema=["channel", "hours", "ended"],
    orient="row",
)
TIMES = [0.0, 1.0, 2.0, 6.0, 12.0, 24.0]


def read(waits: pl.DataFrame, *, by: str | tuple[str, ...] = "channel") -> pl.DataFrame:
    found = survival.at(survival.curve(waits, by=by), TIMES, by=by)
    return guard.hide_small(found, within=["hours"])


def parts(figure: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    bundle = figure._repr_mimebundle_()
    return (
        bundle["application/vnd.cxlab.page+json"],
        bundle["application/vnd.plotly.v1+json"],
    )


def strokes(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in drawn["data"] if "fill" not in trace]


def test_what_is_left_is_drawn_in_steps_as_far_as_somebody_was_followed():
    _, drawn = parts(plots.survival(read(WAITS), title="Post waits longest"))
    chat, post = strokes(drawn)
    assert {line["line"]["shape"] for line in (chat, post)} == {"hv"}
    assert chat["y"] == pytest.approx([1, 0.5, 0, 0, 0, 0], abs=1e-12)
    # After twelve hours nobody who still waits by post was seen any more.
    assert post["x"] == [0, 1, 2, 6, 12]
    assert post["y"] == pytest.approx([1, 11 / 12, 10 / 12, 6 / 12, 2 / 12])


def test_the_band_holds_every_step():
    _, drawn = parts(plots.survival(read(WAITS.filter(channel="post")), title="Post"))
    band = next(trace for trace in drawn["data"] if "fill" in trace)
    points = list(zip(band["x"], band["y"], strict=True))
    half = len(points) // 2
    above, below = points[:half], points[half:][::-1]
    assert all(
        one[0] == other[0] and one[1] >= other[1] for one, other in zip(above, below, strict=True)
    )
    # Between two times it stays as it was: every other corner is level with the one before.
    assert all(one[1] == other[1] for one, other in list(pairwise(above))[::2])


def test_all_that_is_drawn_stands_in_the_table():
    shown, _ = parts(plots.survival(read(WAITS), title="Post waits longest", of="letters"))
    assert shown["table"]["head"] == ["After", "Chat (20)", "Post (12)"]
    first, *_, last = shown["table"]["rows"]
    assert first == ["0 seconds", "100% (100%\xa0to\xa0100%)", "100% (100%\xa0to\xa0100%)"]
    assert last[0] == "24 hours"
    assert last[2] == "–"
    assert shown["subtitle"] == "Share still waiting · 32 letters · bands show 95% intervals"


def test_who_cannot_see_it_is_told_what_is_left_at_the_promise_and_in_the_end():
    shown, drawn = parts(
        plots.survival(read(WAITS), title="Post waits longest", mark=(2.0, "promised"))
    )
    assert shown["alt"].startswith("Post waits longest. Chat: 0%")
    assert "Post: 83%" in shown["alt"]
    assert "after 2 hours, 17%" in shown["alt"]
    assert drawn["layout"]["shapes"][0]["x0"] == 2.0
    assert "promised" in [note["text"] for note in drawn["layout"]["annotations"]]


def test_a_group_that_is_too_small_is_named_with_the_reason_and_not_drawn():
    few = WAITS.filter(~((pl.col("channel") == "post") & (pl.col("hours") > 5)))
    many = few.with_columns(pl.lit("mail").alias("channel"))
    shown, drawn = parts(plots.survival(read(pl.concat([few, many])), title="Chat"))
    assert "not shown: Chat (fewer than 10 answers here or next to it), Post" in shown["subtitle"]
    assert len(strokes(drawn)) == 1
    post = shown["table"]["head"].index("Post (–)")
    assert {row[post] for row in shown["table"]["rows"]} == {
        "fewer than 10 answers here or next to it"
    }


def test_names_never_cover_each_other_and_none_stands_outside():
    same = [WAITS.with_columns(pl.lit(f"channel {n}").alias("channel")) for n in range(7)]
    _, drawn = parts(plots.survival(read(pl.concat(same)), title="Alike"))
    heights = sorted(note["y"] for note in drawn["layout"]["annotations"])
    assert len(heights) == 7
    assert all(other - one >= 0.07 for one, other in pairwise(heights))
    assert 0 <= heights[0] <= heights[-1] <= 1.04
    assert len({line["line"]["dash"] for line in strokes(drawn)}) == 7


def test_names_of_lines_that_all_end_high_stay_inside():
    patient = WAITS.with_columns(pl.col("hours") * 1000)
    same = [patient.with_columns(pl.lit(f"channel {n}").alias("channel")) for n in range(7)]
    _, drawn = parts(plots.survival(read(pl.concat(same)), title="Alike"))
    heights = sorted(note["y"] for note in drawn["layout"]["annotations"])
    assert all(other - one >= 0.07 for one, other in pairwise(heights))
    assert 0.4 < heights[0] <= heights[-1] <= 1.04


def test_one_line_has_the_accent_and_no_name_at_its_edge():
    shown, drawn = parts(plots.survival(read(WAITS, by=()), title="All"))
    assert strokes(drawn)[0]["line"]["color"] == plots.theme.ACCENT
    assert "annotations" not in drawn["layout"] or drawn["layout"]["annotations"] == []
    assert shown["table"]["head"] == ["After", "Share"]


def test_who_was_followed_no_further_is_ticked_where_it_is_told():
    marked = read(WAITS).with_columns(
        censored=(pl.col("channel") == "post") & pl.col("hours").is_in([12.0])
    )
    _, drawn = parts(plots.survival(marked, title="Post waits longest"))
    ticks = [trace for trace in drawn["data"] if trace["mode"] == "markers"]
    assert [(trace["x"], trace["marker"]["symbol"]) for trace in ticks] == [([12.0], "line-ns")]


@pytest.mark.parametrize(
    ("unit", "last", "ticks"),
    [
        ("hours", 1.0, ["0", "20<br>minutes", "40<br>minutes", "1<br>hour"]),
        ("hours", 96.0, ["0", "24<br>hours", "2<br>days", "3<br>days", "4<br>days"]),
        ("months", 20.0, ["0", "5", "10", "15", "20"]),
    ],
)
def test_the_axis_counts_in_what_a_reader_would(unit, last, ticks):
    found = survival.at(survival.curve(WAITS.drop("channel")), [0.0, last])
    guarded = guard.hide_small(found, within=["hours"])
    _, drawn = parts(plots.survival(guarded, title="All", unit=unit))
    assert drawn["layout"]["xaxis"]["ticktext"] == ticks


def test_names_from_data_stay_text():
    odd = WAITS.with_columns(pl.lit("<a href='x'>%{y}").alias("channel"))
    _, drawn = parts(plots.survival(read(odd, by="channel"), title="Odd", of="<b>", unit="<i>"))
    assert "<a" not in str(drawn["data"])
    assert "<i" not in str(drawn["data"])
    assert "<b>" not in str(drawn["data"])


def test_what_the_guard_has_not_seen_and_a_step_per_case_are_refused():
    curve = survival.curve(WAITS, by="channel")
    with pytest.raises(ColumnMissing, match="hide_small first"):
        plots.survival(curve, title="Raw")
    many = survival.at(curve, [time / 10 for time in range(101)], by="channel")
    with pytest.raises(OutOfRange, match="100 times or fewer; it has 101"):
        plots.survival(guard.hide_small(many, within=["hours"]), title="Raw")
