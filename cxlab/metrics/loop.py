"""Who is waiting for a word from us, and who has waited longest?

`open_cases`, `low_answers` and `unanswered_posts` say why somebody should hear from us,
one row per reason; `to_contact` makes one row per person of them, in the order in which to
call. An hour of waiting counts as often as the reason is grave (`GRAVITY`), so that nobody
waits for ever behind graver cases. Influence, value, segment and the priority a help desk
gave are never read: the order is the same whoever somebody is.

These rows are about persons: they belong on the screen of whoever calls, in no report.

Not here: how long everybody waits (promises), one person's history (record).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from cxlab.codebook import Scale
from cxlab.errors import OutOfRange, require_columns, require_known
from cxlab.tally import Frame

BROKEN, WAITING, ASKED = "promise broken", "no answer yet", "asked to be contacted"
BACK, UNHEARD, LOWEST, LOW = "came back", "post without a reply", "lowest rating", "low rating"
GRAVITY = {BROKEN: 4, WAITING: 3, ASKED: 3, BACK: 3, UNHEARD: 2, LOWEST: 2, LOW: 1}
# Whoever wrote to us is answered; everybody else is called only where they allow it.
OWN = (BROKEN, WAITING, ASKED, BACK)
ALLOWED, FORBIDDEN = ("consent", "may_contact"), ("do_not_contact",)
PROMISES = ("promised_first_answer_hours", "promised_resolution_hours")
HOUR = 3_600_000_000
MOMENT = pl.Datetime("us", "UTC")
REASONS: Mapping[str, Any] = {
    "customer_id": pl.String,
    "ref": pl.String,
    "reason": pl.String,
    "since": MOMENT,
}


def open_cases(cases: Frame, channels: Frame | None = None, *, until: datetime) -> pl.DataFrame:
    """Cases that wait at `until`: without an answer, over the promised time, come back.

    One row per case and reason: `customer_id` (null where nobody knows), `ref`, `reason`,
    `since` it was opened. Solved cases, and answered ones within their promise, are not
    there. Without `channels` no promise is known. Raises ColumnMissing.
    """
    require_columns(cases, ["case_id", "opened_at"], what="cases")
    rows = _with(cases, {"customer_id": pl.String, "channel": pl.String, "reopened": pl.Boolean})
    rows = _with(rows, dict.fromkeys(("first_answer_at", "resolved_at"), MOMENT))
    rows = _promised(rows, channels).filter(pl.col("opened_at") <= until)
    answered, solved = (pl.col(name) <= until for name in ("first_answer_at", "resolved_at"))
    answered, solved = answered.fill_null(False), solved.fill_null(False)
    waited = (pl.lit(until) - pl.col("opened_at")).dt.total_microseconds() / HOUR
    late = (waited > pl.col(PROMISES[0])) & ~answered | (waited > pl.col(PROMISES[1]))
    told = {BROKEN: late, WAITING: ~answered, BACK: pl.col("reopened")}
    still = rows.filter(~solved).with_columns(
        pl.concat_list(pl.when(each).then(pl.lit(name)) for name, each in told.items()).alias(
            "reason"
        )
    )
    return _reasons(still.explode("reason"), ref="case_id", since="opened_at")


def low_answers(
    responses: Frame,
    *,
    item: str,
    scale: Scale,
    until: datetime,
    days: int = 30,
    lowest_share: float = 0.25,
) -> pl.DataFrame:
    """Answers of the last `days` in the worst quarter of their scale, or at its very end.

    One row per answer sheet: `customer_id`, `ref`, `reason`, `since` it was sent in. Sheets
    of nobody known are left out: there is nobody to call. Raises ColumnMissing, and
    OutOfRange unless `lowest_share` is from 0 to 1.
    """
    if not 0 <= lowest_share <= 1:
        raise OutOfRange(f"lowest_share must be from 0 to 1; it is {lowest_share:g}.")
    require_columns(
        responses, ["response_id", "customer_id", "finished_at", item], what="responses"
    )
    from_worst = (pl.col(item) - scale.low) / (scale.high - scale.low)
    place = from_worst if scale.better == "up" else 1 - from_worst
    reason = pl.when(place <= 0).then(pl.lit(LOWEST)).when(place <= lowest_share).then(pl.lit(LOW))
    rows = _lately(responses.lazy(), "finished_at", until, days).drop_nulls("customer_id")
    return _reasons(
        rows.with_columns(reason.alias("reason")), ref="response_id", since="finished_at"
    )


def asked_for(responses: Frame, *, column: str, until: datetime, days: int = 30) -> pl.DataFrame:
    """Answer sheets of the last `days` whose flag `column` says: please get in touch.

    Rows as `low_answers`. Raises ColumnMissing.
    """
    require_columns(
        responses, ["response_id", "customer_id", "finished_at", column], what="responses"
    )
    rows = _lately(responses.lazy(), "finished_at", until, days).drop_nulls("customer_id")
    told = rows.filter(pl.col(column).cast(pl.Boolean)).with_columns(reason=pl.lit(ASKED))
    return _reasons(told, ref="response_id", since="finished_at")


def unanswered_posts(
    posts: Frame, *, until: datetime, days: int = 30, at_most: float = 2
) -> pl.DataFrame:
    """Posts of customers with at most so many stars that nobody replied to.

    Rows as `low_answers`. How many people a post reaches is not asked. Raises ColumnMissing.
    """
    require_columns(posts, ["post_id", "customer_id", "at", "rating"], what="posts")
    rows = _with(posts, {"replied_at": MOMENT})
    rows = _lately(rows, "at", until, days).drop_nulls("customer_id")
    heard = (pl.col("replied_at") <= until).fill_null(False)
    told = rows.filter((pl.col("rating") <= at_most) & ~heard)
    return _reasons(told.with_columns(reason=pl.lit(UNHEARD)), ref="post_id", since="at")


def talks(cases: Frame) -> pl.DataFrame:
    """When a person of ours last answered whom: `customer_id` and `at`, from the cases."""
    require_columns(cases, ["customer_id", "first_answer_at"], what="cases")
    rows = cases.lazy().select("customer_id", pl.col("first_answer_at").alias("at"))
    return rows.drop_nulls().sort("customer_id", "at").collect()


def to_contact(
    reasons: pl.DataFrame,
    *,
    until: datetime,
    customers: Frame | None = None,
    contacts: Frame | None = None,
) -> pl.DataFrame:
    """Whom to contact, the most urgent first: one row per person.

    `customer_id` (null where nobody knows; then one row per case), `refs`, `why` (gravest
    first), `gravity`, `since` the first of it, `hours` waited, `urgency` (hours times
    gravity, the largest of their reasons). Ties stand by id. Low answers and posts fall out
    when the person was contacted since (`contacts`: `customer_id`, `at`), or does not allow
    it in `customers` (`consent`, `may_contact`); `do_not_contact` takes everything out.

    Raises ColumnMissing, and UnknownName for a reason nobody knows.
    """
    require_columns(reasons, list(REASONS), what="reasons")
    for name in reasons["reason"].unique().sort():
        require_known(name, GRAVITY, what="reason")
    left = _not_yet(_allowed(reasons, customers), contacts, until=until)
    waited = (pl.lit(until) - pl.col("since")).dt.total_microseconds() / HOUR
    gravity = pl.col("reason").replace_strict(GRAVITY, return_dtype=pl.Int64)
    weighed = left.with_columns(
        waited.alias("hours"),
        gravity.alias("gravity"),
        pl.when(pl.col("customer_id").is_null()).then("ref").alias("_nobody"),
    ).with_columns((pl.col("hours") * pl.col("gravity")).alias("urgency"))
    order = ["gravity", "reason", "ref"]
    grouped = weighed.sort(order, descending=[True, False, False]).group_by(
        ["customer_id", "_nobody"], maintain_order=True
    )
    told = grouped.agg(
        pl.col("ref").unique().sort().str.join(", ").alias("refs"),
        pl.col("reason").unique(maintain_order=True).str.join("; ").alias("why"),
        pl.col("gravity").max(),
        pl.col("since").min(),
        pl.col("hours").max(),
        pl.col("urgency").max(),
    ).drop("_nobody")
    ranked = ["urgency", "gravity", "customer_id", "refs"]
    return told.sort(ranked, descending=[True, True, False, False], nulls_last=True)


def _allowed(reasons: pl.DataFrame, customers: Frame | None) -> pl.DataFrame:
    """Without those who do not want to be called; what they asked themselves stays."""
    if customers is None:
        return reasons
    require_columns(customers, "customer_id", what="customers")
    there = customers.collect_schema()
    # Who never said anything of it has not said no.
    no = [~pl.col(name).cast(pl.Boolean).fill_null(True) for name in ALLOWED if name in there]
    never = [pl.col(name).cast(pl.Boolean).fill_null(False) for name in FORBIDDEN if name in there]
    said = customers.lazy().select(
        "customer_id",
        pl.any_horizontal(no or pl.lit(False)).alias("_no"),
        pl.any_horizontal(never or pl.lit(False)).alias("_never"),
    )
    known = said.unique("customer_id").collect()
    rows = reasons.join(known, on="customer_id", how="left")
    own = pl.col("reason").is_in(OWN)
    kept = ~pl.col("_never").fill_null(False) & (own | ~pl.col("_no").fill_null(False))
    return rows.filter(kept).drop("_no", "_never")


def _not_yet(reasons: pl.DataFrame, contacts: Frame | None, *, until: datetime) -> pl.DataFrame:
    """Without the answers and posts of people we spoke with since."""
    if contacts is None:
        return reasons
    require_columns(contacts, ["customer_id", "at"], what="contacts")
    last = contacts.lazy().filter(pl.col("at") <= until).group_by("customer_id")
    spoken = last.agg(pl.col("at").max().alias("_last")).collect()
    rows = reasons.join(spoken, on="customer_id", how="left")
    since = (pl.col("_last") >= pl.col("since")).fill_null(False)
    # A case ends by its own answer and solution, not by a word about something else.
    own = pl.col("reason").is_in((BROKEN, WAITING, BACK))
    return rows.filter(own | ~since).drop("_last")


def _promised(rows: pl.LazyFrame, channels: Frame | None) -> pl.LazyFrame:
    nothing = dict.fromkeys(PROMISES, pl.Float64)
    if channels is None:
        return _with(rows, nothing)
    require_columns(channels, "channel", what="channels")
    said = _with(channels, nothing).select(pl.col("channel").cast(pl.String), *PROMISES)
    first = said.unique("channel", keep="first", maintain_order=True)
    return rows.with_columns(pl.col("channel").cast(pl.String)).join(
        first, on="channel", how="left"
    )


def _lately(rows: pl.LazyFrame, at: str, until: datetime, days: int) -> pl.LazyFrame:
    return rows.filter(pl.col(at).is_between(until - timedelta(days=days), until))


def _with(frame: Frame, columns: Mapping[str, Any]) -> pl.LazyFrame:
    """The rows with the columns a study may lack, empty."""
    there = frame.collect_schema()
    empty = [pl.lit(None, kind).alias(name) for name, kind in columns.items() if name not in there]
    return frame.lazy().with_columns(empty)


def _reasons(rows: pl.LazyFrame, *, ref: str, since: str) -> pl.DataFrame:
    told = rows.drop_nulls("reason").select(
        pl.col("customer_id").cast(pl.String),
        pl.col(ref).cast(pl.String).alias("ref"),
        "reason",
        pl.col(since).cast(MOMENT).alias("since"),
    )
    return told.collect().sort("since", "ref", "reason")
