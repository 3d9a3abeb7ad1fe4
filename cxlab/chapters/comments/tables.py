"""The guarded tables a chapter on open comments rests on.

`of(study, period)` reads the comments once; each function then asks one question of them and
hides what too few people said. Everything is counted per respondent and with the study's
weight. Nothing here is measured; nothing here leaves unguarded.

Not here: the sentences between the charts (told), loyalty (evidence).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import polars as pl

from cxlab import guard
from cxlab.codebook import Scale
from cxlab.metrics import satisfaction
from cxlab.periods import Period, with_period
from cxlab.plots import numbers
from cxlab.redact import redacted
from cxlab.scoreboard import ABOUT, NUMBERS
from cxlab.stats import compare
from cxlab.text import clean, comments, contrasts, impact, needs, stop_words, terms, themes, tone
from cxlab.text import quotes as quoting
from cxlab.text.mentions import Score
from cxlab.text.themes import new, shares

MENTIONED = "Share of respondents who write about it"
PERIODS = 13
# New words are a family of tests of their own beside the pack's: kept well below its rate.
STRICT = 0.01
TONES = {tone.NEGATIVE: -1, tone.NEUTRAL: 0, tone.POSITIVE: 1}
# Themes of a theme's quotes and pairs: as many as a reader takes in.
MOST = 6


@dataclass(frozen=True)
class Remarks:
    """The annotated comments of a study, and those of one period among them."""

    study: Any
    period: Period
    every: pl.LazyFrame
    here: pl.DataFrame
    codebook: themes.Codebook
    score: Score | None

    @property
    def language(self) -> str:
        """The language most of them are in."""
        known = self.answers.filter(pl.col("language") != clean.UNKNOWN)
        counted = (
            known["language"].value_counts().sort("count", "language", descending=[True, False])
        )
        return str(counted["language"].first() or self.codebook.language)

    @property
    def answers(self) -> pl.DataFrame:
        """The period's comments that are answers and belong to a respondent."""
        return self.here.filter(pl.col("answer") & pl.col("response_id").is_not_null())


def of(study: Any, period: Period) -> Remarks:
    """The comments of a study, read up to the end of the period."""
    every = comments.annotated(study)
    return Remarks(
        study=study,
        period=period,
        every=period.until(every),
        here=period.only(every).collect(),
        codebook=comments.reading(study).codebook,
        score=_score(study),
    )


def mentions(said: Remarks) -> pl.DataFrame:
    """The long shape, one row per theme: who writes about it in this period; most first."""
    told = _of(said, said.period).sort(
        "estimate", "theme", descending=[True, False], nulls_last=True
    )
    return _kept_back(said, _hidden(said, told.select(*ABOUT, "theme", *NUMBERS)))


def over_time(said: Remarks) -> pl.DataFrame:
    """Share per theme and `period`, for the last 13; themes most written about come first."""
    periods = [each.text for each in said.period.last(PERIODS)]
    dated = with_period(said.every, said.period.grain).filter(pl.col("period").is_in(periods))
    found = _counted(said, dated, by="period")
    order = mentions(said).select("theme").with_row_index("place")
    told = found.join(order, on="theme", how="left")
    told = told.sort("place", "period").select("theme", "period", *NUMBERS)
    return _kept_back(said, _hidden(said, told.rename({"estimate": "share"})))


def changes(said: Remarks, *, against: str = "previous") -> pl.DataFrame:
    """Each theme beside the previous period, or "year_before"; flagged among themselves."""
    earlier = said.period.previous() if against == "previous" else said.period.year_before()
    again = against == "year_before" and earlier == said.period.previous()
    now = _of(said, said.period)
    before = now.clear() if earlier is None or again else _of(said, earlier)
    found = compare.differences(now, before, on=[*ABOUT, "theme"])
    told = _hidden(said, found.filter(pl.col("change").is_not_null()))
    return compare.flag(_kept_back(said, told, earlier=earlier))


