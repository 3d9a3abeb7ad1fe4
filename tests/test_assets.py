"""Assets and experiments: by hand, by law, on the planted truths, silent without, by message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from packs import DEMO
from polars.testing import assert_frame_equal

import cxlab as cx
from cxlab.errors import ColumnMissing, OutOfRange
from cxlab.metrics import assets

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def events(*rows: tuple[str, str | None, float, str, str | None]) -> pl.DataFrame:
    """Customer, journey, hours after noon, kind, asset."""
    columns = ("customer_id", "journey", "hours", "kind", "asset")
    texts = dict.fromkeys(columns, pl.String) | {"hours": pl.Float64}
    frame = pl.DataFrame(rows, schema=texts, orient="row")
    at = pl.lit(NOON) + pl.duration(seconds=(pl.col("hours") * 3600).cast(pl.Int64))
    return frame.with_columns(at=at.cast(pl.Datetime("us", "UTC"))).drop("hours")


SOME = events(
    ("ann", "1", 0, "exposure", "banner"),
    ("ann", "1", 1, "interaction", "guide"),
    ("ann", "1", 2, "transaction", "basket"),
    ("ann", "1", 9, "interaction", "returns"),
    ("bob", "2", 0, "exposure", "banner"),
    ("bob", "2", 0.5, "exposure", "banner"),
    ("cyd", "3", 0, "interaction", "guide"),
    ("cyd", "3", 1, "exposure", "banner"),
    ("cyd", "4", 0, "transaction", "basket"),
    ("dan", None, 0, "exposure", "letter"),
    (None, "5", 0, "interaction", None),
)
PEOPLE = pl.DataFrame({"customer_id": ["ann", "bob"], "segment": ["Trade", "Home"]})


@pytest.fixture(scope="module")
def demo():
    return cx.open(DEMO)


@pytest.fixture(scope="module")
def shop(demo):
    return assets.meetings(demo.events, demo.customers)


@pytest.fixture(scope="module")
def tests(demo):
    return assets.trials(demo.assignments, demo.customers)


# ------------------------------------------------------------------------ who met what
def test_a_journey_is_a_row_of_bits_and_whether_it_bought():
    found = assets.meetings(SOME, PEOPLE)
    assert found.assets == ("banner", "guide", "returns")
    assert found.cells.rows() == [
        (None, 0b011, 0b010, False, 1),  # cyd saw the banner after the guide, and nothing more
        ("Home", 0b001, 0b000, False, 1),
        ("Trade", 0b011, 0b011, True, 1),
    ]
    assert dict(found.after.iter_rows()) == {"banner": 0, "guide": 0, "returns": 1}
    assert (found.unnamed, found.design) == (1, 1.0)
    assert found.people.rows() == [
        *(("banner", None, 1), ("banner", "Home", 1), ("banner", "Trade", 1)),
        *(("guide", None, 1), ("guide", "Trade", 1)),
    ]


def test_the_funnel_counts_who_met_it_went_on_and_bought():
    found = assets.funnel(assets.meetings(SOME, PEOPLE))
    assert found.select("asset", "step", "base", "count").rows() == [
        *(("banner", "met", 3, 3), ("banner", "went on", 3, 1), ("banner", "bought", 3, 1)),
        *(("guide", "met", 3, 2), ("guide", "went on", 2, 2), ("guide", "bought", 2, 1)),
        *(("returns", "met", 3, 0), ("returns", "went on", 0, 0), ("returns", "bought", 0, 0)),
    ]
    guide = found.row(5, named=True)
    assert guide["share"] == 0.5
    assert (guide["low"], guide["high"]) == (
        pytest.approx(0.0945, abs=1e-4),
        pytest.approx(0.9055, abs=1e-4),
    )
    assert found.row(8, named=True)["share"] is None
    by = assets.funnel(assets.meetings(SOME, PEOPLE), by_segment=True)
    assert set(by["segment"]) == {"Home", "Trade"}
    assert by.filter(segment="Trade", asset="guide", step="bought")["share"].item() == 1


def test_without_names_a_journey_ends_where_nothing_happens_for_long():
    rows = events(
        ("ann", None, 0, "exposure", "banner"),
        ("ann", None, 20, "transaction", None),
        ("ann", None, 30 * 24, "exposure", "banner"),
        ("ann", None, 61 * 24, "exposure", "letter"),
        (None, None, 0, "exposure", "letter"),
    )
    for frame in (rows, rows.drop("journey"), rows.sample(fraction=1, shuffle=True, seed=1)):
        found = assets.meetings(frame)
        # What was met after the purchase, in the same journey, was met after it.
        assert found.cells.select("met", "bought", "tally_n").rows() == [
            (1, True, 1),
            (2, False, 1),
        ]
        assert dict(found.after.iter_rows()) == {"banner": 0, "letter": 0}
        assert found.unnamed == 0
    short = assets.meetings(rows, gap=timedelta(days=20))
    assert short.cells.select("met", "bought", "tally_n").rows() == [
        *((1, False, 1), (1, True, 1), (2, False, 1)),
    ]


def test_the_order_of_the_file_and_laziness_do_not_matter(demo, shop):
    shuffled = demo.events.collect().sample(fraction=1, shuffle=True, seed=4)
    again = assets.meetings(shuffled, demo.customers)
    assert_frame_equal(again.cells, shop.cells)
    assert_frame_equal(again.after, shop.after)


@pytest.mark.parametrize("at_once", [1, 3, 10])
def test_events_read_some_at_a_time_are_the_same_events(monkeypatch, at_once):
    whole = assets.meetings(SOME, PEOPLE)
    monkeypatch.setattr("cxlab.metrics.assets.met.AT_ONCE", at_once)
    again = assets.meetings(SOME, PEOPLE)
    assert_frame_equal(again.cells, whole.cells)
    assert_frame_equal(again.after, whole.after)
    assert_frame_equal(again.people, whole.people)


def test_a_brute_force_twin_walks_every_journey(demo, shop):
    rows = demo.events.filter(pl.col("journey").is_not_null()).collect().sort("at")
    counts: dict[tuple[str, bool], int] = {}
    for _, journey in rows.group_by("journey"):
        met: set[str] = set()
        bought = False
        for event in journey.sort("at").to_dicts():
            if event["kind"] == "transaction":
                bought = True
                break
            met.add(event["asset"])
        for asset in met:
            counts[asset, bought] = counts.get((asset, bought), 0) + 1
    found = assets.funnel(shop).filter(pl.col("step") == "bought", pl.col("base") > 0)
    assert dict(zip(found["asset"], found["count"], strict=True)) == {
        asset: n for (asset, bought), n in counts.items() if bought
    }
    assert found["base"].sum() == sum(counts.values())


def test_what_is_met_at_the_moment_of_the_purchase_is_met_before_it():
    rows = events(("ann", "1", 1, "exposure", "banner"), ("ann", "1", 1, "transaction", "basket"))
    found = assets.meetings(rows)
    assert found.cells.select("met", "bought", "tally_n").rows() == [(1, True, 1)]
    assert found.after["after"].to_list() == [0]


def test_more_assets_than_asked_for_share_one_bit():
    found = assets.meetings(SOME, most=1)
    assert found.assets == ("banner", "all other assets")
    assert found.cells["tally_n"].sum() == 3
    assert set(assets.funnel(found)["asset"]) == {"banner"}
    with pytest.raises(OutOfRange, match="from 1 to 60"):
        assets.meetings(SOME, most=61)


def test_an_event_after_the_last_moment_has_not_happened():
    found = assets.meetings(SOME, until=NOON + timedelta(hours=1))
    assert not found.cells["bought"].any()


def test_nothing_met_is_nothing_counted():
    found = assets.meetings(SOME.clear())
    assert (found.cells.height, found.assets, found.design) == (0, (), 1.0)
    assert assets.lift(found).is_empty()
    assert assets.one_size(assets.lift_by_segment(found)).is_empty()
    with pytest.raises(ColumnMissing, match="events must have `asset`"):
        assets.meetings(SOME.drop("asset"))


def test_journeys_of_the_same_people_are_worth_less_where_people_stay_as_they_are():
    random = np.random.default_rng(0)
    loyal = random.random(200) < 0.5
    rows = []
    for at in range(1000):
        rows.append((f"p{at % 200}", f"{at}", 0.0, "exposure", "banner"))
        if loyal[at % 200]:
            rows.append((f"p{at % 200}", f"{at}", 1.0, "transaction", "basket"))
    assert assets.meetings(events(*rows)).design == pytest.approx(5.0)


# ------------------------------------------------------------------------ lift
def test_the_lookbook_sells_and_the_style_quiz_does_not(shop):
    by_segment = assets.lift_by_segment(shop)
    sizes = assets.one_size(by_segment)
    found = assets.judged(assets.lift(shop), sizes)
    verdicts = dict(found.select("asset", "verdict").iter_rows())
    assert verdicts.pop("lookbook-video") == "keep"
    assert verdicts.pop("style-quiz") == "retire"
    assert {verdicts.pop(asset) for asset in ("returns-page", "help-centre", "assembly-guide")} == {
        "met after buying"
    }
    assert set(verdicts.values()) == {"too few to say"}
    # Planted: 0.22 more and 0.16 less.
    change = dict(found.select("asset", "added").iter_rows())
    assert change["lookbook-video"] == pytest.approx(0.22, abs=0.06)
    assert change["style-quiz"] == pytest.approx(-0.16, abs=0.06)
    # Both are so in every segment, so one size fits all.
    assert not sizes["flagged"].any()
    lookbook = by_segment.filter(pl.col("asset") == "lookbook-video")
    assert lookbook["shrunk_low"].min() > 0
    assert lookbook["own"].max() < 0.5


def met(*rows: tuple[str, int, bool, int]) -> assets.Met:
    """Segment, bits of the assets met, bought, journeys."""
    schema = {"segment": pl.String, "met": pl.UInt64, "bought": pl.Boolean, "tally_n": pl.Int64}
    cells = pl.DataFrame(rows, schema=schema, orient="row")
    cells = cells.with_columns(on=pl.lit(0, pl.UInt64))
    names = ("one", "three", "two")
    after = pl.DataFrame({"asset": list(names), "after": [0, 0, 0]})
    people = pl.DataFrame(schema={"asset": pl.String, "segment": pl.String, "people": pl.Int64})
    return assets.Met(cells, names, after, people, 1.0, 0)


def bought(segment: str, bits: int, share: float, base: int = 2000) -> list:
    hits = round(share * base)
    return [(segment, bits, True, hits), (segment, bits, False, base - hits)]


def verdicts(of: assets.Met) -> dict[str, str]:
    sizes = assets.one_size(assets.lift_by_segment(of))
    return dict(assets.judged(assets.lift(of), sizes).select("asset", "verdict").iter_rows())


def test_what_is_as_good_as_others_says_so_once_enough_journeys_are_there():
    rows = [*bought("x", 1, 0.3), *bought("x", 2, 0.31), *bought("x", 4, 0.3)]
    assert set(verdicts(met(*rows)).values()) == {"as good as others"}
    few = [(segment, bits, hit, n // 20) for segment, bits, hit, n in rows]
    assert set(verdicts(met(*few)).values()) == {"too few to say"}


def test_what_is_below_the_others_only_because_one_sells_is_not_retired():
    rows = [*bought("x", 0b011, 0.5), *bought("x", 0b001, 0.5), *bought("x", 0b010, 0.3)]
    rows += [*bought("x", 0b100, 0.3), *bought("x", 0b110, 0.3), *bought("x", 0b101, 0.5)]
    assert verdicts(met(*rows)) == {"one": "keep", "two": "look closer", "three": "look closer"}


def test_what_helps_some_and_hinders_others_is_looked_at_closer():
    rows = [*bought("x", 0b001, 0.5), *bought("x", 0b010, 0.3), *bought("x", 0b100, 0.3)]
    rows += [*bought("y", 0b001, 0.2), *bought("y", 0b010, 0.3), *bought("y", 0b100, 0.3)]
    found = assets.one_size(assets.lift_by_segment(met(*rows)))
    assert found.filter(asset="one")["flagged"].item()
    assert verdicts(met(*rows))["one"] == "look closer"


def test_fewer_than_thirty_journeys_have_no_change():
    rows = [*bought("x", 1, 0.5, base=28), *bought("x", 2, 0.1), *bought("x", 4, 0.1)]
    found = assets.lift(met(*rows)).filter(asset="one")
    assert found.select("change", "p", "detectable").row(0) == (None, None, None)
    assert found["base"].item() == 28
    assert verdicts(met(*rows))["one"] == "too few to say"


def test_a_change_worth_nothing_or_everything_is_refused():
    of = met(*bought("x", 1, 0.3))
    with pytest.raises(OutOfRange, match="worth must be between 0 and 1"):
        assets.judged(assets.lift(of), assets.one_size(assets.lift_by_segment(of)), worth=0)


# ------------------------------------------------------------------------ experiments
def drawn(*rows: tuple[str, int, bool | None, float | None], day: int = 1) -> pl.DataFrame:
    """Arm, how many, whether they converted, what they spent; each row so many people."""
    every = [row[:1] + row[2:] for row in rows for _ in range(row[1])]
    schema = {"arm": pl.String, "converted": pl.Boolean, "value": pl.Float64}
    frame = pl.DataFrame(every, schema=schema, orient="row")
    return frame.with_columns(
        experiment=pl.lit("x"),
        customer_id=pl.format("c{}-{}", pl.lit(day), pl.int_range(pl.len())),
        assigned_at=pl.lit(datetime(2026, 7, day, 9, tzinfo=UTC)),
    )


NEWCOMBE = drawn(
    ("new", 56, True, None),
    ("new", 14, False, None),
    ("control", 48, True, None),
    ("control", 32, False, None),
)


def test_an_experiment_has_newcombes_interval():
    found = assets.effects(assets.trials(NEWCOMBE)).to_dicts()
    assert [(row["arm"], row["control"], row["measure"]) for row in found] == [
        ("new", "control", "converted")
    ]
    row = found[0]
    assert (row["base"], row["base_before"]) == (70, 80)
    assert row["change"] == pytest.approx(0.2)
    assert (row["change_low"], row["change_high"]) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    # Any number of looks costs more.
    assert row["any_low"] < row["change_low"]
    assert row["any_high"] > row["change_high"]
    assert row["any_p"] > row["p"]


def test_money_is_welchs_and_the_largest_spender_is_cut_beside_it():
    from scipy import stats

    spent = {
        "new": [0.0] * 60 + list(range(1, 100)) + [5000.0],
        "control": [0.0] * 90 + list(range(1, 71)),
    }
    rows = drawn(*((arm, 1, None, float(x)) for arm, each in spent.items() for x in each))
    value, cut = assets.effects(assets.trials(rows)).to_dicts()
    peer = stats.ttest_ind(spent["new"], spent["control"], equal_var=False)
    ends = peer.confidence_interval()
    assert value["p"] == pytest.approx(peer.pvalue)
    assert (value["change_low"], value["change_high"]) == (
        pytest.approx(ends.low),
        pytest.approx(ends.high),
    )
    most = np.sort(np.concatenate([spent["new"], spent["control"]]))
    most = most[most > 0]
    capped = np.minimum(spent["new"], np.quantile(most, 0.99, method="nearest")).mean()
    assert cut["measure"] == "value, extremes cut"
    assert cut["estimate"] == pytest.approx(capped)
    assert cut["before"] == value["before"] == pytest.approx(np.mean(spent["control"]))


def test_a_small_arm_without_large_orders_is_not_sure_that_it_has_none():
    rows = drawn(
        *(("new", 60, None, 0.0), ("control", 540, None, 0.0), ("control", 60, None, 50.0)),
    )
    found = assets.effects(assets.trials(rows)).row(0, named=True)
    assert found["measure"] == "value"
    assert found["p"] < 1e-6
    assert found["any_p"] > 0.05
    assert found["any_low"] < found["change"] < 0 < found["any_high"]


def test_arms_are_held_against_the_one_called_control_or_the_one_named():
    assert assets.control_of(["b", "a", "B2"]) == "a"
    assert assets.control_of(["red", "Holdout", "blue"]) == "Holdout"
    assert assets.control_of(["red", "blue"]) == "blue"
    found = assets.effects(assets.trials(NEWCOMBE), controls={"x": "new"})
    assert found["arm"].to_list() == ["control"]
    assert found["change"].item() == pytest.approx(-0.2)


def test_a_lopsided_draw_is_not_read_however_large_the_difference():
    rows = drawn(
        ("new", 300, True, None),
        ("new", 260, False, None),
        ("control", 100, True, None),
        ("control", 340, False, None),
    )
    tallied = assets.trials(rows)
    found = assets.read(assets.effects(tallied), assets.checks(tallied)).row(0, named=True)
    assert (found["valid"], found["failed"], found["verdict"]) == (False, "sizes", "not to be read")
    assert (found["p"], found["flagged"]) == (None, False)
    meant = assets.checks(tallied, planned={"x": {"new": 56, "control": 44}})
    again = assets.read(assets.effects(tallied), meant).row(0, named=True)
    assert (again["valid"], again["verdict"]) == (True, "works")


def test_outcomes_lost_in_one_arm_spoil_it():
    rows = drawn(
        ("new", 80, True, None),
        ("new", 100, False, None),
        ("new", 20, None, None),
        ("control", 80, True, None),
        ("control", 120, False, None),
    )
    found = assets.checks(assets.trials(rows))
    assert dict(found.select("check", "even").iter_rows()) == {
        "sizes": True,
        "outcomes": False,
    }
    assert assets.passed(found).row(0) == ("x", False, "outcomes")


def test_segments_of_one_arm_only_spoil_it():
    rows = drawn(("new", 100, True, None), ("control", 100, True, None))
    people = pl.DataFrame(
        {"customer_id": rows["customer_id"], "segment": ["a"] * 80 + ["b"] * 100 + ["a"] * 20}
    )
    found = assets.checks(assets.trials(rows, people))
    assert assets.passed(found)["failed"].item() == "segments"


def test_too_few_drawn_is_not_read():
    rows = drawn(("new", 3, True, None), ("control", 3, False, None))
    tallied = assets.trials(rows)
    assert (
        assets.read(assets.effects(tallied), assets.checks(tallied))["verdict"].item()
        == "not to be read"
    )


def test_a_difference_that_harms_and_one_that_is_nothing_are_called_so():
    harm = drawn(
        ("new", 50, True, None),
        ("new", 450, False, None),
        ("control", 150, True, None),
        ("control", 350, False, None),
    )
    none = drawn(
        ("new", 6000, True, None),
        ("new", 14000, False, None),
        ("control", 6010, True, None),
        ("control", 13990, False, None),
    )
    for rows, verdict in ((harm, "harms"), (none, "no difference worth having")):
        tallied = assets.trials(rows)
        found = assets.read(assets.effects(tallied), assets.checks(tallied))
        assert found["verdict"].to_list() == [verdict]


def test_the_last_look_is_the_whole_experiment_and_the_first_its_first_day():
    days = pl.concat(
        [
            drawn(("new", 70, True, None), ("new", 30, False, None), ("control", 100, False, None)),
            drawn(
                ("new", 10, True, None),
                ("control", 5, True, None),
                ("control", 5, False, None),
                day=3,
            ),
        ]
    )
    tallied = assets.trials(days)
    found = assets.looks(tallied)
    assert found["day"].to_list() == [date(2026, 7, 1), date(2026, 7, 3)]
    assert found["base"].to_list() == [100, 110]
    assert_frame_equal(found.tail(1).drop("day"), assets.effects(tallied))
    early = assets.trials(days, until=datetime(2026, 7, 2, tzinfo=UTC))
    assert_frame_equal(found.head(1).drop("day"), assets.effects(early))


def test_the_banner_works_the_button_does_nothing_and_the_reminder_was_not_drawn_evenly(tests):
    checked = assets.checks(tests)
    found = assets.read(assets.effects(tests), checked).filter(measure="converted")
    told = {row["experiment"]: row for row in found.to_dicts()}
    assert told["free-returns-banner"]["verdict"] == "works"
    assert told["free-returns-banner"]["any_low"] < 0.08 < told["free-returns-banner"]["any_high"]
    assert told["button-colour"]["verdict"] == "too few to say"
    assert told["push-reminder"]["verdict"] == "not to be read"
    assert told["push-reminder"]["failed"] == "sizes"
    share = assets.arms(tests).filter(experiment="push-reminder", arm="variant")["share"].item()
    assert share == pytest.approx(0.56, abs=0.03)
    # What works does so in every segment.
    by_segment = assets.effects_by_segment(tests)
    assert not assets.differ(by_segment)["flagged"].any()
    banner = by_segment.filter(experiment="free-returns-banner", measure="converted")
    assert banner["shrunk_low"].min() > 0
    assert banner["shrunk"].max() - banner["shrunk"].min() < 0.05


def test_no_experiments_are_no_rows():
    tallied = assets.trials(NEWCOMBE.clear())
    assert assets.effects(tallied).is_empty()
    assert assets.effects_by_segment(tallied).is_empty()
    assert assets.looks(tallied).is_empty()
    assert assets.read(assets.effects(tallied), assets.checks(tallied)).is_empty()
    with pytest.raises(ColumnMissing, match="assignments must have `arm`"):
        assets.trials(NEWCOMBE.drop("arm"))


def test_without_anything_planted_hardly_an_experiment_or_asset_stands_out():
    random = np.random.default_rng(9)
    flagged = 0
    for _ in range(40):
        cells = random.multinomial(1200, [1 / 12] * 12).reshape(6, 2)
        rows = []
        for bits, sizes in zip((1, 2, 4, 3, 5, 6), cells, strict=True):
            for segment, size in zip("xy", sizes, strict=True):
                rows += bought(segment, bits, random.binomial(size, 0.25) / size, base=int(size))
        flagged += set(verdicts(met(*rows)).values()) != {"too few to say"}
    assert flagged <= 5
