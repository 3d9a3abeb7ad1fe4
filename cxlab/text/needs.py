"""What do customers say they need, want, or could not do?

    stated     each sentence that says so: its kind, and whether it says of what
    to_read    about fifty of them that differ most, and how many each stands for
    entry      the need she wrote after reading, as a row of the needs register

Sentences are for the researcher's eyes; what a page shows comes from quotes. Not here:
the cues (cues, and needs.toml to read and edit), what customers tick (choices).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from cxlab.codebook import REQUIREMENTS
from cxlab.errors import OutOfRange, require_columns
from cxlab.redact import redacted
from cxlab.tally import Frame
from cxlab.text import clean, cues, stop_words, tokens
from cxlab.text.likeness import vectors

STATED = {
    "comment_id": pl.String,
    "sentence": pl.Int64,
    "person": pl.String,
    "text": pl.String,
    "kind": pl.String,
    "informative": pl.Boolean,
}
# Two words are seldom more than a cue: "needs work", "please help".
FEWEST_WORDS = 3
# Below this cosine two sentences have one common word among many: one does not stand for the other.
NEAR = 0.3
# Words of a sentence to read; longer ones are counted, and read only where all are long.
LONGEST = 30
# Of more sentences than these, every so many-th may be chosen; all are counted.
SAMPLE = 2000
UNKNOWN = "unknown"


def stated(
    comments: Frame,
    *,
    text: str = "text",
    path: Path | None = None,
    shapes: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """One row per sentence that states a need, a want or an obstacle.

    `comment_id`, `sentence` (its number in the comment, from 1), `person` (response_id, or
    else the comment), `text` redacted, `kind`, and whether it is `informative`: has a word
    that is more than a cue. Sorted by id. `path` names a file of cues instead of the one
    shipped. Comments that are no `answer`, or in another `language` than the cues, are not
    read; where these columns are missing, all are. A null text states nothing.

    Raises ColumnMissing, StudyInvalid.
    """
    require_columns(comments, ["comment_id", text], what="comments")
    known = cues.read(path)
    rows = _candidates(comments, text, known)
    # Few comments have all words of a cue in a row: only these are cut and looked at closely.
    rows = rows.with_columns(clean.shown(rows["text"])).filter(
        cues.may_match(pl.col("text"), known)
    )
    cut = rows.with_columns(clean.sentences(rows["text"]).alias("text"))
    numbered = cut.with_columns(pl.int_ranges(1, pl.col("text").list.len() + 1).alias("sentence"))
    flat = numbered.filter(pl.col("text").list.len() > 0).explode("text", "sentence")
    found = (
        flat.filter(cues.may_match(pl.col("text"), known))
        .with_columns(cues.laid_out(pl.col("text")).alias("plain"))
        .filter(cues.some(pl.col("plain"), known))
    )
    found = (
        found.with_columns(cues.kind(found["plain"], known))
        .drop_nulls("kind")
        .sort("comment_id", "sentence")
    )
    informative = _informative(found["text"], known)
    shown = redacted(pl.col("text"), shapes=shapes)
    return found.with_columns(shown, informative).select(
        pl.col(c).cast(t) for c, t in STATED.items()
    )


def to_read(sentences: pl.DataFrame, *, count: int = 50, path: Path | None = None) -> pl.DataFrame:
    """The `stated` sentences with those to read, `count` at most, as different as can be.

    `read` 1, 2, …: the order to read them in, null for the rest. `like` is the `read` of
    the sentence that stands for this one; null where none is near enough, or where it is
    not informative. `stands_for` and `people`, for those to read: how many sentences of
    how many people they stand for, themselves included. Reading the first ten of fifty
    is the same as asking for ten. Raises ColumnMissing, and OutOfRange for a count below 1.
    """
    require_columns(sentences, list(STATED), what="sentences")
    if count < 1:
        raise OutOfRange(f"count must be at least 1 sentence; it is {count}.")
    ordered = sentences.sort("comment_id", "sentence")
    useful = ordered.filter("informative").with_columns(
        *_spread(ordered.filter("informative")["text"], count, cues.read(path).silent)
    )
    each = useful.group_by("like").agg(
        stands_for=pl.len().cast(pl.Int64), people=pl.col("person").n_unique().cast(pl.Int64)
    )
    told = useful.join(each, left_on="read", right_on="like", how="left")
    keys = ["comment_id", "sentence"]
    added = told.select(*keys, "read", "stands_for", "people", "like")
    return ordered.join(added, on=keys, how="left").sort(["read", *keys], nulls_last=True)


def entry(
    reading: pl.DataFrame,
    need: str,
    *,
    read: Sequence[int],
    on: date,
    register: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The need she wrote as one row of the register (`requirements`), with its evidence.

    `read` are the numbers of the sentences in `reading` (from `to_read`) that she wrote
    it from. `evidence` names their ids, "C12 sentence 2", and how many sentences of how
    many people they stand for. `requirement_id` follows the last one of `register`, R01
    without one. What has not been decided yet is null; `status` is open.

    Raises ColumnMissing, and OutOfRange for an empty need or a number nobody read.
    """
    require_columns(reading, [*STATED, "read", "like"], what="reading")
    if not need.strip():
        raise OutOfRange("need must be words of the researcher's own; it is empty.")
    wanted = sorted(set(read))
    chosen = reading.filter(pl.col("read").is_in(wanted)).sort("read")
    if not wanted or chosen.height < len(wanted):
        raise OutOfRange(
            f"read must be numbers of sentences to read, 1 to {reading['read'].count()}; "
            f"{len(wanted) - chosen.height} of {len(wanted)} are not."
        )
    row = {
        "requirement_id": _next_id(register),
        "need": need.strip(),
        "evidence": _evidence(chosen, reading.filter(pl.col("like").is_in(wanted))),
        "status": "open",
        "date": on,
    }
    kinds = {"date": pl.Date}
    return pl.DataFrame(
        {name: [row.get(name)] for name in REQUIREMENTS.names},
        schema={name: kinds.get(name, pl.String) for name in REQUIREMENTS.names},
    )


