"""The answer of a chapter on digital assets and experiments, and its sentences on assets.

Nobody drew who meets an asset: it goes with purchases, and no more is said.

Not here: experiments (tested), the tables (listed), the charts (drawn).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cxlab.chapters.assets import tested
from cxlab.chapters.assets.shelf import Shelf
from cxlab.plots import numbers, shown, words
from cxlab.plots.shown import Shown
from cxlab.plots.texts import plain, sentence_case

Row = dict[str, Any]


def answer(found: pl.DataFrame, assets: pl.DataFrame, shelf: Shelf) -> Shown:
    """The chapter's answer: what experiments show, which assets go with purchases."""
    told = []
    rows = tested.first_measures(found, shelf)
    if rows:
        told.append(tested.in_short(rows))
    if not assets.is_empty():
        told.append(_assets(assets.to_dicts()))
    if not told:
        told = [f"Nothing is known of assets or experiments in {shelf.period.label}."]
    return shown.sentence(" ".join(told), kind="lead")


def assets(found: pl.DataFrame, after: pl.DataFrame, shelf: Shelf) -> Shown:
    """Which assets stand out, and which cannot be judged by purchases."""
    if shelf.met is None:
        return shown.sentence("This study has no events that name the asset that was met.")
    told = [_stands(row) for row in best_first(found) if row["flagged"]]
    if not told:
        told = ["No asset clearly goes with more or fewer purchases than the others."]
    late = [plain(row["asset"]) for row in after.to_dicts() if not row["hidden"]]
    if late:
        names = sentence_case(words.listing(late))
        told.append(f"{names} are met after a purchase and cannot be judged by it.")
    return shown.sentences(told)


def one_size(sizes: pl.DataFrame, one_arm: pl.DataFrame) -> Shown:
    """Whether one size fits all segments, of experiments and of assets."""
    return shown.sentences([tested.for_whom(one_arm), _one_asset(sizes)])


def _one_asset(sizes: pl.DataFrame) -> str:
    if sizes.is_empty():
        return "Whether one asset fits all cannot be said: too few journeys of known segments."
    rows = [row for row in sizes.to_dicts() if row["flagged"]]
    if not rows:
        return (
            "No asset clearly goes with more purchases in one segment than in another: nothing "
            "here calls for another asset for each segment."
        )
    names = words.listing([plain(row["asset"]) for row in rows])
    return f"One size does not fit all: segments differ in {names}."


def trust(shelf: Shelf) -> Shown:
    """What the comparisons rest on."""
    facts = [("Read over", f"{shelf.since} to {shelf.period.label}")]
    if shelf.met is not None:
        journeys = numbers.count(int(shelf.met.cells["tally_n"].sum()))
        facts += [
            ("Journeys that met an asset before a purchase", journeys),
            ("Meetings that belong to no journey", f"{numbers.count(shelf.met.unnamed)}, left out"),
            ("Assets", "chosen by those who met them: going together is no proof"),
        ]
    if not shelf.trials.is_empty():
        facts += [
            ("Experiments", numbers.count(shelf.trials["experiment"].n_unique())),
            ("Everybody counts", "in the arm they were drawn into, met it or not"),
            ("Arms were to be", _planned(shelf)),
            ("A draw fails its check", "where chance alone would do it once in 1,000 draws"),
            ("Intervals at any look", "hold however often somebody looks, and are wider for it"),
        ]
    return shown.facts([*facts, ("Groups shown from", f"{shelf.study.minimum_base} people up")])


def _assets(rows: list[Row]) -> str:
    more, less = (
        [plain(row["asset"]) for row in rows if row["verdict"] == verdict]
        for verdict in ("keep", "retire")
    )
    if not more and not less:
        return "No digital asset clearly goes with more or fewer purchases than the others."
    told = [f"{words.listing(more)} {_go(more)} with more purchases"] if more else []
    if less:
        told.append(f"{words.listing(less)} {_go(less)} with fewer")
    return f"{sentence_case(', '.join(told))} than other assets."


def _go(names: list[str]) -> str:
    return "goes" if len(names) == 1 else "go"


def _stands(row: Row) -> str:
    side, size = "more" if row["change"] > 0 else "fewer", numbers.change(row["change"], "share")
    ends = numbers.change_interval(row["change_low"], row["change_high"], "share")
    return (
        f"{sentence_case(plain(row['asset']))} goes with {side} purchases: "
        f"{numbers.value(row['share'], 'share')} of the journeys that met it, "
        f"{size}{tested.points(size)} beside other assets ({ends})."
    )


def best_first(assets: pl.DataFrame) -> list[Row]:
    """The assets, those with most purchases beside the others first."""
    rows = [] if assets.is_empty() else assets.to_dicts()
    return sorted(
        rows, key=lambda row: (row["change"] is None, -(row["change"] or 0), row["asset"])
    )


def _planned(shelf: Shelf) -> str:
    planned = sorted(set(shelf.planned) & set(shelf.trials["experiment"]))
    if not planned:
        return "as large as each other (study.toml names no other parts)"
    return f"as study.toml says of {words.listing([plain(name) for name in planned])}, else alike"
