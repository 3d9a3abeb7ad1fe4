"""What is planted, said for people (TRUTHS.md) and for tests (truths.json).

No metric reads this. Sizes are what the shipped study shows, rounded; `at_least` is the
part of it that a study of this size shows almost surely, in the unit of `size`.
"""

from dataclasses import asdict, dataclass

from cxlab.demo.planted import PLANTED
from cxlab.demo.world import World

NOTHING = """\
# Truths planted in this study

None. Nothing is planted here: channels, segments, regions, units, months and arms differ by
chance only, and no touchpoint goes with satisfaction. A report should find nothing.
"""
HEAD = """\
# Truths planted in this study

Alder & Finch is invented, and so is everybody in it. These effects were put in on purpose; a
good report finds them, with about these sizes, and nothing else. `truths.json` says the same
for tests.
"""
ENTRY = """
## {number}. {what}

- where: {where}
- when: {when}
- size: {size}
- seen in: `{table}`: {shows}
"""


@dataclass(frozen=True)
class Truth:
    """One planted effect. `months` are those it holds in; empty means all of them."""

    id: str
    what: str
    where: str
    months: tuple[str, ...]
    size: str
    at_least: float
    table: str
    shows: str


def truths(world: World) -> list[Truth]:
    """The planted effects that fall into the study's months, in the order of PLANTED."""
    found = []
    for line in PLANTED:
        months = _months(line.when, world)
        if months is not None:
            found.append(
                Truth(
                    line.id,
                    line.what.format(month=months[0] if months else ""),
                    line.where,
                    months,
                    line.size,
                    line.at_least,
                    line.table,
                    line.shows,
                )
            )
    return found


def _months(when: str, world: World) -> tuple[str, ...] | None:
    """The months a truth holds in; None when the study has none of them."""
    every = world.months.all
    found = {
        "always": (),
        "last month": every[-1:],
        "January": tuple(month for month in every if month.endswith("-01")),
        "November, December": tuple(month for month in every if month[5:] in ("11", "12")),
        "burst": tuple(month for month in every if month == world.burst),
        "training": tuple(month for month in every if month >= world.training),
        "redesign": tuple(month for month in every if month >= world.redesign),
        "returns fix": tuple(month for month in every if month >= world.returns_fix),
        "leaving": tuple(month for month in every if month >= world.months.ago(6)),
    }[when]
    return found if found or when == "always" else None


def as_records(planted: list[Truth]) -> list[dict[str, object]]:
    return [asdict(truth) for truth in planted]


def as_text(planted: list[Truth]) -> str:
    if not planted:
        return NOTHING
    entries = (
        ENTRY.format(number=number, when=_when(truth.months), **_words(truth))
        for number, truth in enumerate(planted, 1)
    )
    return HEAD + "".join(entries)


def _words(truth: Truth) -> dict[str, str]:
    return {
        "what": truth.what,
        "where": truth.where,
        "size": truth.size,
        "table": truth.table,
        "shows": truth.shows,
    }


def _when(months: tuple[str, ...]) -> str:
    if not months:
        return "in every month"
    if len(months) < 3:
        return " and ".join(months)
    return f"{months[0]} to {months[-1]}"
