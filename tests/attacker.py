"""An attacker, and small studies whose packs are published one after the other.

The attacker has every findings table that was published and knows which groups there are.
Printed bases are sums over cells nobody may see (month × every grouping); what follows from
them is a question of linear algebra, asked here without any code of the guard.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from cxlab import findings
from cxlab.chapters import evidence
from cxlab.codebook import Item, Scale
from cxlab.periods import Period, with_period
from cxlab.scoreboard import ABOUT

MINIMUM = 10
ITEM = Item("recommend", construct="recommend", kind="rating", scale=Scale(0, 10))


@dataclass
class Lab:
    """As much of a study as evidence asks for, from a table of answers."""

    answers: pl.DataFrame
    groups: tuple[str, ...]
    published: Path | None = None
    part: str = ""
    minimum_base: int = MINIMUM
    weight: None = None
    tables: tuple[str, ...] = ("responses",)

    @property
    def settings(self) -> Any:
        return SimpleNamespace(name="Small")

    @property
    def whole(self) -> Lab:
        columns = [name for name in self.answers.columns if name not in ("date", "recommend")]
        return replace(self, part="", groups=tuple(columns))

    @property
    def responses(self) -> pl.LazyFrame:
        column, _, value = self.part.partition("=")
        rows = self.answers.lazy()
        return rows.filter(pl.col(column) == value) if column else rows

    def items_of(self, construct: str) -> tuple[Item, ...]:
        return (ITEM,) if construct == ITEM.construct else ()

    def item(self, name: str) -> Item:
        return ITEM


def answers(cells: dict[tuple[str, ...], int], groups: Sequence[str]) -> pl.DataFrame:
    """So many answers for each month ("2026-01") and group ("" is unknown)."""
    rows = [
        {"date": f"{month}-15", **dict(zip(groups, where, strict=True)), "recommend": k % 11}
        for (month, *where), count in cells.items()
        for k in range(count)
    ]
    table = pl.DataFrame(rows).with_columns(pl.col("date").str.to_date())
    return table.with_columns(pl.col(list(groups)).replace("", None))


def shown(lab: Lab, period: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a loyalty chapter shows, counts only: everybody over time, and each grouping."""
    dated = with_period(lab.responses, period.grain).collect()
    last = [each.text for each in period.last(13)]
    trend = dated.filter(pl.col("period").is_in(last)).group_by("period").len("base")
    levels = evidence._hidden(lab, period, _long(trend.sort("period"), "period"))
    parts = [_groups(lab, period, dated, by) for by in lab.groups]
    return levels, pl.concat(parts) if parts else levels.clear()


def _groups(lab: Lab, period: Period, dated: pl.DataFrame, by: str) -> pl.DataFrame:
    here = dated.filter(pl.col("period") == period.text)
    known = here.drop_nulls(by)
    unknown = here.height - known.height
    beside = here.height if 0 < unknown < lab.minimum_base else known.height
    counted = known.group_by(by).len("base").sort(by)
    others = (beside - pl.col("base")).cast(pl.Int64).alias("base_before")
    table = evidence._hidden(lab, period, _long(counted.with_columns(others), by), by=by)
    return table.rename({by: "where"}).with_columns(pl.lit(by).alias("by"))


def _long(counts: pl.DataFrame, *keys: str) -> pl.DataFrame:
    about = dict(zip(ABOUT, ("Score", ITEM.name, "points", "up", "advocacy"), strict=True))
    numbers = dict.fromkeys(("estimate", "low", "high", "p"), pl.lit(0.0))
    told = counts.with_columns(
        pl.col("base").cast(pl.Int64), **{k: pl.lit(v) for k, v in about.items()}, **numbers
    )
    return told.select(*ABOUT, *keys, "base", pl.exclude(*ABOUT, *keys, "base"))


