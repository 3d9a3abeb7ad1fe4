"""Do what customers say, what goes with their loyalty, and their comments agree?

Each view is a table with one row per need that ranks the needs: stated importance or
opportunity, derived importance (metrics.drivers), Kano, the themes of comments, best-worst
scores. Needs are matched by name; `names` of a view translates its own.

A need's position is (rank - ½) / needs of that view, so that views of different length
compare: near 0 is first, near 1 last. The verdict, by this rule:
    one view    fewer than two views have the need
    agree       the positions lie within a third of each other
    unsure      they do not, but the ranks not ruled out overlap in every pair of views
    differ      two views put it more than a third apart, also within their doubt
and instead of `differ`, where the stated and the derived view are such a pair:
    said more   stated well before derived: taken for granted, or only said
    shown more  derived well before stated: hidden
A view without `rank_low` and `rank_high` has no doubt of its own, and its verdicts should be
read so.

Not here: the views themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import polars as pl

from cxlab.errors import OutOfRange, require_columns

APART = 1 / 3
STATED, DERIVED = "stated", "derived"


@dataclass(frozen=True)
class View:
    """One ranking of needs: a table, the column of needs, the value (largest first)."""

    name: str
    table: pl.DataFrame
    need: str = "need"
    value: str = ""
    rank: str = "rank"
    names: Mapping[str, str] = field(default_factory=dict)


def stated(table: pl.DataFrame, **how: Any) -> View:
    """Stated importance, from `opportunity.scores` (its `importance`)."""
    return View(STATED, table, **{"value": "importance", "rank": "importance_rank", **how})


def derived(table: pl.DataFrame, **how: Any) -> View:
    """What goes with loyalty, from `drivers.importance` (its `share`, ranks and doubt)."""
    return View(DERIVED, table, **{"need": "driver", "value": "share", **how})


def kano(table: pl.DataFrame, **how: Any) -> View:
    """What is missed most when it is lacking, from `kano.categories` (its `worse`)."""
    turned = table.with_columns(_missed=-pl.col("worse"))
    return View("kano", turned, **{"value": "_missed", "rank": "worse_rank", **how})


def comments(table: pl.DataFrame, **how: Any) -> View:
    """What people write about, from a table of theme shares (`theme`, `share`)."""
    return View("comments", table, **{"need": "theme", "value": "share", **how})


def views(*every: View) -> pl.DataFrame:
    """One row per need, the one put first on average first.

    `views` how many have it; for each view its `rank_<view>` among the needs it has; the
    mean `position`, its `spread` (largest less smallest); `before` and `after`, the views
    that put it first and last; the `verdict`. Raises ColumnMissing; OutOfRange for fewer
    than two views, two of one name, a view without needs or with a need twice.
    """
    titles = [view.name for view in every]
    if len(every) < 2 or len(set(titles)) < len(titles):
        raise OutOfRange("views must be at least two, each with a name of its own.")
    read = {view.name: _positions(view) for view in every}
    needs = sorted({need for found in read.values() for need in found})
    rows = [_row(need, {title: found.get(need) for title, found in read.items()}) for need in needs]
    schema: dict[str, Any] = {"need": pl.String, "views": pl.Int64}
    schema |= {f"rank_{title}": pl.Int64 for title in titles}
    schema |= {"position": pl.Float64, "spread": pl.Float64}
    schema |= dict.fromkeys(("before", "after", "verdict"), pl.String)
    return pl.DataFrame(rows, schema=schema).sort("position", "need")


@dataclass(frozen=True)
class _Place:
    """Where one view puts a need: its rank, and positions with the doubt about them."""

    rank: int
    position: float
    low: float
    high: float


def _positions(view: View) -> dict[str, _Place]:
    require_columns(view.table, [view.need, view.value], what=f"view `{view.name}`")
    doubt = (f"{view.rank}_low", f"{view.rank}_high")
    has = all(name in view.table.columns for name in doubt) and _ranked_by(view)
    table = view.table.drop_nulls([view.need, view.value]).with_columns(
        pl.col(view.need).cast(pl.String).replace(dict(view.names)).alias("_need"),
        pl.col(view.value).rank("min", descending=True).cast(pl.Int64).alias("_rank"),
    )
    if table.is_empty() or table["_need"].is_duplicated().any():
        raise OutOfRange(f"view `{view.name}` must have needs, each on one row; it has not.")
    size = table.height
    found = {}
    for row in table.iter_rows(named=True):
        ends = (row[doubt[0]], row[doubt[1]]) if has else (None, None)
        low, high = (row["_rank"] if end is None else end for end in ends)
        found[row["_need"]] = _Place(
            row["_rank"], *((rank - 0.5) / size for rank in (row["_rank"], low, high))
        )
    return found


def _ranked_by(view: View) -> bool:
    """Whether the table's ranks are those of its value: else its doubt is about another."""
    known = view.table.drop_nulls([view.need, view.value])
    if view.rank not in known.columns or known[view.rank].null_count():
        return False
    own = known[view.value].rank("min", descending=True).cast(pl.Int64)
    table = pl.DataFrame({"own": own, "given": known[view.rank].cast(pl.Int64)})
    # Ties may be numbered on: the order must be the same, not every number.
    return table.sort("given")["own"].is_sorted()


def _row(need: str, places: Mapping[str, _Place | None]) -> dict[str, Any]:
    known = {title: place for title, place in places.items() if place is not None}
    positions = {title: place.position for title, place in known.items()}
    before = min(positions, key=positions.__getitem__)
    after = max(positions, key=positions.__getitem__)
    spread = positions[after] - positions[before]
    return {
        "need": need,
        "views": len(known),
        **{f"rank_{title}": place.rank if place else None for title, place in places.items()},
        "position": sum(positions.values()) / len(positions),
        "spread": spread,
        "before": before if spread else None,
        "after": after if spread else None,
        "verdict": _verdict(known),
    }


def _verdict(known: Mapping[str, _Place]) -> str:
    if len(known) < 2:
        return "one view"
    pairs = [
        (one, two)
        for one, two in combinations(known, 2)
        if abs(known[one].position - known[two].position) > APART + 1e-9
    ]
    if not pairs:
        return "agree"
    sure = [pair for pair in pairs if _outside_doubt(*(known[title] for title in pair))]
    if not sure:
        return "unsure"
    if (STATED, DERIVED) in sure or (DERIVED, STATED) in sure:
        first = known[STATED].position < known[DERIVED].position
        return "said more" if first else "shown more"
    return "differ"


def _outside_doubt(one: _Place, two: _Place) -> bool:
    return one.high < two.low or two.high < one.low
