"""Every measure in one long shape: which there are, what they say, against what."""

import datetime as dt
import random
from dataclasses import dataclass, field

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxlab import scoreboard
from cxlab.codebook import Item, Scale
from cxlab.errors import ColumnMissing, UnknownName
from cxlab.metrics import loyalty, satisfaction
from cxlab.periods import Period

MARCH, FEBRUARY = Period.parse("2026-03"), Period.parse("2026-02")
ITEMS = (
    Item("recommend", construct="recommend", scale=Scale(0, 10)),
    Item("csat", construct="satisfaction", scale=Scale(1, 5, "down")),
    Item("easy", construct="effort", scale=Scale(1, 7, "down")),
    Item("again", construct="repurchase", scale=Scale(1, 3)),
    Item("why", construct="comment", kind="comment"),
)
NAMES = [
    "Net promoter score",
    "Satisfied customers",
    "Customer effort",
    "Would buy again",
    "Retention",
    "Customers who ordered",
    "Orders per customer",
    "Spend per customer",
]


@dataclass
class Invented:
    """What the scoreboard asks of a study."""

    responses: pl.LazyFrame
    all_items: tuple[Item, ...] = ITEMS
    weight: str | None = None
    minimum_base: int = 10
    parts: dict[str, pl.LazyFrame] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, ...]:
        return ("responses", *self.parts)

    @property
    def customers(self) -> pl.LazyFrame:
        return self.parts["customers"]

    @property
    def orders(self) -> pl.LazyFrame:
        return self.parts["orders"]

    def items_of(self, construct: str) -> tuple[Item, ...]:
        return tuple(item for item in self.all_items if item.construct == construct)


def a_day(draw: random.Random) -> dt.date:
    return dt.date(2026, 1, 5) + dt.timedelta(days=draw.randrange(100))


def sheets(rows: int = 600) -> pl.DataFrame:
    draw = random.Random(8)
    return pl.DataFrame(
        {
            "date": [a_day(draw) for _ in range(rows)],
            "segment": [draw.choice(["home", "trade"]) for _ in range(rows)],
            "channel": [draw.choice(["app", "shop", None]) for _ in range(rows)],
            "recommend": [draw.choice([None, *range(11)]) for _ in range(rows)],
            "csat": [draw.choice([None, 1, 2, 3, 4, 5]) for _ in range(rows)],
            "easy": [draw.choice(range(1, 8)) for _ in range(rows)],
            "again": [draw.choice([1, 2, 3]) for _ in range(rows)],
            "weight": [draw.choice([0.5, 1.0, 2.0]) for _ in range(rows)],
        }
    )


def people(rows: int = 120) -> pl.DataFrame:
    draw = random.Random(9)
    return pl.DataFrame(
        {
            "customer_id": [str(i) for i in range(rows)],
            "segment": [draw.choice(["home", "trade"]) for _ in range(rows)],
            "joined": [dt.date(2025, 1, 1)] * rows,
            "left": [draw.choice([None, None, a_day(draw)]) for _ in range(rows)],
        }
    )


def bought(rows: int = 200) -> pl.DataFrame:
    draw = random.Random(10)
    return pl.DataFrame(
        {
            "customer_id": [str(draw.randrange(150)) for _ in range(rows)],
            "date": [a_day(draw) for _ in range(rows)],
            "amount": [float(draw.randrange(1, 90)) for _ in range(rows)],
        }
    )


@pytest.fixture
def study() -> Invented:
    tables = {"customers": people().lazy(), "orders": bought().lazy()}
    return Invented(sheets().lazy(), parts=tables)


def test_every_face_of_loyalty_is_measured(study):
    assert [measure.name for measure in scoreboard.measures(study)] == NAMES
    faces = {measure.face for measure in scoreboard.measures(study)}
    assert faces == {"advocacy", "satisfaction", "effort", "retention", "purchasing"}


def test_a_study_of_answers_only_has_the_asked_measures():
    asked = scoreboard.measures(Invented(sheets().lazy()))
    assert [measure.name for measure in asked] == NAMES[:4]


def test_customers_without_orders_have_retention(study):
    del study.parts["orders"]
    assert [measure.name for measure in scoreboard.measures(study)][4:] == ["Retention"]


def test_several_items_of_a_construct_are_told_apart(study):
    study.all_items = (*ITEMS, Item("staff_help", construct="satisfaction", scale=Scale(1, 5)))
    names = [measure.name for measure in scoreboard.measures(study)]
    assert names[1:3] == ["Satisfied customers (csat)", "Satisfied customers (staff help)"]