def publish(lab: Lab, period: str, *, part: str = "", name: str = "") -> pl.DataFrame:
    """The findings of a pack, put where the next packs find them."""
    when, column = Period.parse(period), part.partition("=")[0]
    kept = tuple(group for group in lab.groups if group != column)
    levels, groups = shown(replace(lab, part=part, groups=kept), when)
    keyed = (
        groups.select(*ABOUT, "where", "by", pl.exclude(*ABOUT, "where", "by")) if kept else groups
    )
    told = {"what": "loyalty", "period": when}
    recorded = findings.record(levels, kind="level", **told)
    if kept:
        recorded += findings.record(keyed, kind="contrast", **told)
    output = {"data": {findings.MIME: {"rows": recorded.rows}}}
    table = findings.collect({"loyalty": SimpleNamespace(cells=[{"outputs": [output]}])})
    if lab.published is not None:
        folder = lab.published / (name or f"{period}.{part}".rstrip("."))
        folder.mkdir(parents=True, exist_ok=True)
        findings.write(table, folder)
        title = "Small" + (f" · {part}" if part else "")
        says = {"study": title, "period": period, "part": part}
        (folder / "manifest.json").write_text(json.dumps(says))
    return table.with_columns(pl.lit(part).alias("part"))


class Attacker:
    """Everything that follows from published tables, and how many answers there are of whom."""

    def __init__(self, lab: Lab, tables: Iterable[pl.DataFrame]) -> None:
        month = pl.col("date").dt.strftime("%Y-%m").alias("month")
        columns = [name for name in lab.answers.columns if name not in ("date", "recommend")]
        keyed = lab.answers.with_columns(month).group_by("month", *columns).len()
        self.cells = keyed.sort("month", *columns)
        self.columns = columns
        self.sums, self.bases = [], []
        for row in (row for table in tables for row in table.to_dicts()):
            if row["hidden"] is None:
                for mask, base in self._told(row):
                    self.sums.append(mask)
                    self.bases.append(base)

    def learns(self, target: dict[str, Any], period: str) -> int | None:
        """The size of a group in a period, if it follows from what was published."""
        mask = self._mask(target, period)
        known = np.array(self.sums).T
        weights, *_ = np.linalg.lstsq(known, mask, rcond=None)
        if np.abs(known @ weights - mask).max() > 1e-8:
            return None
        return round(float(weights @ np.array(self.bases)))

    def small(self, periods: Iterable[str], *, least: int = MINIMUM) -> list[tuple[Any, ...]]:
        """The groups of fewer than `least` answers that the attacker learns."""
        found = []
        for period, target in product(periods, self._targets()):
            mask = self._mask(target, period)
            true = int(mask @ self.cells["len"].to_numpy())
            if 0 < true < least:
                learned = self.learns(target, period)
                assert learned in (None, true)
                found += [(period, target, true)] if learned == true else []
        return found

    def _targets(self) -> Iterator[dict[str, Any]]:
        groups = {name: self.cells[name].unique().to_list() for name in self.columns}
        yield {}
        for name in self.columns:
            yield from ({name: group} for group in groups[name])
        for one, other in product(self.columns, self.columns):
            if one < other:
                yield from ({one: a, other: b} for a, b in product(groups[one], groups[other]))

    def _told(self, row: dict[str, Any]) -> list[tuple[np.ndarray, int]]:
        part, _, value = row["part"].partition("=")
        target = {part: value} if part else {}
        if row["kind"] == "level":
            return [(self._mask(target, row["period"]), row["base"])]
        own = self._mask({**target, row["by"]: row["where"]}, row["period"])
        known = self.cells[row["by"]].is_not_null().to_numpy()
        every = self._mask(target, row["period"])
        unknown = int((every * ~known) @ self.cells["len"].to_numpy())
        others = every * (known | (0 < unknown < MINIMUM)) - own
        return [(own, row["base"]), (others, row["base_before"])]

    def _mask(self, target: dict[str, Any], period: str) -> np.ndarray:
        when = Period.parse(period)
        month = pl.col("month")
        inside = pl.lit(True)
        if when.start is not None and when.end is not None:
            inside = (month >= f"{when.start:%Y-%m}") & (month < f"{when.end:%Y-%m}")
        same = [pl.col(name).eq_missing(pl.lit(group)) for name, group in target.items()]
        return self.cells.select(pl.all_horizontal(inside, *same)).to_series().to_numpy() * 1.0
