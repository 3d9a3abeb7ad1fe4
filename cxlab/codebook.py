"""What every table of a study holds: columns, types, ranges, keys, references.

This is the one place a column is defined. Intake checks against it, the loaders map
onto it, and data/README.md is made from it. A `Scale` says which codes are scored and
which end is good; an `Item` is one question asked of customers.

Times are stored in UTC; dates are local to the study's time zone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

CONSTRUCTS = (
    "recommend",
    "satisfaction",
    "effort",
    "repurchase",
    "advocacy",
    "expectation",
    "trust",
    "importance",
    "touchpoint",
    "attribute",
    "comment",
    "other",
)
ITEM_KINDS = ("rating", "choice", "multi-select", "comment", "text")
COLUMN_KINDS = ("text", "number", "count", "flag", "time", "date", "month", "label")


class Scale(NamedTuple):
    """The scored codes of a rating, and which end is good: "up" is the high end."""

    low: float
    high: float
    better: str = "up"


@dataclass(frozen=True)
class Column:
    """One column: its kind, and what intake refuses in it."""

    name: str
    kind: str
    required: bool = False
    key: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    references: str | None = None
    personal: bool = False
    above_zero: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """One table: its columns and the key by which a row is known."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    meaning: str

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]


@dataclass(frozen=True)
class Item:
    """One question: its wording, what it measures, its scored codes and the others."""

    name: str
    wording: str = ""
    construct: str = "other"
    kind: str = "rating"
    scale: Scale | None = None
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    who_can_act: str = ""

    def row(self) -> dict[str, Any]:
        """The item as one row of `items`; code lists are JSON texts."""
        low, high, better = self.scale or (None, None, None)
        return {
            "item": self.name,
            "wording": self.wording,
            "construct": self.construct,
            "kind": self.kind,
            "low": low,
            "high": high,
            "better": better,
            "not_applicable": json.dumps(dict(self.not_applicable), ensure_ascii=False),
            "labels": json.dumps(dict(self.labels), ensure_ascii=False),
            "who_can_act": self.who_can_act,
        }


def item_from_row(row: Mapping[str, Any]) -> Item:
    """The item that a row of `items` stands for."""
    scored = row["low"] is not None
    return Item(
        name=row["item"],
        wording=row["wording"],
        construct=row["construct"],
        kind=row["kind"],
        scale=Scale(row["low"], row["high"], row["better"]) if scored else None,
        not_applicable=json.loads(row["not_applicable"]),
        labels=json.loads(row["labels"]),
        who_can_act=row["who_can_act"],
    )


def _key(name: str, meaning: str, *, references: str | None = None) -> Column:
    return Column(name, "text", required=True, key=True, references=references, meaning=meaning)


def _customer(*, key: bool = False) -> Column:
    return Column(
        "customer_id",
        "text",
        required=key,
        key=key,
        references="customers.customer_id",
        meaning="who it is about",
    )


def _unit() -> Column:
    return Column(
        "unit_id", "text", references="units.unit_id", meaning="shop, site, team or region"
    )


def _date(meaning: str) -> Column:
    return Column("date", "date", meaning=meaning)


CUSTOMERS = Table(
    "customers",
    (
        _key("customer_id", "the id the CRM gives"),
        Column(
            "kind",
            "label",
            allowed=("prospect", "customer", "former"),
            meaning="where in the relationship: not yet, now, no longer",
        ),
        Column("segment", "label", meaning="the segment the business works with"),
        Column("region", "label", meaning="region or country"),
        _unit(),
        Column("value", "number", low=0, meaning="what the customer brings, money per year"),
        Column(
            "influence", "number", low=0, high=1, meaning="reach of the customer's voice, 0 to 1"
        ),
        Column("joined", "date", meaning="first day as a customer"),
        Column("left", "date", meaning="last day as a customer; empty while staying"),
        Column("consent", "flag", meaning="may be asked again"),
        Column("name", "text", personal=True, meaning="name"),
        Column("email", "text", personal=True, meaning="e-mail address"),
        Column("phone", "text", personal=True, meaning="telephone number"),
    ),
    ("customer_id",),
    "One row per person or firm: prospects, customers and former customers.",
)

RESPONSES = Table(
    "responses",
    (
        _key("response_id", "the id the survey tool gives"),
        Column("survey", "label", meaning="which questionnaire"),
        Column("wave", "label", meaning="which round of it"),
        _customer(),
        Column("sent_at", "time", meaning="invitation sent"),
        Column("started_at", "time", meaning="first page opened"),
        Column("finished_at", "time", meaning="last answer given"),
        _date("day of the answers; from finished_at in the study's zone unless mapped"),
        Column("status", "label", meaning="complete, partial, refused, … as the tool says"),
        Column("channel", "label", meaning="channel the answers are about or came by"),
        Column("touchpoint", "label", meaning="moment the survey asks about"),
        _unit(),
        Column("language", "label", meaning="language of the answers"),
        Column("weight", "number", above_zero=True, meaning="survey weight"),
    ),
    ("response_id",),
    "One row per answer sheet. Every item of study.toml is one more column, as is every attribute.",
)

