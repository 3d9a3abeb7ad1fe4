"""Whose rows a part of a study has, on eleven rows one can count."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from packs import DEMO, PERIOD
from tiny import study_folder

import cxlab as cx
from cxlab import scoreboard, study_part
from cxlab.errors import TableMissing, UnknownName
from cxlab.study import Study
from cxlab.text import comments

TOML = """
minimum_base = 3
groups = ["segment", "channel"]
[[files]]
path = "people.csv"
table = "customers"
[files.columns]
customer_id = "id"
segment = "segment"
unit_id = "shop"
kind = "kind"
[[files]]
path = "answers.csv"
table = "responses"
[files.columns]
response_id = "id"
customer_id = "who"
channel = "channel"
date = "day"
[files.items]
recommend = "n"
why = "why"
[[files]]
path = "notes.csv"
table = "comments"
[files.columns]
comment_id = "id"
response_id = "sheet"
text = "text"
[[files]]
path = "orders.csv"
table = "orders"
[files.columns]
order_id = "id"
customer_id = "who"
at = "at"
date = "at"
amount = "amount"
channel = "channel"
unit_id = "shop"
[[files]]
path = "cases.csv"
table = "cases"
[files.columns]
case_id = "id"
customer_id = "who"
opened_at = "at"
date = "at"
channel = "channel"
unit_id = "shop"
[[files]]
path = "events.csv"
table = "events"
[files.columns]
event_id = "id"
customer_id = "who"
at = "at"
date = "at"
kind = "kind"
[[files]]
path = "directory.csv"
table = "channels"
[files.columns]
channel = "channel"
[[files]]
path = "figures.csv"
table = "units"
[files.columns]
unit_id = "shop"
month = "month"
metric = "metric"
value = "value"
[items.recommend]
construct = "recommend"
scale = [0, 10]
not_applicable = { "99" = "not said" }
[items.why]
construct = "comment"
kind = "comment"
"""
HOSTILE = '../="<b>\u202e{0.__class__}'
FILES = {
    "people_csv": f"""id,segment,shop,kind
a,gold,north,customer
b,gold,south,customer
c,"{HOSTILE.replace('"', '""')}",north,prospect
""",
    "answers_csv": """id,who,channel,day,n,why
1,a,web,2026-10-01,9,good
2,b,shop,2026-10-02,99,fine
3,c,web,2026-10-03,2,bad
4,,shop,2026-10-04,3,who am I
""",
    "notes_csv": "id,sheet,text\nn1,1,of a\nn2,3,of c\nn3,,of nobody\n",
    "orders_csv": """id,who,at,amount,channel,shop
o1,a,2026-10-01T10:00:00,5,web,south
o2,b,2026-10-01T10:00:00,5,shop,south
o3,c,2026-10-01T10:00:00,5,shop,north
o4,,2026-10-01T10:00:00,5,web,north
""",
    "cases_csv": """id,who,at,channel,shop
