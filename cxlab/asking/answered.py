"""Who answered of those who were asked, how soon, and what went with the reminder?

One row per invitation (`invitations`), from the ledger and the replies; AAPOR's rates come
from metrics.turnout, the time to an answer from stats.survival. Nobody was drawn to get no
reminder: what came in after it is described, and what it did is not known.

Not here: whether those who answered are like those who did not (metrics.turnout).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from cxlab.asking import ledger
from cxlab.asking.ledger import INVITATION, REMINDER
from cxlab.stats import intervals, survival

# What became of a letter, in the words of AAPOR, where nobody answered.
OUTCOMES = {"refused": "not_reached", "sent": "unknown", "unclear": "unknown"}


def invitations(records: pl.DataFrame, *, poll: str, until: datetime, zone: str) -> pl.DataFrame:
    """One row per invitation: customer_id, date, sent_at, channel, `outcome`, `hours`, `ended`.

    `hours` run to the reply, or to `until` while there is none (`ended` false). `reminded`
    says whether the reminder left, `answered_after` whether the reply came after it.
    """
    own = records.filter(pl.col("poll") == poll)
    last = ledger.latest(own).filter(pl.col("state") != "deferred")
    at = pl.col("at").str.to_datetime(time_unit="us", time_zone="UTC")
    asked = last.filter(pl.col("kind") == INVITATION).select(
        "customer_id", "channel", "state", sent_at=at
    )
    again = last.filter((pl.col("kind") == REMINDER) & pl.col("state").is_in(ledger.REACHED))
    told = own.filter(pl.col("state") == "answered").unique("customer_id", keep="first")
    left = own.filter(pl.col("state") == "opted_out").select("customer_id").unique()
    found = (
        asked.join(again.select("customer_id", again_at=at), on="customer_id", how="left")
        .join(told.select("customer_id", "note", reply_at=at), on="customer_id", how="left")
        .join(left.with_columns(gone=pl.lit(value=True)), on="customer_id", how="left")
    )
    ended = pl.col("reply_at").is_not_null()
    outcome = (
        pl.when(ended)
        .then("note")
        .when(pl.col("gone"))
        .then(pl.lit("refused"))
        .otherwise(pl.col("state").replace_strict(OUTCOMES, default="unknown"))
    )
    hours = (pl.coalesce("reply_at", pl.lit(until)) - pl.col("sent_at")).dt.total_seconds() / 3600
    return found.select(
        "customer_id",
        pl.col("sent_at").dt.convert_time_zone(zone).dt.date().alias("date"),
        "sent_at",
        "channel",
        outcome.alias("outcome"),
        hours.clip(0).alias("hours"),
        ended.alias("ended"),
        pl.col("again_at").is_not_null().alias("reminded"),
        (pl.col("reply_at") > pl.col("again_at")).fill_null(value=False).alias("answered_after"),
    ).sort("customer_id")


def around_reminder(found: pl.DataFrame) -> pl.DataFrame:
    """Who answered when: one row per `part` with `base`, `count`, `share`, `low`, `high`.

    "before it" is the share of all invited who answered without a reminder, "after it" the
    share of the reminded who answered then, "in all" everybody. Shares are 0 to 1.
    """
    ended, after = pl.col("ended"), pl.col("answered_after")
    parts = {
        "before it": (pl.len(), (ended & ~after).sum()),
        "after it": (pl.col("reminded").sum(), after.sum()),
        "in all": (pl.len(), ended.sum()),
    }
    rows = [
        {"part": part, **found.select(base=base, count=count).row(0, named=True)}
        for part, (base, count) in parts.items()
    ]
    kinds = {"part": pl.String, "base": pl.Int64, "count": pl.Int64}
    table = pl.DataFrame(rows, schema=kinds)
    bounds = intervals.wilson(pl.col("count"), pl.col("base"))
    share = pl.col("count") / intervals.answered(pl.col("base"))
    return table.with_columns(
        share.alias("share"), bounds.low.alias("low"), bounds.high.alias("high")
    )


def waits(found: pl.DataFrame, *, by: str | list[str] = ()) -> pl.DataFrame:  # type: ignore[assignment]
    """How long until so many of all invited had answered: a curve as from survival.curve.

    An invitation without a reply is still waiting; it is never left out.
    """
    reached = found.filter(pl.col("outcome") != "not_reached")
    return survival.curve(reached, by=by)
