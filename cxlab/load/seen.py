"""What the answers themselves show where an export has texts and no codes.

The distinct texts of a column say whether it is a choice or open text, and whether its
texts hold codes ("0 - Not at all satisfied", 1 … 9, "10 - Completely satisfied").
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from cxlab.codebook import Scale
from cxlab.load.checked import labels
from cxlab.load.loaded import FileItem, Loaded

MOST = 60
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_CODED = re.compile(r"(-?\d{1,3})(?:\s*[-–:.)=]\s*(?=[^\W\d])(.+)|\s*\((?=[^\W\d])(.+)\))?")


def distinct(
    loaded: Loaded, columns: Iterable[str], *, empty: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The distinct texts of each column, sorted; nothing for one with more than 60."""
    texts = [
        pl.col(name).filter(~pl.col(name).is_in(["", *empty])).unique().head(MOST + 1).implode()
        for name in columns
    ]
    if not texts:
        return {}
    row = loaded.frame.select(texts).collect().row(0, named=True)
    return {
        name: tuple(sorted(values)) if len(values) <= MOST else () for name, values in row.items()
    }


def coded(texts: Sequence[str]) -> dict[str, str]:
    """The words by code when every text is a code, with words beside some of them.

    Nothing for ranges ("18-29"), for bare numbers, and for a code with two wordings.
    """
    found = [_CODED.fullmatch(text) for text in texts]
    known = [match for match in found if match]
    codes = [match[1] for match in known]
    if len(known) < 2 or len(known) < len(texts) or len(set(codes)) < len(codes):
        return {}
    return {match[1]: match[2] or match[3] for match in known if match[2] or match[3]}


def closed(loaded: Loaded, columns: Iterable[str], *, empty: Sequence[str] = ()) -> Loaded:
    """The file with what the answers show put into the items of these columns.

    Texts that hold codes become the codes, their words the labels.
    """
    names = list(columns)
    texts = distinct(loaded, names, empty=empty)
    asked = _together(loaded, names, texts, filled=_filled(loaded, names, empty=empty))
    items: dict[str, FileItem] = {}
    recodes: list[pl.Expr] = []
    for name in names:
        before = loaded.items.get(name, FileItem())
        words = coded(texts[name])
        if words:
            whole = {text: str(_CODED.fullmatch(text)[1]) for text in texts[name]}  # type: ignore[index]
            recodes.append(pl.col(name).replace(whole))
            items[name] = _scored(before, words, list(whole.values()))
        else:
            every, filled = asked[before.group or name]
            items[name] = _worded(before, texts[name], every=every, filled=filled)
    return dataclasses.replace(
        loaded, frame=loaded.frame.with_columns(recodes), items={**loaded.items, **items}
    )


def _together(
    loaded: Loaded,
    names: Sequence[str],
    texts: Mapping[str, tuple[str, ...]],
    *,
    filled: Mapping[str, int],
) -> dict[str, tuple[tuple[str, ...], int]]:
    """The texts and the filled cells of each question: the rows of a grid share their choices."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(loaded.items.get(name, FileItem()).group or name, []).append(name)
    return {
        group: (
            tuple(sorted({text for name in rows for text in texts[name]})),
            sum(filled[name] for name in rows if texts[name]),
        )
        for group, rows in groups.items()
    }


def _filled(loaded: Loaded, names: Sequence[str], *, empty: Sequence[str]) -> dict[str, int]:
    counts = [(~pl.col(name).is_in(["", *empty])).sum().alias(name) for name in names]
    if not counts:
        return {}
    return loaded.frame.select(counts).collect().row(0, named=True)


def _scored(before: FileItem, words: Mapping[str, str], codes: Sequence[str]) -> FileItem:
    missing = labels.no_answers(words)
    ends = sorted((code for code in codes if code not in missing), key=int)
    scale = labels.scale_of(words, without=missing)
    if scale is not None and [scale.low, scale.high] != [float(ends[0]), float(ends[-1])]:
        # Words at a code within the scale are not its end.
        scale = None
    if scale is None and ends and ends[0] in words and ends[-1] in words:
        scale = Scale(float(ends[0]), float(ends[-1]))
    kind = "rating" if scale else "choice"
    return dataclasses.replace(before, labels=dict(words), missing=missing, kind=kind, scale=scale)


def _worded(
    before: FileItem, texts: Sequence[str], *, every: Sequence[str], filled: int
) -> FileItem:
    """A choice where the texts of a question come again: on average twice."""
    if before.kind or not filled:
        return before
    if texts and all(_NUMBER.fullmatch(text) for text in texts):
        return dataclasses.replace(before, kind="number")
    if not texts or 2 * len(every) > filled:
        return dataclasses.replace(before, kind="text")
    missing = labels.no_answers({text: text for text in every})
    return dataclasses.replace(before, kind="choice", choices=tuple(every), missing=missing)
