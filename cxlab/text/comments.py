"""The comments of a study, one row each, and what is in them.

`of(study)` gives `comment_id`, `response_id`, `question`, `text` (redacted at intake),
`date`, the declared `language_declared`, the study's weight and its group columns;
`annotated(study)` the same with the columns of annotate. Comments come from the comment
items of responses and from the comments table; a note that belongs to no response has a
null response_id and is in no share.

Not here: posts and reviews (reputation).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import polars as pl

from cxlab.errors import TableMissing
from cxlab.text import themes
from cxlab.text.annotate import Reading, annotate, read_lexicon

# Raised when annotating the same text gives something else than before.
LAYOUT = 1
KEYS = ("comment_id", "response_id", "question", "text", "date")
DECLARED = "language_declared"


def of(study: Any) -> pl.LazyFrame:
    """The comments of a study that has any, in long form; empty texts are left out.

    Raises TableMissing for a study without comments.
    """
    parts = [_of_item(study, item.name) for item in study.items_of("comment")]
    if "comments" in study.tables:
        parts.append(_of_table(study))
    if not parts:
        raise TableMissing(
            f"The study `{study.name}` has no comments: declare an item with "
            'construct = "comment", or point a [[files]] block with table = "comments" at some.'
        )
    return pl.concat(parts, how="diagonal").filter(pl.col("text").str.strip_chars() != "")


def reading(study: Any) -> Reading:
    """How this study's comments are read: its codebook, its language, its word lists."""
    says = study.settings.comments
    folder: Path = study.folder
    return Reading(
        codebook=themes.read(folder / says.themes if says.themes else None),
        declared=study.settings.language[:2].lower(),
        lexicons={name: read_lexicon(folder / path) for name, path in says.lexicons.items()},
        shapes=study.settings.private_numbers,
    )


def annotated(study: Any) -> pl.LazyFrame:
    """Every comment with its annotations; kept beside the tables until anything changes.

    What is kept is of the whole study; a part takes its own from it.
    """
    if study.part:
        every = annotated(study.whole)
        only = study.with_answers(every)
        return only.drop(set(study.whole.groups) - set(study.groups), strict=False)
    how = reading(study)
    kept = study.beside("annotated") / f"comments-{_mark(study, how)}.parquet"
    if not kept.exists():
        _keep(annotate(of(study), reading=how, language=DECLARED).lazy(), kept)
    return pl.scan_parquet(kept, glob=False)


def _of_item(study: Any, item: str) -> pl.LazyFrame:
    rows = study.responses
    return rows.filter(pl.col(item).is_not_null()).select(
        pl.concat_str("response_id", pl.lit(f" {item}")).alias("comment_id"),
        "response_id",
        pl.lit(item).alias("question"),
        pl.col(item).alias("text"),
        *_about(study),
    )


def _of_table(study: Any) -> pl.LazyFrame:
    """The comments table, with what is known of the response each belongs to."""
    rows = study.comments
    has = rows.collect_schema().names()
    given = {name: pl.col(name) if name in has else pl.lit(None, pl.String) for name in KEYS[:4]}
    date = pl.col("date") if "date" in has else pl.lit(None, pl.Date)
    about = study.responses.select("response_id", *_about(study))
    joined = rows.select(**given, said_on=date).join(about, on="response_id", how="left")
    # A comment's own day is nearer than that of the answer sheet.
    dated = pl.coalesce("said_on", "date" if "date" in joined.collect_schema() else "said_on")
    declared = pl.col(DECLARED).fill_null(study.settings.language[:2].lower())
    return joined.with_columns(dated.alias("date"), declared).drop("said_on")


def _about(study: Any) -> list[pl.Expr]:
    """What a comment takes over from its response: day, language, weight, groups."""
    has = study.responses.collect_schema().names()
    default = pl.lit(study.settings.language[:2].lower())
    spoken = pl.col("language").str.head(2).str.to_lowercase() if "language" in has else default
    weight = [study.weight] if study.weight else []
    names = [name for name in ("date", *weight, *study.groups) if name in has]
    return [*map(pl.col, names), spoken.fill_null(default).alias(DECLARED)]


def _mark(study: Any, how: Reading) -> str:
    lexicons = sorted((name, sorted(words.items())) for name, words in how.lexicons.items())
    taken_in = study.receipt["fingerprint"]
    parts = [str(LAYOUT), taken_in, how.codebook.version, str(how.declared), lexicons]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _keep(found: pl.LazyFrame, kept: Path) -> None:
    """Write it whole or not at all, and drop what was kept before."""
    kept.parent.mkdir(exist_ok=True)
    # Two runs may be at it: each writes a file of its own, and the last one stays.
    beside = kept.with_suffix(f".{os.getpid()}.part")
    try:
        found.sink_parquet(beside, compression="zstd", compression_level=1)
        beside.replace(kept)
        for old in kept.parent.glob("comments-*.parquet"):
            # Another run may be reading the same one, just as new.
            if old != kept:
                old.unlink(missing_ok=True)
    finally:
        beside.unlink(missing_ok=True)
