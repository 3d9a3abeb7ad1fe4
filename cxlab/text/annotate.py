"""What is in each comment: language, answer or none, tone, themes, and a text safe to show.

    annotate(frame, text="comment")  →  the frame with six columns more (`ADDED`)

`language` is ISO 639-1 or "unknown"; `answer` is false for "n/a", "none" and the like; `tone`
is -1 to 1 and `tone_label` its word; `themes` is a sorted list; `redacted` is the text with
everything private replaced. A row's result depends on that row alone, so any engine may
map this over batches in any order.

Not here: reading files (annotated_files), a study's own comments (comments).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from cxlab.errors import StudyInvalid, listed, require_columns
from cxlab.redact import redacted
from cxlab.text import clean, themes, tokens, tone

ADDED = {
    "language": pl.String(),
    "answer": pl.Boolean(),
    "tone": pl.Float64(),
    "tone_label": pl.String(),
    "themes": pl.List(pl.String()),
    "redacted": pl.String(),
}
# What `tone_label` says where there is no tone.
NO_ANSWER, NOT_SCORED = "no answer", "not scored"


@dataclass(frozen=True)
class Reading:
    """How comments are read; the same for every month that is to be compared.

    `declared` is the language of texts too short to tell. English is scored with the
    customers' rules, another language only with the word list `lexicons` has for it.
    `shapes` are the study's own numbers to redact (redact.redacted).
    """

    codebook: themes.Codebook = field(default_factory=themes.read)
    declared: str | None = "en"
    lexicons: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shapes: Mapping[str, str] = field(default_factory=dict)


def annotate(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    text: str = "text",
    reading: Reading | None = None,
    language: str | None = None,
) -> pl.DataFrame | pl.LazyFrame:
    """The rows with the columns of `ADDED`; a LazyFrame stays lazy and streams.

    `language` names a column that declares each row's language. A null text gives nulls.
    Raises ColumnMissing, and StudyInvalid where a column of that name is there already.
    """
    how = reading or Reading()
    require_columns(frame, [text, *([language] if language else [])], what="comments")
    schema = frame.collect_schema()
    _require_free(schema.names())
    if isinstance(frame, pl.DataFrame):
        return _annotated(frame, text=text, how=how, language=language)
    return frame.map_batches(
        lambda batch: _annotated(batch, text=text, how=how, language=language),
        schema=pl.Schema({**schema, **ADDED}),
        streamable=True,
    )


def read_lexicon(path: Path) -> dict[str, float]:
    """A word list: a word, a tab and how good it is (-4 to 4) on each line; # begins a remark.

    Raises StudyInvalid for a file that is not there and a line that is none of these.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise StudyInvalid(f"The word list `{path}` must be a UTF-8 file of words.") from None
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, value = line.partition("\t")
        found[word.strip().lower()] = _valence(value, where=f"`{path.name}` line {number}")
    return found


def _valence(text: str, *, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -4 <= value <= 4:
        raise StudyInvalid(f"{where} must be a word, a tab and a number from -4 to 4.")
    return value


def _require_free(columns: list[str]) -> None:
    taken = [name for name in ADDED if name in columns]
    if taken:
        raise StudyInvalid(
            f"comments must not have {listed(taken)} already: annotate adds it. "
            "Rename the column, or leave it out."
        )


def _annotated(
    batch: pl.DataFrame, *, text: str, how: Reading, language: str | None
) -> pl.DataFrame:
    """One batch: tokenised once, then read for everything."""
    shown = clean.shown(batch[text])
    read = clean.read(shown)
    tokenised = tokens.split(read)
    words = tokens.words(tokenised)
    declared = batch[language] if language else how.declared
    # Of `shown`: names of emoji are English words.
    spoken = clean.language(shown, words=words, declared=declared)
    answer = clean.is_answer(read)
    found = batch.with_columns(
        spoken.alias("language"),
        answer.alias("answer"),
        _tone(read, tokenised, spoken=spoken, lexicons=how.lexicons).alias("tone"),
        themes.coded(read, how.codebook, words=words).alias("themes"),
        shown.alias("redacted"),
    )
    return _settled(found, how).select(*batch.columns, *ADDED)


def _settled(found: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """What is not an answer, or in a language nobody declared, is said so and not scored."""
    answer = pl.col("answer")
    spoken = pl.col("language").is_in([how.codebook.language, "unknown"])
    label = (
        pl.when(~answer)
        .then(pl.lit(NO_ANSWER))
        .when(answer & pl.col("tone").is_null())
        .then(pl.lit(NOT_SCORED))
        .otherwise(tone.label(pl.col("tone")))
    )
    return found.with_columns(
        pl.when(answer).then("tone"),
        pl.when(answer & spoken).then("themes"),
        redacted(pl.col("redacted"), shapes=how.shapes),
    ).with_columns(label.alias("tone_label"))


def _tone(
    read: pl.Series,
    tokenised: tokens.Tokens,
    *,
    spoken: pl.Series,
    lexicons: Mapping[str, Mapping[str, float]],
) -> pl.Series:
    """English by the customers' rules, others by their word list, the rest null."""
    english = tone.scores(read, tokens=tokenised)["compound"]
    score = english.zip_with((spoken == "en").fill_null(False), english.clear(len(english)))
    for language, lexicon in lexicons.items():
        here = (spoken == language).fill_null(False)
        if here.any():
            other = tone.scores(read, rules="plain", tokens=tokenised, lexicon=lexicon)
            score = other["compound"].zip_with(here, score)
    return score
