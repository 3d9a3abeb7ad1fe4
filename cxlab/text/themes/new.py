"""What do customers write about this month that the codebook does not cover yet?

`terms` counts the uncovered terms per respondent, and asks of each whether this month's
share is more than chance beside all earlier months; `topics` puts the terms together that
come in the same comments, with comments to read. A codebook stays fixed, so that months
can be compared: this is where one learns that it should grow.

Not here: themes that rise or fall (shares.drift), phrases to add (growing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cxlab.errors import EmptyPeriod, require_columns
from cxlab.periods import Period
from cxlab.stats import compare, intervals
from cxlab.text.themes.codebook import Codebook
from cxlab.text.themes.uncovered import uncovered

# Terms of fewer respondents, on both sides, could never be more than chance.
LEAST = 5
# A false alarm costs a reading every month; what is new is rarely a matter of one in a hundred.
RATE = 0.01
EXAMPLES = 5
# A term is fresh if before it had at most this part of its share now. Only fresh terms bind
# others to a topic: "new" comes with the new courier and with the new sign-in.
FRESH = 0.05
# Two terms are one topic if so much of the rarer one's respondents use the other, too.
ALIKE = 0.5
EXPLAINED = 0.05
NEEDED = ("comment_id", "response_id", "text", "themes", "date")
VALUES = (
    *("base", "share", "low", "high", "base_before", "before"),
    *("change", "change_low", "change_high"),
)


@dataclass(frozen=True, eq=False)
class Uses:
    """Who used which term in which comment, `now` or before, and how many could have."""

    rows: pl.DataFrame
    base: int
    base_before: int


def terms(
    comments: pl.DataFrame,
    codebook: Codebook,
    *,
    period: Period,
    least: int = LEAST,
    rate: float = RATE,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Terms outside the codebook, this period against everything before, surest first.

    One row per `term` of at least `least` respondents: `base`, `share`, `low`, `high`,
    `base_before`, `before`, `change` and its bounds, `p` (Fisher's exact test for more now,
    one-sided), `p_adjusted` and `flagged` (Benjamini and Hochberg at `rate`), `examples`
    (comment ids). Raises ColumnMissing, EmptyPeriod.
    """
    return _tested(_uses(comments, codebook, period, least), rate, confidence)


