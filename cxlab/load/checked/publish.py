"""The staged files of one table → the table, without rows whose key was seen before.

The first row with a key is kept and later ones are rejected, as "duplicate key" or, where
study.toml declares repeats = "first", as "repeat"; then it is also counted in how many of
them anything but the key differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from cxlab.codebook import BORROWED, TABLES
from cxlab.load.checked.stage import REJECTED, Staged
from cxlab.load.loaded import ROW

_FILE, _AT = "cxlab file", "cxlab at"


@dataclass
class Published:
    """A table's rows, its rejected rows, the repeats among them, and where those differ."""

    name: str
    path: Path
    rejected: pl.DataFrame
    later: pl.DataFrame
    disagree: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> pl.LazyFrame:
        """The rows of the table."""
        return pl.scan_parquet(self.path, glob=False)


def publish(staged: Sequence[Staged], *, into: Path, customers: Published | None) -> Published:
    """Write one table. Responses borrow segment, region and kind from customers."""
    table = staged[0].file.table
    later = _seen_before(staged, key=list(TABLES[table].key))
    frames = [_without(part, later, number) for number, part in enumerate(staged)]
    path = into / f"{table}.parquet"
    rows = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
    rows = rows.select(_ordered(staged))
    borrowed = _borrowed(rows, customers) if table == "responses" else rows
    borrowed.sink_parquet(path, compression="zstd", compression_level=1, engine="streaming")
    rejected = pl.concat([part.rejected for part in staged] + _repeats(staged, later))
    told = any(part.file.repeats == "first" for part in staged)
    disagree = _disagreeing(staged, later) if told and not later.is_empty() else {}
    return Published(table, path, rejected, later, disagree)


def not_scored(staged: Sequence[Staged], published: Published) -> pl.LazyFrame:
    """One row for each code that is an answer but no score, in the order of the files."""
    repeats = published.later.lazy().select(_FILE, ROW)
    parts = []
    for number, part in enumerate(staged):
        items = list(part.plan.items)
        codes = pl.scan_parquet(part.not_scored, glob=False)
        meanings = _meanings(part)
        parts.append(
            codes.join(meanings, on=["item", "code"], how="left").with_columns(
                pl.lit(number, pl.Int32).alias(_FILE),
                pl.col("item").cast(pl.Enum(items)).to_physical().alias(_AT),
            )
        )
    # A repeat has the key of the row that was kept, but its codes are not that row's.
    every = pl.concat(parts).join(repeats, on=[_FILE, ROW], how="anti").sort(_FILE, ROW, _AT)
    return every.select("response_id", "item", "code", "meaning")


def _meanings(part: Staged) -> pl.LazyFrame:
    known = [
        (item.name, code, meaning)
        for item in part.plan.items.values()
        for code, meaning in item.not_applicable.items()
    ]
    schema = {"item": pl.String, "code": pl.String, "meaning": pl.String}
    return pl.LazyFrame(known, schema=schema, orient="row")


def _seen_before(staged: Sequence[Staged], *, key: list[str]) -> pl.DataFrame:
    """File, row and place of every row whose key an earlier row has."""
    keys = pl.concat(
        [
            part.keys.with_row_index(_AT).with_columns(pl.lit(number, pl.Int32).alias(_FILE))
            for number, part in enumerate(staged)
        ]
    )
    # Counting hashes first: usually there is no repeat, and no key need be held.
    whole = pl.col(key[0]) if len(key) == 1 else pl.struct(key)
    counts = keys.select(whole.hash().n_unique().alias("keys"), pl.len().alias("rows"))
    found = counts.collect(engine="streaming").row(0)
    if found[0] == found[1]:
        return keys.clear().collect()
    return keys.filter(~pl.struct(key).is_first_distinct()).collect()


def _without(part: Staged, later: pl.DataFrame, number: int) -> pl.LazyFrame:
    drop = later.filter(pl.col(_FILE) == number)[ROW]
    rows = part.kept if drop.is_empty() else part.kept.filter(~pl.col(ROW).is_in(drop.implode()))
    return rows.drop(ROW)


def _ordered(staged: Sequence[Staged]) -> list[str]:
    """Codebook columns in their order, then items and attributes as the files have them."""
    has = dict.fromkeys(name for part in staged for name in part.plan.values)
    known = [name for name in TABLES[staged[0].file.table].names if name in has]
    return [*known, *[name for name in has if name not in known]]


def _borrowed(rows: pl.LazyFrame, customers: Published | None) -> pl.LazyFrame:
    has = rows.collect_schema()
    if customers is None or "customer_id" not in has:
        return rows
    offers = customers.rows.collect_schema()
    wanted = [name for name in BORROWED if name in offers and name not in has]
    if not wanted:
        return rows
    lent = customers.rows.select("customer_id", *wanted)
    return rows.join(lent, on="customer_id", how="left", maintain_order="left")


def _repeats(staged: Sequence[Staged], later: pl.DataFrame) -> list[pl.DataFrame]:
    if later.is_empty():
        return []
    key = TABLES[staged[0].file.table].key
    named = " and ".join(f"`{column}`" for column in key)
    reason = f"an earlier row has the same {named}"
    parts = list(enumerate(staged))
    names = {number: part.name for number, part in parts}
    first = {number: part.file.repeats == "first" for number, part in parts}
    number = pl.col(_FILE)
    return [
        later.select(
            number.replace_strict(names, return_dtype=pl.String).alias("file"),
            pl.col(ROW).alias("row"),
            pl.lit(staged[0].file.table).alias("table"),
            pl.lit(key[0]).alias("column"),
            pl.when(number.replace_strict(first, return_dtype=pl.Boolean))
            .then(pl.lit("repeat"))
            .otherwise(pl.lit("duplicate key"))
            .alias("value_class"),
            pl.lit(reason).alias("reason"),
        ).cast(REJECTED)
    ]


def _disagreeing(staged: Sequence[Staged], later: pl.DataFrame) -> dict[str, int]:
    """For each column, the repeats whose value is not that of the first row with the key."""
    key = list(TABLES[staged[0].file.table].key)
    again = later.lazy().select(key).unique()
    parts = [
        part.kept.drop(ROW).join(again, on=key, how="semi", maintain_order="left")
        for part in staged
    ]
    rows = pl.concat(parts, how="diagonal").collect()
    others = [name for name in rows.columns if name not in key]
    differs = [
        pl.col(name).ne_missing(pl.col(name).first().over(key)).sum().alias(name) for name in others
    ]
    counts = rows.select(differs).row(0, named=True) if others else {}
    return {name: int(count) for name, count in counts.items() if count}
