"""Journeys of a million customers: events into journeys, coverage and waits, beside pandas.

    python benchmarks/journeys.py                       20,000,000 events, 1,000,000 customers
    python benchmarks/journeys.py --rows 2000000        a tenth of both
    python benchmarks/journeys.py --repeats 1

The events are invented: a third have no journey of a name and are cut by a gap of 30 days.
They lie unsorted in a parquet file, as an export of an event log does; both sides read it.

    journeys    events put into journeys, each in its order
    coverage    events, journeys and people of each kind × subject × channel × stage, journeys
                included; the empty cells, too
    waits       how long a journey stays in each stage, those under way counted: Kaplan-Meier;
                journeys included
    all         the three of them once, as a report does

Ours must hold within 4 GiB: its process may take no more address space for data (RLIMIT_DATA).
Pandas is what people use: categories for labels, sort_values, shift, groupby; the Kaplan-Meier
in numpy. The counts of both must be the same. Runs take turns, each in a process of its own
(turns); medians are printed.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import turns
from turns import Run, aim

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 4 << 30
EACH = 20
GAP = timedelta(days=30)
STAGES = ("discover", "compare", "choose", "buy", "use", "return")
CHANNELS = ("web", "mobile", "store", "phone", "chat", "email")
SUBJECTS = ("company", "product", "brand", "service")
KINDS = ("exposure", "interaction", "transaction")
KEYS = ["kind", "subject", "channel", "stage"]
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


# ------------------------------------------------------------------ ours
def our_steps(rows: Path) -> Any:
    import polars as pl

    from cxlab.metrics import journeys

    return journeys.steps(pl.scan_parquet(rows), gap=GAP, stages=STAGES)


def our_journeys(rows: Path) -> float:
    return float(our_steps(rows)["journey"].max())


def our_coverage(rows: Path) -> float:
    from cxlab.metrics import journeys

    return float(journeys.coverage(our_steps(rows))["journeys"].sum())


def our_waits(rows: Path) -> float:
    from cxlab.metrics import journeys

    found = journeys.onward(our_steps(rows), until=UNTIL)
    return float(found["gone"].sum())


def our_all(rows: Path) -> float:
    from cxlab.metrics import journeys

    steps = our_steps(rows)
    counted = float(journeys.coverage(steps)["journeys"].sum())
    return counted + float(journeys.onward(steps, until=UNTIL)["gone"].sum())


# ------------------------------------------------------------------ pandas
def pandas_steps(rows: Path) -> Any:
    import pandas as pd

    frame = pd.read_parquet(rows)
    for name in (*KEYS, "mode"):
        levels = {"stage": STAGES, "kind": KINDS, "subject": SUBJECTS}.get(name)
        frame[name] = pd.Categorical(frame[name], categories=levels, ordered=True)
    frame = frame.sort_values(["customer_id", "journey", "at", "stage", "channel"])
    who, run = frame["customer_id"], frame["journey"]
    same = (who == who.shift()) & ((run == run.shift()) | (run.isna() & run.shift().isna()))
    late = run.isna() & (frame["at"].diff() > GAP)
    return frame.assign(journey=(~same | late).cumsum())


def pandas_journeys(rows: Path) -> float:
    return float(pandas_steps(rows)["journey"].max())


def _pandas_coverage(frame: Any) -> float:
    cells = frame.groupby(KEYS, observed=False)
    counted = cells.agg(
        events=("at", "size"), journeys=("journey", "nunique"), people=("customer_id", "nunique")
    )
    return float(counted["journeys"].sum())


def pandas_coverage(rows: Path) -> float:
    return _pandas_coverage(pandas_steps(rows))


def _pandas_waits(frame: Any) -> float:
    import pandas as pd

    first = frame.groupby(["journey", "stage"], observed=True)["at"].min().unstack("stage")
    gone = 0
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
        gone += int(steps["sum"].sum()) if len(share) else 0
    return float(gone)


def pandas_waits(rows: Path) -> float:
    return _pandas_waits(pandas_steps(rows))


def pandas_all(rows: Path) -> float:
    frame = pandas_steps(rows)
    return _pandas_coverage(frame) + _pandas_waits(frame)


TASKS: dict[str, Callable[[Path], float]] = {
    "journeys": our_journeys,
    "pandas, journeys": pandas_journeys,
    "coverage": our_coverage,
    "pandas, coverage": pandas_coverage,
    "waits": our_waits,
    "pandas, waits": pandas_waits,
    "all": our_all,
    "pandas, all": pandas_all,
}
OURS = ("journeys", "coverage", "waits", "all")
MODULES = ("numpy", "polars", "cxlab.metrics.journeys")
WANTED = 10


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


def measured(rows: Path, options: argparse.Namespace) -> dict[str, Run]:
    def once(task: str) -> Run:
        return turns.run(__file__, ["--task", task, "--events", rows])

    return turns.in_turns(options.only or TASKS, once, repeats=options.repeats)


def show(found: dict[str, Run], options: argparse.Namespace) -> None:
    print(f"{options.rows:,} events: CPU s, wall s, peak MB, counted")
    for task, one in found.items():
        print(
            f"  {task:18} {one.cpu:8.1f} {one.wall:8.1f} {one.megabytes:8,.0f} {one.count:14,.0f}",
            flush=True,
        )


def aims(found: dict[str, Run]) -> Iterator[str]:
    for ours in OURS:
        peer = f"pandas, {ours}"
        if ours in found and peer in found:
            same = found[ours].count == found[peer].count
            yield aim(f"{ours}, counted alike", "yes" if same else "no", "yes", same)
            ratio = found[peer].cpu / found[ours].cpu
            yield aim(f"{ours} against pandas", f"{ratio:.1f}×", f"≥ {WANTED}×", ratio >= WANTED)
    most = max((found[ours].megabytes for ours in OURS if ours in found), default=0)
    yield aim("peak memory", f"{most:,.0f} MB", "≤ 4,096 MB", most <= 4096)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=TASKS, help="leave the others out")
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--events", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        ours = options.task in OURS
        for module in MODULES if ours else ("numpy", "pandas"):
            __import__(module)
        if ours:
            resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
        turns.report(lambda: TASKS[options.task](options.events))
        return
    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "events.parquet"
        make(rows, options.rows)
        found = measured(rows, options)
        show(found, options)
        print(*aims(found), sep="\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    sys.exit(main())
