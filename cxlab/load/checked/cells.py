"""One text cell → one typed value, or the reason why not.

`typed` gives a polars expression for the value and a list of faults, each with the
condition that raises it. A value is null only where the cell is empty; what cannot be
read is a fault, never a null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

import polars as pl

from cxlab.codebook import Column, Item
from cxlab.settings import Source

YES = ("true", "yes", "y", "t", "1")
NO = ("false", "no", "n", "f", "0")
_CELL, _RECODED, _READ, _CHECKED, _JUDGED, _LAST = range(6)
_NAIVE, _AWARE = "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z"
_CHAINED, _FEW = 100, 12


class Fault(NamedTuple):
    """Where `when` holds, the row is rejected; `shows` is a code that may be told."""

    column: str
    value_class: str
    reason: str
    when: pl.Expr
    shows: pl.Expr | None = None


class Steps:
    """Expressions kept as columns on the way, so that none is worked out twice.

    Nested expressions that are used again are evaluated again: over a wide survey that costs
    more than reading it. Each call of `keep` begins one step later than what it builds on.
    """

    def __init__(self) -> None:
        self.levels: list[list[pl.Expr]] = []
        self._count = 0

    def keep(self, expression: pl.Expr, *, level: int) -> pl.Expr:
        """The column that will hold the expression; it may use columns of lower levels."""
        while len(self.levels) <= level:
            self.levels.append([])
        self._count += 1
        name = f"cxlab step {self._count}"
        self.levels[level].append(expression.alias(name))
        return pl.col(name)

    def below(self, wanted: Iterable[pl.Expr]) -> list[list[pl.Expr]]:
        """Every step that the wanted expressions build on, by level, the lowest first."""
        names = {root for expression in wanted for root in expression.meta.root_names()}
        used: list[list[pl.Expr]] = []
        for level in reversed(self.levels):
            used.append([step for step in level if step.meta.output_name() in names])
            names |= {root for step in used[-1] for root in step.meta.root_names()}
        return [level for level in reversed(used) if level]


class Typed(NamedTuple):
    """A value, what makes it a fault, and for items the code that is not applicable."""

    value: pl.Expr
    faults: tuple[Fault, ...]
    not_applicable: pl.Expr | None = None


@dataclass(frozen=True)
class Dialect:
    """How the file writes things: the decimal sign, the empty cell, the time zone."""

    decimal: str = "."
    null_values: tuple[str, ...] = ()
    zone: str = "UTC"


def cell_of(source: Source, *, dialect: Dialect, row: str, steps: Steps) -> pl.Expr:
    """The text a source points at: null where the cell is empty, its prefix put before."""
    if source.row:
        return pl.lit(source.prefix) + pl.col(row).cast(pl.String)
    cell = pl.col(str(source.column))
    text = pl.when(~_among(cell, ["", *dialect.null_values])).then(cell)
    return steps.keep(pl.lit(source.prefix) + text if source.prefix else text, level=_CELL)


def _among(cell: pl.Expr, texts: Sequence[str]) -> pl.Expr:
    """Whether a cell is one of these; null for null."""
    if len(texts) > _FEW:
        return cell.is_in(list(texts))
    # Comparing costs next to nothing; a search for each cell as much as reading it.
    return reduce(or_, [cell == text for text in texts])


def recoded(
    cell: pl.Expr, source: Source, *, name: str, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    """The cell after `values`; an unlisted one is a fault unless `other` says otherwise."""
    if not source.values:
        return cell, ()
    if source.other == "keep":
        return steps.keep(_looked_up(cell, source.values, other=cell), level=_RECODED), ()
    known = steps.keep(_looked_up(cell, source.values), level=_RECODED)
    if source.other == "null":
        return known, ()
    reason = f"`{name}` must be one of the values study.toml lists for it"
    unlisted = cell.is_not_null() & ~_among(cell, list(source.values))
    return known, (Fault(name, "unknown label", reason, unlisted),)


def labelled(cell: pl.Expr, labels: Mapping[str, str], *, steps: Steps) -> pl.Expr:
    """The cell with its codes put into words."""
    return steps.keep(_looked_up(cell, labels, other=cell), level=_RECODED)


def typed(
    cell: pl.Expr, column: Column, *, source: Source, dialect: Dialect, steps: Steps
) -> Typed:
    """The value of a codebook column."""
    value, faults = _KINDS[column.kind](cell, column, source, dialect, steps)
    if column.required:
        reason = f"`{column.name}` must not be empty"
        empty = cell.is_null()
        if column.key or column.kind != "text":
            empty = empty | (cell.str.strip_chars() == "")
        faults = (Fault(column.name, "empty", reason, empty), *faults)
    return Typed(value, faults)


def rating(cell: pl.Expr, item: Item, *, steps: Steps) -> Typed:
    """The code of a rating as a whole number; codes not applicable are null and handed on.

    A cell may also hold a label of the codebook in place of its code.
    """
    low, high, _ = item.scale or (0, 0, "up")
    codes = {label: code for code, label in item.labels.items()}
    code = cell.str.strip_chars()
    code = steps.keep(_looked_up(code, codes, other=code), level=_RECODED)
    number = _number(code, steps=steps)
    other = _not_applicable(cell, number, item.not_applicable, steps=steps)
    scored = number.is_between(low, high) & (number == number.round())
    reason = f"`{item.name}` must be {low:g} to {high:g} or a declared code"
    unread = (code != "") & other.is_null()
    faults = (
        Fault(item.name, "not a number", f"{reason}; found a text", unread & number.is_null()),
        Fault(item.name, "number out of range", reason, unread & ~scored, code),
    )
    return Typed(pl.when(other.is_null()).then(number.cast(pl.Int16, strict=False)), faults, other)


def choice(cell: pl.Expr, item: Item, *, strict: bool, steps: Steps) -> Typed:
    """The label of a choice; the cell as it is where no label is known.

    With `strict`, a cell that is neither a code nor a label is a fault.
    """
    other = _not_applicable(cell, _number(cell, steps=steps), item.not_applicable, steps=steps)
    value = pl.when(other.is_null()).then(_looked_up(cell, item.labels, other=cell))
    known = [*item.labels, *item.labels.values()]
    reason = f"`{item.name}` must be one of its declared labels or codes"
    unknown = cell.is_not_null() & other.is_null() & ~cell.is_in(known)
    faults = (Fault(item.name, "unknown label", reason, unknown),) if strict else ()
    return Typed(value, faults, other)


def _not_applicable(
    cell: pl.Expr, number: pl.Expr, declared: Mapping[str, str], *, steps: Steps
) -> pl.Expr:
    """The declared code a cell stands for, else null; "6" and "6.0" are one code."""
    if not declared:
        return pl.lit(None, pl.String)
    texts = pl.when(cell.is_in(list(declared))).then(cell)
    numbers = {float(key): key for key in declared if _is_number(key)}
    if numbers:
        coded = _looked_up(number, numbers)
        return steps.keep(pl.coalesce(texts, coded), level=_JUDGED)
    return steps.keep(texts, level=_JUDGED)


def _looked_up(
    found: pl.Expr, names: Mapping[str, str] | Mapping[float, str], *, other: pl.Expr | None = None
) -> pl.Expr:
    """The name of what was found, else `other`, or null."""
    rest = pl.lit(None, pl.String) if other is None else other
    if len(names) > _CHAINED:
        return pl.coalesce(found.replace_strict(names, default=None, return_dtype=pl.String), rest)
    # A chain of comparisons streams; replace_strict holds the whole column in memory.
    for key, name in names.items():
        rest = pl.when(found == key).then(pl.lit(name)).otherwise(rest)
    return rest


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(cell: pl.Expr, *, steps: Steps, decimal: str = ".") -> pl.Expr:
    text = cell.str.strip_chars()
    if decimal == ",":
        grouped = text.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$")
        text = pl.when(grouped).then(text.str.replace_all(".", "", literal=True)).otherwise(text)
        # With a decimal comma a point is a mistake, not another way to write the number.
        text = pl.when(~text.str.contains(".", literal=True)).then(text)
        text = text.str.replace(",", ".", literal=True)
    number = steps.keep(text.cast(pl.Float64, strict=False), level=_READ)
    return steps.keep(pl.when(number.is_finite()).then(number), level=_CHECKED)


def _as_text(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    if not column.allowed:
        return cell, ()
    reason = f"`{column.name}` must be one of {', '.join(column.allowed)}"
    return cell, (Fault(column.name, "unknown label", reason, ~_among(cell, column.allowed)),)


def _as_number(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    number = _number(cell, decimal=dialect.decimal, steps=steps)
    return number, _number_faults(cell, number, column)


def _as_count(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    number = _number(cell, decimal=dialect.decimal, steps=steps)
    reason = f"`{column.name}` must be a whole number"
    broken = Fault(column.name, "not a whole number", reason, number != number.round())
    faults = (*_number_faults(cell, number, column), broken)
    return number.cast(pl.Int64, strict=False), faults


def _number_faults(cell: pl.Expr, number: pl.Expr, column: Column) -> tuple[Fault, ...]:
    name = column.name
    # A blank-only cell is read as empty; any other text is no number.
    filled = cell.str.strip_chars() != ""
    faults = [Fault(name, "not a number", f"`{name}` must be a number", filled & number.is_null())]
    if column.above_zero:
        reason = f"`{name}` must be above 0"
        faults.append(Fault(name, "number out of range", reason, number <= 0))
    if column.low is not None:
        bound = f"at least {column.low:g}"
        if column.high is not None:
            bound = f"{column.low:g} to {column.high:g}"
        outside = number < column.low
        if column.high is not None:
            outside = outside | (number > column.high)
        faults.append(Fault(name, "number out of range", f"`{name}` must be {bound}", outside))
    return tuple(faults)


def _as_flag(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    word = cell.str.strip_chars().str.to_lowercase()
    flag = pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False)
    reason = f"`{column.name}` must be yes or no, true or false, 1 or 0"
    wrong = flag.is_null() & (word != "")
    return flag, (Fault(column.name, "not a yes or no", reason, wrong),)


def _as_time(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    at = _instant(cell, source=source, dialect=dialect, steps=steps)
    wanted = _shapes(source) or "like 2026-10-03 14:05:06"
    reason = f"`{column.name}` must be a time ({wanted}) that exists in its zone"
    wrong = at.is_null() & (cell.str.strip_chars() != "")
    return at, (Fault(column.name, "not a time", reason, wrong),)


def _as_date(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    text = cell.str.strip_chars()
    if source.format:
        day = pl.coalesce([text.str.to_date(shape, strict=False) for shape in source.format])
    else:
        moment = _instant(cell, source=source, dialect=dialect, steps=steps)
        local = moment.dt.convert_time_zone(dialect.zone)
        day = pl.coalesce(text.str.to_date("%Y-%m-%d", strict=False), local.dt.date())
    day = steps.keep(_of_four_digits(day), level=_LAST)
    reason = f"`{column.name}` must be a date ({_shapes(source) or 'like 2026-10-03'})"
    return day, (Fault(column.name, "not a date", reason, day.is_null() & (text != "")),)


def _as_month(
    cell: pl.Expr, column: Column, source: Source, dialect: Dialect, steps: Steps
) -> tuple[pl.Expr, tuple[Fault, ...]]:
    text = cell.str.strip_chars()
    if source.format:
        # A day is put before, since a month alone is no date.
        days = pl.lit("01 ") + text
        shapes = [f"%d {shape}" for shape in source.format]
        whole = pl.coalesce([days.str.to_date(shape, strict=False) for shape in shapes])
    else:
        whole = (text.str.head(7) + "-01").str.to_date("%Y-%m-%d", strict=False)
        whole = pl.when(text.str.contains(r"^\d{4}-\d\d(-\d\d)?$")).then(whole)
    whole = steps.keep(_of_four_digits(whole), level=_READ)
    reason = f"`{column.name}` must be a month ({_shapes(source) or 'like 2026-10'})"
    wrong = whole.is_null() & (text != "")
    return whole.dt.truncate("1mo"), (Fault(column.name, "not a month", reason, wrong),)


def _instant(cell: pl.Expr, *, source: Source, dialect: Dialect, steps: Steps) -> pl.Expr:
    """The moment in UTC a text names: by its own offset, else in the declared zone."""
    # Second 60 would be read as the first of the next minute, maybe of the next month.
    known = pl.when(~cell.str.contains(":60", literal=True)).then(cell.str.strip_chars())
    text = steps.keep(known, level=_READ)
    zone = source.zone or dialect.zone
    if source.format:
        parsed = [_parsed(text, shape, zone=zone) for shape in source.format]
        return steps.keep(_of_four_digits(pl.coalesce(parsed)), level=_JUDGED)
    plain = steps.keep(_plain(text, zone=zone), level=_CHECKED)
    rest = _iso(pl.when(plain.is_null()).then(text), zone=zone)
    return steps.keep(_of_four_digits(pl.coalesce(plain, rest)), level=_JUDGED)


def _of_four_digits(moment: pl.Expr) -> pl.Expr:
    """The moment unless its year has not four digits: 31/10/26 is not of the year 26."""
    return pl.when(moment.dt.year().is_between(1000, 9999)).then(moment)


def _plain(text: pl.Expr, *, zone: str) -> pl.Expr:
    """A moment in one of the three usual spellings, which are cheap to tell apart."""
    length = text.str.len_bytes()
    shapes = {
        "%Y-%m-%d %H:%M:%S": (length == 19) & text.str.contains(" ", literal=True),
        "%Y-%m-%dT%H:%M:%S": (length == 19) & text.str.contains("T", literal=True),
    }
    local = pl.coalesce([_read(pl.when(fits).then(text), shape) for shape, fits in shapes.items()])
    utc = pl.when((length == 20) & text.str.ends_with("Z")).then(text)
    return pl.coalesce(
        _local(local, zone=zone), _read(utc, "%Y-%m-%dT%H:%M:%SZ").dt.replace_time_zone("UTC")
    )


def _read(text: pl.Expr, shape: str) -> pl.Expr:
    # Moments rarely repeat, so a cache of those seen costs more than it saves.
    return text.str.to_datetime(shape, time_unit="us", strict=False, cache=False)


def _local(moment: pl.Expr, *, zone: str) -> pl.Expr:
    """In UTC what a clock shows. In the hour it shows twice the first; none it skips."""
    known = moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return known.dt.convert_time_zone("UTC")


def _iso(text: pl.Expr, *, zone: str) -> pl.Expr:
    """A moment in ISO form. Each shape is parsed only where it fits: a failed parse is slow."""
    length, plain = text.str.len_bytes(), text.str.replace(" ", "T", literal=True)
    whole = (
        pl.when(length == 10)
        .then(text + "T00:00:00")
        .when(length == 16)
        .then(plain + ":00")
        .otherwise(plain.str.replace(r"^(.{16})(Z|[+-]\d\d:?\d\d)$", "${1}:00$2"))
    )
    aware = text.str.contains(r"(Z|[+-]\d\d:?\d\d)$")
    return pl.coalesce(
        _parsed(pl.when(~aware).then(whole), _NAIVE, zone=zone),
        _parsed(pl.when(aware).then(whole), _AWARE, zone=zone),
    )


def _shapes(source: Source) -> str:
    return " or ".join(source.format)


def _parsed(text: pl.Expr, shape: str, *, zone: str) -> pl.Expr:
    if shape in ("epoch", "epoch_ms"):
        scale = 1_000_000 if shape == "epoch" else 1_000
        moment = (text.cast(pl.Float64, strict=False) * scale).round().cast(pl.Int64, strict=False)
        return moment.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if "%z" in shape or "%:z" in shape or "%#z" in shape:
        return text.str.to_datetime(shape, time_unit="us", time_zone="UTC", strict=False)
    return _local(_read(text, shape), zone=zone)


_KINDS = {
    "text": _as_text,
    "label": _as_text,
    "number": _as_number,
    "count": _as_count,
    "flag": _as_flag,
    "time": _as_time,
    "date": _as_date,
    "month": _as_month,
}
