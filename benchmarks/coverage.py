"""Do 95 % intervals hold the truth 95 times in 100?

    python benchmarks/coverage.py                     10,000 surveys of each kind; minutes
    python benchmarks/coverage.py --replicates 1000   quick
    python benchmarks/coverage.py --kinds mean score  some of the kinds

Surveys are drawn from customers whose answers are known, 30, 100 or 1,000 of them, and the
package's intervals are counted that hold the known figure. Customers come in three groups
that answer differently. Without weights everybody is as likely to answer; with weights the
groups are in the sample 2.5 and 5 times too rarely and weigh as much more (Kish 1.5).

    score, top box, mean     net promoter score, share of the best 2 of 5, mean of 1 to 5
    … difference             two independent surveys of different customers
    drivers                  shares of R² (LMG) of four drivers, other customers each time
    chances                  the same: how far from the truth chances to be first are, on average
    opportunity              opportunity scores of four needs

Drivers and opportunity draw a bootstrap inside every survey, so there are a tenth as many
surveys. Aim: 93 to 97 of 100; allowed on top are two binomial errors of the simulation.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent))
import turns

BASES = (30, 100, 1000)
LOW, HIGH = 0.93, 0.97
# Customers: how many are in each group, how rarely each answers, how its answers differ.
GROUPS = np.array([0.5, 0.3, 0.2])
RARELY = np.array([1.0, 2.5, 5.0])
SHIFTS = np.array([0.2, 0.0, -0.5])
MEANS = {"now": 0.55, "before": 0.35}
DRAWN_INSIDE = 10
FOUR = ("a", "b", "c", "d")
SAMPLES = 1000


def codes(mean: float, low: int, high: int) -> np.ndarray:
    """How often each code from low to high is given, skewed to the good end as ratings are."""
    at = np.linspace(-1.5, 1.5, high - low + 1)
    chance = np.exp(-((at - 1.2 * mean) ** 2)) * np.exp(0.8 * at)
    return np.asarray(chance / chance.sum())


def mixed(weighted: bool) -> tuple[np.ndarray, np.ndarray]:
    """How often each group is in the sample, and what one of it weighs."""
    if not weighted:
        return GROUPS, np.ones(3)
    share = GROUPS / RARELY
    return share / share.sum(), RARELY


def tallied(draw: Any, table: np.ndarray, base: int, count: int, weighted: bool) -> pl.DataFrame:
    """So many surveys as one tally: groups × codes drawn at once, `answer` counted from 0."""
    share, weights = mixed(weighted)
    drawn = draw.multinomial(base, (share[:, None] * table).ravel(), size=count)
    each = drawn.reshape(count, len(table), -1)
    sums = {
        "tally_n": each.sum(axis=1),
        "tally_w": np.einsum("sgc,g->sc", each, weights),
        "tally_ww": np.einsum("sgc,g->sc", each, weights**2),
    }
    survey, answer = np.indices(sums["tally_n"].shape)
    columns = {"survey": survey.ravel(), "answer": answer.ravel()}
    cells = pl.DataFrame(columns | {name: value.ravel() for name, value in sums.items()})
    return cells.filter(pl.col("tally_n") > 0)


def estimated(kind: str, draw: Any, mean: float, base: int, count: int, weighted: bool) -> Any:
    """The estimates of so many surveys with their bounds, and the truth."""
    from cxlab.stats import estimates

    low, high = (0, 10) if kind == "score" else (1, 5)
    table = np.array([codes(mean + shift, low, high) for shift in SHIFTS])
    cells = tallied(draw, table, base, count, weighted).with_columns(pl.col("answer") + low)
    of = estimates.sample(cells, answer="answer", by="survey", weighted=weighted)
    # Every survey is a sample of its own, not a group of one large sample.
    of = dataclasses.replace(of, size=base)
    everybody, answer = GROUPS @ table, pl.col("answer")
    if kind == "score":
        found = estimates.promoter_score(of, answer >= 9, answer <= 6)
        return found.rename({"score": "estimate"}), 100 * (
            everybody[9:].sum() - everybody[:7].sum()
        )
    if kind == "top box":
        found = estimates.share(of, answer >= 4).rename({"share": "estimate"})
        return found, everybody[3:].sum()
    found = estimates.mean(of, low=1, high=5).rename({"mean": "estimate"})
    return found, everybody @ np.arange(1, 6)


def held(low: pl.Series, high: pl.Series, truth: float) -> float:
    """Share of the intervals that hold the truth; none does not."""
    known = float(truth)
    return float(((low <= known) & (known <= high)).fill_null(False).mean())


def single(kind: str, *, base: int, weighted: bool, count: int, seed: int) -> float:
    draw = np.random.default_rng(seed)
    found, truth = estimated(kind, draw, MEANS["now"], base, count, weighted)
    return held(found["low"], found["high"], truth)


def difference(kind: str, *, base: int, weighted: bool, count: int, seed: int) -> float:
    from cxlab.stats import compare

    draw = np.random.default_rng(seed)
    now, before = (estimated(kind, draw, mean, base, count, weighted) for mean in MEANS.values())
    unit = {"score": "points", "top box": "share"}.get(kind, "scale points")
    sides = [
        side.with_columns(
            unit=pl.lit(unit),
            effective_base=pl.col("effective_base" if weighted else "base").cast(pl.Float64),
        )
        for side, _ in (now, before)
    ]
    found = compare.differences(*sides, on=["survey"])
    return held(found["change_low"], found["change_high"], now[1] - before[1])


def customers(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Means of each group and the covariances inside groups, four drivers and an outcome."""
    slopes = np.abs(draw.normal(size=4)) + 0.1
    inside = 0.4 + 0.6 * np.eye(4)
    slopes /= np.sqrt(slopes @ inside @ slopes)
    noise = draw.uniform(0.5, 2)
    both = inside @ slopes
    whole = np.block([[inside, both[:, None]], [both[None], np.array([[1 + noise]])]])
    means = SHIFTS[:, None] * np.append(np.ones(4), slopes.sum())
    return means, whole


