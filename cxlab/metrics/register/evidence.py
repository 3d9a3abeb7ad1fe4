"""What does a need rest on, and is it still there?

A reference is `kind:name` or `kind:name@column=value`:

    measure:recommend@channel=mobile    a headline measure, by its name or its item
    item:delivery                       an item that is rated: the share of best answers
    theme:delivery                      a theme of the comments
    comment:R_12 why                    one comment; "R_12 why sentence 2" is one, too

Nothing that cannot be found is dropped: it keeps its row, `found` false, and a note.

Not here: reading the register (entries), numbers (standing).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from cxlab.codebook import Item, item_from_row
from cxlab.errors import near, require_columns
from cxlab.tally import Frame

KINDS = ("measure", "item", "theme", "comment")
REFERENCES = {
    **dict.fromkeys(("id", "role", "reference", "kind", "name", "by", "value"), pl.String),
    "found": pl.Boolean,
    "note": pl.String,
}
_SENTENCE = re.compile(r"(.+) sentence \d+")


class Reference(NamedTuple):
    """A reference taken apart; `kind` is None for a text that is none."""

    kind: str | None
    name: str
    by: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Known:
    """What references are looked up in; None is "not handed in, so not checked"."""

    study: Any
    measures: pl.DataFrame | None = None
    comments: pl.DataFrame | None = None
    themes: frozenset[str] | None = None
    items: dict[str, Item] = field(default_factory=dict)


def parsed(text: str) -> Reference:
    """A reference taken apart; what has no known kind before a colon is none."""
    kind, colon, rest = (part.strip() for part in text.strip().partition(":"))
    sentence = _SENTENCE.fullmatch(text.strip())
    if not colon and sentence:
        return Reference("comment", sentence[1])
    if not colon or kind not in KINDS or not rest:
        return Reference(None, text.strip())
    if kind == "comment":
        sentence = _SENTENCE.fullmatch(rest)
        return Reference(kind, sentence[1] if sentence else rest)
    name, at, group = rest.partition("@")
    by, equals, value = group.partition("=")
    if at and not (equals and by.strip() and value.strip()):
        return Reference(None, text.strip())
    return Reference(kind, name.strip(), by.strip() or None, value.strip() or None)


def references(
    register: pl.DataFrame,
    study: Any,
    *,
    measures: pl.DataFrame | None = None,
    comments: Frame | None = None,
    themes: Sequence[str] | None = None,
) -> pl.DataFrame:
    """One row per reference of the register: `role` "measure" or "evidence", and `found`.

    `measures` is any table of the long shape (scoreboard.scores); `comments` the comments
    of the study, annotated for themes; `themes` the names of its codebook, by default
    those that comments mention. `found` is null where the table to look in was not
    handed in, false where it is not there; `note` says why, with near matches.
    """
    require_columns(register, ["id", "evidence", "measure"], what="register")
    return resolved(register, known(study, measures=measures, comments=comments, themes=themes))


def resolved(register: pl.DataFrame, where: Known) -> pl.DataFrame:
    """As `references`, looked up in what is known already."""
    rows = []
    for need in register.sort("id").to_dicts():
        said = [("measure", need["measure"])] if (need["measure"] or "").strip() else []
        said += [("evidence", each) for each in need["evidence"] or []]
        for role, text in said:
            one = parsed(text)
            found, note = looked_up(one, where)
            rows.append((need["id"], role, text, *one, found, note))
    return pl.DataFrame(rows, schema=REFERENCES, orient="row")


def known(
    study: Any,
    *,
    measures: pl.DataFrame | None = None,
    comments: Frame | None = None,
    themes: Sequence[str] | None = None,
) -> Known:
    """What there is to refer to in a study; raises ColumnMissing for tables that are none."""
    if measures is not None:
        require_columns(measures, ["measure", "item"], what="measures")
    rows = None
    if comments is not None:
        require_columns(comments, "comment_id", what="comments")
        rows = comments.lazy().select(pl.exclude("text", "redacted")).collect()
    if themes is None and rows is not None and "themes" in rows.columns:
        themes = rows["themes"].explode().drop_nulls().unique().to_list()
    names = None if themes is None else frozenset(themes)
    items = {row["item"]: item_from_row(row) for row in study.items.iter_rows(named=True)}
    return Known(study, measures, rows, names, items)


def looked_up(one: Reference, where: Known) -> tuple[bool | None, str | None]:
    """Whether a reference is found, None where it was not looked for, and a note."""
    if one.kind is None:
        return False, _not_one(one.name)
    names = _names(one.kind, where)
    if names is None:
        return None, f"no {one.kind}s were handed in to look it up"
    if one.name not in names:
        # Comments are many and their ids no words: nothing is near to one.
        hint = "" if one.kind == "comment" else near(one.name, names)
        return False, f"the study has no such {one.kind}. {hint}".strip()
    if one.kind == "item" and (unscored := _unscored(where.items[one.name])):
        return False, unscored
    return _group(one, where)


def item_of(name: str, measures: pl.DataFrame) -> str | None:
    """The item of a headline measure named by its name or by its item."""
    rows = measures.filter((pl.col("measure") == name) | (pl.col("item") == name))
    return rows["item"][0] if rows.height else None


def _not_one(text: str) -> str:
    kind, colon, _ = text.partition(":")
    hint = near(kind.strip(), KINDS) if colon else ""
    return f"it is no reference like item:delivery or theme:delivery@channel=web. {hint}".strip()


def _names(kind: str, where: Known) -> frozenset[str] | None:
    if kind == "item":
        return frozenset(where.items)
    if kind == "measure":
        table = where.measures
        return table if table is None else frozenset([*table["measure"], *table["item"]])
    if kind == "theme":
        return where.themes
    table = where.comments
    return table if table is None else frozenset(table["comment_id"].cast(pl.String))


def _unscored(item: Item) -> str | None:
    return None if item.scale else "the item is not rated on a scale, so it has no share"


def _group(one: Reference, where: Known) -> tuple[bool | None, str | None]:
    """Whether the group of a reference is one of its table."""
    if one.by is None:
        return True, None
    table = _table(one, where)
    if table is None:
        return None, "no comments were handed in to look its group up"
    columns = list(table.collect_schema())
    if one.by not in columns:
        return False, f"its table has no column `{one.by}`. {near(one.by, columns)}".strip()
    values = table.lazy().select(pl.col(one.by).cast(pl.String).unique()).collect().to_series()
    if one.value not in values.to_list():
        hint = near(str(one.value), values.drop_nulls().to_list())
        return False, f"`{one.by}` has no `{one.value}`. {hint}".strip()
    return True, None


def _table(one: Reference, where: Known) -> Frame | None:
    if one.kind == "theme":
        return where.comments
    asked = one.name
    if one.kind == "measure" and where.measures is not None:
        asked = item_of(one.name, where.measures) or one.name
    responses: pl.LazyFrame = where.study.responses
    if asked in where.items:
        return responses
    customers: pl.LazyFrame = where.study.customers
    return customers