def _candidates(comments: Frame, text: str, known: cues.Cues) -> pl.DataFrame:
    """The comments that may state something: `comment_id`, `person`, `text`."""
    has = list(comments.collect_schema())
    rows = comments.lazy().filter(cues.may_hold(pl.col(text), known))
    if "answer" in has:
        rows = rows.filter(pl.col("answer"))
    if "language" in has:
        # A short comment often has no language that can be told.
        rows = rows.filter(pl.col("language").is_in([known.language, UNKNOWN]))
    people = [name for name in ("response_id", "comment_id") if name in has]
    return rows.select(
        pl.col("comment_id").cast(pl.String),
        pl.coalesce(pl.col(people).cast(pl.String)).alias("person"),
        pl.col(text).alias("text"),
    ).collect()


def _informative(sentences: pl.Series, known: cues.Cues) -> pl.Series:
    """Whether a sentence has a word that is neither a cue nor says nothing."""
    words = tokens.words(tokens.split(sentences))
    silent = words.known.is_in(list(known.silent | stop_words.words(known.language))).to_numpy()
    counts = words.counts()
    telling = np.bincount(words.owners()[~silent[words.codes]], minlength=len(counts))
    return pl.Series("informative", (telling > 0) & (counts >= FEWEST_WORDS))


def _spread(
    sentences: pl.Series, count: int, silent: frozenset[str]
) -> tuple[pl.Series, pl.Series]:
    """`read`, and `like`: the number of the sentence read that this one is nearest to."""
    sample = np.linspace(0, len(sentences) - 1, min(len(sentences), SAMPLE)).astype(np.int64)
    chosen = sample[_different(sentences.gather(sample), count, silent)]
    every = vectors(tokens.words(tokens.split(sentences)), silent=silent)
    nearest = np.full(len(sentences), np.nextafter(NEAR, 0))
    like, read = (np.zeros(len(sentences), np.int64) for _ in range(2))
    for number, place in enumerate(chosen, start=1):
        near = every.like(every.dense(int(place)))
        closer = near > nearest
        nearest, like[closer] = np.maximum(nearest, near), number
    read[chosen] = like[chosen] = np.arange(1, len(chosen) + 1)
    columns = [pl.Series(name, value) for name, value in (("read", read), ("like", like))]
    first, second = (column.replace(0, None) for column in columns)
    return first, second


def _different(sentences: pl.Series, count: int, silent: frozenset[str]) -> list[int]:
    """Greedy choice: next comes what stands for most that nothing chosen stands for yet.

    That number, with how typical the wording is to tell equals apart, is scaled by the
    distance to what is chosen: a farthest-first search that passes by oddities. Equals
    go in the order given; copies of what is chosen end the search.
    """
    words = tokens.words(tokens.split(sentences))
    every = vectors(words, silent=silent)
    nearness = [every.like(every.dense(text)) for text in range(len(sentences))]
    around = [np.flatnonzero(each >= NEAR) for each in nearness]
    short = words.counts() <= LONGEST
    # One telling word is alike to all that have it, and says less than two.
    worth = np.where(every.sizes() > 1, 1.0, 0.5) * (short | ~short.any())
    typical, nearest = every.like(every.middle()), np.zeros(len(sentences))
    alone = np.ones(len(sentences), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(count, len(sentences)):
        fresh = np.array([alone[each].sum() for each in around])
        gain = worth * (fresh + typical) * (1 - nearest)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        chosen.append(best)
        alone[around[best]] = False
        nearest = np.maximum(nearest, nearness[best])
    return chosen


def _next_id(register: pl.DataFrame | None) -> str:
    """R09 after R08; numbers given once are never given again while they stand."""
    if register is None:
        return "R01"
    require_columns(register, "requirement_id", what="register")
    used = register["requirement_id"].cast(pl.String).str.extract(r"^R(\d{1,9})$").cast(pl.Int64)
    return f"R{max(used.drop_nulls().to_list(), default=0) + 1:02d}"


def _evidence(chosen: pl.DataFrame, behind: pl.DataFrame) -> str:
    ids = [f"{row['comment_id']} sentence {row['sentence']}" for row in chosen.to_dicts()]
    people = behind["person"].n_unique()
    return f"{'; '.join(ids)} ({behind.height} sentences of {people} people like these)"
