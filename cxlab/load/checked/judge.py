"""One file → every row typed and judged, in batches and in order.

One set of expressions types every column and finds every reason. Usual cells are read the
quick way; rows with any other cell are read again the long way, batch by batch.

Not here: what becomes of the rows (publish).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import polars as pl

from cxlab.load import screen
from cxlab.load.checked.mapping import Plan
from cxlab.load.checked.parts import Part
from cxlab.load.checked.quick import sure
from cxlab.load.loaded import FAULT, ROW

Frame = TypeVar("Frame", pl.LazyFrame, pl.DataFrame)
REASON, CODE = "cxlab reason", "cxlab code"
_SURE = "cxlab sure"
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


def judged(part: Part, *, rows: int, filled: dict[str, int]) -> Iterator[pl.DataFrame]:
    """The rows of a file by so many: ROW, FAULT, REASON, values, codes by number, CODE.

    What personal columns fill is added up in `filled`, and goes no further.
    """
    frame, plan = part.loaded.frame, part.plan
    personal = screen.filled(part.loaded)
    filled |= dict.fromkeys(personal, 0)
    names = [ROW, FAULT, *_read(plan, frame)]
    wanted = frame.select(*names, *[cell.alias(_filled(name)) for name, cell in personal.items()])
    judge = _judge(plan)
    # Only text is on its way at any time: typed columns beside it would need twice the memory.
    for batch in wanted.collect_batches(chunk_size=rows, maintain_order=True, engine="streaming"):
        for name in personal:
            filled[name] += int(batch[_filled(name)].sum())
        yield judge(batch.select(names))


def schema_of(part: Part) -> pl.Schema:
    """The columns of a part's rows."""
    return _Long(part.plan).judged(part.loaded.frame).select(*part.plan.values).collect_schema()


def _judge(plan: Plan) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """What judges a batch. Its expressions are put together once, not once for each batch."""
    long = _Long(plan)
    return _Quickly(plan, long).judged if plan.quick else long.judged


class _Quickly:
    """As if every quick reading were right, and what is not sure judged the long way."""

    def __init__(self, plan: Plan, long: _Long) -> None:
        quick = plan.quick
        rest = [fault for fault in plan.faults if fault.column not in quick]
        values = plan.values | {name: reading.value for name, reading in quick.items()}
        codes = codes_of(plan) | {
            name: reading.not_applicable
            for name, reading in quick.items()
            if reading.not_applicable is not None
        }
        self._long = long
        self._wanted = [
            pl.col(ROW),
            pl.col(FAULT),
            pl.lit(None, pl.Int16).alias(REASON),
            *[value.alias(name) for name, value in values.items()],
            *[code.alias(code_column(item)) for item, code in codes.items()],
            pl.lit(None, pl.String).alias(CODE),
            # What the reader found wrong is reason enough.
            (sure(quick.values(), rest) | pl.col(FAULT).is_not_null()).alias(_SURE),
        ]
        self._below = plan.steps.below(self._wanted)

    def judged(self, text: pl.DataFrame) -> pl.DataFrame:
        """The rows of a batch of cells."""
        typed = _added(text, self._below).select(self._wanted)
        rows, unsure = typed.drop(_SURE), ~typed[_SURE]
        if not unsure.any():
            return rows
        again = self._long.judged(text.filter(unsure)).select(rows.columns)
        return _put(again, unsure.arg_true(), into=rows)


def _put(judged: pl.DataFrame, places: pl.Series, *, into: pl.DataFrame) -> pl.DataFrame:
    """The rows with those at the places replaced."""
    if judged[REASON].null_count():
        chosen = pl.int_range(into.height, eager=True)
        chosen = chosen.scatter(places, pl.int_range(judged.height, eager=True) + into.height)
        return pl.concat([into, judged])[chosen]
    # All are rejected: only why matters, and no other column is built anew.
    why = [into[name].scatter(places, judged[name]) for name in (REASON, CODE)]
    return into.with_columns(why)


