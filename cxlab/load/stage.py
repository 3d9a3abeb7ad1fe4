"""One file → its kept rows, their keys, its codes not scored and its rejected rows.

One pass over the text types every column and finds every reason in one set of expressions;
what comes of it is written and then split. Nothing is held in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cxlab.codebook import TABLES
from cxlab.errors import FileUnreadable
from cxlab.load.loaded import FAULT, ROW, Loaded
from cxlab.load.mapping import Plan
from cxlab.settings import FileSettings

# Rows held until they are written: a wide survey of 1 GB then needs 0.85 GB instead of 1.2.
_HELD = 1 << 15
_REASON, _CODE = "cxlab reason", "cxlab code"
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
    """A file's rows, written: typed ones, the keys of those to keep, and the others."""

    file: FileSettings
    name: str
    loaded: Loaded
    plan: Plan
    typed: Path
    keys: Path
    not_scored: Path
    rejected: pl.DataFrame

    @property
    def kept(self) -> pl.LazyFrame:
        """The rows to keep, with their row numbers."""
        return _kept(self.typed).select(ROW, *self.plan.values)


def stage(file: FileSettings, loaded: Loaded, plan: Plan, *, into: Path, name: str) -> Staged:
    """Write what becomes of every row of a file into the folder `into`.

    Raises FileUnreadable when the rows kept and rejected are not the rows counted.
    """
    whole = into / "typed.parquet"
    _write({whole: _typed(loaded, plan)}, name=name)
    kept, every = _kept(whole), pl.scan_parquet(whole, glob=False)
    key = list(TABLES[file.table].key)
    staged = Staged(
        file=file,
        name=name,
        loaded=loaded,
        plan=plan,
        typed=whole,
        keys=into / "keys.parquet",
        not_scored=into / "not_scored.parquet",
        rejected=pl.DataFrame(schema=REJECTED),
    )
    written = {
        staged.keys: kept.select(ROW, *key),
        staged.not_scored: _not_scored(kept, plan),
        into / "rejected.parquet": _rejected(every, plan, file=file, name=name),
    }
    _write(written, name=name)
    rejected = pl.read_parquet(into / "rejected.parquet")
    _require_all(staged.keys, rejected.height, loaded.rows, name=name)
    return replace(staged, rejected=rejected)


def _kept(typed: Path) -> pl.LazyFrame:
    frame = pl.scan_parquet(typed, glob=False)
    return frame.filter(pl.col(_REASON).is_null() & pl.col(FAULT).is_null())


def _typed(loaded: Loaded, plan: Plan) -> pl.LazyFrame:
    """Values, the number of the first fault, the code it may tell, codes not scored."""
    faults = [
        pl.when(fault.when).then(pl.lit(number, pl.Int16))
        for number, fault in enumerate(plan.faults)
    ]
    codes = {_na(item): code for item, code in plan.not_applicable.items()}
    built = plan.steps.added(loaded.frame).select(
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


def _not_scored(kept: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    items = list(plan.not_applicable)
    if not items:
        return pl.LazyFrame(schema=NOT_SCORED)
    codes = kept.select(ROW, "response_id", *[pl.col(_na(item)).alias(item) for item in items])
    long = codes.unpivot(
        on=items, index=[ROW, "response_id"], variable_name="item", value_name="code"
    )
    return long.filter(pl.col("code").is_not_null())


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
    try:
        pl.collect_all(sinks, engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise FileUnreadable(f"`{name}` could not be read: {str(error).splitlines()[0]}") from None


def _require_all(keys: Path, rejected: int, rows: int, *, name: str) -> None:
    kept = int(pl.scan_parquet(keys).select(pl.len()).collect().item())
    if kept + rejected != rows:
        raise FileUnreadable(
            f"`{name}` holds {rows} rows, but {kept} were kept and {rejected} rejected. "
            "Please report this file: intake must account for every row."
        )