k1,a,2026-10-01T10:00:00,web,south
k2,c,2026-10-01T10:00:00,phone,north
""",
    "events_csv": "id,who,at,kind\ne1,a,2026-10-01T10:00:00,exposure\n",
    "directory_csv": "channel\nweb\nshop\n",
    "figures_csv": "shop,month,metric,value\nnorth,2026-10-01,sales,1\nsouth,2026-10-01,sales,2\n",
}
IDS = {"responses": "response_id", "comments": "comment_id", "orders": "order_id"} | {
    "cases": "case_id", "events": "event_id", "customers": "customer_id", "units": "unit_id"
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = study_folder(tmp_path_factory.mktemp("parts") / "study", TOML, **FILES)
    cx.open(made)
    return made


def ids(study: Study, table: str) -> str:
    return " ".join(study.table(table).collect()[IDS[table]])


@pytest.mark.parametrize(
    ("part", "table", "expected"),
    [
        ("segment=gold", "customers", "a b"),
        ("segment=gold", "responses", "1 2"),
        ("segment=gold", "comments", "n1"),
        ("segment=gold", "orders", "o1 o2"),
        ("segment=gold", "cases", "k1"),
        ("segment=gold", "events", "e1"),
        ("segment=gold", "units", "north south"),
        (f"segment={HOSTILE}", "customers", "c"),
        (f"segment={HOSTILE}", "responses", "3"),
        (f"segment={HOSTILE}", "comments", "n2"),
        (f"segment={HOSTILE}", "orders", "o3"),
        (f"segment={HOSTILE}", "events", ""),
        # Customers do not know a channel: orders and cases go by their own.
        ("channel=web", "responses", "1 3"),
        ("channel=web", "orders", "o1 o4"),
        ("channel=web", "cases", "k1"),
        # The kind of an event is no kind of customer.
        ("kind=customer", "events", "e1"),
        ("kind=customer", "responses", "1 2"),
    ],
)
def test_a_part_has_the_rows_of_its_group(
    folder: Path, part: str, table: str, expected: str
) -> None:
    assert ids(cx.open(folder, part=part), table) == expected


@pytest.fixture(scope="module")
def by_unit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study, whose answer sheets know the unit they are about; one is a depot."""
    answers = FILES["answers_csv"].replace(",web,", ",north,").replace(",who am I", ",who?")
    answers = answers.replace("4,,shop", "4,,depot")
    toml = TOML.replace('groups = ["segment", "channel"]', 'groups = ["unit_id"]').replace(
        'channel = "channel"\ndate = "day"', 'unit_id = "channel"\ndate = "day"'
    )
    folder = tmp_path_factory.mktemp("units") / "study"
    return study_folder(folder, toml, **{**FILES, "answers_csv": answers})


def test_orders_follow_their_customer_and_cases_the_unit_that_dealt_with_them(
    by_unit: Path,
) -> None:
    expected = {"responses": "1 3", "customers": "a c", "orders": "o1 o3", "cases": "k2"}
    study = cx.open(by_unit, part="unit_id=north")
    assert {name: ids(study, name) for name in expected} == expected
    assert ids(study, "units") == "north"
    assert study.name == "Tiny · Unit north"


def test_a_group_with_nobody_in_the_list_of_customers_has_no_list(by_unit: Path) -> None:
    study = cx.open(by_unit, part="unit_id=depot")
    assert ids(study, "responses") == "4"
    assert "customers" not in study.tables


def test_a_table_that_cannot_tell_is_left_out(folder: Path) -> None:
    study = cx.open(folder, part="channel=web")
    assert study.tables == ("responses", "comments", "orders", "cases", "units", "channels")
    with pytest.raises(TableMissing, match="has no `customers`"):
        _ = study.customers
    assert study.channels.collect().height == 2


def test_answers_that_are_no_score_are_those_of_the_part(folder: Path) -> None:
    assert cx.open(folder).not_scored["response_id"].to_list() == ["2"]
    assert cx.open(folder, part="segment=gold").not_scored["response_id"].to_list() == ["2"]
    assert cx.open(folder, part="channel=web").not_scored.height == 0


def test_titles_say_the_part_and_groups_that_vary_stay(folder: Path) -> None:
    study = cx.open(folder, part="segment=gold")
    assert study.name == "Tiny · Segment gold"
    assert study.groups == ("channel",)
    assert cx.open(folder).groups == ("segment", "channel")
    # Of those who came by a shop, all who are known are gold, and one is unknown.
    assert cx.open(folder, part="channel=shop").groups == ("segment",)


def test_a_title_is_one_line_that_can_be_printed(folder: Path) -> None:
    hostile = cx.open(folder, part=f"segment={HOSTILE}")
    assert hostile.name == 'Tiny · Segment ../="<b> {0.__class__}'
    assert len(study_part.Part("segment", "x" * 61).title) == len("Segment ") + 60
    assert study_part.Part("help_used", "a\nb").title == "Help used a b"


