"""Satisfaction by channel: the seed figures, by hand, by law, on the planted truths."""

from __future__ import annotations

import polars as pl
import pytest
from packs import DEMO

import cxlab as cx
from cxlab.codebook import Item, Scale
from cxlab.errors import OutOfRange
from cxlab.metrics import channels
from cxlab.tally import ROWS

SATISFIED = Item("satisfaction", construct="satisfaction", scale=Scale(1, 5))
RECOMMEND = Item("recommend", construct="recommend", scale=Scale(0, 10))


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


def test_the_seed_figures_have_the_intervals_of_the_methods() -> None:
    """91, 70 and 32 % of 6,000; the bases of the single questions are not known."""
    wanted = {"shop": (0.9025, 0.9170), "site": (0.6883, 0.7115), "app": (0.3083, 0.3319)}
    shares = {"shop": 0.91, "site": 0.70, "app": 0.32}
    rows = [
        (name, code, round(6000 * part))
        for name, share in shares.items()
        for code, part in ((5, share), (1, 1 - share))
    ]
    cells = pl.DataFrame(rows, schema=["channel", "satisfaction", ROWS], orient="row")
    found = channels.satisfaction(cells, item=SATISFIED)
    for row in found.to_dicts():
        assert (round(row["low"], 4), round(row["high"], 4)) == wanted[row["channel"]]
        assert (row["base"], row["unit"]) == (6000, "share")


def test_a_score_to_recommend_is_a_net_promoter_score_by_channel() -> None:
    """METHODS §1: 40 promoters and 30 detractors of 100 are 10, −6.27 to 25.69."""
    answers = [9] * 40 + [7] * 30 + [6] * 30
    frame = pl.DataFrame({"channel": ["web"] * 100 + [None], "recommend": [*answers, 10]})
    (row,) = channels.satisfaction(frame, item=RECOMMEND).to_dicts()
    assert (row["unit"], row["estimate"], row["base"]) == ("points", pytest.approx(10), 100)
    assert (round(row["low"], 2), round(row["high"], 2)) == (-6.27, 25.69)


def test_each_channel_against_all_the_others_and_against_each_other() -> None:
    rows = [("a", 5)] * 56 + [("a", 1)] * 14 + [("b", 5)] * 48 + [("b", 1)] * 32
    frame = pl.DataFrame(rows, schema=["channel", "satisfaction"], orient="row")
    apart = channels.apart(frame, item=SATISFIED)
    first = apart.row(0, named=True)
    assert (first["base"], first["base_before"]) == (70, 80)
    assert [round(first[name], 4) for name in ("change", "change_low", "change_high")] == [
        0.2,
        0.0524,
        0.3339,
    ]
    pair = channels.pairs(frame, item=SATISFIED)
    assert pair.select("first", "second").rows() == [("a", "b")]
    assert pair["change"].item() == pytest.approx(first["change"])
    assert pair["p"].item() == pytest.approx(first["p"])


def test_an_item_off_its_scale_or_without_one_is_refused() -> None:
    frame = pl.DataFrame({"channel": ["a"], "satisfaction": [6]})
    with pytest.raises(OutOfRange, match="from 1 to 5"):
        channels.satisfaction(frame, item=SATISFIED)
    with pytest.raises(OutOfRange, match="`why` must have a scale to be scored; it has none"):
        channels.satisfaction(frame.rename({"satisfaction": "why"}), item=Item("why"))


def test_equal_weights_say_nothing() -> None:
    rows = [("a", 5, 2.0)] * 30 + [("b", 1, 2.0)] * 30
    frame = pl.DataFrame(rows, schema=["channel", "satisfaction", "w"], orient="row")
    plain = channels.satisfaction(frame, item=SATISFIED)
    weighted = channels.satisfaction(frame, item=SATISFIED, weight="w")
    assert weighted.drop("effective_base").rows() == plain.rows()


def test_mobile_trails_every_other_channel(demo) -> None:
    found = channels.pairs(demo.responses, item=demo.item("recommend"))
    for row in found.filter(
        (pl.col("first") == "mobile") | (pl.col("second") == "mobile")
    ).to_dicts():
        sign = 1 if row["second"] == "mobile" else -1
        assert sign * row["change"] > 20
        assert row["flagged"]


def test_machine_and_person_together_help_best_and_a_person_alone_no_better(demo) -> None:
    found = channels.pairs(demo.responses, item=demo.item("recommend"), by="help_used")
    beside = {(row["first"], row["second"]): row for row in found.to_dicts()}
    assert beside["hybrid", "technical"]["change"] >= 10
    assert beside["hybrid", "technical"]["change_low"] > 0
    assert beside["human", "hybrid"]["change_high"] < 0
    assert abs(beside["human", "technical"]["change"]) < 10
