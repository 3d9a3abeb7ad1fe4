"""Journeys of a million customers: events into journeys, coverage and waits, beside pandas.

    python benchmarks/journeys.py                       20,000,000 events, 1,000,000 customers
    python benchmarks/journeys.py --rows 2000000        a tenth of both
    python benchmarks/journeys.py --repeats 1           once instead of three times

The events are invented: a quarter have no journey of a name and are cut by a gap of 30 days.
They lie unsorted in a parquet file, as an export of an event log does; both sides read it.

    journeys    events read and put into journeys, each in its order
    coverage    events, journeys and people of each kind × subject × channel × stage
    waits       how long a journey stays in each stage, those under way counted: Kaplan-Meier,
                the share that has not gone on after 30 days
    all         the three of them, as a report does

Ours must hold within 4 GiB: its process may take no more address space for data (RLIMIT_DATA).
Pandas is what people use: categories for labels, sort_values, shift, groupby, no loop over
rows. What both find must be the same: journeys, every cell, every stage. The sides take
turns, each in a process of its own; medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import turns
from turns import Run, aim

ROOT = Path(__file__).resolve().parents[1]
OURS = "cxlab"
LIMIT = 4 << 30
WITHIN = 720
EACH = 20
GAP = timedelta(days=30)
STAGES = ("discover", "compare", "choose", "buy", "use", "return")
CHANNELS = ("web", "mobile", "store", "phone", "chat", "email")
SUBJECTS = ("company", "product", "brand", "service")
KINDS = ("exposure", "interaction", "transaction")
KEYS = ["kind", "subject", "channel", "stage"]
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


# ------------------------------------------------------------------ ours
def our_journeys(rows: Path) -> Any:
    import polars as pl

    from cxlab.metrics import journeys

    return journeys.steps(pl.scan_parquet(rows), gap=GAP, stages=STAGES)


def our_coverage(steps: Any) -> Any:
    import polars as pl

    from cxlab.metrics import journeys

    found = journeys.coverage(steps).filter(pl.col("events") > 0)
    return found.select(*KEYS, "events", "journeys", "people").rows()


def our_waits(steps: Any) -> Any:
    from cxlab.metrics import journeys

    found = journeys.onward(steps, until=UNTIL, within=WITHIN)
    return [(*row[:3], round(row[3], 9)) for row in found.rows()]


# ------------------------------------------------------------------ pandas
def pandas_journeys(rows: Path) -> Any:
    import pandas as pd

    frame = pd.read_parquet(rows, columns=["customer_id", "journey", "at", *KEYS])
    for name in KEYS:
        levels = {"stage": STAGES, "kind": KINDS, "subject": SUBJECTS}.get(name)
        frame[name] = pd.Categorical(frame[name], categories=levels, ordered=True)
    frame = frame.sort_values(["customer_id", "journey", "at"])
    who, run = frame["customer_id"], frame["journey"]
    same = (who == who.shift()) & ((run == run.shift()) | (run.isna() & run.shift().isna()))
    late = run.isna() & (frame["at"].diff() > GAP)
    return frame.assign(journey=(~same | late).cumsum())


def pandas_coverage(frame: Any) -> Any:
    counted = frame.groupby(KEYS, observed=True).agg(
        events=("at", "size"), journeys=("journey", "nunique"), people=("customer_id", "nunique")
    )
    return [
        (*keys, *map(int, row)) for keys, row in zip(counted.index, counted.to_numpy(), strict=True)
    ]


def pandas_waits(frame: Any) -> Any:
    import pandas as pd

    first = frame.groupby(["journey", "stage"], observed=True)["at"].min().unstack("stage")
    told = []
    for at, stage in enumerate(STAGES[:-1]):
        enter, later = first[stage], first[list(STAGES[at + 1 :])].min(axis=1)
        kept = enter.notna() & ~(later < enter)
        ended = later[kept].notna()
        end = later[kept].fillna(pd.Timestamp(UNTIL))
        hours = (end - enter[kept]).dt.total_seconds() / 3600
        counted = pd.DataFrame({"hours": hours, "ended": ended}).groupby("hours")["ended"]
        steps = counted.agg(["sum", "size"])
        at_risk = steps["size"][::-1].cumsum()[::-1]
        share = (1 - steps["sum"] / at_risk).cumprod()
        left = float(share[share.index <= WITHIN].iloc[-1])
        told.append((stage, int(kept.sum()), int(steps["sum"].sum()), round(left, 9)))
    return told


SIDES: dict[str, tuple[Callable[[Any], Any], ...]] = {
    OURS: (our_journeys, our_coverage, our_waits),
    "pandas": (pandas_journeys, pandas_coverage, pandas_waits),
}
LAPS = ("journeys", "coverage", "waits")
MODULES = {OURS: ("numpy", "polars", "cxlab.metrics.journeys"), "pandas": ("numpy", "pandas")}
WANTED = 10


def laps(side: str, rows: Path) -> dict[str, Any]:
    """What each part costs in this process, and what it finds."""
    into, covered, waited = SIDES[side]
    found: dict[str, Any] = {}

    def lap(name: str, work: Callable[[], Any]) -> Any:
        before, began = turns.spent(), time.perf_counter()
        result = work()
        cost = {"cpu": turns.spent() - before, "wall": time.perf_counter() - began}
        found[name] = {**cost, "megabytes": turns.peak()}
        return result

    steps = lap("journeys", lambda: into(rows))
    cells = lap("coverage", lambda: covered(steps))
    stages = lap("waits", lambda: waited(steps))
    parts = [found[name] for name in LAPS]
    total = {key: sum(part[key] for part in parts) for key in ("cpu", "wall")}
    found["all"] = {**total, "megabytes": parts[-1]["megabytes"]}
    seen = {"journeys": int(steps["journey"].max()), "coverage": sorted(cells), "waits": stages}
    return {"cost": found, "seen": seen}


def make(rows: Path, count: int) -> None:
    """Events of `count` / 20 customers over two years, in no order."""
    import numpy as np
    import polars as pl

    draw = np.random.default_rng(11)
    customers = max(count // EACH, 1)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    who = draw.integers(0, customers, count)
    stage = draw.choice(len(STAGES), count, p=[0.35, 0.3, 0.12, 0.1, 0.1, 0.03])
    kind = np.where(stage == 0, 0, np.where(stage == 3, 2, 1))
    named = np.where(draw.random(count) < 1 / 3, -1, draw.integers(0, 4, count))
    frame = pl.DataFrame(
        {
            "customer_id": who,
            "journey": named,
            "at": draw.integers(0, 730 * 86_400, count),
            "stage": stage,
            "channel": draw.integers(0, len(CHANNELS), count),
            "kind": kind,
            "subject": draw.integers(0, len(SUBJECTS), count),
        }
    ).lazy()

    def label(name: str, levels: tuple[str, ...]) -> pl.Expr:
        return pl.col(name).replace_strict([*range(len(levels))], levels, return_dtype=pl.String)

    told = frame.select(
        pl.format("C{}", pl.col("customer_id").cast(pl.String).str.zfill(8)).alias("customer_id"),
        pl.when(pl.col("journey") >= 0).then(pl.format("J{}", "journey")).alias("journey"),
        (pl.lit(start) + pl.duration(seconds="at")).cast(pl.Datetime("us", "UTC")).alias("at"),
        label("stage", STAGES),
        label("channel", CHANNELS),
        label("kind", KINDS),
        label("subject", SUBJECTS),
        pl.lit("technical").alias("mode"),
    )
    told.sink_parquet(rows)


def once(side: str, rows: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--side", side, "--events", str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{side} failed")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def medians(runs: list[dict[str, Any]]) -> dict[str, Run]:
    """The medians of every part over the runs of one side."""
    return {
        part: Run(
            *(
                statistics.median(run["cost"][part][figure] for run in runs)
                for figure in ("cpu", "wall", "megabytes")
            ),
            0,
        )
        for part in (*LAPS, "all")
    }


def show(found: dict[str, dict[str, Run]], rows: int) -> None:
    print(f"{rows:,} events: CPU s, wall s, peak MB so far")
    for side, parts in found.items():
        for part, one in parts.items():
            print(f"  {side + ', ' + part:18} {one.cpu:8.1f} {one.wall:8.1f} {one.megabytes:8,.0f}")


def aims(found: dict[str, dict[str, Run]], alike: dict[str, bool]) -> Iterator[str]:
    for part in (*LAPS, "all"):
        if part in alike:
            same = alike[part]
            yield aim(f"{part}, found alike", "yes" if same else "no", "yes", same)
        theirs, ours = found["pandas"][part], found[OURS][part]
        for clock, ratio in (("CPU", theirs.cpu / ours.cpu), ("time", theirs.wall / ours.wall)):
            met = ratio >= WANTED
            yield aim(f"{part} against pandas, {clock}", f"{ratio:.1f}×", f"≥ {WANTED}×", met)
    most = found[OURS]["all"].megabytes
    yield aim("peak memory", f"{most:,.0f} MB", "≤ 4,096 MB", most <= 4096)


def child(side: str, rows: Path) -> None:
    for module in MODULES[side]:
        __import__(module)
    if side == OURS:
        resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    print(json.dumps(laps(side, rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--events", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        child(options.side, options.events)
        return
    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "events.parquet"
        make(rows, options.rows)
        runs = [{side: once(side, rows) for side in SIDES} for _ in range(options.repeats)]
    found = {side: medians([run[side] for run in runs]) for side in SIDES}
    seen = [[run[side]["seen"] for run in runs] for side in SIDES]
    alike = {part: all(a[part] == b[part] for a, b in zip(*seen, strict=True)) for part in LAPS}
    show(found, options.rows)
    print(*aims(found, alike), sep="\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    sys.exit(main())
