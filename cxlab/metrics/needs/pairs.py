"""Which two questions ask about the same need?

A `Pair` is a need with two columns of the answer sheets: importance and satisfaction,
expectation and perception, how one would feel with a feature and without it.

Not here: what is made of the two answers (opportunity, kano, gap).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange, listed, require_columns
from cxlab.stats import estimates
from cxlab.tally import Frame, names, require_within, tally, weighed

FIVE = Scale(1, 5)


@dataclass(frozen=True)
class Pair:
    """A need asked about twice; scales are those of ratings.

    `codes` says which number a label stands for, where answers are stored as labels.
    """

    need: str
    first: str
    second: str
    first_scale: Scale = FIVE
    second_scale: Scale = FIVE
    dimension: str = ""
    codes: Mapping[str, int] = field(default_factory=dict)


def of_study(study: Any, *, first: str = "importance_{need}", second: str = "{need}") -> list[Pair]:
    """The pairs of a study's items whose names fit both patterns, in the order of study.toml.

    `first="kano_{need}_with", second="kano_{need}_without"` finds Kano pairs. Raises
    OutOfRange where none fits.
    """
    for pattern in (first, second):
        if pattern.count("{need}") != 1:
            raise OutOfRange(f"A pattern must have `{{need}}` once; `{pattern}` has not.")
    items = {item: study.item(item) for item in study.items["item"]}
    start, end = first.split("{need}")
    found = []
    for name, item in items.items():
        fits = name.startswith(start) and name.endswith(end) and len(name) > len(start + end)
        need = name[len(start) : len(name) - len(end)]
        other = items.get(second.format(need=need))
        if fits and other is not None and other.name != name:
            scales = (item.scale or FIVE, other.scale or FIVE)
            labels = {**other.labels, **item.labels}
            codes = {label: int(code) for code, label in labels.items() if code.isdigit()}
            found.append(Pair(need, name, other.name, *scales, codes=codes))
    if not found:
        raise OutOfRange(
            f"The study `{study.name}` must have items named like `{first}` and `{second}`; "
            f"it has {listed(items)}."
        )
    return found


def require_pairs(responses: Frame, pairs: Sequence[Pair]) -> None:
    """Raise OutOfRange without needs or with one named twice, ColumnMissing."""
    needs = [pair.need for pair in pairs]
    if not needs or len(set(needs)) < len(needs):
        twice = sorted({need for need in needs if needs.count(need) > 1})
        found = f"{listed(twice)} twice" if twice else "none"
        raise OutOfRange(f"needs must be at least one, each named once; there is {found}.")
    columns = [column for pair in pairs for column in (pair.first, pair.second)]
    require_columns(responses, columns, what="responses")


def both_rated(responses: Frame, pairs: Sequence[Pair], *, whole: bool = True) -> pl.LazyFrame:
    """The answers with `_first_0`, `_second_0`, … per need, null unless both were given.

    Turned so that more is better. Raises ColumnMissing, OutOfRange.
    """
    require_pairs(responses, pairs)
    columns = []
    for at, pair in enumerate(pairs):
        sides = ((pair.first, pair.first_scale), (pair.second, pair.second_scale))
        for column, scale in sides:
            cells = tally(responses, answer=column)
            require_within(cells, column, low=scale.low, high=scale.high, whole=whole)
        both = pl.col(pair.first).is_not_null() & pl.col(pair.second).is_not_null()
        for name, side in zip(("_first", "_second"), sides, strict=True):
            columns.append(pl.when(both).then(turned(*side)).alias(f"{name}_{at}"))
    return responses.lazy().with_columns(columns)


def turned(column: str, scale: Scale) -> pl.Expr:
    """The answers as numbers, more being better."""
    value = pl.col(column).cast(pl.Float64)
    ends = scale.low + scale.high
    return (ends - value).alias(column) if scale.better == "down" else value


def best(pair: Pair, *, boxes: int) -> tuple[pl.Expr, pl.Expr]:
    """Whether each answer is one of the best boxes, from its column."""
    return (
        estimates.best_boxes(pair.first, scale=pair.first_scale, boxes=boxes),
        estimates.best_boxes(pair.second, scale=pair.second_scale, boxes=boxes),
    )


def groups(
    rows: Frame, *, by: str | Sequence[str], answer: Sequence[str], weight: str | None
) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """The tally of each group, weighed, beside its keys; one tally when there is no key."""
    keys = names(by)
    found = weighed(tally(rows, by=keys, answer=answer, weight=weight), weighted=weight is not None)
    if not keys:
        yield {}, found
        return
    for part in found.drop_nulls(keys).partition_by(keys, maintain_order=True):
        yield part.select(keys).row(0, named=True), part


def keyed(table: pl.DataFrame, keys: dict[str, Any], like: pl.DataFrame) -> pl.DataFrame:
    """The table with the keys of its group in front, in their own types."""
    return table.select(
        *(pl.lit(value, dtype=like.schema[key]).alias(key) for key, value in keys.items()),
        pl.all(),
    )
