"""How far may the tone be wrong?

Scores beside what people said of the same texts: one row per set of texts and scorer, with
the share of texts whose class is right and its interval, the mean F1 of the three classes,
and the correlation with the people's own numbers.

    python -m cxlab.text.tone.agreement ../shared/real       the table, as Markdown

Not here: the scorers (tone), which texts are answers (clean).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from cxlab.errors import OutOfRange
from cxlab.stats import intervals
from cxlab.text.tone import LABELS, NEGATIVE, NEUTRAL, POSITIVE, label, scores

Scorer = Callable[[pl.Series], pl.Series]
# The NHS coders' 1 (very positive) to 5 (very negative); 3 is "neutral or mixed".
NHS_LABELS = {1: 2.0, 2: 1.0, 3: 0.0, 4: -1.0, 5: -2.0}
# People's means from −4 to 4 are never exactly 0. VADER's authors call −.05 to .05 of the
# compound neutral; on the people's scale that is one part in twenty, too, of 4.
CUT = 0.2


def error_table(
    truth: pl.Series, scorers: Mapping[str, pl.Series], *, cut: float = CUT
) -> pl.DataFrame:
    """One row per scorer: `base`, `estimate` (share right) with `low` and `high` (Wilson),
    `macro_f1` (0–1) and `correlation` (Pearson, −1…1).

    `truth` is what people said, below −`cut` negative and above it positive; each scorer
    gives a compound (−1…1) per text. Texts without truth or score are left out.
    Raises OutOfRange for a negative cut.
    """
    if cut < 0:
        raise OutOfRange(f"cut must not be negative; it is {cut:g}.")
    rows = [
        _paired(truth, compound, cut).select(pl.lit(name).alias("scorer"), *_measures())
        for name, compound in scorers.items()
    ]
    schema = ["scorer", "base", "estimate", "low", "high", "macro_f1", "correlation"]
    return pl.concat(rows).select(schema)


def confusion(truth: pl.Series, compound: pl.Series, *, cut: float = CUT) -> pl.DataFrame:
    """One row per class people gave (`truth`): how many texts got each class by the score."""
    pairs = _paired(truth, compound, cut)
    here = pl.DataFrame({"truth": LABELS}, schema={"truth": pl.String})
    counts = [(pl.col("scored") == name).sum().cast(pl.Int64).alias(name) for name in LABELS]
    found = here.join(pairs.group_by("truth").agg(counts), on="truth", how="left")
    return found.with_columns(pl.col(LABELS).fill_null(0))


def _paired(truth: pl.Series, compound: pl.Series, cut: float) -> pl.DataFrame:
    """The class by people and by the score, beside their numbers."""
    frame = pl.DataFrame({"said": truth.cast(pl.Float64), "compound": compound}).drop_nulls()
    said = pl.col("said")
    low = pl.when(said <= -cut if cut else said < 0).then(pl.lit(NEGATIVE))
    ends = low.when(said >= cut if cut else said > 0).then(pl.lit(POSITIVE))
    return frame.with_columns(
        truth=ends.otherwise(pl.lit(NEUTRAL)), scored=label(pl.col("compound"))
    )


def _measures() -> list[pl.Expr]:
    right = pl.col("truth") == pl.col("scored")
    base = pl.len()
    bounds = intervals.wilson(right.sum(), base)
    shares = [_f1(name) for name in LABELS]
    return [
        base.alias("base"),
        (right.sum() / base).alias("estimate"),
        bounds.low.alias("low"),
        bounds.high.alias("high"),
        pl.mean_horizontal(shares).alias("macro_f1"),
        pl.corr("said", "compound").alias("correlation"),
    ]


def _f1(name: str) -> pl.Expr:
    """Twice the hits in both texts called so by people and by the score; null without either."""
    said, scored = pl.col("truth") == name, pl.col("scored") == name
    either = said.sum() + scored.sum()
    return pl.when(either > 0).then(2 * (said & scored).sum() / either)


# ------------------------------------------------------------------ texts that people judged
def judged(folder: Path) -> dict[str, pl.DataFrame]:
    """The sets with hand-coded tone below `folder`: `text` and `truth` of each text.

    NHS comments come in two halves by the number of the respondent: the rules were weighed on
    "even" ones, the "odd" ones were only ever counted.
    """
    nhs = _nhs(folder / "nhs" / "v6framework_230831.csv")
    even = pl.col("number") % 2 == 0
    return {
        "NHS, odd": nhs.filter(~even).select("text", "truth"),
        "NHS, even": nhs.filter(even).select("text", "truth"),
        "Amazon": _valued(folder / "text" / "amazonReviewSnippets_GroundTruth.txt"),
        "tweets": _valued(folder / "text" / "tweets_GroundTruth.txt"),
    }


def _nhs(path: Path) -> pl.DataFrame:
    """The comments with a coded tone; truth −2…2, `number` is the respondent's."""
    raw = pl.read_csv(path, infer_schema_length=0)
    coded = pl.col("Comment sentiment").cast(pl.Int64)
    return (
        raw.filter(pl.col("FFT answer") != "Did not answer")
        .select(
            text="FFT answer",
            truth=coded.replace_strict(NHS_LABELS, default=None, return_dtype=pl.Float64),
            number=pl.col("Comment ID").str.extract(r"(\d+) - ").cast(pl.Int64),
        )
        .drop_nulls("truth")
    )