COMMENTS = Table(
    "comments",
    (
        _key("comment_id", "its id"),
        Column("response_id", "text", references="responses.response_id", meaning="answer sheet"),
        Column("question", "label", meaning="what was asked"),
        Column("text", "text", required=True, meaning="what was written"),
        _date("day it was written"),
    ),
    ("comment_id",),
    "One row per open comment, where a tool exports them in long form.",
)

EVENTS = Table(
    "events",
    (
        _key("event_id", "its id"),
        _customer(),
        Column("at", "time", required=True, meaning="when"),
        _date("day, from `at` in the study's zone"),
        Column(
            "kind",
            "label",
            allowed=("exposure", "interaction", "transaction"),
            meaning="saw, dealt with, or bought",
        ),
        Column(
            "subject",
            "label",
            allowed=("company", "product", "brand", "service"),
            meaning="of what",
        ),
        Column("channel", "label", meaning="through which channel"),
        Column(
            "mode", "label", allowed=("technical", "human", "hybrid"), meaning="machine or person"
        ),
        Column("stage", "label", meaning="stage of the relationship"),
        Column("journey", "label", meaning="journey it belongs to"),
        Column("asset", "label", meaning="page, app screen, mail, sign, … that was met"),
    ),
    ("event_id",),
    "One row per exposure, interaction or transaction, in any channel.",
)

ORDERS = Table(
    "orders",
    (
        _key("order_id", "its id"),
        _customer(),
        Column("at", "time", required=True, meaning="when"),
        _date("day, from `at` in the study's zone"),
        Column("amount", "number", required=True, low=0, meaning="what was paid"),
        Column("currency", "label", meaning="currency of the amount"),
        Column("channel", "label", meaning="where it was bought"),
        _unit(),
        Column("status", "label", meaning="paid, refunded, … as the shop says"),
    ),
    ("order_id",),
    "One row per purchase.",
)

# What shops call an order nobody paid for; it is no purchase.
CANCELLED = ("cancelled", "canceled", "void", "voided")


def not_cancelled() -> pl.Expr:
    """Whether the `status` of an order does not say that nothing came of it."""
    status = pl.col("status").cast(pl.String).str.to_lowercase().fill_null("")
    return ~status.is_in(CANCELLED)


CASES = Table(
    "cases",
    (
        _key("case_id", "its id"),
        _customer(),
        Column("opened_at", "time", required=True, meaning="customer got in touch"),
        _date("day, from opened_at in the study's zone"),
        Column("first_answer_at", "time", meaning="first answer by a person; empty while waiting"),
        Column("resolved_at", "time", meaning="solved; empty while open"),
        Column("channel", "label", meaning="where the customer got in touch"),
        Column("issue", "label", meaning="what about"),
        Column("transfers", "count", low=0, meaning="times handed on"),
        Column("reopened", "flag", meaning="came back after being solved"),
        Column("priority", "label", meaning="priority the help desk gave"),
        Column("influence", "number", low=0, high=1, meaning="reach of the customer's voice"),
        _unit(),
        Column("satisfaction", "number", meaning="rating after the case"),
    ),
    ("case_id",),
    "One row per complaint, question or request.",
)

POSTS = Table(
    "posts",
    (
        _key("post_id", "its id"),
        Column("at", "time", required=True, meaning="when"),
        _date("day, from `at` in the study's zone"),
        Column("author", "text", personal=True, meaning="who wrote it"),
        Column("writer", "text", meaning="the same author again: a pseudonym, made at intake"),
        _customer(),
        Column(
            "match_p",
            "number",
            low=0,
            high=1,
            meaning="chance that `customer_id` is right; empty: certain",
        ),
        Column("source", "label", meaning="site or network"),
        Column("rating", "number", low=1, high=5, meaning="stars"),
        Column("text", "text", meaning="what was written"),
        Column("reach", "count", low=0, meaning="people who could see it"),
        Column("shares", "count", low=0, meaning="times passed on"),
        Column("reply_to", "text", meaning="post it answers"),
        Column("replied_at", "time", meaning="when the company answered"),
        Column("thread_id", "text", meaning="conversation it belongs to"),
    ),
    ("post_id",),
    "One row per review or public post.",
)

UNITS = Table(
    "units",
    (
        _key("unit_id", "shop, site, team or region"),
        Column("month", "month", required=True, key=True, meaning="month, as its first day"),
        Column(
            "domain",
            "label",
            allowed=("operations", "finance", "staff", "partners"),
            meaning="what kind of figure",
        ),
        Column("metric", "label", required=True, key=True, meaning="which figure"),
        Column("value", "number", required=True, meaning="the figure"),
    ),
    ("unit_id", "month", "metric"),
    "One row per unit, month and figure of operations, finance, staff or partners.",
)

CHANNELS = Table(
    "channels",
    (
        _key("channel", "its short name, as other tables use it"),
        Column("name", "label", meaning="its name for customers"),
        Column(
            "mode", "label", allowed=("technical", "human", "hybrid"), meaning="machine or person"
        ),
        Column("promised_first_answer_hours", "number", low=0, meaning="promise"),
        Column("promised_resolution_hours", "number", low=0, meaning="promise"),
        Column("opens", "text", meaning="opening time"),
        Column("closes", "text", meaning="closing time"),
        Column("updated", "date", meaning="directory entry last checked"),
    ),
    ("channel",),
    "One row per way to reach the company, with what is promised there.",
)

