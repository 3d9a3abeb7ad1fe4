"""How long does a poll take whoever answers it?

Reading by words (silent reading, Brysbaert 2019: about 238 words a minute in English, 260
in German), then so many seconds for an answer of each kind, which are plain assumptions.
Where past answer sheets have times, `measured` says how long all questions really took,
and the guess for a few of them is scaled by that.

Not here: how hard the words are (readability).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

from cxlab.asking import readability
from cxlab.codebook import Item
from cxlab.errors import require_columns
from cxlab.stats.intervals import normal_quantile
from cxlab.tally import Frame

WORDS_A_MINUTE = {"en": 238, "de": 260}
USUAL = 238
SECONDS = {"rating": 5.0, "choice": 6.0, "multi-select": 3.0, "text": 15.0, "comment": 35.0}
# Nobody works at a questionnaire for hours: the page was left open.
LONGEST_MINUTES = 60


def items(asked: Iterable[Item], *, language: str = "en") -> pl.DataFrame:
    """One row per item: `item`, `kind`, `words`, `seconds`, `flesch` and `grade` (may be null).

    Words are those of the question and of the labels of its answers.
    """
    pace = WORDS_A_MINUTE.get(language, USUAL)
    rows = []
    for item in asked:
        said = " ".join([item.wording, *item.labels.values()])
        words = len(said.split())
        found = readability.ease(item.wording, language=language)
        rows.append(
            {
                "item": item.name,
                "kind": item.kind,
                "words": words,
                "seconds": 60 * words / pace + SECONDS[item.kind],
                "flesch": found.flesch if found else None,
                "grade": found.grade if found else None,
            }
        )
    texts, floats = ("item", "kind"), ("seconds", "flesch", "grade")
    schema = dict.fromkeys(texts, pl.String) | {"words": pl.Int64}
    return pl.DataFrame(rows, schema=schema | dict.fromkeys(floats, pl.Float64))


def minutes(asked: Iterable[Item], *, language: str = "en") -> float:
    """About how many minutes the items take together."""
    return float(items(asked, language=language)["seconds"].sum()) / 60


def measured(responses: Frame, *, confidence: float = 0.95) -> pl.DataFrame:
    """How many minutes complete sheets took: one row, `base`, median `minutes`, `low`, `high`.

    The interval is of the median, from the ranks of a binomial. Sheets left open for an
    hour, and those that ended before they began, have no time. Raises ColumnMissing.
    """
    require_columns(responses, ["started_at", "finished_at"], what="responses")
    rows = responses.lazy()
    if "status" in responses.collect_schema():
        rows = rows.filter(pl.col("status").fill_null("complete") == "complete")
    took = (pl.col("finished_at") - pl.col("started_at")).dt.total_seconds() / 60
    known = rows.select(took.alias("minutes")).collect()["minutes"].drop_nulls()
    known = known.filter((known > 0) & (known <= LONGEST_MINUTES)).sort()
    size = len(known)
    reach = normal_quantile(confidence) * math.sqrt(size) / 2
    ranks = math.floor(size / 2 - reach), math.ceil(size / 2 + reach)
    low, high = (known[at] if 0 <= at < size else None for at in ranks)
    return pl.DataFrame(
        {"base": [size], "minutes": [known.median()], "low": [low], "high": [high]},
        schema={"base": pl.Int64} | dict.fromkeys(("minutes", "low", "high"), pl.Float64),
    )
