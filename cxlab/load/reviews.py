"""Reviews of shops, products and apps: one row each, with stars and often a text.

Google Play (a CSV in UTF-16 for each month), App Store Connect and Google Business Profile
(JSON), Trustpilot, and any CSV with a column of stars and one of review text. A review
without an id of its own, like stars without text in Google Play, is known by its row.

Not here: posts in social networks and forums, which are mapped by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from cxlab.load import documents, table
from cxlab.load.loaded import ROW, Loaded
from cxlab.load.offer import Offer, beside, by_names, filled, moment, words
from cxlab.settings import FileSettings

_STARS = (
    *("star rating", "review stars", "review rating", "review score", "stars", "rating"),
    *("attributes rating",),
)
_TEXTS = (
    *("review text", "review content", "review comment message", "review body", "review comment"),
    *("review", "attributes body", "comment"),
)
_POSTS = {
    "post_id": ("review id", "id"),
    "at": (
        *("review submit date and time", "review created utc", "review creation date"),
        *("review date", "review created", "attributes created date", "create time"),
        *("created at", "date"),
    ),
    "author": (
        *("reviewer display name", "reviewer name", "review consumer name", "consumer name"),
        *("attributes reviewer nickname", "author name", "author", "nickname"),
    ),
    "source": ("source of review", "review source", "source", "platform"),
    "rating": _STARS,
    "text": _TEXTS,
    "replied_at": (
        *("developer reply date and time", "company reply date utc", "review reply update time"),
        *("reply date", "replied at"),
    ),
}
_LINK = "Review Link"
_UTC = ("review created utc", "company reply date utc")
_WORDS = {"ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5"}
_JSON_LISTS = ("reviews", "data")


def recognises(header: Sequence[str]) -> bool:
    """Whether a header has stars and a text, and calls one of them a review."""
    known = {words(column) for column in header}
    stars, texts = known & {*_STARS}, known & {*_TEXTS}
    said = any(re.search(r"review|^star|^attributes", name) for name in stars | texts)
    return bool(stars and texts and said)


def read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    """A list of reviews; offers the columns of `posts`."""
    loaded = _read(path, file, into=into, name=name)
    if file.table != "posts":
        return beside(loaded, {}, file=file, format="reviews")
    return beside(loaded, _posts(loaded), file=file, format="reviews")


def _read(path: Path, file: FileSettings, *, into: Path, name: str) -> Loaded:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return documents.read_lines(path, file, into=into, name=name)
    if suffix == ".json":
        return documents.read_document(path, file, into=into, name=name)
    return table.read(path, file, into=into, name=name)


def _posts(loaded: Loaded) -> dict[str, Offer]:
    found = by_names(loaded.columns, _POSTS)
    offers = {name: Offer(_cell(name, column), column) for name, column in found.items()}
    if "post_id" not in offers:
        link = _LINK if _LINK in loaded.columns else None
        offers["post_id"] = Offer(_id(link), link or "row number")
    return offers


def _cell(name: str, column: str) -> pl.Expr:
    if name in ("at", "replied_at"):
        return moment(column, utc=words(column) in _UTC)
    if name == "rating":
        return filled(column).replace(_WORDS)
    return pl.col(column)


def _id(link: str | None) -> pl.Expr:
    row = pl.lit("row ") + pl.col(ROW).cast(pl.String)
    if link is None:
        return row
    return pl.coalesce(pl.col(link).str.extract(r"(?i)review-?id=([^&#]+)"), row)