BELIEFS = Table(
    "beliefs",
    (
        _key("manager_id", "who was asked"),
        Column("function", "label", meaning="department"),
        Column("item", "label", required=True, key=True, meaning="item of the customer survey"),
        Column("value", "number", required=True, meaning="the manager's own answer"),
        _date("day of the answer"),
    ),
    ("manager_id", "item"),
    "One row per manager and item: what management believes customers answer.",
)

CHOICES = Table(
    "choices",
    (
        _key("response_id", "answer sheet", references="responses.response_id"),
        Column("task", "text", required=True, key=True, meaning="which screen"),
        Column("item", "label", required=True, key=True, meaning="which option"),
        Column(
            "choice",
            "label",
            required=True,
            allowed=("best", "worst", "none"),
            meaning="picked as best, as worst, or neither",
        ),
    ),
    ("response_id", "task", "item"),
    "One row per option shown in a best-worst task.",
)

ASSIGNMENTS = Table(
    "assignments",
    (
        Column("experiment", "label", required=True, key=True, meaning="which experiment"),
        _customer(key=True),
        Column("arm", "label", required=True, meaning="group drawn"),
        Column("assigned_at", "time", meaning="when drawn"),
        Column("exposed", "flag", meaning="met the treatment"),
        Column("converted", "flag", meaning="did what was hoped for"),
        Column("value", "number", meaning="money or other outcome"),
    ),
    ("experiment", "customer_id"),
    "One row per customer drawn into an experiment.",
)

IDEAS = Table(
    "ideas",
    (
        _key("idea_id", "its id"),
        Column("author", "text", personal=True, meaning="who had it"),
        Column("at", "time", meaning="when"),
        _date("day, from `at` in the study's zone"),
        Column("title", "text", meaning="title"),
        Column("text", "text", meaning="the idea"),
        Column("status", "label", meaning="open, planned, done, declined"),
        Column("votes_up", "count", low=0, meaning="votes for"),
        Column("votes_down", "count", low=0, meaning="votes against"),
    ),
    ("idea_id",),
    "One row per idea of the community.",
)

REQUIREMENTS = Table(
    "requirements",
    (
        _key("requirement_id", "its id, which survives into the report"),
        Column("need", "text", meaning="what customers need"),
        Column("evidence", "text", meaning="where that was seen"),
        Column("requirement", "text", meaning="what must be true"),
        Column("design", "text", meaning="what was designed"),
        Column("measure", "text", meaning="how it will show"),
        Column("owner", "label", meaning="function that owns it"),
        Column("who_can_act", "label", meaning="technology, processes, people, or nobody"),
        Column("status", "label", meaning="where it stands"),
        _date("last change"),
    ),
    ("requirement_id",),
    "One row per requirement: need, evidence, design, before and after.",
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS,
        RESPONSES,
        COMMENTS,
        EVENTS,
        ORDERS,
        CASES,
        POSTS,
        UNITS,
        CHANNELS,
        BELIEFS,
        CHOICES,
        ASSIGNMENTS,
        IDEAS,
        REQUIREMENTS,
    )
}

# Where a table has a `date` of its own, the time it is taken from when no date is mapped.
DATE_FROM: dict[str, str] = {
    "responses": "finished_at",
    "events": "at",
    "orders": "at",
    "cases": "opened_at",
    "posts": "at",
    "ideas": "at",
}

# Columns of customers that responses borrow when they have none of their own.
BORROWED = ("segment", "region", "kind")


_MADE = "<!-- made by: python -m cxlab.codebook data/README.md -->"


def in_words(text: str) -> str:
    """A text whose part after the marker is replaced by the tables, column by column."""
    prose, _, _ = text.partition(_MADE)
    tables = "\n".join(_table_in_words(table) for table in TABLES.values())
    return f"{prose}{_MADE}\n\n{tables}"


def _table_in_words(table: Table) -> str:
    rows = [
        f"| `{column.name}` | {column.kind} | {_rule(column)} | {column.meaning} |\n"
        for column in table.columns
    ]
    head = "| column | kind | rule | meaning |\n|---|---|---|---|\n"
    return f"### {table.name}\n\n{table.meaning}\n\n{head}{''.join(rows)}"


def _rule(column: Column) -> str:
    rules = ["key" if column.key else "required" if column.required else ""]
    if column.references:
        rules.append(f"see `{column.references.split('.')[0]}`")
    if column.allowed:
        rules.append(" or ".join(column.allowed))
    if column.above_zero:
        rules.append("above 0")
    if column.low is not None:
        rules.append(f"{column.low:g} to {column.high:g}" if column.high else f"≥ {column.low:g}")
    if column.personal:
        rules.append("personal")
    return ", ".join(rule for rule in rules if rule)


if __name__ == "__main__":
    import sys
    from pathlib import Path

    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(in_words(path.read_text(encoding="utf-8")), encoding="utf-8")
