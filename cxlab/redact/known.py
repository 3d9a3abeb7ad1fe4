"""Who is named in what people wrote, of those whom the study knows by name?

    lovely chat with priya  patel today  →  lovely chat with [name] today

The names of the customers' export are in memory only. A full name is found in any case,
spacing and spelling of accents, also as "Patel, Priya" and without the names between; where
its first word is one of the language too ("Will Long"), only with capitals. One name alone
is found only in the text of the customer who has it, with a capital, and never when it is a
word of the language. Two letters make a word here; initials stand between words.

Not here: where in a text (called), names that a word announces (names), reading the export
(load.checked.named).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.redact.called import LETTERS, MOST, no_surnames, ordinary, replaced

Hashes = NDArray[np.uint64]
_WORD = r"\p{L}{2,}"
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}
_APOSTROPHES = dict.fromkeys("'’`´", "")
_SINGLE = 3
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class People:
    """`names`: full names by the hash of two words of theirs; `own`: words by customer_id."""

    names: pl.DataFrame
    own: pl.DataFrame


def people(named: pl.DataFrame) -> People:
    """Those in the columns `customer_id` and `name`, also spelled without umlauts or apostrophes.

    What is no name of a person ("Customer Service") is left out.
    """
    small = named["name"].fill_null("").str.to_lowercase()
    spelled = [small, _replaced(small, _UMLAUTS), _replaced(small, _APOSTROPHES)]
    every = pl.concat([named.select("customer_id", name=_folded(one)) for one in spelled]).unique()
    parts = every["name"].str.extract_all(_WORD)
    every = every.with_columns(parts=parts).filter(parts.list.len().is_between(1, MOST))
    return People(_full_names(every), _own_names(every))


def _full_names(every: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("parts")
    ends = every.filter(parts.list.len() > 1).select(
        name=parts.list.join(" "),
        first=parts.list.first(),
        second=parts.list.get(1),
        last=parts.list.last(),
    )
    thing = pl.col("first").is_in(ordinary()) & pl.col("last").is_in(no_surnames())
    ends = ends.filter(~thing).unique()
    pairs = ("first", "last"), ("first", "second"), ("last", "first")
    found = [
        ends.select("name", pair=pl.Series(_pairs(_hashed(ends[one]), _hashed(ends[two]))))
        for one, two in pairs
    ]
    return pl.concat(found).unique()


def _own_names(every: pl.DataFrame) -> pl.DataFrame:
    part = pl.col("part")
    each = every.select("customer_id", part="parts").drop_nulls("customer_id").explode("part")
    return each.filter(~part.is_in(ordinary()), part.str.len_chars() >= _SINGLE).unique()


def redacted(text: pl.Expr, *, people: People, whose: pl.Expr | None = None) -> pl.Expr:
    """The text column with the names of known people replaced; null stays null.

    `whose` is the id of the customer each text is from. Without names nothing changes.
    """
    if people.names.is_empty() and people.own.is_empty():
        return text
    both = pl.struct(
        text.alias("text"), (pl.lit(None, pl.String) if whose is None else whose).alias("whose")
    )
    made = both.map_batches(
        lambda rows: _cleaned(rows.struct.unnest(), people),
        return_dtype=pl.String,
        is_elementwise=True,
    )
    return made.alias(text.meta.output_name())


def redact(text: str, *, people: People, whose: str | None = None) -> str:
    """One text, as `redacted` does a column of them."""
    row = pl.DataFrame({"text": [text], "whose": [whose]}, schema_overrides={"whose": pl.String})
    return str(_cleaned(row, people).item())


def _cleaned(rows: pl.DataFrame, known: People) -> pl.Series:
    made = rows["text"]
    found = _candidates(made, rows["whose"], known)
    if found.is_empty():
        return made
    places = found["row"]
    texts = [
        replaced(text, names, own)
        for text, names, own in zip(
            made.gather(places), found["names"].to_list(), found["own"].to_list(), strict=True
        )
    ]
    return made.scatter(places, pl.Series(texts, dtype=pl.String))


def _candidates(text: pl.Series, whose: pl.Series, known: People) -> pl.DataFrame:
    """Rows in which two words of a name stand together, or one of the writer's own names."""
    parts = _folded(text.fill_null("")).str.extract_all(_WORD).rename("token").to_frame()
    each = parts.with_row_index("row").explode("token", empty_as_null=False)
    row, token = each["row"].to_numpy(), _hashed(each["token"])
    pair = _pairs(token[:-1], token[1:])[row[:-1] == row[1:]]
    at = pl.DataFrame({"row": row[:-1][row[:-1] == row[1:]], "pair": pair})
    named = at.join(known.names, on="pair").select("row", "name").unique()
    named = named.sort("row", "name").group_by("row", maintain_order=True).agg(names="name")
    own = _own(each, whose, known)
    return named.join(own, on="row", how="full", coalesce=True).sort("row")


def _own(each: pl.DataFrame, whose: pl.Series, known: People) -> pl.DataFrame:
    """Rows that hold a name of their writer, and which."""
    nobody = pl.DataFrame(schema={"row": pl.UInt32, "own": pl.List(pl.String)})
    if known.own.is_empty() or whose.null_count() == len(whose):
        return nobody
    writers = whose.rename("customer_id").to_frame().with_row_index("row")
    writers = writers.join(known.own, on="customer_id").select("row", "part")
    found = each.join(writers, left_on=["row", "token"], right_on=["row", "part"], how="semi")
    found = found.unique().sort("row", "token")
    return found.group_by("row", maintain_order=True).agg(own="token")


def _folded(text: pl.Series) -> pl.Series:
    """As `fold`; texts without accents are only put in small letters."""
    small = text.str.to_lowercase()
    places = small.str.contains(r"[^\x00-\x7f]").arg_true()
    plain = small.gather(places).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    return small.scatter(places, _replaced(plain, LETTERS)) if len(places) else small


def _replaced(text: pl.Series, letters: dict[str, str]) -> pl.Series:
    return text.str.replace_many(list(letters), list(letters.values()))


def _hashed(tokens: pl.Series) -> Hashes:
    return tokens.hash().to_numpy()


def _pairs(one: Hashes, two: Hashes) -> Hashes:
    """One hash of two words in their order."""
    return one * _ODD + two
