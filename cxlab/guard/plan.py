"""Which rows of a pack must be hidden for the sake of other rows, other pages, other packs?

`withheld(study, period)` plans it before anything is drawn, from counts alone. A pack must
be safe by itself; then beside the packs readers have already. The packs of the parts of a
study (one per segment, say) are planned together, beside the one of everybody, so that each
comes out the same in whatever order they are made.

A leak is closed by hiding the row that is missed least: groups before totals, older periods
before newer, small before large. What no row of this pack can close is out already.

Not here: counting (cells), algebra (span), what was published (published).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import polars as pl

from cxlab import scoreboard
from cxlab.guard import cells, published, sums
from cxlab.guard.cells import Tally
from cxlab.guard.closing import Shelf, closed
from cxlab.guard.published import Earlier, Told
from cxlab.guard.sums import Key, Row, Sum
from cxlab.periods import Period

HIDDEN = {"item": pl.String, "by": pl.String, "where": pl.String, "period": pl.String}
# Chapters whose findings are about other answers than those of the item by that name.
COMMENTS = "comments"
APART = ("drivers", "needs", COMMENTS)


def withheld(study: Any, period: Period) -> pl.DataFrame:
    """The rows a pack hides: `item`, `by`, `where`, `period`; "" for everybody.

    `item` is as in the scoreboard. Raises StudyInvalid for a pack that cannot be read.
    """
    column, _, value = study.part.partition("=")
    found = _planned(study, period, column)
    rows = [
        (item, key.by, key.where, key.period)
        for item, hidden in found.items()
        for key in sorted(hidden)
        if key.part == value
    ]
    return pl.DataFrame(rows, schema=HIDDEN, orient="row")


def withheld_parts(study: Any, period: Period, column: str) -> pl.DataFrame:
    """As `withheld`: the groups of a column whose own packs hide them in the period."""
    rows = [
        (item, column, key.part, key.period)
        for item, hidden in _planned(study, period, column).items()
        for key in sorted(hidden)
        if not key.by and key.period == period.text
    ]
    return pl.DataFrame(rows, schema=HIDDEN, orient="row")


def withheld_periods(study: Any, period: Period, counts: pl.DataFrame) -> frozenset[str]:
    """The periods of a trend of comments that a pack hides: see `withheld`.

    `counts` are the people who wrote in each month: `cells.MONTH`, `cells.COUNT`. Themes
    are all read of the same people, so a period is hidden for all of them.
    """
    tally = cells.of_answers(counts.rename({cells.COUNT: COMMENTS}), COMMENTS, ())
    shelf = Shelf(tally, sums.trend(period), study.minimum_base)
    told = [
        (pack.period, Sum(each.told.first, each.told.last), each.base)
        for pack in published.packs(study)
        for each in pack.told
        if pack.part == study.part and each.what == COMMENTS
    ]
    before = [cells.as_told(tally, each, base) for _, each, base in dict.fromkeys(told)]
    # Their charts show more periods than their findings have.
    charts = {row.sums[0] for text, *_ in told for row in sums.trend(Period.parse(text))}
    before += [each for each in sorted(charts) if tally.size(each) >= study.minimum_base]
    hidden = closed(shelf, shelf.small(), [])
    return frozenset(key.period for key in (closed(shelf, hidden, before) if before else hidden))


def _planned(study: Any, period: Period, column: str) -> dict[str, frozenset[Key]]:
    # Every table of a chapter asks: it is planned once for each study that was opened.
    kept = vars(study).setdefault("_withheld", {})
    if (period, column) not in kept:
        kept[period, column] = _plan(study, period, published.packs(study), column)
    return dict(kept[period, column])


def _plan(
    study: Any, period: Period, earlier: Sequence[Earlier], column: str
) -> dict[str, frozenset[Key]]:
    """The keys to hide by item; with a column, those of all its parts."""
    whole, value = study.whole if study.part else study, study.part.partition("=")[2]
    # A sister of this pack may be there or not yet: the plan is made for all of them.
    sisters = [pack for pack in earlier if _is_sister(pack, period, column)]
    before = [each for pack in earlier if pack not in sisters for each in pack.told]
    own = [each for pack in sisters if pack.part == study.part for each in pack.told]
    beside = _beside(whole, period, earlier, sisters) if column else {}
    found: dict[str, frozenset[Key]] = {}
    for items, tally in _tallies(whole, [*_columns([*before, *own]), *filter(None, [column])]):
        rows = _rows(tally, period, whole, column=column)
        shelf = Shelf(tally, rows, study.minimum_base)
        fixed = beside.get(items[0], [])
        hidden = closed(shelf, shelf.small(), fixed)
        mine = frozenset(row.key for row in rows if row.key.part == value)
        for more, only in ((before, None), (own, mine)):
            if added := _sums(tally, more, items):
                fixed = [*fixed, *added]
                hidden = closed(shelf, hidden, fixed, only=only)
        found |= dict.fromkeys(items, hidden)
    return found


def _is_sister(pack: Earlier, period: Period, column: str) -> bool:
    return bool(column) and pack.period == period.text and pack.part.startswith(f"{column}=")


def _beside(
    whole: Any, period: Period, earlier: Sequence[Earlier], sisters: Sequence[Earlier]
) -> dict[str, list[Sum]]:
    """What the pack of everybody shows, by item, as if no part had been published."""
    others = [pack for pack in earlier if pack not in sisters]
    hidden = _plan(whole, period, others, "")
    columns = _columns([each for pack in others for each in pack.told])
    return {
        item: [told for row in rows if row.key not in hidden[item] for told in row.sums]
        for items, tally in _tallies(whole, columns)
        if (rows := _rows(tally, period, whole, column=""))
        for item in items
    }


def _tallies(whole: Any, more: Iterable[str]) -> Iterator[tuple[list[str], Tally]]:
    """The tallies of a pack, each with the items whose answers it counts."""
    measures = scoreboard.measures(whole)
    wanted = list(dict.fromkeys([*whole.groups, *more]))
    asked = [measure.item for measure in measures if measure.scale is not None]
    if asked:
        has = whole.responses.collect_schema().names()
        columns = [name for name in wanted if name in has]
        counts = cells.answered(whole.responses, asked, columns)
        yield from (([item], cells.of_answers(counts, item, columns)) for item in asked)
    done = [measure.item for measure in measures if measure.scale is None]
    kept = [item for item in done if item == scoreboard.KEPT.item]
    for items in (kept, [item for item in done if item not in kept]):
        if items:
            has = whole.customers.collect_schema().names()
            columns = [name for name in wanted if name in has]
            yield items, cells.of_customers(whole.customers, columns, kept=items == kept)


def _rows(tally: Tally, period: Period, whole: Any, *, column: str) -> list[Row]:
    """What the pack of everybody shows of a measure; with a column, what its parts show."""
    if column and column not in tally.columns:
        return []
    by = [name for name in whole.groups if name in tally.columns and name != column]
    shown = partial(_shown, tally, period, by, minimum=whole.minimum_base)
    if not column:
        return shown()
    ever = sums.months(period.last(sums.TREND)[0])[0], sums.months(period)[1]
    parts = (shown(part=each, within=((column, each),)) for each in tally.groups(column, ever))
    return [row for rows in parts for row in rows]


def _shown(
    tally: Tally,
    period: Period,
    by: Sequence[str],
    *,
    minimum: int,
    part: str = "",
    within: sums.Levels = (),
) -> list[Row]:
    rows = sums.trend(period, part=part, within=within)
    for name in by:
        # Few of unknown group count among the others, as in scoreboard.contrasts.
        known = tally.unknown(period, name, within) >= minimum
        rows += [
            sums.group(period, (name, where), part=part, within=within, known=known)
            for where in tally.groups(name, sums.months(period))
        ]
    return rows


def _sums(tally: Tally, told: Iterable[Told], items: Sequence[str]) -> list[Sum]:
    """The published sums of these items, as they were when they were told.

    A sum by a column that the tally does not know is of something else with the same name.
    """
    known = set(tally.columns)
    return [
        cells.as_told(tally, each.told, each.base)
        for each in dict.fromkeys(told)
        if each.item in items
        and each.what not in APART
        and {name for name, _ in each.told.levels} <= known
    ]


def _columns(told: Iterable[Told]) -> list[str]:
    return sorted({name for each in told for name, _ in each.told.levels})
