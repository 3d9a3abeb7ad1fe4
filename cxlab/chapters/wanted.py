"""What a chapter cannot do without, and where it stands in the pack.

A notebook says both in its metadata: `"cxlab": {"place": 2, "needs": ["comments"]}`. One
that says `"restricted": true` is about persons and can be no chapter at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cxlab import scoreboard
from cxlab.errors import TableMissing, require_known
from cxlab.plots.texts import sentence_case, spoken

LAST = 1_000
# Stands in every restricted notebook; a page that says so is not published, however it came.
RESTRICTED = "Restricted: this page is about persons and never leaves the screen it is on."
# What a loyalty report would like to have, and what a study must bring for it.
WISHES = {
    "advocacy": "Whether customers would recommend us: a survey item from 0 to 10",
    "satisfaction": "How satisfied customers are: a satisfaction item",
    "effort": "How easy it is to be our customer: an effort item",
    "retention": "Who stays: a customers table with the dates people joined and left",
    "purchasing": "What customers buy: an orders table, or an item on buying again",
}


class About(NamedTuple):
    """A notebook's own words about itself: its place in the pack, its needs, for whose eyes."""

    place: int = LAST
    needs: tuple[str, ...] = ()
    restricted: bool = False


def _has_measures(study: Any) -> bool:
    return bool(scoreboard.measures(study))


def _has_comments(study: Any) -> bool:
    return bool(study.items_of("comment")) or "comments" in study.tables


def _has_drivers(study: Any) -> bool:
    from cxlab.chapters.drivers.tables import OUTCOMES
    from cxlab.metrics.drivers import ABOUT

    def rated(constructs: Iterable[str]) -> bool:
        items = [item for construct in constructs for item in study.items_of(construct)]
        return any(item.scale is not None for item in items)

    return rated(OUTCOMES) and rated(ABOUT)


def _has_needs(study: Any) -> bool:
    pairs = [item for item in study.items_of("other") if item.name.startswith("kano_")]
    asked = bool(pairs) or bool(study.items_of("importance"))
    kept = {"choices", "requirements"} & set(study.tables)
    return asked or bool(kept) or (study.folder / "requirements.toml").exists()


def _has_promises(study: Any) -> bool:
    return "cases" in study.tables and "first_answer_at" in study.cases.collect_schema()


def _has_gap(study: Any) -> bool:
    units = "unit_id" in study.responses.collect_schema()
    rated = any(study.items_of(name) for name in ("recommend", "satisfaction"))
    return "beliefs" in study.tables or (units and rated)


def _has_assets(study: Any) -> bool:
    met = "events" in study.tables and "asset" in study.events.collect_schema()
    return met or "assignments" in study.tables


def _has_journeys(study: Any) -> bool:
    moments = [item for item in study.items_of("touchpoint") if item.scale is not None]
    return "events" in study.tables or len(moments) > 1


def _has_reviews(study: Any) -> bool:
    return "posts" in study.tables and "rating" in study.posts.collect_schema()


def _has_linkage(study: Any) -> bool:
    asked = [*study.items_of("recommend"), *study.items_of("satisfaction")]
    known = "customers" in study.tables or "orders" in study.tables
    return any(item.scale is not None for item in asked) and known


def _has_asking(study: Any) -> bool:
    return "customers" in study.tables and "customer_id" in study.responses.collect_schema()


# What a chapter may need → whether a study has it, and what to bring where it has not.
NEEDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "loyalty": (
        _has_measures,
        "A score to report: an item on recommending, satisfaction, effort or buying again",
    ),
    "comments": (
        _has_comments,
        "What customers say in their own words: a comment item, or a comments table",
    ),
    "drivers": (
        _has_drivers,
        "What goes with satisfaction: rated touchpoints (construct touchpoint) beside a score",
    ),
    "needs": (
        _has_needs,
        "What customers need: importance questions, Kano pairs, best-worst tasks or a register",
    ),
    "journeys": (
        _has_journeys,
        "Paths of customers: events with their stage, or two rated touchpoints or more",
    ),
    "promises": (
        _has_promises,
        "Whether promises are kept: requests and complaints with the time of the first answer",
    ),
    "linkage": (
        _has_linkage,
        "What goes with what customers say: customers or their orders beside a score",
    ),
    "reputation": (
        _has_reviews,
        "What is said in public: reviews with their stars (a posts table)",
    ),
    "gap": (
        _has_gap,
        "Whether management knows: a beliefs table, or which unit served whom (unit_id)",
    ),
    "assets": (
        _has_assets,
        "Which assets and experiments work: events that name the asset met, or assignments",
    ),
    "asking": (
        _has_asking,
        "Whom to ask next, and who answers: a customers table that answers can be joined to",
    ),
}


def about(notebook: Path) -> About:
    """The place and the needs of a notebook; last and none where it says nothing."""
    says = json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get("cxlab", {})
    place, needs = int(says.get("place", LAST)), tuple(says.get("needs", ()))
    # Whatever else stands there than a plain no keeps persons out of a pack.
    return About(place, needs, says.get("restricted", False) is not False)


def wishes(study: Any, needs: Iterable[str] = NEEDS) -> list[str]:
    """What the study would have to bring to meet the needs; none when it meets all."""
    found = [NEEDS[need] for need in needs]
    return [wish for has, wish in found if not has(study)]


def missing(study: Any) -> list[str]:
    """What a full report would show and this study does not measure yet, and in which chapter."""
    faces = {measure.face for measure in scoreboard.measures(study)}
    gaps = [wish for face, wish in WISHES.items() if face not in faces]
    wished = [
        f"{wish} (no chapter “{sentence_case(spoken(need))}” without it)"
        for need, (has, wish) in NEEDS.items()
        if not has(study)
    ]
    groups = () if study.groups else ("Who differs: no groups are named in study.toml",)
    return [*gaps, *wished, *groups]


def possible(chapters: Mapping[str, Path], study: Any, *, asked: str | None) -> dict[str, Path]:
    """The chapters this study can fill.

    Raises TableMissing when the one chapter that was `asked` for is not among them, and
    UnknownName for a notebook with a need nobody knows.
    """
    there = {}
    for name, path in chapters.items():
        needs = about(path).needs
        for need in needs:
            require_known(need, NEEDS, what=f"`{path.name}` needs")
        without = wishes(study, needs)
        if without and asked is not None:
            raise TableMissing(f"chapter `{name}` needs what {study.name} lacks. {without[0]}.")
        if not without:
            there[name] = path
    return there
