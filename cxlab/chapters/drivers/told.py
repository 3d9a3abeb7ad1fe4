"""The sentences and charts of a chapter on drivers, written from its numbers.

Everything here *goes with* the outcome; what would happen if a driver got better is a
question for an experiment.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters.chances import chance
from cxlab.chapters.drivers import tables
from cxlab.chapters.drivers.tables import Explained
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, spoken

FIRST, LONGEST = 3, 160


def answer(found: pl.DataFrame, said: Explained) -> Shown:
    """The chapter's answer: what goes with the outcome most, how surely, and how it goes."""
    claimed = found.filter(pl.col("flagged") & pl.col("hidden").is_null()).to_dicts()
    against = outcome(said)
    if not claimed:
        text = f"No driver goes with {against} beyond chance in these answers."
        return shown.sentence(text, kind="lead")
    first = claimed[0]
    told = [
        f"{plain(first['driver'], longest=LONGEST)} goes with {against} most: "
        f"{_share(first)} of what all drivers explain, first with a probability of "
        f"{chance(first['p_first'])}."
    ]
    if len(claimed) > 1:
        others = [plain(row["driver"], longest=LONGEST).lower() for row in claimed[1 : FIRST + 1]]
        told.append(f"Then come {words.listing(others)}.")
    urgent = [row for row in claimed if row["p_concentrate"] and row["p_concentrate"] > 0.8]
    if urgent:
        names = words.listing([plain(row["driver"], longest=LONGEST).lower() for row in urgent])
        told.append(f"Important and rated below the others: {names}.")
    return shown.sentence(" ".join(told), kind="lead")


def shares_chart(found: pl.DataFrame, said: Explained) -> Any:
    """Each driver's share of what is explained, with its interval."""
    rows = tables.shares(found)
    r2 = numbers.value(_explained(found), "share")
    note = f"{said.since} to {said.period.label} · all drivers explain {r2}"
    first = rows.filter(pl.col("estimate").is_not_null()).head(1).to_dicts()
    if not first:
        return shown.sentences([])
    title = f"{plain(first[0]['driver'])} weighs most" if _claims(found) else "No driver stands out"
    return plots.intervals(rows, title=title, note=note)


def map_chart(found: pl.DataFrame, said: Explained) -> Any:
    """Importance against performance."""
    rows = found.filter(pl.col("p_concentrate") > 0.8)["driver"].to_list()
    named = [plain(name).lower() for name in rows[:2]]
    title = (
        f"Important and behind: {words.listing(named)}" if named else "Importance and performance"
    )
    return plots.quadrants(found, title=title, what=f"held against {outcome(said)}")


def ranks_table(found: pl.DataFrame) -> Shown:
    """One row per driver: rank and how sure it is, who can act, and whether it may be claimed."""
    rows = [
        [
            plain(row["driver"], longest=LONGEST),
            _ranks(row),
            chance(row["p_first"]),
            numbers.value(row["performance"], "share"),
            f"{plain(row['quadrant'])} ({chance(_sure(row))})",
            plain(row["who_can_act"]) or numbers.NONE,
            "yes" if row["flagged"] else "no",
        ]
        for row in found.filter(pl.col("hidden").is_null()).to_dicts()
    ]
    head = [
        *("Driver", "Rank (not ruled out)", "First with probability", "Good answers"),
        *("Quadrant (probability)", "Who can act", "May be claimed"),
    ]
    return shown.table("Ranks, and how sure they are", head, rows, keys=1, folded=True)


def uneven(found: pl.DataFrame) -> Shown:
    """Where a bad experience goes with more than a good one, or the other way round."""
    rows = found.filter(pl.col("flagged") & pl.col("hidden").is_null()).to_dicts()
    if not rows:
        return shown.sentence(
            "For no driver do bad answers clearly go with more, or less, than good ones."
        )
    return shown.sentences([_uneven(row) for row in rows])


def differ(found: pl.DataFrame, said: Explained) -> Shown:
    """Drivers that matter more, or less, in one group than among everybody else."""
    if not said.study.groups:
        return shown.sentence("The study names no groups to compare (`groups` in study.toml).")
    if found.is_empty():
        return shown.sentence("No driver weighs more or less in one group than in the others.")
    told = [
        f"{plain(row['driver'], longest=LONGEST)} weighs "
        f"{'more' if row['difference'] > 0 else 'less'} for {plain(row['where'])} "
        f"({spoken(row['by'])}): {numbers.value(row['share'], 'share')} against "
        f"{numbers.value(row['share_others'], 'share')} "
        f"({numbers.change_interval(row['difference_low'], row['difference_high'], 'share')})."
        for row in found.to_dicts()
    ]
    return shown.sentences(told)


def trust(found: pl.DataFrame, said: Explained) -> Shown:
    """What the shares rest on: sheets, empty answers, drivers that cannot be told apart."""
    kept = {row["missing"]: row for row in tables.coverage(said).to_dicts()}
    how = next(iter(found["missing"].drop_nulls().to_list()), "")
    doubles = found.filter(pl.col("redundancy") > 0)["driver"].to_list()
    return shown.facts(
        [
            ("Held against", f"{outcome(said)}, {said.since} to {said.period.label}"),
            ("Answer sheets", numbers.count(kept["complete"]["sheets"])),
            ("Of them with every answer", numbers.count(kept["complete"]["base"])),
            ("Empty answers", f"handled {how}; no answer is made up" if how else numbers.NONE),
            ("Explained by all drivers", numbers.value(_explained(found), "share")),
            ("Drivers hard to tell apart", words.listing(doubles) or "none"),
            ("Weighted", "yes" if said.study.weight else "no, every answer counts the same"),
        ]
    )


def _explained(found: pl.DataFrame) -> float | None:
    """R² of the model, the same on every row."""
    return next(iter(found["r2"].drop_nulls().to_list()), None)


def outcome(said: Explained) -> str:
    return {"recommend": "recommendation"}.get(said.outcome.construct, said.outcome.construct)


def _claims(found: pl.DataFrame) -> bool:
    return bool(found["flagged"].fill_null(False).any())


def _share(row: dict[str, Any]) -> str:
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends})"


def _sure(row: dict[str, Any]) -> float | None:
    names = ("p_concentrate", "p_keep_up", "p_low_priority", "p_overkill")
    known = [row[name] for name in names if row[name] is not None]
    return max(known, default=None)


def _ranks(row: dict[str, Any]) -> str:
    low, high = row["rank_low"], row["rank_high"]
    return f"{row['rank']} ({low})" if low == high else f"{row['rank']} ({low} to {high})"


def _uneven(row: dict[str, Any]) -> str:
    more = (
        "bad answers go with more than good ones"
        if row["asymmetry"] < 0
        else ("good answers go with more than bad ones")
    )
    return (
        f"{plain(row['driver'], longest=LONGEST)}: {more}. Beside middle answers, bad ones go with "
        f"{numbers.change(row['penalty'], 'mean')} and good ones with "
        f"{numbers.change(row['reward'], 'mean')} on the scale of the outcome."
    )
