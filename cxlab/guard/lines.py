"""Which groups of one table are too small, and which neighbours would give them away?

Groups that add up to one total are a line: where only one of a line is hidden, or fewer
answers than the minimum are, the total less the others tells them, so one more is hidden.

Not here: what other tables and other packs add up to (plan).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import polars as pl

from cxlab.errors import ColumnMissing, OutOfRange, require_columns
from cxlab.settings import SMALLEST_BASE

DEFAULT_MINIMUM = 10
# Key columns that say *what* is measured and not *whose* answers they are.
LABELS = ("measure", "item", "unit", "better", "face", "period", "by", "answer")

_TOTAL = "total of all groups"

Cell = tuple[object, ...]


def hide_small(
    result: pl.DataFrame, *, minimum: int = DEFAULT_MINIMUM, within: Sequence[str] = ()
) -> pl.DataFrame:
    """The result with every group of fewer than `minimum` answers hidden.

    Hidden rows keep their keys; all their numbers are null and a text column `hidden`
    says why (null where shown). Groups that add up to one total (same measure, same
    period, same `within`) are read together: where the total less the groups shown
    would leave one group, or fewer than `minimum` answers, the next smallest group is
    hidden too. Two or more group columns are held line by line, as in a cross table.

    Raises ColumnMissing, and OutOfRange for a minimum below 3.
    """
    if minimum < SMALLEST_BASE:
        raise OutOfRange(f"minimum must be at least {SMALLEST_BASE} answers; found {minimum}.")
    require_columns(result, ["base", *within], what="result")
    place = result.columns.index("base")
    keys = [name for name in result.columns[:place] if name != "hidden"]
    same = [name for name in keys if name in (*within, *LABELS)]
    groups = [name for name in keys if name not in same]
    bases: list[str] = [name for name in ("base", "base_before") if name in result.columns]
    # A result without keys is one cell, the total; the constant key keeps it a cell.
    keyed = result.drop("hidden", strict=False).with_columns(pl.lit(0).alias(_TOTAL))
    cells = keyed.group_by([_TOTAL, *same, *groups], maintain_order=True).agg(pl.col(bases).min())
    reasons = _reasons(cells, same=[_TOTAL, *same], groups=groups, bases=bases, minimum=minimum)
    return _masked(keyed, reasons, measured=result.columns[place:])


def keep_back(result: pl.DataFrame, kept: pl.Series, *, minimum: int) -> pl.DataFrame:
    """The guarded result with the rows that `kept` marks hidden, too.

    Then no hidden row of the result says whether it is small itself or stands beside one.
    """
    if not kept.any():
        return result
    place = result.columns.index("base")
    numbers = [name for name in result.columns[place:] if name != "hidden"]
    gone = pl.col("hidden").is_not_null() | kept
    reason = pl.when(gone).then(pl.lit(_beside(minimum)))
    shown = pl.when(~gone).then(pl.col(numbers)).name.keep()
    return result.with_columns(shown, reason.alias("hidden"))


def require_guarded(result: pl.DataFrame, *, what: str = "result") -> None:
    """Raise unless the result has been through `hide_small` and hides what it must.

    A `hidden` column alone is no proof: a shown row below three answers is refused too.
    """
    if "hidden" not in result.columns:
        raise ColumnMissing(
            f"{what} must have `hidden`; small groups were never hidden. "
            "Pass it through cx.guard.hide_small first."
        )
    require_columns(result, "base", what=what)
    bases = [name for name in ("base", "base_before") if name in result.columns]
    small = pl.any_horizontal(pl.col(bases) < SMALLEST_BASE)
    count = result.filter(pl.col("hidden").is_null() & small).height
    if count:
        raise OutOfRange(f"{what} shows {count} rows of fewer than {SMALLEST_BASE} answers.")


def _reasons(
    cells: pl.DataFrame, *, same: list[str], groups: list[str], bases: list[str], minimum: int
) -> pl.DataFrame:
    """One row per cell with the reason it is hidden, or null."""
    at = len(same)
    rows = sorted(cells.rows(), key=lambda row: _order(row[:at]))
    found: dict[Cell, str] = {}
    for _, part in groupby(rows, key=lambda row: _order(row[:at])):
        partition = list(part)
        for number in range(len(bases)):
            sizes = {row[: -len(bases)]: row[at + len(groups) + number] or 0 for row in partition}
            found |= _hidden(sizes, skip=at, minimum=minimum)
    keys = cells.select([*same, *groups])
    told = pl.Series("hidden", [found.get(row) for row in keys.rows()], dtype=pl.String)
    return keys.with_columns(told)


def _hidden(sizes: dict[Cell, int], *, skip: int, minimum: int) -> dict[Cell, str]:
    """The cells of one partition to hide, each with its reason."""
    small = {cell for cell, size in sizes.items() if size < minimum}
    hidden = set(small)
    while extra := _next_to_hide(sizes, hidden, skip=skip, minimum=minimum):
        hidden.add(extra)
    # Which of them is the small one must not show, or the other could be worked out.
    reason = _few(minimum) if hidden == small else _beside(minimum)
    return dict.fromkeys(hidden, reason)


def _few(minimum: int) -> str:
    return f"fewer than {minimum} answers"


def _beside(minimum: int) -> str:
    return f"{_few(minimum)} here or next to it"


def _next_to_hide(
    sizes: dict[Cell, int], hidden: set[Cell], *, skip: int, minimum: int
) -> Cell | None:
    """One more cell that must go so that no line can be solved for a hidden one."""
    open_lines = [
        line for line in _lines(sizes, skip=skip) if _solvable(line, sizes, hidden, minimum)
    ]
    for line in open_lines:
        shown = [cell for cell in line if cell not in hidden and sizes[cell]]
        if shown:
            # A cell that closes a second open line at once costs the fewest numbers.
            return min(
                shown,
                key=lambda cell: (
                    -sum(cell in other for other in open_lines),
                    sizes[cell],
                    str(cell),
                ),
            )
    return None


def _solvable(line: list[Cell], sizes: dict[Cell, int], hidden: set[Cell], minimum: int) -> bool:
    gone = [sizes[cell] for cell in line if cell in hidden and sizes[cell]]
    return bool(gone) and (len(gone) == 1 or sum(gone) < minimum)


def _lines(sizes: dict[Cell, int], *, skip: int) -> list[list[Cell]]:
    """The cells that share all group keys but one: what a printed total adds up."""
    width = len(next(iter(sizes), ())) - skip
    lines: dict[tuple[object, ...], list[Cell]] = {}
    for cell in sizes:
        for free in range(width):
            rest = cell[skip : skip + free] + cell[skip + free + 1 :]
            lines.setdefault((free, *rest), []).append(cell)
    return list(lines.values())


def _masked(keyed: pl.DataFrame, reasons: pl.DataFrame, *, measured: list[str]) -> pl.DataFrame:
    on = [name for name in reasons.columns if name != "hidden"]
    told = keyed.join(reasons, on=on, how="left", nulls_equal=True, maintain_order="left")
    shown = pl.col("hidden").is_null()
    numbers = [name for name in measured if name != "hidden"]
    return told.with_columns(pl.when(shown).then(pl.col(numbers)).name.keep()).drop(_TOTAL)


def _order(keys: Iterable[object]) -> tuple[str, ...]:
    return tuple(repr(key) for key in keys)
