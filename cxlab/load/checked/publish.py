"""The files of one table → the table, without rows whose key was seen before.

One pass: rows are judged in batches and in order, and written as they come; rejected rows,
and codes that are no score, are set aside. The first row with a key is kept and later ones
are rejected, as "duplicate key" or, where study.toml declares repeats = "first", as
"repeat"; then it is also counted in how many of them anything but the key differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from cxlab.codebook import BORROWED, TABLES
from cxlab.errors import FileUnreadable
from cxlab.load.checked import judge, sink
from cxlab.load.checked.codes import Codes
from cxlab.load.checked.judge import REASON, REJECTED
from cxlab.load.checked.keys import Keys, Seen, SeenExactly
from cxlab.load.checked.parts import Part
from cxlab.load.loaded import FAULT, ROW


@dataclass
class Published:
    """A table's file, its rejected rows, and what was counted on the way.

    `answered` are the filled cells of each column; `personal`, by part, those of columns
    about the person; `disagree` the repeats that differ in a column.
    """

    name: str
    path: Path
    codes: Codes
    rejected: pl.DataFrame
    answered: dict[str, int]
    personal: list[dict[str, int]]
    disagree: dict[str, int]

    @property
    def rows(self) -> pl.LazyFrame:
        """The rows of the table."""
        return pl.scan_parquet(self.path, glob=False)


def publish(
    parts: Sequence[Part], *, into: Path, work: Path, customers: Published | None
) -> Published:
    """Write one table. Responses borrow segment, region and kind from customers.

    Raises FileUnreadable when the rows kept and rejected are not the rows counted.
    """
    table = parts[0].file.table
    path, key = into / f"{table}.parquet", list(TABLES[table].key)
    done = _written(parts, path, work=work, customers=customers, keys=Seen())
    if not _all_there(done.repeats, path, key=key):
        done = _written(parts, path, work=work, customers=customers, keys=SeenExactly())
    return Published(
        name=table,
        path=path,
        codes=done.codes,
        rejected=pl.concat([pl.DataFrame(schema=REJECTED), *done.rejected, *done.again]),
        answered=dict(done.answered),
        personal=done.personal,
        disagree=_disagreeing(parts, done.repeats, path) if done.whole and done.repeats else {},
    )


@dataclass
class _Pass:
    """What one pass through the files of a table gathers beside the rows."""

    keys: Keys
    codes: Codes
    schema: pl.Schema
    whole: bool
    rejected: list[pl.DataFrame] = field(default_factory=list)
    again: list[pl.DataFrame] = field(default_factory=list)
    repeats: list[pl.DataFrame] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    personal: list[dict[str, int]] = field(default_factory=list)

    def batches(self, parts: Sequence[Part]) -> Iterator[pl.DataFrame]:
        """The rows to keep, part after part."""
        for part in parts:
            filled: dict[str, int] = {}
            self.personal.append(filled)
            rows = sink.group_of(len(self.schema))
            kept, lost = 0, 0
            with _readable(part.name):
                for batch in judge.judged(part, rows=rows, filled=filled):
                    good = self._good(batch, part)
                    kept, lost = kept + good.height, lost + batch.height - good.height
                    yield self._first(good, part)
            _require_all(part, kept=kept, rejected=lost)

    def _good(self, batch: pl.DataFrame, part: Part) -> pl.DataFrame:
        good = batch[REASON].is_null() & batch[FAULT].is_null()
        if good.all():
            return batch
        self.rejected.append(judge.rejected(batch.filter(~good), part))
        return batch.filter(good)

    def _first(self, rows: pl.DataFrame, part: Part) -> pl.DataFrame:
        """The rows whose key no earlier one has, as the table has them."""
        key = list(TABLES[part.file.table].key)
        first = self.keys.first(rows.select(key))
        if not first.all():
            later = rows.filter(~first)
            self.again.append(_rejected(later, part))
            self.repeats.append(_shaped(later, self.schema) if self.whole else later.select(key))
            rows = rows.filter(first)
        self.codes.add(rows, part)
        made = _shaped(rows, self.schema)
        for name in made.columns:
            self.answered[name] += made.height - made[name].null_count()
        return made


def _written(
    parts: Sequence[Part], path: Path, *, work: Path, customers: Published | None, keys: Keys
) -> _Pass:
    schema = _schema(parts)
    told = any(part.file.repeats == "first" for part in parts)
    done = _Pass(keys=keys, codes=Codes(work), schema=schema, whole=told)

    def finished(rows: pl.LazyFrame) -> pl.LazyFrame:
        return _borrowed(rows, customers) if parts[0].file.table == "responses" else rows

    sink.sink(lambda: done.batches(parts), path, schema=schema, finish=finished)
    return done


def _schema(parts: Sequence[Part]) -> pl.Schema:
    """Codebook columns in their order, then items and attributes as the files have them."""
    has: dict[str, pl.DataType] = {}
    for part in parts:
        has |= {name: kind for name, kind in judge.schema_of(part).items() if name not in has}
    known = [name for name in TABLES[parts[0].file.table].names if name in has]
    return pl.Schema({name: has[name] for name in [*known, *has]})


def _shaped(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return rows.select(
        name if name in rows.columns else pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
    )


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise FileUnreadable(f"`{name}` could not be read: {str(error).splitlines()[0]}") from None


def _require_all(part: Part, *, kept: int, rejected: int) -> None:
    if kept + rejected != part.loaded.rows:
        raise FileUnreadable(
            f"`{part.name}` holds {part.loaded.rows} rows, but {kept} were kept and {rejected} "
            "rejected. Please report this file: intake must account for every row."
        )


def _all_there(repeats: Sequence[pl.DataFrame], path: Path, *, key: list[str]) -> bool:
    """Whether every key taken for one seen before is in the table indeed."""
    if not repeats:
        return True
    wanted = pl.concat(each.select(key) for each in repeats).unique()
    table = pl.scan_parquet(path, glob=False).select(key)
    there = table.join(wanted.lazy(), on=key, how="semi").select(pl.len())
    return int(there.collect(engine="streaming").item()) == wanted.height


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


def _rejected(later: pl.DataFrame, part: Part) -> pl.DataFrame:
    key = TABLES[part.file.table].key
    named = " and ".join(f"`{column}`" for column in key)
    return later.select(
        pl.lit(part.name).alias("file"),
        pl.col(ROW).alias("row"),
        pl.lit(part.file.table).alias("table"),
        pl.lit(key[0]).alias("column"),
        pl.lit("repeat" if part.file.repeats == "first" else "duplicate key").alias("value_class"),
        pl.lit(f"an earlier row has the same {named}").alias("reason"),
    ).cast(REJECTED)


def _disagreeing(
    parts: Sequence[Part], repeats: Sequence[pl.DataFrame], path: Path
) -> dict[str, int]:
    """For each column, the repeats whose value is not that of the first row with the key."""
    key = list(TABLES[parts[0].file.table].key)
    others = dict.fromkeys(name for part in parts for name in part.plan.values if name not in key)
    later = pl.concat(repeats, how="diagonal")
    again = later.lazy().select(key).unique()
    table = pl.scan_parquet(path, glob=False).select(*key, *others)
    first = table.join(again, on=key, how="semi").collect(engine="streaming")
    both = later.select(*key, *others).join(first, on=key, how="left", suffix=" of the first")
    differs = [
        pl.col(name).ne_missing(pl.col(f"{name} of the first")).sum().alias(name) for name in others
    ]
    counts = both.select(differs).row(0, named=True) if others else {}
    return {name: int(count) for name, count in counts.items() if count}
