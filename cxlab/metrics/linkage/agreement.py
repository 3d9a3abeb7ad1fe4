"""How much does it say that a name, an address or a number is the same in two files?

Fellegi and Sunter (1969): a field agrees with chance m in two rows of one person, u in rows
of two people. Which pairs are one person is not known; m, u and how many there are come
from how often fields agree together (EM). All pairs there are count, by tallies: none is
formed, so that two files of a million rows cost a few joins.

Fields are taken as independent given who it is; people of one household, who share an
address and a number, break that. Not here: which rows are linked (matching).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cxlab.errors import NotConverged, OutOfRange, require_columns, require_known
from cxlab.tally import Frame

Floats = NDArray[np.float64]
KINDS = ("name", "email", "postcode", "phone", "exact")
ROUNDS, CLOSE = 5000, 1e-10
# The end of a number, behind country codes and trunk zeros.
PHONE_DIGITS = 9
_N = "_n"


@dataclass(frozen=True)
class Agreement:
    """What agreement says: per field `m` and `u`; the `share` of all pairs that match."""

    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    m: Floats
    u: Floats
    share: float
    left: int
    right: int

    def table(self) -> pl.DataFrame:
        """One row per field: chances to agree in one person and in two, and `bits` of evidence."""
        return pl.DataFrame(
            {
                "field": self.fields,
                "kind": self.kinds,
                "base": [self.left] * len(self.fields),
                "same_person": self.m,
                "other_person": self.u,
                "bits": np.log2(self.m / self.u),
            }
        )

    def matches(self) -> float:
        """How many pairs of rows are expected to be one person."""
        return self.share * self.left * self.right


def normal(frame: Frame, fields: Mapping[str, str]) -> pl.LazyFrame:
    """The frame with every field as it is compared; a blank is null.

    Kinds: "name" (no accents, capitals or order of words), "email" (no capitals, no +tag),
    "postcode" (letters and digits), "phone" (its last nine digits), "exact". Raises
    ColumnMissing, UnknownName.
    """
    require_columns(frame, fields, what="rows")
    for kind in fields.values():
        require_known(kind, KINDS, what="kind of field")
    return frame.lazy().with_columns(_form(name, kind).alias(name) for name, kind in fields.items())


def agreement(left: Frame, right: Frame, *, fields: Mapping[str, str]) -> Agreement:
    """What it says of two rows, one of each frame, that fields agree, learnt from both frames.

    `fields` is {column: kind}, three or more of them in both frames; nobody stands twice in
    `right`. Raises OutOfRange for fewer fields or an empty frame, NotConverged.
    """
    if len(fields) < 3:
        raise OutOfRange(f"matching must have three fields or more to learn from; {len(fields)}.")
    states, counts = _patterns(normal(left, fields), normal(right, fields), list(fields))
    sizes = [frame.lazy().select(pl.len()).collect().item() for frame in (left, right)]
    if not min(sizes):
        raise OutOfRange(f"both sides must have rows; they have {sizes[0]} and {sizes[1]}.")
    m, u, share = _learnt(states, counts, sizes)
    return Agreement(tuple(fields), tuple(fields.values()), m, u, share, *sizes)


def _form(name: str, kind: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    if kind == "name":
        bare = text.str.normalize("NFKD").str.replace_all(r"\p{M}", "")
        words = bare.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars().str.split(" ")
        text = words.list.sort().list.join(" ")
    elif kind == "email":
        text = text.str.replace(r"\+[^@]*@", "@")
    elif kind == "postcode":
        text = text.str.replace_all(r"[^\p{L}\p{N}]", "")
    elif kind == "phone":
        text = text.str.replace_all(r"[^0-9]", "").str.tail(PHONE_DIGITS)
    return pl.when(text != "").then(text)


def _patterns(
    left: pl.LazyFrame, right: pl.LazyFrame, fields: list[str]
) -> tuple[NDArray[np.int8], Floats]:
    """Every pattern of all pairs and how many have it: 1 agrees, 0 differs, -1 not known.

    Pairs agreeing at least on a set of fields are a join of two tallies; those agreeing on
    exactly that set follow by subtraction, the largest sets first.
    """
    known = [pl.col(name).is_not_null().alias(f"_{name}") for name in fields]
    sides = [
        side.with_columns(known)
        .select(*fields, *(f"_{n}" for n in fields))
        .collect(engine="streaming")
        for side in (left, right)
    ]
    at_least: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}
    for size in range(len(fields), -1, -1):
        for chosen in combinations(range(len(fields)), size):
            for there, count in _together(sides, fields, chosen).items():
                more = sum(
                    n
                    for (set_, seen), n in at_least.items()
                    if seen == there and set(chosen) < set(set_)
                )
                at_least[chosen, there] = count - more
    states = [
        [(-1, 0, 1)[there[f] + (f in chosen and there[f])] for f in range(len(fields))]
        for chosen, there in at_least
    ]
    counts = np.array([max(n, 0.0) for n in at_least.values()])
    return np.array(states, dtype=np.int8), counts


def _together(
    sides: list[pl.DataFrame], fields: list[str], chosen: tuple[int, ...]
) -> dict[tuple[int, ...], float]:
    """Pairs that agree on the chosen fields, by which fields are known in both rows."""
    keys, flags = [fields[f] for f in chosen], [f"_{name}" for name in fields]
    tallies = [
        side.drop_nulls(keys).group_by(*keys, *flags).agg(pl.len().cast(pl.Float64).alias(_N))
        for side in sides
    ]
    pairs = (
        tallies[0].join(tallies[1], on=keys, suffix="_r")
        if keys
        else tallies[0].join(tallies[1], how="cross", suffix="_r")
    )
    both = [(pl.col(flag) & pl.col(f"{flag}_r")).cast(pl.Int8).alias(flag) for flag in flags]
    found = (
        pairs.select(*both, pl.col(_N) * pl.col(f"{_N}_r")).group_by(flags).agg(pl.col(_N).sum())
    )
    return {tuple(row[:-1]): row[-1] for row in found.sort(flags).iter_rows()}


def _learnt(
    states: NDArray[np.int8], counts: Floats, sizes: list[int]
) -> tuple[Floats, Floats, float]:
    """m, u and the share of pairs that match, by EM over patterns (Winkler 1988)."""
    agree, known = states == 1, states >= 0
    m = np.full(states.shape[1], 0.9)
    u = (counts @ agree + 0.5) / (counts @ known + 1)
    # Nobody stands twice on the right: no more matches than rows on the left.
    most = sizes[0] / counts.sum()
    share = most / 2
    for _ in range(ROUNDS):
        chance = posterior(states, m, u, share)
        ones, others = counts * chance, counts * (1 - chance)
        before = np.concatenate([m, [share / most]])
        m = (ones @ agree + 0.5) / (ones @ known + 1)
        u = (others @ agree + 0.5) / (others @ known + 1)
        share = min(float(ones.sum() / counts.sum()), most)
        if np.abs(np.concatenate([m, [share / most]]) - before).max() < CLOSE:
            return m, u, share
    raise NotConverged(
        f"what agreement says must settle; after {ROUNDS} rounds it has not. "
        "Give more fields, or fields that are more often filled in."
    )


def evidence(states: NDArray[np.int8], m: Floats, u: Floats) -> Floats:
    """How many times likelier each pattern is in one person than in two."""
    agree, differ = np.log(m / u), np.log((1 - m) / (1 - u))
    logs: Any = (states == 1) @ agree + (states == 0) @ differ
    return np.asarray(np.exp(logs))


def posterior(states: NDArray[np.int8], m: Floats, u: Floats, share: float) -> Floats:
    """The chance that a pair with that pattern is one person."""
    odds = share / (1 - share) * evidence(states, m, u)
    return np.asarray(odds / (1 + odds))
