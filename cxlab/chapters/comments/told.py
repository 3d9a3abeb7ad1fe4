"""The sentences and tables of texts of a chapter on open comments, written from its numbers.

Each function gives something to show as the last line of a cell. A theme *goes with* a
score; nothing here says why.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.chances import chance
from cxlab.chapters.comments import tables
from cxlab.chapters.comments.tables import Remarks
from cxlab.periods import Period
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, spoken
from cxlab.text.quotes import CONTRASTING
from cxlab.text.themes import shares

FIRST, LONGEST, MOST_TERMS = 3, 400, 4
UNQUOTED = "too few to be quoted"
ROLES = {"typical": "", CONTRASTING: "said the other way round"}
KINDS = {"need": "What they need", "want": "What they want", "obstacle": "What they cannot do"}


def answer(
    mentions: pl.DataFrame, changes: pl.DataFrame, fresh: pl.DataFrame, said: Remarks
) -> Shown:
    """The chapter's answer: what people write about most, what moved, what is new."""
    top = mentions.filter(pl.col("estimate") > 0).head(FIRST).to_dicts()
    if not top:
        return shown.sentence(_unread(said), kind="lead")
    named = [f"{_lower(row['theme'])} ({numbers.value(row['estimate'], 'share')})" for row in top]
    told = [f"Customers write most about {words.listing(named)}."]
    moved = tables.largest(changes)
    if moved:
        change = words.change({**moved, "flagged": True}, since=_since(said))
        told.append(f"Comments on {_lower(moved['theme'])} are {change}.")
    elif not changes.is_empty():
        told.append(f"No theme changed beyond chance on {_since(said)}.")
    return shown.sentence(" ".join([*told, *_news(fresh, said)]), kind="lead")


def moves(changes: pl.DataFrame, said: Remarks) -> Shown:
    """One sentence per theme that more or fewer people write about than before."""
    if changes.is_empty():
        return shown.sentence("There is no earlier period to compare with.")
    clear = changes.filter("flagged").sort(pl.col("change").abs(), descending=True).to_dicts()
    if not clear:
        return shown.sentence(f"No theme changed beyond chance on {_since(said)}.")
    told = [f"{plain(row['theme'])}: {words.change(row, since=_since(said))}." for row in clear]
    return shown.sentences(told)


def news(fresh: pl.DataFrame) -> Shown:
    """What nobody wrote about before and the codebook does not cover, each with a quote."""
    if "hidden" not in fresh.columns:
        return shown.sentence("There are no earlier comments to compare with.")
    rows = fresh.filter(pl.col("hidden").is_null()).to_dicts()
    if not rows:
        return shown.sentence("Nothing new beyond chance: the words are those of earlier periods.")
    told = [
        (
            plain(", ".join(row["terms"][:MOST_TERMS]), longest=LONGEST),
            [(f"{_share_of(row)} of respondents, {_before(row)}", _text(row["quote"] or UNQUOTED))],
        )
        for row in rows
    ]
    return shown.quotes(told)


def standing(found: pl.DataFrame, said: Remarks) -> Shown:
    """One sentence for each theme that clearly goes with the score, the weightiest first."""
    if said.score is None:
        return shown.sentence("The study has no score that themes could be held against.")
    if found.is_empty() or found["impact"].null_count() == found.height:
        return shown.sentence("No theme has enough respondents to be held against the score.")
    clear = found.filter("flagged").sort(pl.col("impact").abs(), descending=True)
    if clear.is_empty():
        return shown.sentence("No theme goes with a higher or lower score beyond chance.")
    unit = said.score.unit
    return shown.sentences([_stands(row, unit) for row in clear.head(FIRST).to_dicts()])


def weights_table(found: pl.DataFrame, said: Remarks) -> Shown:
    """One row per theme: how many mention it, the score without it, and how sure its rank is."""
    if said.score is None or found.is_empty():
        return shown.sentences([])
    unit = said.score.unit
    rows = [_weighed(row, unit) for row in found.to_dicts() if row["impact"] is not None]
    head = [
        *("Theme", "Mentioned by", "Score without it", "With and without differ by"),
        *("95% interval", "Other themes held equal", "95% interval", "Weightiest with probability"),
    ]
    return shown.table(
        "Themes beside the score, the weightiest first", head, rows, keys=1, folded=True
    )


def quotes(found: pl.DataFrame) -> Shown:
    """The chosen quotes, theme by theme."""
    if found.is_empty():
        return shown.sentence("No theme has enough respondents for a quote.")
    parts = found.partition_by("theme", maintain_order=True)
    return shown.quotes(
        [
            (
                plain(part["theme"].first()),
                [(ROLES[row["role"]], _text(row["quote"])) for row in part.to_dicts()],
            )
            for part in parts
        ]
    )


