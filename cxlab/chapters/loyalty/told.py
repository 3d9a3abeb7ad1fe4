"""The sentences between the charts, written from the numbers.

Each function gives something to show as the last line of a cell. None says why a number
moved; where an interval holds zero they say "no clear change".
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters import evidence
from cxlab.periods import Period
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, spoken

GROUPS = ["where"]


def answer(
    levels: pl.DataFrame, changes: pl.DataFrame, groups: pl.DataFrame, *, study: Any, period: Period
) -> Shown:
    """The chapter's answer: the headline measure, its change, and who stands apart."""
    if levels.is_empty():
        return shown.sentence("This study has no item that measures loyalty.", kind="lead")
    first = levels.row(0, named=True)
    earlier = period.previous()
    told = [words.level(first, currency=study.currency)]
    moved = _same(changes, first["measure"])
    if earlier is not None and moved:
        change = words.change(moved[0], since=earlier.label, currency=study.currency)
        told.append(words.first_upper(change))
    titles = _titles(groups, first["measure"])
    told += [words.first_upper(title) for title in titles.values()][:1]
    return shown.sentence(" ".join(told), kind="lead")


def movement(changes: pl.DataFrame, *, since: Period | None, currency: str = "") -> Shown:
    """One sentence per measure that clearly changed, then the names of those that did not."""
    if since is None or changes.filter(pl.col("change").is_not_null()).is_empty():
        return shown.sentence("There is no earlier period to compare with.")
    rows = [row for row in changes.to_dicts() if row["change"] is not None]
    clear = [row for row in rows if words.is_clear(row)]
    still = [plain(row["measure"]) for row in rows if not words.is_clear(row)]
    told = [
        f"{plain(row['measure'])}: {words.change(row, since=since.label, currency=currency)}."
        for row in clear
    ]
    told += [f"{words.NO_CHANGE.capitalize()} on {since.label}: {words.listing(still)}."] * bool(
        still
    )
    return shown.sentences(told)


def moved(changes: pl.DataFrame, *, measure: str, since: Period | None) -> str:
    """A title: the measure and its change, or that there is no clear one."""
    row = next(iter(_same(changes, measure)), None)
    if since is None or row is None or row["change"] is None:
        return plain(measure)
    if not words.is_clear(row):
        return f"{plain(measure)}: {words.NO_CHANGE} on {since.label}"
    way = "up" if row["change"] > 0 else "down"
    return f"{plain(measure)}: {way} {numbers.amount(row['change'], row['unit'])} on {since.label}"


def differences(groups: pl.DataFrame, *, measure: str) -> Shown:
    """One sentence per grouping of the study: who stands apart on a measure, or nobody."""
    titles = _titles(groups, measure)
    if not titles:
        return shown.sentence("The study names no groups to compare (`groups` in study.toml).")
    return shown.sentences([f"By {spoken(by)}: {title}." for by, title in titles.items()])


def groups_chart(groups: pl.DataFrame, *, measure: str, period: Period) -> Any:
    """Every group of the study on a measure; nothing where the study names no groups."""
    from cxlab import plots

    if groups.filter(pl.col("measure") == measure).is_empty():
        return shown.sentences([])
    return plots.intervals(groups, measure=measure, note=period.label)


def _same(frame: pl.DataFrame, measure: str) -> list[dict[str, Any]]:
    return frame.filter(pl.col("measure") == measure).to_dicts()


def _titles(groups: pl.DataFrame, measure: str) -> dict[str, str]:
    """The finding of each grouping, those with a clear one first."""
    rows = groups.filter(pl.col("measure") == measure)
    parts = rows.partition_by("by", maintain_order=True, as_dict=True)
    titles = {
        str(by): words.groups_title(part.to_dicts(), groups=GROUPS, by=str(by))
        for (by,), part in parts.items()
    }
    quiet = ("No clear", "Too few")
    return dict(sorted(titles.items(), key=lambda pair: pair[1].startswith(quiet)))


def answers_chart(study: Any, period: Period, *, measure: str) -> Any:
    """Who gave which answer to the measure's item, by the study's first grouping."""
    from cxlab import plots, scoreboard

    item = next(each.item for each in scoreboard.measures(study) if each.name == measure)
    about = study.item(item)
    by = next(iter(study.groups), None)
    return plots.distribution(
        evidence.answers(study, period, item=item, by=by),
        labels=about.labels,
        better=about.scale.better,
        title=f"Who gave which answer{f', by {spoken(by)}' if by else ''}",
        what=f"“{about.wording}”" if about.wording else measure,
    )
