"""No hidden group can be worked out from the other tables, packs and parts; an attacker tries."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from attacker import Attacker, Lab, answers, publish

from cxlab import guard
from cxlab.errors import StudyInvalid
from cxlab.findings import PEOPLE
from cxlab.guard import plan, published, span
from cxlab.periods import Period

MONTHS = ("2026-01", "2026-02", "2026-03")
QUARTER = "2026-Q1"
CHANNELS, SEGMENTS = ("web", "shop", "fax", ""), ("new", "old", "vip")
MEAN = {"web": 14, "shop": 9, "fax": 3, "": 1, "new": 1.0, "old": 1.6, "vip": 0.4}


def one_grouping(folder: Path | None, **months: dict[str, int]) -> Lab:
    """A study of channels: jan={"web": 40, …}, feb=…, mar=…."""
    names = dict(zip(("jan", "feb", "mar"), MONTHS, strict=True))
    cells = {(names[m], channel): n for m, row in months.items() for channel, n in row.items()}
    return Lab(answers(cells, ("channel",)), ("channel",), published=folder)


def drawn(seed: int, folder: Path) -> Lab:
    """A small study drawn by chance: three months, channels, segments, some unknown."""
    rng = np.random.default_rng(seed)
    cells = {
        (month, channel, segment): int(n)
        for month in MONTHS
        for channel in CHANNELS
        for segment in SEGMENTS
        if (n := rng.poisson(MEAN[channel] * MEAN[segment]))
    }
    return Lab(answers(cells, ("channel", "segment")), ("channel", "segment"), published=folder)


def unplanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each table hides its own small groups, and nothing is hidden for other tables."""
    nothing = pl.DataFrame(schema=plan.HIDDEN)
    monkeypatch.setattr(guard, "withheld", lambda study, period: nothing)


def hidden(table: pl.DataFrame) -> set[tuple[str, str]]:
    rows = table.filter(pl.col("hidden").is_not_null())
    return {(row["where"], row["period"]) for row in rows.to_dicts()}


LIKE_ANY = {"web": 40, "shop": 30, "fax": 15}
ONE_LOW = {"web": 40, "shop": 30, "fax": 4}


# ---------------------------------------------------------------- several packs


