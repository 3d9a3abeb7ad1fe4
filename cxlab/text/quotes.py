"""Which comments speak for a theme, and which speak against the rest?

The rule, which a report may print: "Typical quotes are those nearest in wording to all
comments of the group and near their median tone, 8 to 40 words where there are such; the
contrasting quote is the one with the strongest tone of the opposite sign. One quote per
person in all, no two alike in a group, none from a group below the base."

The same comments give the same quotes in any order of rows. Not here: coding (themes),
the parts of the text that are personal (redact).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from cxlab.errors import OutOfRange, require_columns
from cxlab.redact import redact
from cxlab.settings import SMALLEST_BASE
from cxlab.tally import Frame, names
from cxlab.text import clean, tokens
from cxlab.text.likeness import Vectors, vectors

TYPICAL, CONTRASTING = "typical", "contrasting"
SHORTEST, LONGEST = 8, 40
# A "word" of a hostile text may be a whole page: letters are counted, too.
LETTERS = 320
# Read per group for its wording; a sample by tone, as a larger one has the same middle.
READ = 2000
ALIKE = 0.7
POSITIVE = 0.05
_ENDS = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")


def quotes(
    comments: Frame,
    *,
    by: str | Sequence[str] = "theme",
    text: str = "text",
    typical: int = 2,
    contrasting: int = 1,
    minimum: int = 10,
    shapes: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Quotes for each group of `by`, safe to show: cleaned, redacted, at most 40 words.

    One row per quote: the `by` columns, `base` (people in the group), `role` ("typical" or
    "contrasting"), `place` (1 is the best of its role), `quote`, `tone`, `comment_id`,
    `hidden`. A group of fewer than `minimum` people has one row, without a quote, and
    `hidden` says why. "theme" in `by` stands for each of a comment's `themes`. A comment
    without a tone may be typical and is never contrasting. Comments that are no `answer`
    or empty are not read.

    Raises ColumnMissing, OutOfRange.
    """
    if minimum < SMALLEST_BASE:
        raise OutOfRange(f"minimum must be at least {SMALLEST_BASE} people; found {minimum}.")
    keys = names(by)
    rows, groups = _grouped(_read(comments, keys, text), keys)
    known = _placed(rows.join(groups.filter(pl.col("base") >= minimum), on="group"))
    first = _picked(_nearest(known), count=typical, role=TYPICAL)
    against = _opposed(known).join(first, on="person", how="anti", maintain_order="left")
    second = _picked(against, count=contrasting, role=CONTRASTING)
    return _told(groups, pl.concat([first, second]), keys=keys, minimum=minimum, shapes=shapes)


def _read(comments: Frame, keys: Sequence[str], text: str) -> pl.DataFrame:
    """One row per comment and group: `text`, `words`, `tone`, `person`, the keys."""
    has = list(comments.collect_schema())
    wanted = ["themes" if key == "theme" and key not in has else key for key in keys]
    require_columns(comments, ["comment_id", text, *wanted], what="comments")
    rows = comments.lazy().filter(pl.col(text).str.strip_chars().str.len_bytes() > 0)
    if "answer" in has:
        rows = rows.filter(pl.col("answer"))
    # A comment nobody is known to have written is a person of its own.
    known = [name for name in ("response_id", "comment_id") if name in has]
    rows = rows.select(
        pl.col("comment_id").cast(pl.String),
        pl.col(text).alias("text"),
        (pl.col("tone") if "tone" in has else pl.lit(None)).cast(pl.Float64).alias("tone"),
        pl.coalesce(pl.col(known).cast(pl.String)).alias("person"),
        *wanted,
    )
    if "themes" in wanted:
        rows = rows.explode("themes").rename({"themes": "theme"})
    return rows.drop_nulls(list(keys)).collect()


