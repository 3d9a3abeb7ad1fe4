"""The sentences, tables and charts of a chapter on needs, written from its numbers."""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab import plots
from cxlab.chapters import window
from cxlab.chapters.chances import chance
from cxlab.chapters.needs import tables
from cxlab.periods import Period
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case, spoken

LONGEST, FIRST = 160, 3
VERDICTS = {
    "agree": "agree",
    "unsure": "cannot be told apart",
    "differ": "differ",
    "said more": "said to matter more than it shows",
    "shown more": "shows more than is said",
    "one view": "only one view has it",
}
VIEWS = {"stated": "Stated importance", "derived": "Goes with the score", "comments": "Comments"}


def answer(found: pl.DataFrame) -> Shown:
    """The chapter's answer: the need with most left to do, and how sure that is."""
    shown_rows = [row for row in _shown(found) if row["flagged"] and row["opportunity"] >= 10]
    if found.is_empty():
        text = "This study does not ask how important its touchpoints are."
        return shown.sentence(text, kind="lead")
    if not shown_rows:
        text = "No need stands out as both important and badly met beyond chance."
        return shown.sentence(text, kind="lead")
    first = shown_rows[0]
    told = [
        f"{sentence_case(spoken(first['need']))} is the need with most left to do: opportunity "
        f"{_of_twenty(first)}, first with a probability of {chance(first['p_first'])}."
    ]
    if len(shown_rows) > 1:
        others = words.listing([spoken(row["need"]) for row in shown_rows[1 : FIRST + 1]])
        told.append(f"Also important and badly met: {others}.")
    return shown.sentence(" ".join(told), kind="lead")


def opportunity_chart(found: pl.DataFrame, *, period: Period) -> Any:
    """Opportunity of each need, with its interval."""
    if found.is_empty():
        return shown.sentences([])
    rows = tables.long(found, value="opportunity", measure="Opportunity, 0 to 20", unit="mean")
    first = next(iter(_shown(found)), None)
    title = (
        f"{sentence_case(spoken(first['need']))} has most left to do" if first else "Opportunity"
    )
    note = f"{window.first(period).label} to {period.label}"
    return plots.intervals(rows, title=title, note=note)


def kano_table(found: pl.DataFrame) -> Shown:
    """One row per feature: what it is to customers, and how sure that is."""
    rows = [
        [
            sentence_case(spoken(row["need"])),
            plain(row["category"]),
            chance(row["p_category"]),
            _ends(row, "better"),
            _ends(row, "worse"),
            numbers.count(row["base"]),
        ]
        for row in _shown(found)
    ]
    if not rows:
        return shown.sentence("The study has no pairs of Kano questions.")
    head = ["Feature", "To customers it is", "Probability", "Better with it", "Worse without it"]
    return shown.table("Taken for granted, wanted, or a delight", [*head, "Answers"], rows, keys=1)


def best_worst_chart(found: pl.DataFrame) -> Any:
    """Which offers matter most when one has to choose."""
    if found.is_empty():
        return shown.sentence("The study has no best-worst tasks.")
    measure = "Named best less named worst, of 100 times shown"
    rows = tables.long(found, value="score", measure=measure, unit="points")
    first = next(iter(_shown(found)), None)
    title = f"{plain(first['item'])} is chosen most" if first else "Best and worst"
    return plots.intervals(rows, title=title)


def beside_table(found: pl.DataFrame) -> Shown:
    """The rank of each need under every view, and whether the views agree."""
    if found.is_empty():
        return shown.sentence("There is only one view of needs in this study.")
    views = [name for name in VIEWS if f"rank_{name}" in found.columns]
    rows = [
        [
            sentence_case(spoken(row["need"])),
            *(numbers.count(row[f"rank_{name}"]) for name in views),
            VERDICTS[row["verdict"]],
        ]
        for row in found.to_dicts()
    ]
    head = ["Need", *(VIEWS[name] for name in views), "The views"]
    return shown.table("Ranks of needs, view by view", head, rows, keys=1)


def standing_table(found: pl.DataFrame, *, currency: str = "") -> Shown:
    """The register of needs: what is done for each, and how its measure stands."""
    rows = [
        [
            plain(row["id"]),
            plain(row["need"], longest=LONGEST),
            plain(row["status"]) or numbers.NONE,
            plain(row["owner"]) or numbers.NONE,
            plain(row["who_can_act"]) or numbers.NONE,
            _measured(row, currency),
            _mentions(row),
        ]
        for row in found.to_dicts()
    ]
    if not rows:
        return shown.sentence("The study keeps no register of needs (requirements.toml).")
    head = ["", "Need", "Status", "Owner", "Who can act", "Its measure now", "Written about by"]
    return shown.table("Register of needs, with live evidence", head, rows, keys=2)


def wordings(found: pl.DataFrame) -> Shown:
    """Entries of the register that are no needs but solutions, wishes or complaints."""
    if found.is_empty():
        return shown.sentences([])
    wrong = found.filter(~pl.col("kind").is_in(["need", "unclear"]))
    told = [_reworded(row) for row in wrong.to_dicts()]
    return shown.sentences(told or ["Every entry of the register is worded as a need."])


def _shown(found: pl.DataFrame) -> list[dict[str, Any]]:
    if found.is_empty():
        return []
    return found.filter(pl.col("hidden").is_null()).to_dicts()


def _of_twenty(row: dict[str, Any]) -> str:
    ends = numbers.interval(row["low"], row["high"], "mean")
    return f"{numbers.value(row['opportunity'], 'mean')} of 20 ({ends})"


def _ends(row: dict[str, Any], name: str) -> str:
    at = numbers.value(row[name], "share")
    return f"{at} ({numbers.interval(row[f'{name}_low'], row[f'{name}_high'], 'share')})"


def _measured(row: dict[str, Any], currency: str) -> str:
    if row["hidden"] or row["estimate"] is None:
        return str(row["hidden"] or plain(row["note"], longest=LONGEST) or numbers.NONE)
    at = numbers.value(row["estimate"], row["unit"], currency=currency)
    ends = numbers.interval(row["low"], row["high"], row["unit"], currency=currency)
    if row["change"] is None:
        return f"{at} ({ends})"
    change = numbers.change(row["change"], row["unit"], currency=currency)
    clear = (
        f"{change} on {_period(row)}" if row["flagged"] else f"{words.NO_CHANGE} on {_period(row)}"
    )
    return f"{at} ({ends}), {clear}"


def _period(row: dict[str, Any]) -> str:
    return Period.parse(row["compared_with"]).label if row["compared_with"] else "before"


def _mentions(row: dict[str, Any]) -> str:
    if row["hidden"] or row["mentions_share"] is None:
        return numbers.NONE
    return numbers.value(row["mentions_share"], "share")


def _reworded(row: dict[str, Any]) -> str:
    article = "an" if row["kind"][:1] in "aeiou" else "a"
    hint = plain(row["hint"], longest=LONGEST)
    return f"{plain(row['id'])} reads like {article} {row['kind']}: {hint}."
