"""What the chapter on needs tells the front page: what customers need most, view by view.

Not here: the register of needs (register_front), the chapter's own sentences (told).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import findings
from cxlab.chapters.chances import how_sure
from cxlab.findings import BEHIND, Recorded, Told
from cxlab.plots import numbers, words
from cxlab.plots.texts import plain, sentence_case, spoken

LONGEST, FIRST = 160, 3
# From here up there is something to do (Ulwick 2005).
MUCH = 10
SORTS = {
    "must-be": "Taken for granted",
    "one-dimensional": "The more of it, the better",
    "attractive": "A delight to have",
}


def told(
    stated: pl.DataFrame,
    kano: pl.DataFrame,
    chosen: pl.DataFrame,
    *,
    study: Any,
    period: Any,
) -> Recorded:
    """Opportunity as needs and as what to look into; Kano and best-worst as needs."""
    every: dict[str, Any] = {"what": "needs", "period": period}
    found = Recorded([])
    if not stated.is_empty():
        gaps = _gaps(stated, study)
        found += findings.tell(gaps, section="need", say=_gap, **every)
        found += findings.tell(gaps, section="action", say=_mend, **every)
    if not kano.is_empty():
        found += findings.tell(_kinds(kano), section="need", say=_sort, **every)
    if not chosen.is_empty():
        named = _named(chosen, "Chosen best or worst: {}", "item")
        found += findings.tell(named, section="need", say=_choice, **every)
    return found


def _named(table: pl.DataFrame, form: str, key: str) -> pl.DataFrame:
    name = pl.col(key).str.replace_all("_", " ")
    return table.with_columns(pl.format(form, name).alias("measure"), pl.col(key).alias("item"))


def _kinds(kano: pl.DataFrame) -> pl.DataFrame:
    """Nothing is claimed of a need that leaves most people cold, however clearly it does."""
    wanted = pl.col("category").is_in(list(SORTS))
    return _named(kano, "Kano: {}", "need").with_columns(
        p=pl.when(wanted).then("p").when(pl.col("p").is_not_null()).then(1.0)
    )


def _gaps(stated: pl.DataFrame, study: Any) -> pl.DataFrame:
    """The needs with their wording, who can act, and the mean of all of them beside each."""
    items = {need: study.item(need) for need in stated["need"]}
    name = {need: item.wording or spoken(need) for need, item in items.items()}
    who = {need: item.who_can_act for need, item in items.items()}
    return _named(stated, "Opportunity of {}", "need").with_columns(
        name=pl.col("need").replace_strict(name, return_dtype=pl.String),
        who_can_act=pl.col("need").replace_strict(who, return_dtype=pl.String),
        usual=pl.col("opportunity").mean(),
    )


def _gap(row: dict[str, Any]) -> Told | None:
    """Important and badly met: enough left to do, and more than for the needs in the mean."""
    if not _much(row):
        return None
    sure = how_sure(row["p_first"], "to have most left to do")
    text = f"{sentence_case(plain(row['name'], longest=LONGEST))} is important and badly met"
    return Told(text, _opportunity(row), findings.actor(row["who_can_act"]), sure, row["rank"])


def _mend(row: dict[str, Any]) -> Told | None:
    if not _much(row):
        return None
    name = words.first_lower(plain(row["name"], longest=LONGEST))
    text = f"Look into {name}: it is important to customers and badly met"
    who = findings.actor(row["who_can_act"])
    return Told(text, _opportunity(row), who, sure="clear", rank=BEHIND)


def _much(row: dict[str, Any]) -> bool:
    return bool(row["opportunity"] >= MUCH and row["opportunity"] > row["usual"])


def _opportunity(row: dict[str, Any]) -> str:
    """What opportunity is made of, and how large it is; both parts are ten times a share."""
    ends = numbers.interval(row["low"], row["high"], "mean")
    return (
        f"{numbers.value(row['importance'] / 10, 'share')} call it important, "
        f"{numbers.value(row['satisfaction'] / 10, 'share')} are satisfied with it: opportunity "
        f"{numbers.value(row['opportunity'], 'mean')} of 20 ({ends}), "
        f"{numbers.count(row['base'])} answers"
    )


def _sort(row: dict[str, Any]) -> Told | None:
    sort = SORTS.get(row["category"])
    if sort is None:
        return None
    sides = {"with": "better", "without": "worse"}
    if row["category"] != "one-dimensional":
        del sides["with" if row["category"] == "must-be" else "without"]
    named = {"with": "pleased with it", "without": "dissatisfied without it"}
    told = [f"{_share(row, column)} {named[side]}" for side, column in sides.items()]
    evidence = f"{words.listing(told)}, {numbers.count(row['base'])} answers"
    text = f"{sort}: {plain(row['need'].replace('_', ' '))}"
    return Told(
        text, evidence, sure=how_sure(row["p_category"], "to be so"), rank=row["worse_rank"]
    )


def _share(row: dict[str, Any], name: str) -> str:
    """A Kano coefficient as a share of people, whatever its sign."""
    low, high = sorted(abs(row[f"{name}_{end}"]) for end in ("low", "high"))
    return f"{numbers.value(abs(row[name]), 'share')} ({numbers.interval(low, high, 'share')})"


def _choice(row: dict[str, Any]) -> Told | None:
    if row["rank"] > FIRST or row["score"] <= 0:
        return None
    first = row["rank"] == 1
    name = words.first_lower(plain(row["item"]))
    place = "first" if first else f"in place {row['rank']}"
    text = f"When they must choose, {name} comes {place}"
    ends = numbers.interval(row["low"], row["high"], "points")
    evidence = (
        f"of 100 times shown, named best {numbers.count(round(row['score']))} times more often "
        f"than worst ({ends}), {numbers.count(row['base'])} people"
    )
    sure = how_sure(row["p_first"], "to come first")
    if not first:
        sure = how_sure(row["p_top3"], "to be among the first three")
    return Told(text, evidence, sure=sure, rank=row["rank"])
