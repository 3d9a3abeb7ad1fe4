"""One file → its kept rows, their keys, its codes not scored and its rejected rows.

One pass over the text types every column and finds every reason in one set of expressions;
what comes of it is written and then split. Nothing is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cxlab.codebook import TABLES
from cxlab.errors import FileUnreadable
from cxlab.load.checked.mapping import Plan
from cxlab.load.checked.quick import sure
from cxlab.load.loaded import FAULT, ROW, Loaded
from cxlab.settings import FileSettings

# Rows held until they are written: a wide survey of 1 GB then needs 0.85 GB instead of 1.2.
_HELD = 1 << 15
_REASON, _CODE, _SURE, _TEXT = "cxlab reason", "cxlab code", "cxlab sure", "cxlab text"
REJECTED = pl.Schema(
    {
        "file": pl.String,
        "row": pl.Int64,
        "table": pl.String,
        "column": pl.String,
        "value_class": pl.String,
        "reason": pl.String,
    }
)
NOT_SCORED = pl.Schema(
    {ROW: pl.Int64, "response_id": pl.String, "item": pl.String, "code": pl.String}
)


@dataclass(frozen=True)
class Staged:
    """A file's rows, written: typed ones, the codes that are no score, and the rejected."""

    file: FileSettings
    name: str
    loaded: Loaded
    plan: Plan
    typed: Path
    not_scored: Path
    rejected: pl.DataFrame

    @property
    def kept(self) -> pl.LazyFrame:
        """The rows to keep, with their row numbers."""
        return _kept(self.typed).select(ROW, *self.plan.values)

    @property
    def keys(self) -> pl.LazyFrame:
        """The keys of the rows to keep, with their row numbers."""
        return _kept(self.typed).select(ROW, *TABLES[self.file.table].key)


def stage(file: FileSettings, loaded: Loaded, plan: Plan, *, into: Path, name: str) -> Staged:
    """Write what becomes of every row of a file into the folder `into`.

    Raises FileUnreadable when the rows kept and rejected are not the rows counted.
    """
    whole = into / "typed.parquet"
    _write({whole: _typed(loaded.frame, plan)}, name=name)
    kept, every = _kept(whole), pl.scan_parquet(whole, glob=False)
    staged = Staged(
        file=file,
        name=name,
        loaded=loaded,
        plan=plan,
        typed=whole,
        not_scored=into / "not_scored.parquet",
        rejected=pl.DataFrame(schema=REJECTED),
    )
    written = {
        staged.not_scored: _not_scored(kept, plan),
        into / "rejected.parquet": _rejected(every, plan, file=file, name=name),
    }
    _write(written, name=name)
    rejected = pl.read_parquet(into / "rejected.parquet")
    _require_all(every, rejected.height, loaded.rows, name=name)
    return replace(staged, rejected=rejected)


def _kept(typed: Path) -> pl.LazyFrame:
    frame = pl.scan_parquet(typed, glob=False)
    return frame.filter(pl.col(_REASON).is_null() & pl.col(FAULT).is_null())