def needs(found: pl.DataFrame) -> Shown:
    """The needs that were stated, as unlike each other as can be, the commonest kind first."""
    if found.is_empty():
        return shown.sentence("No sentence that states a need was found.")
    parts = found.partition_by("kind", maintain_order=True)
    return shown.quotes(
        [
            (
                KINDS.get(str(part["kind"].first()), ""),
                [(_stands_for(row["people"]), _text(row["text"])) for row in part.to_dicts()],
            )
            for part in parts
        ]
    )


def trust(said: Remarks) -> Shown:
    """The codebook and how much it covers; how often tone and themes are wrong elsewhere."""
    covered = shares.coverage(said.answers, by=())
    row = next((row for row in covered.to_dicts() if row["base"]), None)
    told = [
        ("Theme codebook, version", plain(said.codebook.version)),
        ("Comments in which it finds a theme", _share_of(row) if row else numbers.NONE),
    ]
    return shown.facts([*_base(said), *told, *tables.errors()])


def _base(said: Remarks) -> list[tuple[str, str]]:
    """How many comments there are, what was set aside and why, and in which languages."""
    here = said.here
    known = here.filter(pl.col("response_id").is_not_null())
    silent = known.filter(~pl.col("answer")).height
    languages = (
        said.answers["language"].value_counts().sort("count", "language", descending=[True, False])
    )
    named = [f"{code} {numbers.count(count)}" for code, count in languages.head(6).rows()]
    unscored = said.answers.filter(pl.col("tone").is_null()).height
    return [
        ("Comments in the period", numbers.count(here.height)),
        (
            "Of them notes that belong to no answer sheet, in no share",
            numbers.count(here.height - known.height),
        ),
        ("Such as “none” or “n/a”, set aside", numbers.count(silent)),
        ("Respondents with a comment", numbers.count(said.answers["response_id"].n_unique())),
        ("Languages (comments)", ", ".join(named) or numbers.NONE),
        ("Not scored for tone (another language)", numbers.count(unscored)),
    ]


def _unread(said: Remarks) -> str:
    """Why no theme is told: too few comments, or none in the codebook's language."""
    count = said.answers.height
    if count < said.study.minimum_base or said.language == said.codebook.language:
        return f"Too few comments are dated {said.period.label} to say what they are about."
    told = f"Most of the {numbers.count(count)} comments of {said.period.label} are in another"
    return (
        f"{told} language ({said.language}) than the theme codebook ({said.codebook.language}). "
        "They are counted and not read for themes; study.toml may name a codebook for them "
        "under [comments]."
    )


def _news(fresh: pl.DataFrame, said: Remarks) -> list[str]:
    if "hidden" not in fresh.columns:
        return []
    rows = fresh.filter(pl.col("hidden").is_null()).head(2).to_dicts()
    if not rows:
        return ["No new subject came up."]
    named = [f"“{plain(row['topic'])}” ({numbers.value(row['share'], 'share')})" for row in rows]
    return [f"New in {said.period.label}: {words.listing(named)}."]


def _since(said: Remarks) -> str:
    earlier: Period | None = said.period.previous()
    return earlier.label if earlier else "an earlier period"


def _lower(name: str) -> str:
    text = plain(name)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _share_of(row: dict[str, Any]) -> str:
    ends = numbers.interval(row["low"], row["high"], "share")
    return f"{numbers.value(row['share'], 'share')} ({ends})"


def _before(row: dict[str, Any]) -> str:
    return f"{numbers.value(row['before'], 'share')} before"


def _stands_for(people: int) -> str:
    others = people - 1
    if not others:
        return ""
    return f"and {numbers.count(others)} other{'' if others == 1 else 's'} much like it"


def _text(text: str | None) -> str:
    return plain(text, longest=LONGEST) or numbers.NONE


def _stands(row: dict[str, Any], unit: str) -> str:
    """A theme, those who mention it beside the others, and the score without them."""
    side = "below" if row["difference"] < 0 else "above"
    ends = numbers.change_interval(row["difference_low"], row["difference_high"], unit)
    whole = numbers.value(row["score_without"] + row["impact"], unit)
    return (
        f"{plain(row['theme'])}: mentioned by {numbers.value(row['share'], 'share')}, whose score "
        f"lies {numbers.amount(row['difference'], unit)} {side} that of the others ({ends}). "
        f"Without them it would be {numbers.value(row['score_without'], unit)} and not {whole}."
    )


def _weighed(row: dict[str, Any], unit: str) -> list[str]:
    ends = [
        numbers.change_interval(row[low], row[high], unit)
        for low, high in (("low", "high"), ("adjusted_low", "adjusted_high"))
    ]
    return [
        plain(spoken(row["theme"])),
        numbers.value(row["share"], "share"),
        numbers.value(row["score_without"], unit),
        numbers.change(row["impact"], unit),
        ends[0],
        numbers.change(row["adjusted"], unit),
        ends[1],
        chance(row["p_first"]),
    ]