def fresh(said: Remarks) -> pl.DataFrame:
    """What the codebook does not cover and earlier periods did not have: topic, terms, share.

    `quote` is one of its comments, redacted; null where too few write about it to be quoted.
    No rows where nothing earlier can be compared.
    """
    rows = said.every.filter(pl.col("themes").is_not_null()).collect()
    now = said.period.only(rows)
    earlier = rows.filter(pl.col("date") < said.period.start) if said.period.start else rows.clear()
    if now.is_empty() or earlier.is_empty():
        return pl.DataFrame(schema={"topic": pl.String, "quote": pl.String})
    found = new.topics(
        rows, said.codebook, period=said.period, least=said.study.minimum_base, rate=STRICT
    )
    fresh = found.filter(pl.col("before") <= new.FRESH * pl.col("share")).head(MOST)
    texts = said.here.select(pl.col("comment_id").alias("example"), "text")
    first = fresh.with_columns(pl.col("examples").list.first().alias("example"))
    told = first.join(texts, on="example", how="left", maintain_order="left")
    shapes = said.study.settings.private_numbers
    quote = redacted(clean.shown(pl.col("text")), shapes=shapes).map_elements(
        quoting.shortened, return_dtype=pl.String
    )
    enough = pl.col("share") * pl.col("base") >= said.study.settings.quote_base - 0.5
    ordered = told.with_columns(pl.when(enough).then(quote).alias("quote")).select(
        "topic", "base", pl.exclude("topic", "base", "examples", "example", "text")
    )
    return _hidden(said, ordered, within=("topic",))


def with_score(said: Remarks) -> pl.DataFrame:
    """One row per theme: how the study's first score goes with it (text.impact)."""
    if said.score is None:
        return pl.DataFrame()
    period = said.period
    found = impact.theme_impact(
        said.answers,
        period.only(said.study.responses),
        score=said.score,
        weight=said.study.weight,
        themes=said.codebook.reasons,
        minimum=said.study.minimum_base,
    )
    return _labelled(said, found, "theme").sort("rank", "theme", nulls_last=True)


def words(said: Remarks) -> pl.DataFrame:
    """Which words low and high scores come with, over the last periods: a period has too few.

    One row per `term` with `log_odds` (above zero: high scores), its interval, z and p.
    """
    if said.score is None:
        return _no_words(said)
    sides = _sides(said).filter(pl.col("side").is_not_null())
    asked = _recent(said).filter(pl.col("answer") & (pl.col("language") == said.language))
    rows = asked.join(sides, on="response_id").collect()
    if rows["side"].n_unique() < 2:
        return _no_words(said)
    stop = said.language if said.language in stop_words.languages() else ()
    counted = terms.counts(rows, by="side", weight=said.study.weight, longest=2, stop=stop)
    found = contrasts.between(counted, by="side", first="best", second="worst")
    # A word that fewer people use than a group must have stays out, with whoever used it.
    least = said.study.minimum_base
    people = (pl.col("count") + pl.col("other_count")).alias("base")
    told = found.select("term", people, pl.exclude("term", "base", "side"))
    return _hidden(said, _without_parts(told.filter(pl.col("base") >= least)))


def together(said: Remarks) -> pl.DataFrame:
    """Of those who write about one theme, how many write about another: theme, beside, share."""
    top = mentions(said).filter(pl.col("estimate") > 0)["item"].head(MOST + 2).to_list()
    found = shares.together(said.here, said.codebook, weight=said.study.weight)
    kept = found.filter(pl.col("theme").is_in(top) & pl.col("other").is_in(top))
    place = pl.col("theme").replace_strict({name: at for at, name in enumerate(top)}).alias("place")
    told = _labelled(said, kept.sort(place, "other"), "theme", "other")
    order = ("theme", "beside", "base", "share", "low", "high")
    return _hidden(said, told.rename({"other": "beside"}).select(order), within=("theme", "beside"))