def _typed(frame: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """Every row typed and judged: quickly where that is sure, else the long way."""
    whole = _judged(frame, plan)
    if not plan.quick or not _read(plan, frame):
        return whole
    schema = whole.collect_schema()

    def repaired(batch: pl.DataFrame) -> pl.DataFrame:
        rows, unsure = batch.select(schema.names()), ~batch[_SURE]
        if not unsure.any():
            return rows
        text = batch.filter(unsure).select(ROW, FAULT, _TEXT).unnest(_TEXT)
        judged = _judged(text.lazy(), plan).collect()
        return _put(judged, unsure.arg_true(), into=rows)

    return _guessed(frame, plan).map_batches(repaired, schema=schema, streamable=True)


def _put(judged: pl.DataFrame, places: pl.Series, *, into: pl.DataFrame) -> pl.DataFrame:
    """The rows with those at the places replaced."""
    if judged[_REASON].null_count():
        chosen = pl.int_range(into.height, eager=True)
        chosen = chosen.scatter(places, pl.int_range(judged.height, eager=True) + into.height)
        return pl.concat([into, judged])[chosen]
    # All are rejected: only why matters, and no other column is built anew.
    why = [into[name].scatter(places, judged[name]) for name in (_REASON, _CODE)]
    return into.with_columns(why)


def _guessed(frame: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """As if every quick reading were right, beside whether it is, and the text as it came."""
    quick = plan.quick
    rest = [fault for fault in plan.faults if fault.column not in quick]
    values = plan.values | {name: reading.value for name, reading in quick.items()}
    codes = _codes(plan) | {
        name: reading.not_applicable
        for name, reading in quick.items()
        if reading.not_applicable is not None
    }
    text = frame.with_columns(pl.struct(_read(plan, frame)).alias(_TEXT))
    return plan.steps.added(text).select(
        ROW,
        FAULT,
        pl.lit(None, pl.Int16).alias(_REASON),
        *[value.alias(name) for name, value in values.items()],
        *[code.alias(_na(item)) for item, code in codes.items()],
        pl.lit(None, pl.String).alias(_CODE),
        sure(quick.values(), rest).alias(_SURE),
        _TEXT,
    )


def _read(plan: Plan, frame: pl.LazyFrame) -> list[str]:
    """The columns of a file that the plan makes use of."""
    has = frame.collect_schema().names()
    made = [*plan.values.values(), *plan.not_applicable.values()]
    made += [expression for level in plan.steps.levels for expression in level]
    for fault in plan.faults:
        made += [fault.when] if fault.shows is None else [fault.when, fault.shows]
    used = {root for expression in made for root in expression.meta.root_names()}
    return [name for name in has if name in used and name not in (ROW, FAULT)]


def _judged(frame: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """Values, the number of the first fault, the code it may tell, codes not scored."""
    faults = [
        pl.when(fault.when).then(pl.lit(number, pl.Int16))
        for number, fault in enumerate(plan.faults)
    ]
    codes = {_na(item): code for item, code in _codes(plan).items()}
    built = plan.steps.added(frame).select(
        ROW,
        FAULT,
        pl.coalesce([*faults, pl.lit(None, pl.Int16)]).alias(_REASON),
        *[value.alias(name) for name, value in (plan.values | codes).items()],
        *[told.alias(_told(number)) for number, told in _tellable(plan)],
    )
    # The code of the first fault only: a later one is not what the reason is about.
    shown = [
        pl.when(pl.col(_REASON) == number).then(pl.col(_told(number)))
        for number, _ in _tellable(plan)
    ]
    code = pl.coalesce([*shown, pl.lit(None, pl.String)]).alias(_CODE)
    return built.with_columns(code).drop([_told(number) for number, _ in _tellable(plan)])


def _tellable(plan: Plan) -> list[tuple[int, pl.Expr]]:
    return [(at, fault.shows) for at, fault in enumerate(plan.faults) if fault.shows is not None]


def _told(number: int) -> str:
    return f"cxlab told {number}"


def _na(item: str) -> str:
    return f"cxlab code of {item}"


def _codes(plan: Plan) -> dict[str, pl.Expr]:
    """For each item with codes that are no score, which of its codes a row has, by number."""
    numbered = {}
    for item, code in plan.not_applicable.items():
        known = {text: at for at, text in enumerate(plan.items[item].not_applicable)}
        if known:
            numbered[item] = code.replace_strict(known, default=None, return_dtype=pl.Int16)
    return numbered


def _not_scored(kept: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    items = list(_codes(plan))
    if not items:
        return pl.LazyFrame(schema=NOT_SCORED)
    known = [
        (item, at, code)
        for item in items
        for at, code in enumerate(plan.items[item].not_applicable)
    ]
    schema = {"item": pl.String, "at": pl.Int16, "code": pl.String}
    codes = kept.select(ROW, "response_id", *[pl.col(_na(item)).alias(item) for item in items])
    long = codes.unpivot(
        on=items, index=[ROW, "response_id"], variable_name="item", value_name="at"
    ).filter(pl.col("at").is_not_null())
    named = long.join(pl.LazyFrame(known, schema=schema, orient="row"), on=["item", "at"])
    return named.select(*NOT_SCORED)


def _rejected(frame: pl.LazyFrame, plan: Plan, *, file: FileSettings, name: str) -> pl.LazyFrame:
    """One row for each rejected row, with the first thing found wrong in it."""
    known = dict(enumerate(plan.faults))
    reason = pl.col(_REASON)
    column = _named(reason, {number: fault.column for number, fault in known.items()})
    value_class = _named(reason, {number: fault.value_class for number, fault in known.items()})
    text = _named(reason, {number: fault.reason for number, fault in known.items()})
    loader = pl.col(FAULT).str.splitn(": ", 2)
    told = pl.when(pl.col(_CODE).is_not_null()).then(pl.format("{}; found {}", text, _CODE))
    return frame.filter(reason.is_not_null() | pl.col(FAULT).is_not_null()).select(
        pl.lit(name).alias("file"),
        pl.col(ROW).alias("row"),
        pl.lit(file.table).alias("table"),
        pl.when(pl.col(FAULT).is_null()).then(column).alias("column"),
        pl.coalesce(loader.struct.field("field_0"), value_class).alias("value_class"),
        pl.coalesce(loader.struct.field("field_1"), told, text).alias("reason"),
    )


def _named(reason: pl.Expr, names: dict[int, str]) -> pl.Expr:
    if not names:
        return pl.lit(None, pl.String)
    return reason.replace_strict(names, default=None, return_dtype=pl.String)


def _write(frames: dict[Path, pl.LazyFrame], *, name: str) -> None:
    sinks = [
        frame.sink_parquet(
            path, compression="zstd", compression_level=1, row_group_size=_HELD, lazy=True
        )
        for path, frame in frames.items()
    ]
    with _readable(name):
        pl.collect_all(sinks, engine="streaming")


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise FileUnreadable(f"`{name}` could not be read: {str(error).splitlines()[0]}") from None


def _require_all(every: pl.LazyFrame, rejected: int, rows: int, *, name: str) -> None:
    # What is not rejected is kept, so that only the rows written need be counted.
    kept = int(every.select(pl.len()).collect(engine="streaming").item()) - rejected
    if kept + rejected != rows:
        raise FileUnreadable(
            f"`{name}` holds {rows} rows, but {kept} were kept and {rejected} rejected. "
            "Please report this file: intake must account for every row."
        )