def _read(plan: Plan, frame: pl.LazyFrame) -> list[str]:
    """The columns of a file that the plan makes use of."""
    has = frame.collect_schema().names()
    made = [*plan.values.values(), *plan.not_applicable.values()]
    made += [expression for level in plan.steps.levels for expression in level]
    for fault in plan.faults:
        made += [fault.when] if fault.shows is None else [fault.when, fault.shows]
    used = {root for expression in made for root in expression.meta.root_names()}
    return [name for name in has if name in used and name not in (ROW, FAULT)]


class _Long:
    """Values, the number of the first fault, the code it may tell, codes not scored."""

    def __init__(self, plan: Plan) -> None:
        faults: list[pl.Expr] = [
            pl.when(fault.when).then(pl.lit(number, pl.Int16))
            for number, fault in enumerate(plan.faults)
        ]
        codes = {code_column(item): code for item, code in codes_of(plan).items()}
        numbers = [number for number, _ in _tellable(plan)]
        self._wanted = [
            pl.col(ROW),
            pl.col(FAULT),
            pl.coalesce([*faults, pl.lit(None, pl.Int16)]).alias(REASON),
            *[value.alias(name) for name, value in (plan.values | codes).items()],
            *[told.alias(_told(number)) for number, told in _tellable(plan)],
        ]
        self._below = plan.steps.below(self._wanted)
        # The code of the first fault only: a later one is not what the reason is about.
        shown = [pl.when(pl.col(REASON) == number).then(_told(number)) for number in numbers]
        code = pl.coalesce([*shown, pl.lit(None, pl.String)])
        self._made = [pl.all().exclude([_told(number) for number in numbers]), code.alias(CODE)]

    def judged(self, frame: Frame) -> Frame:
        """The rows of a batch of cells, or of a whole file."""
        return _added(frame, self._below).select(self._wanted).select(self._made)


def _added(frame: Frame, levels: Sequence[Sequence[pl.Expr]]) -> Frame:
    """The frame with the steps of every level as columns."""
    for level in levels:
        frame = frame.with_columns(level)
    return frame


def _tellable(plan: Plan) -> list[tuple[int, pl.Expr]]:
    return [(at, fault.shows) for at, fault in enumerate(plan.faults) if fault.shows is not None]


def _told(number: int) -> str:
    return f"cxlab told {number}"


def _filled(personal: str) -> str:
    return f"cxlab filled {personal}"


def code_column(item: str) -> str:
    """The column that has the number of the code a row gives to an item."""
    return f"cxlab code of {item}"


def codes_of(plan: Plan) -> dict[str, pl.Expr]:
    """For each item with codes that are no score, which of its codes a row has, by number."""
    numbered = {}
    for item, code in plan.not_applicable.items():
        known = {text: at for at, text in enumerate(plan.items[item].not_applicable)}
        if known:
            numbered[item] = code.replace_strict(known, default=None, return_dtype=pl.Int16)
    return numbered


def rejected(rows: pl.DataFrame, part: Part) -> pl.DataFrame:
    """One row for each rejected row, with the first thing found wrong in it."""
    known = dict(enumerate(part.plan.faults))
    reason = pl.col(REASON)
    column = _named(reason, {number: fault.column for number, fault in known.items()})
    value_class = _named(reason, {number: fault.value_class for number, fault in known.items()})
    text = _named(reason, {number: fault.reason for number, fault in known.items()})
    loader = pl.col(FAULT).str.splitn(": ", 2)
    told = pl.when(pl.col(CODE).is_not_null()).then(pl.format("{}; found {}", text, CODE))
    return rows.select(
        pl.lit(part.name).alias("file"),
        pl.col(ROW).alias("row"),
        pl.lit(part.file.table).alias("table"),
        pl.when(pl.col(FAULT).is_null()).then(column).alias("column"),
        pl.coalesce(loader.struct.field("field_0"), value_class).alias("value_class"),
        pl.coalesce(loader.struct.field("field_1"), told, text).alias("reason"),
    ).cast(REJECTED)


def _named(reason: pl.Expr, names: dict[int, str]) -> pl.Expr:
    if not names:
        return pl.lit(None, pl.String)
    return reason.replace_strict(names, default=None, return_dtype=pl.String)
