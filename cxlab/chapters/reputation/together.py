"""The sentences and tables on customers among themselves: threads, who writes, votes on ideas."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.reputation.crowds import share
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case


def together(participation: pl.DataFrame, health: pl.DataFrame, votes: pl.DataFrame) -> Shown:
    """Threads and ideas: who takes part, who is answered, what is voted for."""
    told = [community(participation, health), ideas(votes)]
    return shown.sentences([line for part in told for line in part.text.splitlines()])


def community(participation: pl.DataFrame, health: pl.DataFrame) -> Shown:
    """Whether customers answer each other, and how few of them do most of it."""
    if health.is_empty():
        return shown.sentence("This study has no threads among customers.")
    told = [_healthy(row) for row in health.to_dicts() if row["estimate"] is not None]
    for row in participation.to_dicts() if participation.height else []:
        if row["estimate"] is None or row["kind"] == "all posts":
            continue
        if row["measure"] == "top 10 %":
            most = share(row["estimate"], row["low"], row["high"])
            told.append(f"The busiest tenth of writers give {most} of the {row['kind']}.")
        if row["measure"] == "gini":
            ends = numbers.interval(row["low"], row["high"], "ratio")
            told.append(
                f"Inequality of {row['kind']} (Gini, 0 all alike to 1 one writes all): "
                f"{row['estimate']:.2f} ({ends}), {numbers.count(row['base'])} writers."
            )
    return shown.sentences(told)


def ideas(table: pl.DataFrame) -> Shown:
    """Which subject of ideas is surely ahead, or that none is."""
    if table.is_empty():
        return shown.sentence("This study has no votes on ideas, or no subject that several share.")
    rows = leading(table)
    if not rows:
        return shown.sentence("No subject gets clearly more votes for each idea than the others.")
    return shown.sentences([f"{idea(row)}." for row in rows])


def leading(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The subjects whose ideas clearly get more votes, the first first."""
    if table.is_empty():
        return []
    rows = table.filter(pl.col("flagged") & (pl.col("change") > 0))
    return rows.sort("rank").to_dicts()


def idea(row: dict[str, Any]) -> str:
    """How many votes for each idea of a subject, and for the others."""
    ends = f"{row['low']:.0f}{numbers.TO}{row['high']:.0f}"
    return (
        f"{sentence_case(plain(row['subject']))}: {row['estimate']:.0f} votes for each idea "
        f"({ends}) against {row['before']:.0f} for the others, "
        f"in {numbers.count(row['ideas'])} ideas"
    )


def _healthy(row: dict[str, Any]) -> str:
    if row["unit"] == "share":
        return (
            f"{sentence_case(row['measure'])}: {share(row['estimate'], row['low'], row['high'])}."
        )
    if row["unit"] == "hours":
        return f"{sentence_case(row['measure'])}: {row['estimate']:.0f} hours."
    ends = numbers.interval(row["low"], row["high"], "mean")
    return f"{sentence_case(row['measure'])}: {numbers.value(row['estimate'], 'mean')} ({ends})."


def _ranks(row: dict[str, Any]) -> str:
    if row["rank"] is None:
        return numbers.NONE
    if row["rank_low"] == row["rank_high"]:
        return str(row["rank"])
    return f"{row['rank_low']}{numbers.TO}{row['rank_high']}"