def quotes(said: Remarks) -> pl.DataFrame:
    """Quotes for the themes most written about, chosen by the rule of text.quotes."""
    top = mentions(said).filter(pl.col("hidden").is_null())["item"].head(MOST).to_list()
    found = quoting.quotes(
        said.answers,
        minimum=said.study.settings.quote_base,
        shapes=said.study.settings.private_numbers,
    )
    place = pl.col("theme").replace_strict({name: at for at, name in enumerate(top)}).alias("at")
    told = found.filter(pl.col("theme").is_in(top) & pl.col("quote").is_not_null())
    ordered = told.sort(place, "role", "place", descending=[False, True, False])
    return _labelled(said, ordered, "theme")


def stated_needs(said: Remarks, *, count: int = 8) -> pl.DataFrame:
    """Sentences that state a need, as different as can be, each with whom it stands for.

    A kind of need that fewer people state than may be quoted is left out whole; nobody is
    quoted twice.
    """
    stated = needs.stated(said.answers, shapes=said.study.settings.private_numbers)
    people = pl.col("person").n_unique().over("kind")
    enough = stated.filter(people >= said.study.settings.quote_base)
    read = needs.to_read(enough, count=count).filter(pl.col("read").is_not_null()).sort("read")
    chosen = read.unique("person", keep="first", maintain_order=True)
    return chosen.sort(
        pl.col("people").sum().over("kind"), "kind", "read", descending=[True, False, False]
    )


def tones(said: Remarks) -> pl.DataFrame:
    """How many comments of each question are negative, neutral and positive: `answer`, `share`.

    `answer` is -1, 0 or 1; comments without a tone (another language) are in no base.
    """
    code = pl.col("tone_label").replace_strict(TONES, default=None, return_dtype=pl.Int8)
    rows = said.answers.with_columns(code.alias("answer")).drop_nulls("answer")
    return _hidden(
        said,
        satisfaction.distribution(rows, item="answer", by="question", scale=Scale(-1, 1)),
    )


def largest(changes: pl.DataFrame) -> dict[str, Any] | None:
    """The flagged change that is the largest, or None."""
    clear = changes.filter("flagged").sort(pl.col("change").abs(), descending=True)
    return next(iter(clear.to_dicts()), None)


def recordable(table: pl.DataFrame) -> pl.DataFrame:
    """The table with each theme as a measure of its own, as findings keep it."""
    named = pl.format("Comments on {}", pl.col("theme").str.to_lowercase()).alias("measure")
    return table.with_columns(named).drop("theme")


def _score(study: Any) -> Score | None:
    """What themes are held against: the recommend item, else the first satisfaction item."""
    for construct, unit in (("recommend", "points"), ("satisfaction", "share")):
        for item in study.items_of(construct):
            if item.scale is not None:
                boxes = 2 if item.scale.high - item.scale.low >= 4 else 1
                return Score(item.name, unit, item.scale, boxes)
    return None


def _recent(said: Remarks) -> pl.LazyFrame:
    """The comments of the last periods up to this one."""
    first = said.period.last(PERIODS)[0].start
    return said.every if first is None else said.every.filter(pl.col("date") >= first)


def _no_words(said: Remarks) -> pl.DataFrame:
    texts = {"term": pl.String, "base": pl.Int64, "flagged": pl.Boolean}
    numbers = dict.fromkeys(("log_odds", "low", "high", "z"), pl.Float64)
    return _hidden(said, pl.DataFrame(schema={**texts, **numbers}))


def _without_parts(found: pl.DataFrame) -> pl.DataFrame:
    """Without words that are nearly always said as part of a flagged pair of words."""
    pairs = found.filter(pl.col("flagged") & (pl.col("size") == 2)).select("term", "base")
    parts = pairs.with_columns(pl.col("term").str.split(" ")).explode("term")
    most = parts.group_by("term").agg(pl.col("base").max().alias("in_pairs"))
    beside = found.join(most, on="term", how="left", maintain_order="left")
    mostly = pl.col("in_pairs").fill_null(0) >= 0.8 * pl.col("base")
    return beside.filter(~(mostly & (pl.col("size") == 1))).drop("in_pairs")


