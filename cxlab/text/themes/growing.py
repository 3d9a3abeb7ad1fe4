"""How does a researcher make the codebook cover more, and know what that does?

`suggest` proposes phrases for a theme, `examples` shows the comments a phrase would find,
`compared` says which comments a changed codebook gains and loses. Nothing here changes a
codebook: the researcher does, and raises its version.

Not here: what is new this month (new), agreement in full (coding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from cxlab.errors import require_columns
from cxlab.stats import compare
from cxlab.text.themes import coding
from cxlab.text.themes.codebook import Codebook, Theme
from cxlab.text.themes.matching import coded, matches
from cxlab.text.themes.new import more_often
from cxlab.text.themes.phrases import parsed
from cxlab.text.themes.uncovered import uncovered

EXAMPLES = 5
LEAST = 3


def suggest(
    comments: pl.DataFrame,
    codebook: Codebook,
    theme: str,
    *,
    hand: str | None = None,
    least: int = LEAST,
    rate: float = 0.05,
) -> pl.DataFrame:
    """Terms outside the theme's phrases that go with it: candidates for phrases, surest first.

    They go with comments where the theme was found, or where `hand`, a column of lists, has
    it. One row per `term` of at least `least` comments: `together` (comments with theme and
    term), `gained` (comments that have the term and in which the theme is not found), `p`
    (Fisher's exact, one-sided) and `p_adjusted`; `examples` are ids of comments gained.
    Only terms that are flagged at `rate` are given. Raises ColumnMissing, UnknownName.
    """
    require_columns(comments, ["comment_id", "text", *([hand] if hand else [])], what="comments")
    rows = comments.drop_nulls(["text", *([hand] if hand else [])]).sort("comment_id")
    alone = replace(codebook, themes=(replace(codebook.theme(theme), parent=None),))
    found = coded(rows["text"], alone).list.len() > 0
    wanted = rows[hand].list.contains(theme) if hand else found
    marks = pl.DataFrame({"id": rows["comment_id"], "wanted": wanted, "found": found})
    said = uncovered(rows["text"], alone)
    used = said.rows.join(
        marks.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64)), on="row"
    )
    return _candidates(used.with_columns(said.named(used["term"])), marks, least, rate)


def with_phrases(codebook: Codebook, theme: str, phrases: Sequence[str]) -> Codebook:
    """The codebook with more phrases in one theme, to be tried before the file is edited.

    Raises UnknownName for a theme it does not have, StudyInvalid for what is no phrase.
    """
    grown = codebook.theme(theme)
    added = tuple(parsed(phrase, where=f"phrases for {theme}") for phrase in phrases)
    changed = replace(grown, phrases=(*grown.phrases, *added))
    themes = (changed if each.name == theme else each for each in codebook.themes)
    return replace(codebook, themes=tuple(themes))


def examples(
    comments: pl.DataFrame, codebook: Codebook, phrase: str, *, count: int = EXAMPLES
) -> pl.DataFrame:
    """Comments in which a phrase is found, those that no theme covers yet first.

    At most `count` rows: `comment_id`, `text`, `themes` they have in the codebook, and
    `comments`, the number of all that the phrase finds. Raises ColumnMissing, StudyInvalid.
    """
    require_columns(comments, ["comment_id", "text"], what="comments")
    rows = comments.select("comment_id", "text").drop_nulls("text").sort("comment_id")
    one = replace(codebook, themes=(Theme("phrase", "", None, (parsed(phrase),)),))
    hits = matches(rows["text"], one)["row"].unique().sort()
    found = rows.select(pl.all().gather(hits))
    told = found.with_columns(
        coded(found["text"], codebook), pl.lit(len(hits), dtype=pl.Int64).alias("comments")
    )
    bare = pl.col("themes").list.len() > 0
    return told.sort(bare, "comment_id").head(count)


def compared(
    before: Codebook, after: Codebook, comments: pl.DataFrame, *, hand: str | None = None
) -> pl.DataFrame:
    """What a change of the codebook does to each theme of either.

    One row per `theme`: `base` comments, `before` and `after` (comments with the theme),
    `gained` and `lost` with example ids `gained_ids`, `lost_ids`. With `hand`, a column of
    lists, also precision, recall and F1 of both: `precision_before`, `precision_after` and
    so on, on the comments that were coded by hand. Raises ColumnMissing.
    """
    require_columns(comments, ["comment_id", "text", *([hand] if hand else [])], what="comments")
    rows = comments.drop_nulls("text").sort("comment_id")
    sides = {"before": coded(rows["text"], before), "after": coded(rows["text"], after)}
    marked = rows.select("comment_id", *([hand] if hand else [])).with_columns(**sides)
    named = sorted({*before.names, *after.names})
    table = pl.DataFrame([_change(marked, theme) for theme in named], schema=_CHANGE)
    if hand is None:
        return table
    for side in sides:
        judged = coding.agreement(marked, hand=hand, themes=side, among=named)
        figures = [pl.col(name).alias(f"{name}_{side}") for name in ("precision", "recall", "f1")]
        table = table.join(judged.select("theme", *figures), on="theme", maintain_order="left")
    return table


_CHANGE: dict[str, Any] = {
    "theme": pl.String,
    **dict.fromkeys(("base", "before", "after", "gained", "lost"), pl.Int64),
    **dict.fromkeys(("gained_ids", "lost_ids"), pl.List(pl.String)),
}


def _change(marked: pl.DataFrame, theme: str) -> dict[str, object]:
    had, has = (marked[side].list.contains(theme) for side in ("before", "after"))
    gained, lost = (marked["comment_id"].filter(which) for which in (has & ~had, had & ~has))
    return {
        "theme": theme,
        "base": marked.height,
        "before": int(had.sum()),
        "after": int(has.sum()),
        "gained": len(gained),
        "lost": len(lost),
        "gained_ids": gained.head(EXAMPLES).to_list(),
        "lost_ids": lost.head(EXAMPLES).to_list(),
    }


def _candidates(used: pl.DataFrame, marks: pl.DataFrame, least: int, rate: float) -> pl.DataFrame:
    wanted, found = pl.col("wanted"), pl.col("found")
    counted = (
        used.sort("term", "id")
        .group_by("term", maintain_order=True)
        .agg(
            together=wanted.sum().cast(pl.Int64),
            apart=(~wanted).sum().cast(pl.Int64),
            gained=(~found).sum().cast(pl.Int64),
            examples=pl.col("id").filter(~found).head(EXAMPLES),
        )
        .filter(pl.col("together") + pl.col("apart") >= least)
    )
    size = int(marks["wanted"].sum())
    p = more_often(
        counted["together"].to_list(), size, counted["apart"].to_list(), marks.height - size
    )
    flagged = compare.flag(counted.with_columns(pl.Series("p", p, dtype=pl.Float64)), rate=rate)
    columns = ("term", "together", "gained", "p", "p_adjusted", "examples")
    return flagged.filter("flagged").sort("p", "term").select(columns)