def test_the_good_end_of_effort_is_that_of_its_scale(study):
    better = {measure.name: measure.better for measure in scoreboard.measures(study)}
    assert (better["Customer effort"], better["Satisfied customers"]) == ("down", "up")


def test_scores_have_one_row_per_measure_in_the_long_shape(study):
    found = scoreboard.scores(study, MARCH)
    assert found.columns == [*scoreboard.ABOUT, *scoreboard.NUMBERS]
    assert found["measure"].to_list() == NAMES


@pytest.mark.parametrize("weight", [None, "weight"])
def test_scores_are_those_of_the_metrics(study, weight):
    study.weight = weight
    found = {row["measure"]: row for row in scoreboard.scores(study, MARCH).iter_rows(named=True)}
    inside = MARCH.only(sheets())
    score = loyalty.net_promoter_score(inside, weight=weight).row(0, named=True)
    top = satisfaction.top_box(inside, item="csat", scale=Scale(1, 5, "down"), weight=weight)
    top = top.row(0, named=True)
    one = satisfaction.top_box(inside, item="again", scale=Scale(1, 3), boxes=1, weight=weight)
    easy = satisfaction.mean_score(inside, item="easy", scale=Scale(1, 7), weight=weight)
    for measure, value in (
        ("Net promoter score", score["score"]),
        ("Satisfied customers", top["share"]),
        ("Would buy again", one["share"].item()),
        ("Customer effort", easy["mean"].item()),
    ):
        assert found[measure]["estimate"] == pytest.approx(value, rel=1e-9)
    for name in ("base", "low", "high", "se"):
        assert found["Net promoter score"][name] == pytest.approx(score[name], rel=1e-9)
    effective = top["effective_base"] if weight else top["base"]
    assert found["Satisfied customers"]["effective_base"] == pytest.approx(effective, rel=1e-9)


def test_behaviour_is_that_of_the_metrics(study):
    found = {row["measure"]: row for row in scoreboard.scores(study, MARCH).iter_rows(named=True)}
    month = {"start": MARCH.start, "end": MARCH.end}
    for measure, table, value in (
        ("Retention", loyalty.retention(people(), **month), "share"),
        ("Customers who ordered", loyalty.purchasing(people(), bought(), **month), "share"),
        ("Orders per customer", loyalty.orders_per_customer(people(), bought(), **month), "mean"),
        ("Spend per customer", loyalty.spend_per_customer(people(), bought(), **month), "mean"),
    ):
        expected = table.rename({value: "estimate"}).row(0, named=True)
        for name in ("base", "estimate", "low", "high", "se"):
            assert found[measure][name] == pytest.approx(expected[name], rel=1e-9)


def test_weights_of_answers_do_not_touch_behaviour(study):
    plain = scoreboard.scores(study, MARCH).tail(4)
    study.weight = "weight"
    assert_frame_equal(scoreboard.scores(study, MARCH).tail(4), plain)


def test_groups_are_rows_and_a_missing_group_is_none(study):
    found = scoreboard.scores(study, MARCH, by="channel")
    assert found["channel"].unique().sort().to_list() == ["app", "shop"]
    # Customers have no channel: their measures are left out.
    assert found["measure"].unique(maintain_order=True).to_list() == NAMES[:4]


def test_a_key_both_tables_know_breaks_every_measure_down(study):
    assert scoreboard.scores(study, MARCH, by="segment").height == 2 * len(NAMES)


def test_a_key_nobody_knows_is_refused(study):
    with pytest.raises(
        ColumnMissing, match=r"responses must have `segmnt`.* Did you mean `segment`\?"
    ):
        scoreboard.scores(study, MARCH, by="segmnt")


def test_before_the_shops_export_begins_nobody_knows_who_ordered(study):
    study.parts["orders"] = bought().filter(pl.col("date") >= dt.date(2026, 3, 4)).lazy()
    rows = scoreboard.scores(study, FEBRUARY).tail(3)
    assert rows["base"].to_list() == [0, 0, 0]
    assert scoreboard.scores(study, MARCH).tail(3)["base"].min() > 0


def test_an_empty_order_table_says_nothing(study):
    study.parts["orders"] = bought().clear().lazy()
    assert scoreboard.scores(study, MARCH).tail(3)["base"].to_list() == [0, 0, 0]