def _valued(path: Path) -> pl.DataFrame:
    """Lines of an id, the mean of people's valences (−4…4) and a text."""
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = [line.rstrip("\r").split("\t", 2) for line in lines if line.strip()]
    return pl.DataFrame(
        {"text": [row[2] for row in rows], "truth": [float(row[1]) for row in rows]}
    )


def plain(texts: pl.Series) -> pl.Series:
    """NLTK's compound, which plain mode equals."""
    return scores(texts, rules="plain")["compound"]


def customers(texts: pl.Series) -> pl.Series:
    """The lab's own compound."""
    return scores(texts)["compound"]


def nltk_own(texts: pl.Series) -> pl.Series:
    """The compound NLTK itself gives; slow."""
    from nltk.sentiment import vader

    from cxlab.text.tone import lexicon

    class Analyzer(vader.SentimentIntensityAnalyzer):
        """NLTK's analyser over the lexicon's text: its sandbox refuses every path."""

        def __init__(self) -> None:
            self.lexicon_file = lexicon.text()
            self.lexicon = self.make_lex_dict()
            self.constants = vader.VaderConstants()

    analyzer = Analyzer()
    found = [analyzer.polarity_scores(text)["compound"] for text in texts]
    return pl.Series(found, dtype=pl.Float64)


def vader_own(texts: pl.Series) -> pl.Series:
    """The compound vaderSentiment gives; slow."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    found = [analyzer.polarity_scores(text)["compound"] for text in texts]
    return pl.Series(found, dtype=pl.Float64)


SCORERS: Mapping[str, Scorer] = {
    "NLTK": nltk_own,
    "vaderSentiment": vader_own,
    "cxlab": customers,
}


def compared(
    sets: Mapping[str, pl.DataFrame], *, scorers: Mapping[str, Scorer] = SCORERS
) -> pl.DataFrame:
    """The error table of each set, one below the other, with its name in `texts`."""
    tables = []
    for name, frame in sets.items():
        given = {who: score(frame["text"]) for who, score in scorers.items()}
        table = error_table(frame["truth"], given)
        tables.append(table.select(pl.lit(name).alias("texts"), pl.all()))
    return pl.concat(tables)


def markdown(table: pl.DataFrame) -> str:
    """The error table for people to read."""
    head = ["texts", "scorer", "base", "right", "from", "to", "mean F1", "correlation"]
    lines = [head, ["---"] * 2 + ["---:"] * 6]
    for row in table.iter_rows():
        texts, scorer, base, *figures = row
        share = [f"{100 * figure:.1f} %" for figure in figures[:3]]
        lines.append([texts, scorer, f"{base:,}", *share, *(f"{f:.3f}" for f in figures[3:])])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    print(markdown(compared(judged(Path(sys.argv[1])))))