def drivers(*, base: int, weighted: bool, count: int, seed: int, chances: bool = False) -> float:
    """Share of the intervals that hold the truth; of chances, how far off they are."""
    from cxlab.stats.importance import estimate, ranks, shares, sheets

    draw = np.random.default_rng(seed)
    share, weights = mixed(weighted)
    hits, said, was = [], [], []
    for survey in range(count):
        means, inside = customers(draw)
        middle = GROUPS @ means
        apart = np.einsum("g,gi,gj->ij", GROUPS, means - middle, means - middle)
        whole = inside + apart
        size = np.sqrt(np.diag(whole))
        truth = ranks.as_shares(shares.parts(whole / size / size[:, None]))[0]
        group = draw.choice(3, size=base, p=share)
        values = means[group] + draw.multivariate_normal(np.zeros(5), inside, size=base)
        answers = sheets.answers(values, weights=weights[group])
        found = estimate.linear(answers, method="lmg", samples=SAMPLES, seed=survey)
        low, high = ranks.interval(found.resampled, base=found.spread_base)
        hits.append((low <= truth) & (truth <= high))
        said.append(ranks.chances(found.samples, base=found.effective)[:, 0])
        was.append(truth == truth.max())
    return astray(np.ravel(said), np.ravel(was)) if chances else float(np.mean(hits))


def astray(said: np.ndarray, was: np.ndarray) -> float:
    """How far the chances said are from what was: the mean over five classes of chances."""
    fifth = np.minimum((said * 5).astype(int), 4)
    count, near = np.bincount(fifth, minlength=5), np.bincount(fifth, weights=said, minlength=5)
    true = np.bincount(fifth, weights=was, minlength=5)
    return float(np.abs(near - true).sum() / count.sum())


def needs() -> list[tuple[float, float]]:
    """How important each need is and how well met: from important and unmet to the reverse."""
    return [(0.9 - 0.15 * at, 0.2 + 0.2 * at) for at in range(len(FOUR))]


def met(end: float) -> np.ndarray:
    """How often each group gives each code from 1 to 5."""
    return np.array([codes(end + shift, 1, 5) for shift in SHIFTS])