def topics(
    comments: pl.DataFrame,
    codebook: Codebook,
    *,
    period: Period,
    least: int = LEAST,
    rate: float = RATE,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The flagged terms that come together, as one topic each; no rows: nothing is new.

    One row per `topic` (its surest term): its `terms`, then as `terms` for the respondents
    who use any of them; `p_adjusted` is that of its surest term, since terms are what was
    tested; `examples` are comments that use most of its terms. Raises as `terms`.
    """
    uses = _uses(comments, codebook, period, least)
    flagged = _tested(uses, rate, confidence).filter("flagged")
    groups = _grouped(flagged, uses)
    told = (
        flagged.join(groups, on="term", maintain_order="left")
        .drop_nulls("topic")
        .group_by("topic", maintain_order=True)
        .agg(pl.col("term").alias("terms"), pl.col("p_adjusted").min())
    )
    owned = uses.rows.join(groups, on="term").with_columns(term="topic")
    found = _estimated(Uses(owned, uses.base, uses.base_before), confidence)
    joined = found.join(told, left_on="term", right_on="topic").rename({"term": "topic"})
    return joined.select("topic", "terms", *VALUES, "p_adjusted", "examples").sort(
        "p_adjusted", "topic"
    )


def more_often(
    hits: Sequence[int], base: int, hits_before: Sequence[int], base_before: int
) -> list[float]:
    """One-sided p of Fisher's exact test: so many hits in `base`, or more, by chance."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, base + base_before + 1)))])
    found = []
    for now, before in zip(hits, hits_before, strict=True):
        here = np.arange(now, min(now + before, base) + 1)
        there = now + before - here
        ways = logs[base] - logs[here] - logs[base - here]
        ways += logs[base_before] - logs[there] - logs[base_before - there]
        total = logs[-1] - logs[now + before] - logs[base + base_before - now - before]
        found.append(min(1.0, float(np.exp(ways - total).sum())))
    return found


def _uses(comments: pl.DataFrame, codebook: Codebook, period: Period, least: int) -> Uses:
    require_columns(comments, NEEDED, what="comments")
    readable = comments.drop_nulls(["themes", "response_id", "text"])
    rows = readable.filter("answer") if "answer" in comments.columns else readable
    past = period.until(rows).sort("comment_id")
    here = period.only(past).select("comment_id", now=True)
    used = past.join(here, on="comment_id", how="left", maintain_order="left").select(
        "comment_id", "response_id", "text", pl.col("now").fill_null(False)
    )
    sizes = dict(used.group_by("now").agg(pl.col("response_id").n_unique()).iter_rows())
    for side, where in ((True, "in"), (False, "before")):
        if side not in sizes:
            raise EmptyPeriod(
                "What is new needs comments in a period and before it; "
                f"there are none {where} {period.text}."
            )
    said = uncovered(used["text"], codebook)
    who = used.drop("text").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    found = said.rows.join(who, on="row").drop("row")
    often = (
        found.group_by("term")
        .agg(pl.col("response_id").n_unique())
        .filter(pl.col("response_id") >= least)
    )
    kept = found.join(often.select("term"), on="term", how="semi")
    return Uses(kept.with_columns(said.named(kept["term"])), sizes[True], sizes[False])


def _tested(uses: Uses, rate: float, confidence: float) -> pl.DataFrame:
    found = _estimated(uses, confidence)
    hits = [found[side].to_list() for side in ("_now", "_before")]
    p = more_often(hits[0], uses.base, hits[1], uses.base_before)
    flagged = compare.flag(found.with_columns(pl.Series("p", p, dtype=pl.Float64)), rate=rate)
    columns = ("term", *VALUES, "p", "p_adjusted", "flagged", "examples")
    # Of terms that are as sure as each other the longest says most: "locked out".
    longest = pl.col("term").str.len_chars()
    return flagged.sort("p", longest, "term", descending=[False, True, False]).select(columns)


def _estimated(uses: Uses, confidence: float) -> pl.DataFrame:
    """Shares of both sides, their difference, and comments to read, per term."""
    sides = {
        name: pl.col("response_id").filter(which).n_unique().cast(pl.Int64)
        for name, which in (("_now", pl.col("now")), ("_before", ~pl.col("now")))
    }
    counts = uses.rows.group_by("term").agg(**sides)
    now, before = pl.col("_now"), pl.col("_before")
    bases = pl.lit(uses.base, dtype=pl.Int64), pl.lit(uses.base_before, dtype=pl.Int64)
    ends = intervals.wilson(now, bases[0], confidence=confidence)
    apart = intervals.newcombe(now, bases[0], before, bases[1], confidence=confidence)
    table = counts.with_columns(
        base=bases[0],
        share=now / bases[0],
        low=ends.low,
        high=ends.high,
        base_before=bases[1],
        before=before / bases[1],
        change=now / bases[0] - before / bases[1],
        change_low=apart.low,
        change_high=apart.high,
    )
    return table.join(_examples(uses.rows), on="term", how="left").sort("term")


def _examples(rows: pl.DataFrame) -> pl.DataFrame:
    """Comments of now that use a term, or most of a topic's terms, first."""
    each = rows.filter("now").group_by("term", "comment_id").len()
    ordered = each.sort(["len", "comment_id"], descending=[True, False])
    return ordered.group_by("term").agg(pl.col("comment_id").head(EXAMPLES).alias("examples"))


def _grouped(flagged: pl.DataFrame, uses: Uses) -> pl.DataFrame:
    """Each flagged `term` with its `topic`, the topic's surest term.

    First the fresh terms, linked by the people who use them. Of the others those remain
    that people outside these topics, too, use more than before: the rest is explained.
    """
    rows = uses.rows.join(flagged.select("term"), on="term", how="semi")
    users = [
        {term: set(who) for term, who in side.group_by("term").agg("response_id").iter_rows()}
        for side in (rows.filter("now"), rows.filter(~pl.col("now")))
    ]
    fresh = (pl.col("before") <= FRESH * pl.col("share")).alias("fresh")
    kinds = flagged.select("term", fresh).rows()
    topic = _linked([term for term, new in kinds if new], users[0])
    inside = set().union(*(users[0][term] for term in topic))
    left = []
    for term in (term for term, new in kinds if not new):
        outside, before = len(users[0][term] - inside), len(users[1][term])
        base = uses.base - len(inside)
        if more_often([outside], base, [before], uses.base_before)[0] <= EXPLAINED:
            left.append(term)
    topic |= _linked(left, users[0])
    return pl.DataFrame(
        list(topic.items()), schema={"term": pl.String, "topic": pl.String}, orient="row"
    )


def _linked(named: Sequence[str], users: dict[str, set[str]]) -> dict[str, str]:
    """Terms by topic, where a chain of terms that the same people use is one topic."""
    topic: dict[str, str] = {}
    for at, first in enumerate(named):
        chain = [] if first in topic else [first]
        while chain:
            term = chain.pop()
            topic[term] = first
            for other in named[at + 1 :]:
                both, least = (
                    len(users[term] & users[other]),
                    min(len(users[term]), len(users[other])),
                )
                if other not in topic and both >= ALIKE * least:
                    topic[other] = first
                    chain.append(other)
    return topic
