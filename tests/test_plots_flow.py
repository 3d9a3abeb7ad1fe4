"""The figure of journeys: what is drawn, what is said, what stays hidden."""

from __future__ import annotations

import polars as pl
import pytest

from cxlab import guard, plots
from cxlab.errors import ColumnMissing
from cxlab.plots.flow import STOPPED
from cxlab.plots.theme import ACCENT, BAND

STAGES = ("see", "look", "buy")


def reached(**other: list) -> pl.DataFrame:
    table = {
        "stage": [*STAGES],
        "base": [200, 200, 200],
        "share": [0.9, 0.5, 0.4],
        "low": [0.85, 0.43, 0.33],
        "high": [0.93, 0.57, 0.47],
        "dropped": [1 / 3, 0.5, None],
        "dropped_low": [0.25, 0.4, None],
        "dropped_high": [0.4, 0.6, None],
    }
    return pl.DataFrame(table | other)


def guarded(table: pl.DataFrame) -> pl.DataFrame:
    return guard.hide_small(table, minimum=10, within=["stage"])


@pytest.fixture(scope="module")
def figure():
    return plots.flow(guarded(reached()), title="Most stop in look", after="30 days")


def bars(figure) -> dict[str, list[float]]:
    return {trace.marker.color: list(trace.x) for trace in figure.data if trace.type == "bar"}


def test_a_bar_is_as_wide_as_journeys_come_and_grey_where_they_stop(figure) -> None:
    drawn = bars(figure)
    assert drawn[ACCENT] == pytest.approx([0.6, 0.25, 0.4])
    assert drawn[STOPPED] == pytest.approx([0.3, 0.25, 0])


def test_a_band_leads_on_as_wide_as_both_stages_allow(figure) -> None:
    bands = [list(trace.x) for trace in figure.data if trace.type == "scatter"]
    # Of 60% that go on from see at most 50% are in look; 25% go on from there.
    assert bands == [[0, pytest.approx(0.6), pytest.approx(0.5), 0], [0, 0.25, 0.25, 0]]
    assert {trace.fillcolor for trace in figure.data if trace.type == "scatter"} == {BAND}


def test_stages_stand_in_their_order_from_the_top(figure) -> None:
    axis = figure.layout.yaxis
    assert dict(zip(axis.ticktext, axis.tickvals, strict=True)) == {"See": 3, "Look": 2, "Buy": 1}


def test_the_numbers_and_the_words_say_what_is_drawn(figure) -> None:
    said = figure._shown
    assert said["table"]["rows"][1] == [
        "Look",
        "200",
        "50% (43%\u00a0to\u00a057%)",
        "50% (40%\u00a0to\u00a060%)",
    ]
    assert said["alt"] == (
        "Most stop in look. See: 90% come there, 33% of them stop; "
        "Look: 50% come there, 50% of them stop; Buy: 40% come there (not gone on after 30 days)."
    )


def test_a_hidden_stage_keeps_its_line_and_says_why() -> None:
    figure = plots.flow(guarded(reached(base=[200, 4, 200])), title="t", after="30 days")
    assert bars(figure)[ACCENT] == pytest.approx([0.6, 0.4])
    assert not [trace for trace in figure.data if trace.type == "scatter"]
    texts = [note.text for note in figure.layout.annotations]
    assert "50%" not in "".join(texts)
    assert len(texts) == 3


def test_what_the_guard_has_not_seen_is_not_drawn() -> None:
    with pytest.raises(ColumnMissing, match="hide_small first"):
        plots.flow(reached(), title="t", after="30 days")
    with pytest.raises(ColumnMissing, match="result must have `dropped`"):
        plots.flow(guarded(reached()).drop("dropped"), title="t", after="30 days")
