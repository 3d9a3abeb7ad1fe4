"""Who may be asked today, and who is left alone for which reason?

`judged` gives one row per customer with the first reason that keeps them out, null for
those who may be asked, and with every reason as a flag. Days count from the day of the
earlier contact: asked on day 0 and left alone for 90 days, somebody may be asked on day
90. What an invitation reaches is a mailbox, so both the person and the address are left
alone. Nothing known of consent is no consent.

Not here: which of those who may be asked are drawn (draws), what leaving people out does
to the estimates (selection).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from cxlab.asking import draws
from cxlab.contact import CHANNELS, Rules
from cxlab.errors import StudyInvalid, UnknownName, require_columns, require_known
from cxlab.stats import intervals
from cxlab.tally import Frame

# In this order: who has several reasons is counted under the first.
REASONS = {
    "other_kind": "not of the kinds that are asked",
    "gone": "no longer a customer",
    "no_consent": "no consent on record",
    "opted_out": "asked not to be asked",
    "exception": "on the list of exceptions",
    "open_case": "has an open case",
    "asked_lately": "asked within the window",
    "channel_lately": "asked by this channel lately",
    "answered_lately": "answered lately",
    "no_address": "no usable address",
    "same_address": "shares an address with somebody asked",
}
# Who is no part of those a poll is about; all other reasons leave out somebody it is about.
OUTSIDE = ("other_kind", "gone")
EXCEPTIONS = ("employee", "deceased", "legal dispute", "test account", "minor", "do not contact")
_DRAW = "same address"


@dataclass(frozen=True)
class Past:
    """What is known of earlier contacts; a frame that is None knows of none.

    `contacts`: customer_id, date, channel, and address where known. `answers`: customer_id,
    date. `cases`: customer_id, date, and resolved (a date, null while open). `opted_out`:
    customer_id, or address. `exceptions`: customer_id, reason.
    """

    contacts: Frame | None = None
    answers: Frame | None = None
    cases: Frame | None = None
    opted_out: Frame | None = None
    exceptions: Frame | None = None


def judged(
    people: Frame,
    past: Past,
    *,
    rules: Rules | None = None,
    today: date,
    channel: str = "email",
    seed: int = 0,
) -> pl.DataFrame:
    """One row per customer: `customer_id`, `reason` (null: may be asked), a flag per reason.

    Sorted by customer_id. `people` has consent; kind, left and address where known: a table
    without `address` is not judged by it. Raises ColumnMissing, UnknownName, and
    StudyInvalid for a customer who is there twice.
    """
    rules = rules or Rules()
    require_known(channel, CHANNELS, what="channel")
    require_columns(people, ["customer_id", "consent"], what="customers")
    has = people.collect_schema()
    flags = _plain_flags(has, rules, today)
    flags |= _told_elsewhere(past, rules, today, channel, has=has)
    every = [flags.get(name, pl.lit(value=False)).alias(name) for name in REASONS]
    kept = ["customer_id", *(["address"] if "address" in has else [])]
    rows = people.lazy().filter(pl.col("customer_id").is_not_null()).select(*kept, *every)
    told = rows.collect().sort("customer_id")
    if not told["customer_id"].is_first_distinct().all():
        twice = told.height - told["customer_id"].n_unique()
        raise StudyInvalid(f"customers must be there once each; {twice} are there again.")
    return _settled(told, seed=seed)


def counts(found: pl.DataFrame) -> pl.DataFrame:
    """One row per reason that keeps anybody out: `reason`, `base`, `count`, `share`, `any`.

    `base` is everybody a poll is about (for reasons outside it, everybody known), `count`
    those of whom it is the first reason, `share` 0 to 1 with its Wilson `low` and `high`,
    and `any` those it would keep out by itself. In the order of REASONS.
    """
    inside = found.filter(pl.col("reason").is_null() | ~pl.col("reason").is_in(OUTSIDE))
    rows = []
    for reason in REASONS:
        of = found if reason in OUTSIDE else inside
        count, every = int((of["reason"] == reason).sum()), int(of[reason].sum())
        rows.append({"reason": reason, "base": of.height, "count": count, "any": every})
    schema = {"reason": pl.String} | dict.fromkeys(("base", "count", "any"), pl.Int64)
    table = pl.DataFrame(rows, schema=schema).filter(pl.col("any") > 0)
    bounds = intervals.wilson(pl.col("count"), pl.col("base"))
    return table.select(
        *("reason", "base", "count"),
        (pl.col("count") / intervals.answered(pl.col("base"))).alias("share"),
        bounds.low.alias("low"),
        bounds.high.alias("high"),
        "any",
    )


def require_exceptions(exceptions: pl.DataFrame) -> pl.DataFrame:
    """The list of exceptions, or UnknownName for a reason that is none.

    An exception leaves somebody out for a reason that has nothing to do with what they are
    worth: there is none for a VIP, who is asked, and left alone, like everybody else.
    """
    require_columns(exceptions, ["customer_id", "reason"], what="exceptions")
    for reason in exceptions["reason"].drop_nulls().unique().sort():
        if "vip" in reason.casefold():
            raise UnknownName(
                "exceptions must not name VIPs: a poll that spares them, or asks them more often, "
                "does not speak for customers. Take them off the list."
            )
        require_known(reason, EXCEPTIONS, what="exceptions: reason")
    return exceptions.select("customer_id", "reason")


def _told_elsewhere(
    past: Past, rules: Rules, today: date, channel: str, *, has: pl.Schema
) -> dict[str, pl.Expr]:
    """The flags that other tables tell of a person, or of the address a person has."""
    flags: dict[str, list[pl.Expr]] = {}

    def tell(name: str, frame: Frame | None, where: pl.Expr) -> None:
        there = frame.collect_schema() if frame is not None else ()
        for key in ("customer_id", "address"):
            if frame is not None and key in there and key in has:
                of_these = frame.lazy().filter(where).select(pl.col(key).drop_nulls()).collect()
                is_one = pl.col(key).is_in(of_these.to_series().implode())
                flags.setdefault(name, []).append(is_one.fill_null(value=False))

    tell("asked_lately", past.contacts, _since("date", today, rules.days))
    if channel in rules.channels:
        lately = _since("date", today, rules.channels[channel])
        tell("channel_lately", past.contacts, lately & (pl.col("channel") == channel))
    if rules.quarantine:
        tell("answered_lately", past.answers, _since("date", today, rules.quarantine))
    still = pl.col("resolved").is_null() | (pl.col("resolved") > today)
    tell("open_case", past.cases, still & (pl.col("date") <= today))
    tell("opted_out", past.opted_out, pl.lit(value=True))
    tell("exception", past.exceptions, pl.lit(value=True))
    return {name: pl.any_horizontal(each) for name, each in flags.items()}


def _since(column: str, today: date, days: int) -> pl.Expr:
    """Whether a day is fewer than so many days ago; one still to come is."""
    return pl.col(column) > today - timedelta(days=days)


def _plain_flags(has: pl.Schema, rules: Rules, today: date) -> dict[str, pl.Expr]:
    """The flags that the table of customers tells by itself."""
    flags = {"no_consent": ~pl.col("consent").fill_null(value=False)}
    if "kind" in has:
        flags["other_kind"] = ~pl.col("kind").is_in(rules.kinds).fill_null(value=False)
    if "left" in has:
        flags["gone"] = (pl.col("left") <= today).fill_null(value=False)
    if "address" in has:
        flags["no_address"] = pl.col("address").is_null()
    return flags


def _settled(told: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """With the first reason of each; of those at one address who may be asked, one stays."""
    names = [name for name in REASONS if name != "same_address"]
    first = pl.coalesce(pl.when(pl.col(name)).then(pl.lit(name)) for name in names)
    found = told.with_columns(first.alias("reason"))
    if "address" in found.columns:
        free = found.filter(pl.col("reason").is_null())
        shared = free.filter(pl.col("address").is_duplicated()).select("customer_id", "address")
        drawn = shared.with_columns(draws.places(shared["customer_id"], seed=seed, what=_DRAW))
        later = drawn.sort("place", "customer_id").filter(~pl.col("address").is_first_distinct())
        is_later = pl.col("customer_id").is_in(later["customer_id"].implode())
        found = found.with_columns(
            is_later.alias("same_address"),
            pl.when(is_later).then(pl.lit("same_address")).otherwise("reason").alias("reason"),
        )
    return found.select("customer_id", "reason", *REASONS)