@pytest.mark.parametrize("guarded", [True, False])
def test_a_quarter_does_not_tell_the_group_that_a_month_hid(
    guarded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        unplanned(monkeypatch)
    lab = one_grouping(tmp_path, jan=LIKE_ANY, feb=ONE_LOW, mar=LIKE_ANY)
    tables = [publish(lab, period) for period in (*MONTHS, QUARTER)]
    learned = Attacker(lab, tables).small(MONTHS)
    assert learned == ([] if guarded else [("2026-02", {"channel": "fax"}, 4)])


def test_what_a_quarter_hides_are_the_groups_a_month_hid(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY, feb=ONE_LOW, mar=LIKE_ANY)
    tables = {period: publish(lab, period) for period in (*MONTHS, QUARTER)}
    assert hidden(tables["2026-02"]) == {("fax", "2026-02"), ("shop", "2026-02")}
    assert hidden(tables["2026-03"]) == set()
    assert hidden(tables[QUARTER]) == {("fax", QUARTER), ("shop", QUARTER)}
    assert tables[QUARTER].filter(pl.col("where") == PEOPLE)["base"].to_list() == [244]


def test_a_month_does_not_tell_what_a_quarter_published_before_leaves(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY, feb=ONE_LOW, mar=LIKE_ANY)
    tables = [publish(lab, period) for period in (QUARTER, *MONTHS)]
    assert hidden(tables[0]) == set()
    assert Attacker(lab, tables).small(MONTHS) == []


@pytest.mark.parametrize("guarded", [True, False])
def test_a_year_told_again_does_not_tell_the_month_between(
    guarded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        unplanned(monkeypatch)
    full = one_grouping(tmp_path, jan=LIKE_ANY, feb=LIKE_ANY, mar=ONE_LOW)
    so_far = replace(full, answers=full.answers.filter(pl.col("date") < pl.date(2026, 3, 1)))
    before, after = publish(so_far, "2026"), publish(full, "2026")
    fax = [table.filter(pl.col("where") == "fax")["base"].item() for table in (before, after)]
    # Thirty then and 34 now would tell the four of March.
    assert fax == ([30, None] if guarded else [30, 34])


def test_a_pack_made_again_hides_the_same(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY, feb=ONE_LOW, mar=LIKE_ANY)
    first = {period: publish(lab, period) for period in (*MONTHS, QUARTER)}
    again = {period: publish(lab, period) for period in (QUARTER, *MONTHS)}
    assert all(again[period].equals(first[period]) for period in first)


def test_packs_of_another_study_tell_nothing_of_this_one(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY, feb=ONE_LOW, mar=LIKE_ANY)
    for month in MONTHS:
        publish(lab, month)
        manifest = tmp_path / month / "manifest.json"
        manifest.write_text(manifest.read_text().replace("Small", "Smaller"))
    assert hidden(publish(lab, QUARTER)) == set()


def test_a_published_pack_that_cannot_be_read_stops_the_next(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY)
    publish(lab, "2026-01")
    (tmp_path / "2026-01" / "findings.parquet").write_bytes(b"torn")
    with pytest.raises(StudyInvalid, match=r"^published pack `2026-01` must have a readable"):
        publish(lab, QUARTER)


# ---------------------------------------------------------------- one pack


def test_few_of_unknown_group_are_not_told_by_all_less_the_known(tmp_path: Path) -> None:
    lab = one_grouping(None, jan={"web": 40, "shop": 30, "fax": 12, "": 3})
    table = publish(lab, "2026-01")
    assert hidden(table) == {("fax", "2026-01")}
    assert Attacker(lab, [table]).small(MONTHS[:1]) == []
    web = table.filter(pl.col("where") == "web")
    assert web.select("base", "base_before").row(0) == (40, 45)


def test_groups_within_groups_do_not_tell_each_other() -> None:
    rows = {("2026-01", "north", "n1"): 30, ("2026-01", "north", "n2"): 4}
    rows |= {("2026-01", "south", s): n for s, n in (("s1", 20), ("s2", 25), ("s3", 6))}
    lab = Lab(answers(rows, ("region", "shop")), ("region", "shop"))
    table = publish(lab, "2026-01")
    # In the table of shops n2 and s3 hide each other; the table of regions would tell both.
    assert Attacker(lab, [table]).small(MONTHS[:1]) == []
    assert ("n1", "2026-01") in hidden(table)


def test_a_hidden_row_does_not_say_whether_it_is_the_small_one() -> None:
    lab = one_grouping(None, jan={"web": 40, "shop": 30, "fax": 5, "post": 5, "": 3})
    reasons = publish(lab, "2026-01")["hidden"].drop_nulls().unique().to_list()
    assert reasons in (["fewer than 10 answers"], ["fewer than 10 answers here or next to it"])


# ---------------------------------------------------------------- parts


def with_parts(folder: Path) -> Lab:
    sizes = {"new": (30, 25, 12), "old": (20, 15, 11), "vip": (20, 16, 4)}
    cells = {
        ("2026-01", channel, segment): n
        for segment, row in sizes.items()
        for channel, n in zip(("web", "shop", "fax"), row, strict=True)
    }
    return Lab(answers(cells, ("channel", "segment")), ("channel", "segment"), published=folder)


@pytest.mark.parametrize("guarded", [True, False])
def test_the_packs_of_the_others_do_not_tell_a_small_group_of_one_part(
    guarded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        unplanned(monkeypatch)
    lab = with_parts(tmp_path)
    parts = [f"segment={name}" for name in SEGMENTS]
    tables = [publish(lab, "2026-01"), *(publish(lab, "2026-01", part=part) for part in parts)]
    learned = Attacker(lab, tables).small(MONTHS[:1])
    assert learned == ([] if guarded else [("2026-01", {"channel": "fax", "segment": "vip"}, 4)])


def test_packs_of_parts_are_the_same_in_whatever_order(tmp_path: Path) -> None:
    parts = [f"segment={name}" for name in SEGMENTS]
    seen = []
    for number, order in enumerate((["", *parts], [*parts[::-1], ""], [parts[1], "", *parts[::2]])):
        lab = with_parts(tmp_path / str(number))
        tables = {part: publish(lab, "2026-01", part=part) for part in order}
        seen.append([tables[part].to_dicts() for part in parts])
    assert all(each == seen[0] for each in seen)


# ---------------------------------------------------------------- by chance


@pytest.mark.parametrize("seed", range(6))
def test_the_attacker_learns_of_no_small_group(seed: int, tmp_path: Path) -> None:
    lab = drawn(seed, tmp_path)
    tables = [publish(lab, period) for period in (*MONTHS, QUARTER, "2026")]
    tables += [publish(lab, QUARTER, part=f"segment={name}") for name in SEGMENTS]
    assert Attacker(lab, tables).small([*MONTHS, QUARTER]) == []
    every = pl.concat(tables)
    assert every.filter(pl.col("hidden").is_null()).height > 0.3 * every.height


def test_with_tables_guarded_one_by_one_the_attacker_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unplanned(monkeypatch)
    lab = drawn(0, tmp_path)
    tables = [publish(lab, period) for period in (*MONTHS, QUARTER)]
    assert len(Attacker(lab, tables).small([*MONTHS, QUARTER])) >= 3


def small_sets(grid: span.Grid, shown: Any, *, minimum: int) -> bool:
    """Whether any set at all of fewer people is known: every one of them is tried."""
    count = grid.counts.ravel()[grid.there]
    blind = np.linalg.svd(shown)[2][np.linalg.matrix_rank(shown) :]
    few = np.flatnonzero(count < minimum)
    for size in range(1, minimum):
        for places in map(list, combinations(few, size)):
            if (
                count[places].sum() < minimum
                and np.abs(blind[:, places].sum(axis=1)).max(initial=0) < 1e-7
            ):
                return True
    return False


def test_a_leak_is_found_wherever_there_is_one() -> None:
    leaky = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        times, one, other = (int(n) for n in rng.integers(1, 4, 3))
        grid = span.Grid(rng.integers(0, 9, (times, one, other)))
        boxes = []
        for _ in range(int(rng.integers(2, 14))):
            first = int(rng.integers(0, times))
            last = int(rng.integers(first + 1, times + 1))
            place = [
                (int(rng.integers(0, one + 2)), other + 1),
                (one + 1, int(rng.integers(0, other + 2))),
            ]
            mask = grid.mask(span.Box(first, last, *place[int(rng.integers(0, 2))]))
            boxes += [mask] if grid.size(mask) >= 6 else []
        if not boxes or len(grid.there) > 14:
            continue
        shown = np.unique(np.array(boxes), axis=0)
        found = list(span.leaks(grid, shown, minimum=6))
        assert bool(found) == small_sets(grid, shown, minimum=6), seed
        leaky += bool(found)
    assert leaky >= 10


def test_the_same_people_in_two_months_are_not_twice_as_many() -> None:
    counts = np.array([[[6], [20]], [[6], [20]]])
    whole = span.Box(0, 2, 0, 2)
    assert span.Grid(counts).size(span.Grid(counts).mask(whole)) == 12
    again = span.Grid(counts, again=True)
    assert again.size(again.mask(whole)) == 6


def test_the_guard_and_the_findings_mean_the_same_by_everybody() -> None:
    assert published.PEOPLE == PEOPLE


def test_the_plan_names_every_row_that_is_hidden() -> None:
    lab = one_grouping(None, jan=ONE_LOW)
    found = guard.withheld(lab, Period.parse("2026-01"))
    assert found.rows() == [("recommend", "channel", name, "2026-01") for name in ("fax", "shop")]


def test_a_part_hidden_in_its_own_pack_is_hidden_beside_the_others() -> None:
    lab = one_grouping(None, jan=ONE_LOW)
    when = Period.parse("2026-01")
    assert guard.withheld_parts(replace(lab, groups=()), when, "channel").rows() == [
        ("recommend", "channel", name, "2026-01") for name in ("fax", "shop")
    ]


def test_what_is_being_built_and_the_page_above_packs_tell_nothing(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY)
    publish(lab, "2026-01", name=".2026-01.building")
    publish(lab, "2026-01", name="2026-01.by-channel")
    says = {"study": "Small", "period": "2026-01", "part": "", "files": {"index.html": ""}}
    (tmp_path / "2026-01.by-channel" / "manifest.json").write_text(json.dumps(says))
    assert published.packs(lab) == []
    publish(lab, "2026-01", name="2026-01.by-channel/web", part="channel=web")
    assert [pack.part for pack in published.packs(lab)] == ["channel=web"]


def commented(**counts: int) -> pl.DataFrame:
    """So many people who wrote in each month."""
    names = dict(zip(("jan", "feb", "mar"), MONTHS, strict=True))
    rows = [(f"{names[m]}-15", f"{m}{k}") for m, n in counts.items() for k in range(n)]
    frame = pl.DataFrame(rows, schema=["date", "who"], orient="row")
    return guard.by_month(frame.lazy().with_columns(pl.col("date").str.to_date()), pl.col("who"))


def test_a_quarter_of_comments_does_not_tell_the_month_that_was_hidden(tmp_path: Path) -> None:
    lab = one_grouping(tmp_path, jan=LIKE_ANY, feb=ONE_LOW, mar=LIKE_ANY)
    counts, quarter = commented(jan=20, feb=7, mar=23), Period.parse(QUARTER)
    assert guard.withheld_periods(lab, quarter, counts) == frozenset()
    for month in MONTHS:
        when = Period.parse(month)
        hidden_ = guard.withheld_periods(lab, when, counts)
        assert hidden_ == ({"2026-02"} if month != "2026-01" else set())
        publish(lab, month)
        file = tmp_path / month / "findings.parquet"
        row = {"item": pl.lit("price"), "base": pl.lit({"2026-01": 20}.get(month, 23))}
        table = (
            pl.read_parquet(file)
            .head(1)
            .with_columns(what=pl.lit("comments"), period=pl.lit(month), **row)
        )
        table.head(0 if month == "2026-02" else 1).write_parquet(file)
    assert guard.withheld_periods(lab, quarter, counts) == {QUARTER}


def test_what_is_left_of_a_total_is_found_however_many_share_it() -> None:
    # Three groups of one answer each are hidden; all less the other two tells their sum.
    grid = span.Grid(np.array([[[1], [1], [1], [20], [30], [0]]]))
    shown = np.array([grid.mask(span.Box(0, 1, place, 2)) for place in (3, 4, 6)])
    (leak,) = span.leaks(grid, shown, minimum=10)
    assert grid.size(leak) == 3


def test_a_stretch_of_time_is_as_small_as_its_people_are_few() -> None:
    # Six customers in each of two months are six; as answers they would be twelve.
    counts = np.array([[[6], [20], [0]], [[6], [20], [0]]])
    shown = [span.Box(0, 2, 3, 2), span.Box(0, 2, 1, 2)]
    for again, found in ((True, 1), (False, 0)):
        grid = span.Grid(counts, again=again)
        masks = np.array([grid.mask(box) for box in shown])
        assert len({leak.tobytes() for leak in span.leaks(grid, masks, minimum=10)}) == found


def test_a_quarter_of_a_part_does_not_tell_what_its_month_hid(tmp_path: Path) -> None:
    rows = {
        (month, channel, segment): n
        for month in MONTHS
        for segment in ("new", "old")
        for channel, n in (("web", 40), ("shop", 30), ("fax", 15))
    } | {("2026-02", "fax", "new"): 4}
    lab = Lab(answers(rows, ("channel", "segment")), ("channel", "segment"), published=tmp_path)
    tables = [publish(lab, period, part="segment=new") for period in (*MONTHS, QUARTER)]
    assert Attacker(lab, tables).small(MONTHS) == []
    assert ("fax", QUARTER) in hidden(tables[-1])


def test_two_small_groups_are_found_though_no_total_leaves_just_them() -> None:
    # All less the middle row: the cells of the other two rows, which no grouping puts together.
    grid = span.Grid(np.array([[[2, 2], [5, 5], [1, 0]]]))
    boxes = (span.Box(0, 1, 1, 3), span.Box(0, 1, 4, 3), span.Box(0, 1, 4, 2))
    (leak, *_) = span.leaks(grid, np.array([grid.mask(box) for box in boxes]), minimum=6)
    assert grid.size(leak) == 5
