"""What would the next poll look like: who, how many, how short, how long, how sure?

Tables a plan rests on, from a study and its ledger; nothing is written anywhere.

Not here: what they say in words (said), drawing and writing letters (drafts).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from cxlab.asking import burden, known, ledger, needed, selection, short
from cxlab.asking.answered import OUTCOMES
from cxlab.asking.polls import FOLDER
from cxlab.asking.rules import judged
from cxlab.errors import OutOfRange
from cxlab.metrics import turnout

EARLIER = {
    "customer_id": pl.String,
    "date": pl.Date,
    "channel": pl.String,
    "outcome": pl.String,
    "days": pl.Float64,
}
SHORTENED = ("touchpoint", "attribute", "trust", "importance")


def records(study: Any) -> pl.DataFrame:
    """The study's ledger; empty where nothing was ever sent."""
    return ledger.read(study.folder / FOLDER)


def people(
    study: Any, *, today: date, channel: str = "email", looking_back: bool = False
) -> pl.DataFrame:
    """Every customer with the reason that keeps them out, and what is known of all of them.

    As `rules.judged` without addresses, which are looked at when letters are written. What
    is known are the columns of [fieldwork] compare. `looking_back` is as in `known.past`.
    """
    past = known.past(study, records(study), today=today, looking_back=looking_back)
    rules = study.settings.asking.rules
    found = judged(known.customers(study), past, rules=rules, today=today, channel=channel)
    columns = compared(study)
    return found.join(
        study.customers.select("customer_id", *columns).collect(),
        on="customer_id",
        how="left",
        maintain_order="left",
    )


def compared(study: Any) -> list[str]:
    """The columns known of every customer that answers are compared by."""
    has = study.customers.collect_schema() if "customers" in study.tables else ()
    return [name for name in study.settings.fieldwork.compare if name in has]


def earlier(study: Any) -> pl.DataFrame:
    """One row per earlier invitation: customer_id, date, channel, `outcome`, the flag
    `answered`, `days` to the answer (null while there is none), and what is known of the
    customer. From the study's tables and, of these customers, from its ledger."""
    told = pl.concat([_of_tables(study), _of_ledger(study)])
    answered = pl.col("outcome").is_in(turnout.ANSWERED).alias("answered")
    columns = compared(study)
    found = told.with_columns(answered)
    if "customers" not in study.tables:
        return found
    of_customer = study.customers.select("customer_id", *columns).collect()
    if study.part:
        found = found.join(of_customer, on="customer_id", how="semi")
    return found.join(of_customer, on="customer_id", how="left", maintain_order="left")


def groups(
    study: Any, found: pl.DataFrame, *, by: str = "segment", half_width: float = 0.05
) -> pl.DataFrame:
    """What each group needs and can get, as `needed.by_group`."""
    return needed.by_group(selection.inside(found), earlier(study), by=by, half_width=half_width)


def forms(
    study: Any,
    *,
    items: Sequence[str] = (),
    responses: pl.LazyFrame | None = None,
    samples: int = 40,
) -> pl.DataFrame | None:
    """Short forms of the study's longest scale, or of the items named; None without one.

    Judged by all responses of the study, or by those given.
    """
    chosen = list(items) or longest_scale(study)
    sheets = study.responses if responses is None else responses
    try:
        return short.forms(sheets, items=chosen, samples=samples) if chosen else None
    except OutOfRange:
        if items:
            raise
        return None


def longest_scale(study: Any) -> list[str]:
    """The rated items of the construct that has most of them; none below three."""
    scales = [
        [item.name for item in study.items_of(construct) if item.scale is not None]
        for construct in SHORTENED
    ]
    most = max(scales, key=len)
    return most if len(most) >= 3 else []


def minutes(study: Any, items: Sequence[str] = ()) -> tuple[float, float]:
    """About how long all items take, and these: scaled to what past sheets took.

    Without times of past sheets both are plain guesses from words and kinds.
    """
    language = study.settings.language
    every = [study.item(name) for name in study.items["item"]]
    whole = burden.minutes(every, language=language)
    few = burden.minutes([study.item(name) for name in items], language=language)
    took = _took(study)
    factor = took / whole if took and whole else 1.0
    return whole * factor, few * factor


def _took(study: Any) -> float | None:
    if "responses" not in study.tables:
        return None
    if not {"started_at", "finished_at"} <= set(study.responses.collect_schema()):
        return None
    found: float | None = burden.measured(study.responses)["minutes"].item()
    return found


def _of_tables(study: Any) -> pl.DataFrame:
    """What the study's own tables tell: a sheet answers the latest invitation before it."""
    invited, says = known.invitations(study), study.settings.fieldwork
    if invited is None or "responses" not in study.tables:
        return pl.DataFrame(schema=EARLIER)
    if not {"customer_id", "date"} <= set(study.responses.collect_schema()):
        return pl.DataFrame(schema=EARLIER)
    found = turnout.outcomes(
        invited, study.responses, status=says.status, not_answered=says.not_answered
    )
    ways = "channel" in invited.collect_schema() and says.table == "events"
    way = pl.col("channel").cast(pl.String) if ways else pl.lit(None, pl.String)
    by = invited.select("customer_id", "date", way.alias("channel")).collect()
    once = by.drop_nulls("customer_id").unique(["customer_id", "date"], keep="first")
    told = found.join(once, on=["customer_id", "date"], how="left", maintain_order="left")
    sheets = study.responses.select("customer_id", "date").drop_nulls().collect().sort("date")
    asked = told.with_row_index("asked").drop_nulls("customer_id").sort("date")
    met = sheets.rename({"date": "on"}).join_asof(
        asked.select("asked", "customer_id", "date"),
        left_on="on",
        right_on="date",
        by="customer_id",
        check_sortedness=False,
    )
    first = met.drop_nulls("asked").group_by("asked").agg(pl.col("on").min())
    full = told.with_row_index("asked").join(first, on="asked", how="left", maintain_order="left")
    days = (pl.col("on") - pl.col("date")).dt.total_days().cast(pl.Float64)
    return full.select("customer_id", "date", "channel", "outcome", days.alias("days"))


def _of_ledger(study: Any) -> pl.DataFrame:
    told = records(study)
    last = ledger.latest(told).filter(
        (pl.col("kind") == ledger.INVITATION) & (pl.col("state") != "deferred")
    )
    replies = told.filter(pl.col("state") == "answered").unique(["poll", "customer_id"])
    met = last.join(
        replies.select("poll", "customer_id", reply="note", back="at"),
        on=["poll", "customer_id"],
        how="left",
    )
    sent, back = (
        pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC") for name in ("at", "back")
    )
    silent = pl.col("state").replace_strict(OUTCOMES, default="unknown", return_dtype=pl.String)
    found = met.select(
        "customer_id",
        sent.dt.convert_time_zone(study.zone).dt.date().alias("date"),
        "channel",
        pl.coalesce("reply", silent).alias("outcome"),
        ((back - sent).dt.total_seconds() / 86_400).cast(pl.Float64).alias("days"),
    )
    return found.sort("date", "customer_id")
