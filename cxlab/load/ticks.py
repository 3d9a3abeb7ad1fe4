"""Select all that apply: options of one question, each a column of 1 (ticked) and 0.

Where no option of a question is filled, nobody can say whether it was seen: every one of
its columns is then empty, which is no answer, and not 0.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from cxlab.load.loaded import FileItem, Loaded
from cxlab.load.naming import numbered, within

UNTICKED = ("0", "No", "N", "Not selected", "-99")
OTHER = "other answers"
_LONGEST = 100


def ticked(loaded: Loaded, groups: Iterable[Sequence[str]], *, empty: Sequence[str] = ()) -> Loaded:
    """The file with the cells of each group of columns as 1 and 0."""
    cells: list[pl.Expr] = []
    for group in groups:
        filled = {name: ~pl.col(name).is_in(["", *empty]).fill_null(True) for name in group}
        seen = pl.any_horizontal(list(filled.values()))
        for name, full in filled.items():
            on = full & ~pl.col(name).is_in(UNTICKED)
            cells.append(pl.when(on).then(pl.lit("1")).when(seen).then(pl.lit("0")).alias(name))
    return dataclasses.replace(loaded, frame=loaded.frame.with_columns(cells))


def options_in(cells: Sequence[str], *, separator: str, surely: bool = False) -> tuple[str, ...]:
    """The options that cells like "A, B" are made of; none where they read like prose.

    Pieces only ever seen side by side are one option that holds the separator ("Yes, often").
    Unless it is `surely` a list, two cells must hold several options, and the options must
    come again: seven of ten pieces are one that at least two cells hold.
    """
    lists = [_pieces(cell, separator) for cell in cells]
    lists = lists if surely else _whole(lists, separator=separator)
    seen = Counter(piece for pieces in lists for piece in pieces)
    again = tuple(sorted(piece for piece, times in seen.items() if times > 1))
    if surely:
        return tuple(sorted(seen)) if len(seen) <= 20 else again
    several = sum(len(pieces) > 1 for pieces in lists)
    recurring = sum(seen[piece] for piece in again)
    if several < 2 or recurring < 0.7 * seen.total() or any(len(p) > _LONGEST for p in again):
        return ()
    return again


def split(loaded: Loaded, column: str, options: Sequence[str], *, separator: str) -> Loaded:
    """The file with a column of 1 and 0 for each option; the column itself stays.

    Pieces that are no option stand in one more column, as text.
    """
    names = numbered([*loaded.columns, *(within(column, option) for option in options)])
    names = names[len(loaded.columns) :]
    found = loaded.items.get(column, FileItem(wording=column))
    other = within(column, OTHER)
    rest = _left(column, options, separator=separator).alias(other)
    items = {
        name: _option(column, option, found) for name, option in zip(names, options, strict=True)
    }
    items[other] = FileItem(wording=found.wording, kind="text", other_text_of=column)
    cells = [
        _has(column, option, separator=separator).alias(name)
        for name, option in zip(names, options, strict=True)
    ]
    return dataclasses.replace(
        loaded,
        frame=loaded.frame.with_columns(*cells, rest),
        columns=(*loaded.columns, *names, other),
        items={**loaded.items, column: dataclasses.replace(found, kind="text"), **items},
    )


def listed(loaded: Loaded, column: str, *, empty: Sequence[str] = ()) -> Loaded:
    """The file with a list of codes or labels ("1,3") spread over a column for each choice.

    The choices are the labels of the column's item; the new columns are named by their codes.
    """
    found = loaded.items[column]
    cell, around = pl.col(column), pl.lit(",") + pl.col(column) + pl.lit(",")
    filled = ~cell.is_in(["", *empty])
    cells, items = [], {}
    for code, label in found.labels.items():
        name = f"{column}_{code}"
        on = pl.any_horizontal(
            [around.str.contains(f",{said},", literal=True) for said in (code, label) if said]
        )
        ticked = pl.when(filled & on).then(pl.lit("1")).when(filled).then(pl.lit("0"))
        cells.append(ticked.alias(name))
        items[name] = _option(column, label, found)
    return dataclasses.replace(
        loaded,
        frame=loaded.frame.with_columns(cells),
        columns=(*loaded.columns, *(name for name in items if name not in loaded.columns)),
        items={**loaded.items, column: dataclasses.replace(found, kind="text", labels={}), **items},
    )


def _option(column: str, option: str, found: FileItem) -> FileItem:
    wording = found.wording or column
    return FileItem(
        wording=f"{wording} - {option}", kind="multi-select", group=column, option=option
    )


def _pieces(cell: str, separator: str) -> list[str]:
    return [piece for part in cell.split(separator) if (piece := part.strip())]


def _whole(lists: list[list[str]], *, separator: str) -> list[list[str]]:
    """The lists with pieces joined that are only ever seen side by side."""
    while pair := _inseparable(lists):
        lists = [_joined(pieces, pair, separator) for pieces in lists]
    return lists


def _inseparable(lists: list[list[str]]) -> tuple[str, str] | None:
    after: dict[str, set[str | None]] = {}
    before: dict[str, set[str | None]] = {}
    for pieces in lists:
        for one, next_one in zip(pieces, [*pieces[1:], None], strict=True):
            after.setdefault(one, set()).add(next_one)
            if next_one is not None:
                before.setdefault(next_one, set()).add(one)
        if pieces:
            before.setdefault(pieces[0], set()).add(None)
    for one, followers in after.items():
        (follower, *more) = followers
        if follower is not None and not more and before[follower] == {one}:
            return one, follower
    return None


def _joined(pieces: list[str], pair: tuple[str, str], separator: str) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += separator + piece
        else:
            joined.append(piece)
    return joined


def _fenced(column: str, separator: str) -> pl.Expr:
    return pl.lit(separator) + pl.col(column).str.strip_chars(f" {separator}") + pl.lit(separator)


def _has(column: str, option: str, *, separator: str) -> pl.Expr:
    inside = _fenced(column, separator).str.contains(
        f"{separator}{option}{separator}", literal=True
    )
    filled = pl.col(column) != ""
    return pl.when(filled & inside).then(pl.lit("1")).when(filled).then(pl.lit("0"))


def _left(column: str, options: Sequence[str], *, separator: str) -> pl.Expr:
    """What is in the cell beside the options, or null."""
    left = _fenced(column, separator)
    # The longest first: an option may hold another one.
    for option in sorted(options, key=len, reverse=True):
        left = left.str.replace_all(f"{separator}{option}{separator}", separator, literal=True)
    left = left.str.strip_chars(f" {separator}")
    return pl.when(left != "").then(left)


def groups_of(items: Mapping[str, FileItem]) -> list[list[str]]:
    """The columns of each question of which one may tick several options."""
    groups: dict[str, list[str]] = {}
    for name, item in items.items():
        if item.kind == "multi-select":
            groups.setdefault(item.group, []).append(name)
    return list(groups.values())
