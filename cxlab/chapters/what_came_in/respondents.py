"""Who answered and who did not, as tables of the chapter on what came in.

Each function asks one module of `metrics` about a study and a period, hides small groups
and gives something to show; where a study cannot tell, a sentence says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from cxlab import guard, scoreboard
from cxlab.chapters.what_came_in.receipts import LONGEST
from cxlab.metrics import composition, fieldwork, turnout, waves
from cxlab.periods import Period, with_period
from cxlab.plots import numbers, shown
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, spoken

TOLD_BY = ("segment", "region", "kind", "channel", "language")
MOST_LEVELS, MOST_PERIODS, LONG = 30, 13, 15
RATE_NAMES = {
    "RR1": "RR1: complete, of all asked",
    "RR2": "RR2: complete or partial, of all asked",
    "RR3": "RR3: complete, of those thought eligible",
    "RR4": "RR4: complete or partial, of those thought eligible",
    "RR5": "RR5: complete, of those heard of",
    "RR6": "RR6: complete or partial, of those heard of",
}
MEASURED = {"orders": ("amount",), "cases": ("satisfaction", "transfers"), "posts": ("rating",)}
NO_EARLIER = "There is no earlier period to compare with."


def care(study: Any, period: Period) -> Shown:
    """How many gave one answer to a whole grid, and how many were too fast."""
    sheets = period.only(study.responses)
    rows = []
    for name, items in grids(study).items():
        found = fieldwork.straight_liners(sheets, items=items)
        rows.append([f"Same answer to all of: {name}", *_share(study, found)])
    if {"started_at", "finished_at"} <= set(sheets.collect_schema()):
        fraction = study.settings.fieldwork.too_fast
        found = fieldwork.speeders(sheets, fraction=fraction)
        if found["base"][0]:
            usual = f"{found['minutes'][0]:.1f}"
            label = f"Done in less than {fraction:.0%} of the usual {usual} minutes"
            rows.append([label, *_share(study, found)])
    if not rows:
        return shown.sentence("This study has no grid and no times from which care could be read.")
    head = ["Sign of haste", "Answer sheets", "Share", "Interval"]
    return shown.table(f"How carefully people answered, {period.label}", head, rows, keys=1)


def rates(study: Any, period: Period) -> Shown:
    """AAPOR's response rates of the period's invitations, or what they would need."""
    found = _outcomes(study)
    if found is None:
        return shown.sentence(
            "Response rates are not known: they need invitations (fieldwork in study.toml)."
        )
    asked = period.only(found)
    if asked.is_empty():
        return shown.sentence(f"Nobody was invited in {period.label}.")
    counts = turnout.counted(asked).row(0, named=True)
    told = ", ".join(f"{numbers.count(n)} {spoken(name)}" for name, n in counts.items() if n)
    measured = turnout.rates(asked, eligible=study.settings.fieldwork.eligible)
    rows = [
        [RATE_NAMES[row["rate"]], numbers.count(row["base"]), *_estimate(row)]
        for row in _hidden(study, measured).to_dicts()
    ]
    caption = f"Response rates by AAPOR’s definitions, {period.label}: {told}"
    head = ["Rate", "Counted as eligible", "Share", "Interval"]
    return shown.table(caption, head, rows, keys=1)


def silent(study: Any, period: Period) -> Shown:
    """Who answered less than others, on what is known of everybody asked."""
    asked, columns, of = _asked(study, period)
    if asked is None or not columns:
        return shown.sentence(
            "Who did not answer is not known: it needs invitations or a list of customers."
        )
    found = turnout.nonresponse(asked, columns=columns)
    hits = (pl.col("share") * pl.col("base")).round().cast(pl.Int64)
    keyed = found.with_columns(pl.col("base").alias("asked"), hits.alias("base"))
    shown_rows = _hidden(study, keyed, within=["column"]).to_dicts()
    rows = [
        [
            spoken(row["column"]),
            plain(row["level"]),
            numbers.count(row["asked"]),
            *_estimate(row),
            numbers.value(row["before"], "share"),
            numbers.value(row["estimate"], "share"),
            _told(row),
        ]
        for row in shown_rows
    ]
    head = ["By", "Group", of, "Answered", "Interval", "Part of these"]
    head += ["Part of those who answered", "Stands apart"]
    caption = f"Who answered, {period.label}: {_apart(shown_rows)}"
    return shown.table(caption, head, rows, keys=2, folded=len(rows) > LONG)


def makeup(study: Any, period: Period) -> Shown:
    """The share of each group beside the period before."""
    earlier = period.previous()
    if earlier is None:
        return shown.sentence(NO_EARLIER)
    sides = [when.only(study.responses).collect() for when in (period, earlier)]
    columns = [
        name
        for name in dict.fromkeys([*study.groups, *TOLD_BY])
        if name in sides[0].columns and 1 < sides[0][name].n_unique() <= MOST_LEVELS
    ]
    if sides[1].is_empty() or not columns:
        return shown.sentence(NO_EARLIER)
    found = composition.composition(*sides, columns=columns)
    before = (pl.col("before") * pl.col("base_before")).round().cast(pl.Int64)
    keyed = found.with_columns(pl.col("count").alias("base"), before.alias("base_before"))
    shown_rows = _hidden(study, keyed.drop("count"), within=["column"]).to_dicts()
    rows = [
        [
            spoken(row["column"]),
            plain(row["level"]),
            numbers.count(row["base"]),
            numbers.value(row["estimate"], "share"),
            numbers.value(row["before"], "share"),
            numbers.change_interval(row["change_low"], row["change_high"], "share"),
            _told(row),
        ]
        for row in shown_rows
    ]
    caption = f"Who answered, {period.label} beside {earlier.label}: {_apart(shown_rows)}"
    head = ["By", "Group", "Answer sheets", "Part", "Part before", "Change", "Stands apart"]
    return shown.table(caption, head, rows, keys=2, folded=len(rows) > LONG)


def weights(study: Any, period: Period) -> Shown:
    """What the weights are in each of the last periods, and what they cost."""
    if study.weight is None:
        return shown.sentence("Answers are not weighted: each counts the same.")
    grain = "year" if period.grain == "all" else period.grain
    dated = with_period(period.until(study.responses), grain)
    found = fieldwork.weights(dated, weight=study.weight, by="period").tail(MOST_PERIODS)
    rows = [_weight_row(row) for row in _hidden(study, found).to_dicts()]
    head = ["Period", "Answer sheets", "Sum", "Lowest", "Highest", "Effective base", "Kish"]
    return shown.table(_weighted_how(study), head, rows, keys=1)


def drift(study: Any) -> Shown:
    """Which items were not asked alike in every wave."""
    found = waves.matches(study.asked, study.responses, study.not_scored)
    count = found["wave"].n_unique()
    if count < 2:
        return shown.sentence("All answers come from one wave of the questionnaire.")
    alike = found.filter((pl.col("state") == waves.ASKED).all().over("item"))["item"].n_unique()
    told = f"{alike} of {found['item'].n_unique()} questions were asked alike in all {count} waves"
    odd = found.filter((pl.col("state") != waves.ASKED).any().over("item"))
    if odd.is_empty():
        return shown.sentence(f"{told}.")
    rows = [
        [
            plain(study.item(row["item"]).wording, longest=LONGEST) or spoken(row["item"]),
            plain(row["wave"]),
            plain(row["column"]) or numbers.NONE,
            numbers.count(row["answered"]),
            plain(row["codes"]) or numbers.NONE,
            row["state"],
        ]
        for row in odd.to_dicts()
    ]
    head = ["Question", "Wave", "Column", "Answered", "Codes set aside", "Beside the wave before"]
    return shown.table(f"{told}; these were not", head, rows, keys=2)


def strangers(study: Any, period: Period) -> Shown:
    """Whether the rows that match nobody in the list of customers are like the others."""
    rows = [row for name in study.tables for row in _stranger_rows(study, name, period)]
    if not rows:
        return shown.sentence("No table has rows that match nobody, or nothing to compare them by.")
    head = ["Table", "Mean of", "Rows without a match", "Their mean", "Rows with a match"]
    head += ["Their mean", "Difference", "Stands apart"]
    return shown.table(f"Rows with and without a match, {period.label}", head, rows, keys=2)


def redactions(study: Any) -> Shown:
    """How many places of open text were replaced before anybody could read them."""
    rows = [
        [*(spoken(part) for part in where.split(".")), kind, numbers.count(count)]
        for where, kinds in study.receipt["redactions"].items()
        for kind, count in kinds.items()
    ]
    if not rows:
        return shown.sentence("No personal data was found in open text.")
    head = ["Table", "Column", "What was replaced", "Places"]
    return shown.table("Personal data taken out of open text", head, rows, keys=3)


def grids(study: Any) -> dict[str, list[str]]:
    """Ratings asked together, with one scale: by their name for a reader, three or more."""
    known = dict(study.asked.select("item", "grid").iter_rows())
    found: dict[tuple[Any, ...], list[str]] = {}
    for row in study.items.iter_rows(named=True):
        if row["kind"] == "rating":
            key = (known.get(row["item"]) or "", row["construct"], row["low"], row["high"])
            found.setdefault(key, []).append(row["item"])
    named: dict[str, list[str]] = {}
    for (_, construct, *_), items in found.items():
        if len(items) >= fieldwork.LEAST_ROWS:
            named[f"{len(items)} {spoken(construct)} questions ({_ends(items)})"] = items
    return named


def _ends(items: list[str]) -> str:
    return f"{spoken(items[0])} to {spoken(items[-1])}"


def _hidden(study: Any, found: pl.DataFrame, *, within: Iterable[str] = ()) -> pl.DataFrame:
    return guard.hide_small(found, minimum=study.minimum_base, within=list(within))


def _share(study: Any, found: pl.DataFrame) -> list[str]:
    row = _hidden(study, found).row(0, named=True)
    return [numbers.count(row["base"]), *_estimate(row)]


def _estimate(row: dict[str, Any]) -> list[str]:
    if row["hidden"]:
        return [plain(row["hidden"]), numbers.NONE]
    return [
        numbers.value(row["share"], "share"),
        numbers.interval(row["low"], row["high"], "share"),
    ]


def _apart(rows: list[dict[str, Any]]) -> str:
    """Which groups stand apart, in words."""
    told = []
    for way in ("lower", "higher"):
        named = [
            f"{plain(row['level'])} ({spoken(row['column'])})" for row in rows if _told(row) == way
        ]
        told += [f"{way} for {', '.join(named)}"] * bool(named)
    return "; ".join(told) or "no group stands apart"


def _told(row: dict[str, Any]) -> str:
    if row["hidden"]:
        return plain(row["hidden"])
    if not row["flagged"]:
        return "no clear difference"
    return "higher" if row["change"] > 0 else "lower"


def _weight_row(row: dict[str, Any]) -> list[str]:
    parts = [
        numbers.NONE if row[name] is None else f"{row[name]:,.2f}"
        for name in ("sum", "lowest", "highest", "effective_base", "kish")
    ]
    return [Period.parse(row["period"]).label, numbers.count(row["base"]), *parts]


def _weighted_how(study: Any) -> str:
    says, made = study.settings.weighting, study.receipt.get("weighting")
    if says is None or made is None:
        return f"Weights as the column {spoken(study.weight)} gives them"
    margins = " and ".join(spoken(margin) for margin in says.margins)
    cut = sum(each["trimmed"] for each in made["periods"])
    told = f"Weights raked to {margins}"
    if cut:
        off = max(each["margins_off"] for each in made["periods"])
        told += f"; {numbers.count(cut)} cut at the bounds, which leaves a margin off by {off:.1%}"
    if made["unknown"]:
        told += f"; {numbers.count(made['unknown'])} sheets of unknown kind keep the weight 1"
    return told


def _outcomes(study: Any) -> pl.DataFrame | None:
    """What became of every invitation; None where none are declared or dated."""
    says = study.settings.fieldwork
    if says.table is None or "customer_id" not in study.responses.collect_schema():
        return None
    asked = study.table(says.table)
    for column, value in says.where.items():
        asked = asked.filter(pl.col(column) == value)
    return turnout.outcomes(
        asked, study.responses, status=says.status, not_answered=says.not_answered
    )


def _asked(study: Any, period: Period) -> tuple[pl.DataFrame | None, list[str], str]:
    """Everybody asked with a flag `answered`, the columns known of them, and who they are."""
    if "customers" not in study.tables:
        return None, [], ""
    has = study.customers.collect_schema()
    columns = [name for name in study.settings.fieldwork.compare if name in has]
    people = study.customers.select("customer_id", *columns).collect()
    found = _outcomes(study)
    if found is not None:
        flag = pl.col("outcome").is_in(turnout.ANSWERED).alias("answered")
        asked = period.only(found).select("customer_id", flag)
        return asked.join(people, on="customer_id", how="left"), columns, "Asked"
    if "customer_id" not in study.responses.collect_schema():
        return None, [], ""
    sheets = period.only(study.responses).select("customer_id").collect().to_series()
    flag = pl.col("customer_id").is_in(sheets.drop_nulls().implode()).alias("answered")
    return people.with_columns(flag), columns, "In the list"


def _stranger_rows(study: Any, name: str, period: Period) -> list[list[str]]:
    frame = study.table(name)
    has = frame.collect_schema()
    asked = [measure.item for measure in scoreboard.measures(study) if measure.scale is not None]
    wanted = asked if name == "responses" else MEASURED.get(name, ())
    values = [value for value in wanted if value in has]
    if "customers" not in study.tables or not values or not {"customer_id", "date"} <= set(has):
        return []
    known = study.customers.select("customer_id").collect().to_series()
    rows = period.only(frame).select("customer_id", *values).collect()
    found = composition.unmatched(rows, key="customer_id", known=known, values=values)
    there = found.filter(pl.col("base") > 0)
    return [_stranger_row(name, row) for row in _hidden(study, there).to_dicts()]


def _stranger_row(name: str, row: dict[str, Any]) -> list[str]:
    means = [numbers.value(row[part], "mean") for part in ("estimate", "before")]
    return [
        spoken(name),
        spoken(row["value"]),
        numbers.count(row["base"]),
        means[0],
        numbers.count(row["base_before"]),
        means[1],
        numbers.change_interval(row["change_low"], row["change_high"], "mean"),
        _told(row),
    ]