def test_over_all_dates_nobody_can_be_kept(study):
    found = scoreboard.scores(study, Period.parse("all"))
    assert found.filter(measure="Retention").select("base", "estimate").row(0) == (0, None)
    answered = sheets()["recommend"].count()
    assert found.filter(measure="Net promoter score")["base"].item() == answered
    assert found.filter(measure="Customers who ordered")["base"].item() > 0


def test_over_all_dates_the_last_day_counts_too(study):
    last = pl.DataFrame({"customer_id": ["0"], "date": [dt.date(2026, 3, 9)], "amount": [5.0]})
    study.parts["orders"] = last.lazy()
    study.parts["customers"] = people().head(1).with_columns(left=pl.lit(None, pl.Date)).lazy()
    found = scoreboard.scores(study, Period.parse("all")).filter(measure="Spend per customer")
    assert found.select("base", "estimate").row(0) == (1, 5.0)


def test_a_trend_is_the_scores_of_each_period(study):
    found = scoreboard.trend(study, MARCH, periods=2)
    for period in (FEBRUARY, MARCH):
        expected = scoreboard.scores(study, period)
        assert_frame_equal(found.filter(period=period.text).drop("period"), expected)
    assert found["period"].unique(maintain_order=True).to_list() == ["2026-02", "2026-03"]


def test_a_trend_leaves_out_periods_nobody_answered_in(study):
    found = scoreboard.trend(study, MARCH, periods=12)
    asked = found.filter(measure="Net promoter score")["period"].to_list()
    assert asked == ["2026-01", "2026-02", "2026-03"]


def test_a_trend_of_groups_has_a_row_for_each(study):
    found = scoreboard.trend(study, MARCH, by="segment", periods=3)
    assert found.columns[0] == "period"
    assert found.filter(measure="Net promoter score").height == 6


def test_changes_stand_beside_the_period_before(study):
    found = scoreboard.changes(study, MARCH)
    now, before = scoreboard.scores(study, MARCH), scoreboard.scores(study, FEBRUARY)
    assert found["estimate"].to_list() == now["estimate"].to_list()
    assert found["before"].to_list() == before["estimate"].to_list()
    assert found["base_before"].to_list() == before["base"].to_list()
    differences = (found["estimate"] - found["before"]).to_list()
    assert found["change"].to_list() == pytest.approx(differences, rel=1e-8)
    assert found["p"].is_between(0, 1).all()
    inside = found["change"].is_between(found["change_low"], found["change_high"])
    assert inside.all()


def test_a_year_before_the_data_there_is_nothing_to_compare(study):
    found = scoreboard.changes(study, MARCH, against="year_before")
    asked = found.filter(measure="Net promoter score").row(0, named=True)
    assert (asked["base_before"], asked["before"], asked["p"]) == (0, None, None)


def test_all_dates_have_nothing_before_them(study):
    found = scoreboard.changes(study, Period.parse("all"))
    assert found["measure"].to_list() == NAMES
    assert found["p"].null_count() == len(NAMES)


def test_an_unknown_comparison_is_refused(study):
    with pytest.raises(UnknownName) as refused:
        scoreboard.changes(study, MARCH, against="previus")
    assert str(refused.value) == "against `previus` is not known. Did you mean `previous`?"


@pytest.mark.parametrize("weight", [None, "weight"])
def test_a_contrast_is_a_group_against_everybody_else(study, weight):
    study.weight = weight
    found = scoreboard.contrasts(study, MARCH, by="segment")
    assert found.height == 2 * len(NAMES)
    # Of two groups each is the other's everybody else.
    scores = found.filter(measure="Net promoter score").sort("segment")
    assert scores["before"].to_list() == pytest.approx(scores["estimate"].reverse().to_list())
    assert scores["base_before"].to_list() == scores["base"].reverse().to_list()
    assert scores["p"].n_unique() == 1


def test_a_contrast_by_two_keys_is_against_all_other_pairs(study):
    found = scoreboard.contrasts(study, MARCH, by=["segment", "channel"])
    asked = found.filter(measure="Net promoter score")
    known = MARCH.only(sheets()).drop_nulls(["channel", "recommend"]).height
    assert (asked["base"] + asked["base_before"]).to_list() == [known] * 4


def test_the_order_of_rows_never_matters(study):
    turned = Invented(
        sheets().reverse().lazy(),
        weight="weight",
        parts={"customers": people().reverse().lazy(), "orders": bought().reverse().lazy()},
    )
    study.weight = "weight"
    assert_frame_equal(
        scoreboard.changes(turned, MARCH, by="segment"),
        scoreboard.changes(study, MARCH, by="segment"),
    )