def _grouped(rows: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with the number of their `group`, and per group its keys and `base`."""
    base = pl.col("person").n_unique().cast(pl.Int64).alias("base")
    if not keys:
        whole = rows.select(base).with_columns(group=0).filter(pl.col("base") > 0)
        return rows.with_columns(group=0), whole
    groups = rows.group_by(keys).agg(base).sort(keys).with_row_index("group")
    return rows.join(groups.drop("base"), on=keys), groups


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the `median` tone of their group, how `far` from it, and `readable`."""
    size = pl.col("text").str.count_matches(r"\S+")
    letters = pl.col("text").str.len_chars()
    median = pl.col("tone").median().over("group")
    return rows.with_columns(
        median=median,
        far=(pl.col("tone") - median).abs().fill_null(0.0),
        readable=size.is_between(SHORTEST, LONGEST) & (letters <= LETTERS),
    )


def _nearest(rows: pl.DataFrame) -> pl.DataFrame:
    """The candidates for typical quotes, best first: readable, then typical in words."""
    order = ["group", "readable", "far", "comment_id"]
    sample = rows.sort(order, descending=[False, True, False, False])
    sample = sample.group_by("group", maintain_order=True).head(READ)
    every = _vectors(sample)
    parts = [
        (part := every.part(first, last)).like(part.middle()) for first, last in _stretches(sample)
    ]
    like = pl.Series("like", np.concatenate(parts) if parts else [], dtype=pl.Float64)
    near = sample.with_columns(like * (1 - pl.col("far") / 2))
    return near.sort(
        ["group", "readable", "like", "comment_id"], descending=[False, True, True, False]
    ).drop("like")


def _opposed(rows: pl.DataFrame) -> pl.DataFrame:
    """The candidates for contrasting quotes, best first: readable, then strong in tone."""
    tone, median = pl.col("tone"), pl.col("median")
    opposite = (
        pl.when(median >= POSITIVE)
        .then(tone <= -POSITIVE)
        .when(median <= -POSITIVE)
        .then(tone >= POSITIVE)
        .otherwise(tone.abs() >= POSITIVE)
    )
    order = ["group", "readable", "far", "comment_id"]
    strong = rows.filter(opposite).sort(order, descending=[False, True, True, False])
    return strong.group_by("group", maintain_order=True).head(READ)


def _picked(candidates: pl.DataFrame, *, count: int, role: str) -> pl.DataFrame:
    """The first so many of each group, one per person in all and no two alike, with `place`."""
    every = _vectors(candidates)
    people = candidates["person"].to_list()
    rows: list[int] = []
    places: list[int] = []
    quoted: set[str] = set()
    for first, last in _stretches(candidates):
        chosen: list[int] = []
        barred = np.zeros(last - first, dtype=bool)
        part = every.part(first, last)
        for row in range(first, last):
            if len(chosen) == count:
                break
            if barred[row - first] or people[row] in quoted:
                continue
            chosen.append(row)
            quoted.add(people[row])
            barred |= part.like(part.dense(row - first)) >= ALIKE
        rows += chosen
        places += range(1, len(chosen) + 1)
    picked = candidates[rows] if rows else candidates.clear()
    return picked.select("group", "person", "comment_id", "text", "tone").with_columns(
        pl.lit(role).alias("role"), pl.Series("place", places, dtype=pl.Int64)
    )


def _vectors(rows: pl.DataFrame) -> Vectors:
    return vectors(tokens.words(tokens.split(rows["text"])))


def _stretches(rows: pl.DataFrame) -> list[tuple[int, int]]:
    """Where each group begins and ends; the rows of a group stand together."""
    sizes = rows.group_by("group", maintain_order=True).len()["len"].to_list()
    ends = np.cumsum([0, *sizes]).tolist()
    return list(pairwise(ends))


def _told(
    groups: pl.DataFrame,
    picked: pl.DataFrame,
    *,
    keys: Sequence[str],
    minimum: int,
    shapes: Mapping[str, str] | None,
) -> pl.DataFrame:
    """The result: every group, with its quotes or why there are none."""
    few = pl.when(pl.col("base") < minimum).then(pl.lit(f"fewer than {minimum} people"))
    shown = clean.shown(picked["text"])
    safe = [shortened(redact(each, shapes=shapes)) for each in shown]
    quoted = picked.with_columns(pl.Series("quote", safe, dtype=pl.String))
    rows = groups.join(quoted, on="group", how="left").with_columns(few.alias("hidden"))
    order = rows.sort("group", pl.col("role") == CONTRASTING, "place", nulls_last=True)
    return order.select(*keys, "base", "role", "place", "quote", "tone", "comment_id", "hidden")


def shortened(text: str) -> str:
    """At most 40 words and 320 letters, cut where a sentence ends if it can be, with "…"."""
    words = text[: 2 * LETTERS].split()
    short = " ".join(words[:LONGEST])[:LETTERS]
    if len(text) <= 2 * LETTERS and short == " ".join(words):
        return text
    ends = [match.end() for match in _ENDS.finditer(short)]
    if ends:
        return f"{short[: ends[-1]]} …"
    whole = short.rsplit(" ", 1)[0] if len(words) <= LONGEST else short
    return f"{whole}…"