def test_receipt_and_rejects_stay_those_of_the_whole_study(folder: Path) -> None:
    whole, part = cx.open(folder), cx.open(folder, part="segment=gold")
    assert part.receipt == whole.receipt
    assert part.fingerprint == whole.fingerprint
    assert part.rejected.equals(whole.rejected)
    assert part.part == "segment=gold"
    assert part.whole.part == ""
    assert ids(part.whole, "responses") == "1 2 3 4"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("gold", 'part must be column=value, as in "segment=premium"; found `gold`.'),
        ("=gold", 'part must be column=value, as in "segment=premium"; found `=gold`.'),
        ("segment=", 'part must be column=value, as in "segment=premium"; found `segment=`.'),
        ("segmnt=gold", "part: column `segmnt` is not known. Did you mean `segment`?"),
        ("segment=Gold!", "part: no answer sheet has segment `Gold!`. Did you mean `gold`?"),
        (
            "channel=fax",
            "part: no answer sheet has channel `fax`. It must be one of `shop`, `web`.",
        ),
    ],
)
def test_an_unknown_part_is_refused(folder: Path, part: str, message: str) -> None:
    with pytest.raises(UnknownName) as error:
        cx.open(folder, part=part)
    assert str(error.value) == message


@pytest.mark.parametrize("column", ["response_id", "customer_id", "recommend", "why", "date"])
def test_keys_items_and_dates_divide_no_study(folder: Path, column: str) -> None:
    with pytest.raises(UnknownName, match=f"part: column `{column}` is not known"):
        cx.open(folder, part=f"{column}=1")


def test_the_columns_that_divide_a_study_are_its_texts(folder: Path) -> None:
    assert cx.open(folder).divisions == ("channel", "segment", "kind")
    assert study_part.values(cx.open(folder).responses, "segment") == [HOSTILE, "gold"]


def test_a_message_about_hostile_values_can_be_printed(folder: Path) -> None:
    with pytest.raises(UnknownName) as error:
        cx.open(folder, part="segment=\x1b[2Jzz")
    assert str(error.value).isprintable()


def test_columns_of_one_name_may_mean_two_things() -> None:
    """Here `kind` is a column of the survey's own, and events have another one."""
    tables = {
        "responses": pl.LazyFrame({"response_id": ["1"], "kind": ["exposure"]}),
        "events": pl.LazyFrame({"event_id": ["e"], "kind": ["exposure"]}),
        "orders": pl.LazyFrame({"order_id": ["o"], "channel": ["web"]}),
    }
    part = study_part.Part("kind", "exposure")
    assert study_part.rows(part, "events", tables.__getitem__, has=tables) is None
    assert study_part.rows(part, "orders", tables.__getitem__, has=tables) is None
    told = study_part.rows(part, "responses", tables.__getitem__, has=tables)
    assert told is not None
    assert told.collect().height == 1


def test_filters_reach_the_files(folder: Path) -> None:
    plan = cx.open(folder, part="segment=gold").orders.select("amount").explain()
    assert 'SELECTION: col("segment") == "gold"' in plan
    assert "PROJECT 2/4 COLUMNS" in plan


def test_annotations_of_a_part_are_those_of_the_whole(folder: Path) -> None:
    part = comments.annotated(cx.open(folder, part="segment=gold")).collect()
    whole = comments.annotated(cx.open(folder)).collect()
    assert sorted(part["text"]) == ["fine", "good", "of a"]
    assert sorted(whole["text"]) == ["bad", "fine", "good", "of a", "of c", "of nobody", "who am I"]
    assert "segment" not in part.columns
    assert part.equals(whole.filter(pl.col("response_id").is_in(["1", "2"])).select(part.columns))
    kept = list((folder / "tables" / "annotated").glob("*.parquet"))
    assert len(kept) == 1


@pytest.mark.parametrize("column", ["segment", "region"])
def test_the_scores_of_a_part_are_those_of_its_row_in_the_whole(column: str) -> None:
    period = cx.period(PERIOD)
    study = cx.open(DEMO)
    rows = scoreboard.scores(study, period, by=column)
    for value in study_part.values(study.responses, column)[:2]:
        found = scoreboard.scores(cx.open(DEMO, part=f"{column}={value}"), period)
        assert found.height == 8
        assert found.equals(rows.filter(pl.col(column) == value).drop(column))