def opportunity(*, base: int, weighted: bool, count: int, seed: int) -> float:
    from cxlab.metrics.needs import opportunity as opportunities
    from cxlab.metrics.needs.pairs import Pair

    draw = np.random.default_rng(seed)
    share, weights = mixed(weighted)
    pairs = [Pair(need, f"{need}_importance", f"{need}_satisfaction") for need in FOUR]
    truth = {}
    for need, both in zip(FOUR, needs(), strict=True):
        important, satisfied = (float(10 * GROUPS @ met(end)[:, 3:].sum(axis=1)) for end in both)
        truth[need] = important + max(important - satisfied, 0)
    hits = 0
    for survey in range(count):
        group = draw.choice(3, size=base, p=share)
        columns: dict[str, Any] = {"weight": weights[group]}
        for pair, both in zip(pairs, needs(), strict=True):
            for column, end in zip((pair.first, pair.second), both, strict=True):
                above = draw.random(base)[:, None] > np.cumsum(met(end), axis=1)[group]
                columns[column] = 1 + above.sum(axis=1).clip(max=4)
        found = opportunities.scores(
            pl.DataFrame(columns),
            pairs=pairs,
            weight="weight" if weighted else None,
            samples=SAMPLES,
            seed=survey,
        )
        known = found["need"].replace_strict(truth, return_dtype=pl.Float64)
        hits += ((found["low"] <= known) & (known <= found["high"])).fill_null(False).sum()
    return hits / count / len(FOUR)


ESTIMATES = ("score", "top box", "mean")
KINDS: dict[str, Callable[..., float]] = {
    **{kind: partial(single, kind) for kind in ESTIMATES},
    **{f"{kind} difference": partial(difference, kind) for kind in ESTIMATES},
    "drivers": drivers,
    "chances": partial(drivers, chances=True),
    "opportunity": opportunity,
}
SLOW = ("drivers", "chances", "opportunity")


def surveys(kind: str, replicates: int) -> int:
    return max(replicates // DRAWN_INSIDE, 1) if kind in SLOW else replicates


def allowed(kind: str, replicates: int) -> float:
    """Two binomial errors of a simulation of so many surveys."""
    return float(2 * np.sqrt(0.95 * 0.05 / surveys(kind, replicates)))


def task(kind: str, base: int, weighted: bool, replicates: int) -> float:
    count = surveys(kind, replicates)
    return KINDS[kind](base=base, weighted=weighted, count=count, seed=base + weighted)


def printed(kind: str, arguments: argparse.Namespace) -> list[str]:
    """A line of the table, and the aims of the kind."""
    row, aims = [], []
    for weighted in (False, True):
        for base in arguments.bases:
            asked = ("--task", kind, "--base", base, "--replicates", arguments.replicates)
            run = turns.run(__file__, [*asked, *(["--weighted"] if weighted else [])])
            row.append(f"{run.count:8.1%}")
            what = f"{kind}, {base}{', weighted' if weighted else ''}"
            if kind == "chances":
                aims.append(turns.aim(what, f"{run.count:.1%} off", "<= 5%", run.count <= 0.05))
                continue
            off = allowed(kind, arguments.replicates)
            met = LOW - off <= run.count <= HIGH + off
            aims.append(turns.aim(what, f"{run.count:.1%}", f"{LOW:.0%} to {HIGH:.0%}", met))
    print(f"{kind:20}", *row, f"   {surveys(kind, arguments.replicates):6,} surveys", flush=True)
    return aims


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--bases", nargs="+", type=int, default=list(BASES))
    parser.add_argument("--task", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--base", type=int, default=100, help=argparse.SUPPRESS)
    parser.add_argument("--weighted", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        asked = (arguments.base, arguments.weighted, arguments.replicates)
        turns.report(partial(task, arguments.task, *asked))
        return
    bases = [f"{base:>8,}" for base in arguments.bases]
    print(f"{'held by 95 %':20}", *bases, *bases, "   (the second time weighted)", flush=True)
    for line in [line for kind in arguments.kinds for line in printed(kind, arguments)]:
        print(line)


if __name__ == "__main__":
    main()