def _sides(said: Remarks) -> pl.LazyFrame:
    """Whose score counts as best and whose as worst; null for those between."""
    score = said.score
    if score is None:
        return said.study.responses.select("response_id", side=pl.lit(None, pl.String))
    best, item = score.value() > 0, score.item
    middle = (pl.col(item) - score.scale.low) / (score.scale.high - score.scale.low)
    bad = score.value() < 0 if score.unit == "points" else _far(middle, score)
    side = pl.when(best).then(pl.lit("best")).when(bad).then(pl.lit("worst"))
    return said.study.responses.select("response_id", side.alias("side"))


def _far(middle: pl.Expr, score: Score) -> pl.Expr:
    """Answers on the wrong side of the middle of their scale."""
    return middle > 0.5 if score.scale.better == "down" else middle < 0.5


def _of(said: Remarks, period: Period) -> pl.DataFrame:
    return _counted(said, period.only(said.every))


def _counted(said: Remarks, rows: pl.LazyFrame, *, by: str = "") -> pl.DataFrame:
    """The shares of themes in the scoreboard's long shape; a theme has no good end.

    Themes that only hold others are left out: they would count the same people again.
    """
    keys = [by] if by else []
    every = shares.prevalence(rows, said.codebook, by=keys, weight=said.study.weight)
    found = every.filter(pl.col("theme").is_in(said.codebook.leaves))
    about = {
        "measure": pl.lit(MENTIONED),
        "item": pl.col("theme"),
        "unit": pl.lit("share"),
        "better": pl.lit("none"),
        "face": pl.lit("comments"),
    }
    told = found.with_columns(**about).with_columns(pl.col("label").alias("theme"))
    return told.drop("label").rename({"share": "estimate"})


def _labelled(said: Remarks, table: pl.DataFrame, *columns: str) -> pl.DataFrame:
    labels = {theme.name: theme.label for theme in said.codebook.themes}
    return table.with_columns(pl.col(columns).replace_strict(labels, return_dtype=pl.String))


def _hidden(
    said: Remarks, table: pl.DataFrame, *, within: tuple[str, ...] = ("theme",)
) -> pl.DataFrame:
    """Themes overlap, so none can be found by taking the others from a total."""
    same = [name for name in within if name in table.columns]
    return guard.hide_small(table, minimum=said.study.minimum_base, within=same)


def _kept_back(
    said: Remarks, table: pl.DataFrame, *, earlier: Period | None = None
) -> pl.DataFrame:
    """Without the periods that other periods and earlier packs would give away."""
    people = pl.col("response_id")
    written = said.every.filter(pl.col("themes").is_not_null(), people.is_not_null())
    answers = written.filter("answer") if "answer" in written.collect_schema() else written
    counts = guard.by_month(answers, people)
    gone = guard.withheld_periods(said.study, said.period, counts)
    when = {said.period.text, *([earlier.text] if earlier else [])}
    own = pl.lit(bool(gone & when))
    kept = pl.col("period").is_in(list(gone)) if "period" in table.columns else own
    marks = table.select("base", kept=kept)["kept"]
    return guard.keep_back(table, marks, minimum=said.study.minimum_base)


def errors() -> list[tuple[str, str]]:
    """How often tone and themes agree with people's own coding, on public comments.

    `text/measured.csv` holds the figures; a test measures them again.
    """
    table = pl.read_csv(io.BytesIO(files("cxlab.text").joinpath("measured.csv").read_bytes()))
    return [(row["what"], _right(row)) for row in table.to_dicts()]


def _right(row: dict[str, Any]) -> str:
    ends = numbers.interval(row["low"], row["high"], "share")
    share = f"{numbers.value(row['right'], 'share')} ({ends}) right"
    return f"{share} of {numbers.count(row['base'])}; {row['beside']}"
